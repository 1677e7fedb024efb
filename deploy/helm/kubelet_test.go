//go:build chart_e2e

package helm

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// No kubelet runs here. What follows does its part for the programs, as far as that can be done without a container.

// binary is the exporter that make has built; its image runs it unless a container says otherwise.
const binary = root + "/bin/sagemaker-async-exporter"

var listening = regexp.MustCompile(`msg="?Listening on"?.* address=(\S+)`)

// pod is one container of it, running as the Deployment that is stored asks for it: with its arguments, its environment and
// its files, but on loopback.
type pod struct {
	*program
	t         *testing.T
	labels    object // of the pod
	container object
	port      int64  // of the container
	address   string // where that port is here
}

// runPod starts the exporter. The environment is more than the Deployment's.
func runPod(t *testing.T, deployment object, environment ...string) *pod {
	t.Helper()
	return runContainer(t, deployment, 0, "", environment...)
}

// accountFiles names, in the environment of a container, the directory with the files of its service account.
const accountFiles = "SERVICE_ACCOUNT_FILES"

// inCluster is the environment of a container that may use the API server: where that is, and the files of its account.
func inCluster(t *testing.T, token string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string][]byte{"token": []byte(token), "ca.crt": here.ca} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host, port, err := net.SplitHostPort(here.address)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port, accountFiles + "=" + dir}
}

// mounted runs a program in a mount namespace of its own, in which the files of its account are where a kubelet mounts them.
// It keeps its process id, for everything here is replaced by the next: unshare, sh, the program.
func mounted(name string, args []string) (string, []string) {
	const script = `mount -t tmpfs tmpfs "$(readlink -f /var/run)" && mkdir -p /var/run/secrets/kubernetes.io &&
		ln -s "$` + accountFiles + `" /var/run/secrets/kubernetes.io/serviceaccount && exec "$0" "$@"`
	return "unshare", append([]string{"--map-root-user", "--mount", "sh", "-c", script, name}, args...)
}

// runContainer starts one container and waits until its probes are content. Where it speaks to another one of its pod, that
// is listening elsewhere here.
func runContainer(t *testing.T, deployment object, index int, elsewhere string, environment ...string) *pod {
	t.Helper()
	container := at(t, deployment, "spec", "template", "spec", "containers", index).(object)
	p := &pod{t: t, container: container, labels: at(t, deployment, "spec", "template", "metadata", "labels").(object)}
	files := mount(t, deployment, container)
	variables, _ := container["env"].([]any)
	for _, one := range variables {
		variable := one.(object)
		environment = append(environment, fmt.Sprintf("%s=%s", variable["name"], variable["value"]))
	}
	var args []string
	for _, one := range container["args"].([]any) {
		argument := one.(string)
		if port, ok := strings.CutPrefix(argument, "--web.listen-address=:"); ok {
			if _, err := fmt.Sscan(port, &p.port); err != nil {
				t.Fatal(err)
			}
			argument = "--web.listen-address=127.0.0.1:0"
		}
		argument = strings.Replace(argument, "--exporter.url=http://127.0.0.1:10119", "--exporter.url=http://"+elsewhere, 1)
		for path, dir := range files {
			if flag, value, _ := strings.Cut(argument, "="); value == path || strings.HasPrefix(value, path+"/") {
				argument = flag + "=" + dir + strings.TrimPrefix(value, path)
			}
		}
		args = append(args, argument)
	}
	name := binary
	if command, ok := container["command"].([]any); ok {
		name = filepath.Join(filepath.Dir(binary), command[0].(string)) // the image has its programs at its root
	}
	if slices.ContainsFunc(environment, func(one string) bool { return strings.HasPrefix(one, accountFiles+"=") }) {
		name, args = mounted(name, args)
		environment = append(environment, "PATH="+os.Getenv("PATH"))
	}
	p.program = start(t, environment, name, args...)
	eventually(t, "listening", patience, func() error {
		found := listening.FindStringSubmatch(p.said())
		if found == nil {
			return fmt.Errorf("it says: %s", p.said())
		}
		p.address = found[1]
		return p.ended()
	})
	for _, probe := range []string{"livenessProbe", "readinessProbe"} {
		if container[probe] == nil {
			continue
		}
		get := at(t, container, probe, "httpGet").(object)
		if port := p.named(get["port"].(string)); port != p.port {
			t.Fatalf("%s asks port %d, the container has %d", probe, port, p.port)
		}
		eventually(t, probe, patience, func() error {
			if err := p.ended(); err != nil {
				t.Fatal(err)
			}
			_, err := p.get(get["path"].(string))
			return err
		})
	}
	return p
}

// get is what the container answers with status 200.
func (p *pod) get(path string) (string, error) {
	response, err := http.Get("http://" + p.address + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, response.Status, body)
	}
	return string(body), err
}

// sum adds the values of a family on the metrics page, of the series that carry all of these labels.
func (p *pod) sum(family string, labels ...string) (float64, error) {
	page, err := p.get("/metrics")
	if err != nil {
		return 0, err
	}
	total := 0.0
	found := regexp.MustCompile(`(?m)^`+family+`(\{.*\})? (\S+)$`).FindAllStringSubmatch(page, -1)
	if len(found) == 0 {
		return 0, fmt.Errorf("there is no %s", family)
	}
	for _, series := range found {
		if slices.ContainsFunc(labels, func(label string) bool { return !strings.Contains(series[1], label) }) {
			continue
		}
		value, err := strconv.ParseFloat(series[2], 64)
		if err != nil {
			return 0, err
		}
		total += value
	}
	return total, nil
}

// mount writes the files of the ConfigMaps and Secrets that a container mounts. It gives the directory for each path.
func mount(t *testing.T, deployment, container object) map[string]string {
	t.Helper()
	spec := at(t, deployment, "spec", "template", "spec").(object)
	namespace := at(t, deployment, "metadata", "namespace").(string)
	dirs := map[string]string{} // by the name of the volume
	volumes, _ := spec["volumes"].([]any)
	for _, one := range volumes {
		volume := one.(object)
		dir := t.TempDir()
		dirs[volume["name"].(string)] = dir
		source := object{"apiVersion": "v1"}
		if volume["emptyDir"] != nil {
			continue
		}
		if from, ok := volume["configMap"].(object); ok {
			source["kind"], source["metadata"] = "ConfigMap", object{"namespace": namespace, "name": from["name"]}
		} else {
			source["kind"], source["metadata"] = "Secret", object{"namespace": namespace, "name": at(t, volume, "secret", "secretName")}
		}
		for name, value := range at(t, here.get(t, source), "data").(object) {
			data := []byte(value.(string))
			if source["kind"] == "Secret" {
				decoded, err := base64.StdEncoding.DecodeString(value.(string))
				if err != nil {
					t.Fatal(err)
				}
				data = decoded
			}
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	paths := map[string]string{}
	mounts, _ := container["volumeMounts"].([]any)
	for _, one := range mounts {
		mounted := one.(object)
		paths[mounted["mountPath"].(string)] = dirs[mounted["name"].(string)]
	}
	return paths
}

// start starts a program, which the test stops at the end if nobody has done so before.
func start(t *testing.T, environment []string, name string, args ...string) *program {
	t.Helper()
	p, err := launch(environment, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ended() == nil {
			if err := p.end(syscall.SIGTERM); err != nil {
				t.Errorf("stopping: %v", err)
			}
		}
		if t.Failed() {
			t.Logf("%q says:\n%s", p.cmd.Args, p.said())
		}
	})
	return p
}

// named is the port of the container that has a name.
func (p *pod) named(name string) int64 {
	p.t.Helper()
	for _, one := range at(p.t, p.container, "ports").([]any) {
		if port := one.(object); port["name"] == name {
			return port["containerPort"].(int64)
		}
	}
	p.t.Fatalf("the container has no port %s", name)
	return 0
}

// behind tells whether a Service leads to the pod: its port, and its labels. This is what its controller and a kube-proxy do.
func (p *pod) behind(service object, port string) error {
	for key, value := range at(p.t, service, "spec", "selector").(object) {
		if p.labels[key] != value {
			return fmt.Errorf("the Service selects %s=%v, the pod has %v", key, value, p.labels[key])
		}
	}
	for _, one := range at(p.t, service, "spec", "ports").([]any) {
		if found := one.(object); fmt.Sprint(found["port"]) == port {
			if target := p.named(found["targetPort"].(string)); target != p.port {
				return fmt.Errorf("the Service leads to port %d, the container has %d", target, p.port)
			}
			return nil
		}
	}
	return fmt.Errorf("the Service has no port %s", port)
}
