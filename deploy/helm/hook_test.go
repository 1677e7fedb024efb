//go:build chart_e2e

package helm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// served fails the test if the exporter does not show what its release configures: a series, and a header of each answer.
func served(t *testing.T, exporter *pod, series, frames string) {
	t.Helper()
	page, err := exporter.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(series).MatchString(page) {
		t.Errorf("no series is %s", series)
	}
	response, err := http.Get("http://" + exporter.address + "/-/healthy")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("X-Frame-Options"); got != frames {
		t.Errorf("X-Frame-Options is %q, want %q", got, frames)
	}
}

func TestHelmTest_passesWhileTheExporterAnswersAndNotAfterwards(t *testing.T) {
	for _, tt := range []struct{ namespace, set, series, frames string }{
		{"helm-test", "demo=true", `(?m)^sagemaker_async_up\{.*\} 1$`, ""},
		{
			"helm-test-files", "demo=true,web.existingSecret=web,config.objectives[0].endpoints=.*,config.objectives[0].latency=7m",
			`(?m)^sagemaker_async_latency_objective_seconds\{.*\} 420$`, "deny",
		},
	} {
		t.Run(tt.namespace, func(t *testing.T) {
			r := prepare(t, tt.namespace, "--set", tt.set)
			here.ensure(t, object{
				"apiVersion": "v1", "kind": "Secret", "metadata": object{"namespace": tt.namespace, "name": "web"},
				"stringData": object{"web-config.yml": "http_server_config: {headers: {X-Frame-Options: deny}}\n"},
			})
			r.install(t)
			exporter := runPod(t, r.deployment(t))
			ctx, cancel := context.WithCancel(t.Context())
			done := runTests(ctx, t, tt.namespace, exporter)
			defer func() {
				cancel()
				<-done
			}()

			helm(t, "test", name, "--namespace", tt.namespace, "--timeout", "1m")
			served(t, exporter, tt.series, tt.frames)
			if err := exporter.end(syscall.SIGTERM); err != nil {
				t.Fatalf("stopping the exporter: %v", err)
			}
			out, errs, ok := run(t, "", "helm", "test", name, "--namespace", tt.namespace, "--timeout", "1m")
			if ok || !strings.Contains(errs, "-test failed") {
				t.Errorf("nobody answers, and helm test succeeds (%t) or gives another reason: %s%s", ok, out, errs)
			}
			r.uninstall(t)
		})
	}
}

// address of a Service, as a program in the cluster writes it.
var address = regexp.MustCompile(`(https?://)([a-z0-9-]+)\.([a-z0-9-]+):(\d+)`)

// runTests does a kubelet's part for pods of helm test until the context ends: it runs their command with busybox, and tells
// the API server how that ended. Done is closed when nothing is run any more.
func runTests(ctx context.Context, t *testing.T, namespace string, exporter *pod) (done <-chan struct{}) {
	t.Helper()
	programs := busybox(t)
	pods := here.kept(t, "v1", "Pod", namespace)
	// From whatever the API server remembers: with an old etcd it cannot know by itself that this is all there is.
	events, err := here.send(ctx, http.MethodGet, pods+"?watch=true&resourceVersion=0&labelSelector=app.kubernetes.io/component=test", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer events.Close()
		decoder := json.NewDecoder(events)
		for {
			event, err := decode(decoder)
			if err == nil && event["type"] == "ERROR" {
				err = fmt.Errorf("%v", event["object"])
			}
			if err != nil {
				if ctx.Err() == nil {
					t.Errorf("watching pods: %v", err)
				}
				return
			}
			one := event["object"].(object)
			if event["type"] != "ADDED" || at(t, one, "status", "phase") != "Pending" {
				continue
			}
			phase := "Succeeded"
			said, err := runTest(ctx, t, one, programs, exporter)
			if err != nil {
				phase = "Failed"
			}
			t.Logf("the pod of helm test: %s: %v\n%s", phase, err, said)
			status := fmt.Appendf(nil, `{"status":{"phase":%q}}`, phase)
			answer, err := here.send(ctx, http.MethodPatch, pods+"/"+at(t, one, "metadata", "name").(string)+"/status", "application/merge-patch+json", status)
			switch {
			case err == nil:
				answer.Close()
			case ctx.Err() == nil:
				t.Errorf("reporting that the pod has %s: %v", phase, err)
			}
		}
	}()
	return over
}

// runTest runs the command of a pod. A directory stands for its volume, a loopback address for the Service.
func runTest(ctx context.Context, t *testing.T, one object, programs string, exporter *pod) (said string, err error) {
	container := at(t, one, "spec", "containers", 0).(object)
	namespace := at(t, one, "metadata", "namespace").(string)
	var command []string
	for _, part := range container["command"].([]any) {
		text := strings.ReplaceAll(part.(string), at(t, container, "volumeMounts", 0, "mountPath").(string)+"/", t.TempDir()+"/")
		found := address.FindStringSubmatch(text)
		if found != nil {
			if found[3] != namespace {
				return "", fmt.Errorf("it asks in namespace %s, and runs in %s", found[3], namespace)
			}
			service, err := here.ask(ctx, http.MethodGet, here.kept(t, "v1", "Service", namespace)+"/"+found[2], nil)
			if err != nil {
				return "", fmt.Errorf("resolving %s: %w", found[0], err)
			}
			if err := exporter.behind(service, found[4]); err != nil {
				return "", err
			}
			text = strings.ReplaceAll(text, found[0], found[1]+exporter.address)
		}
		command = append(command, text)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(programs, command[0]), command[1:]...)
	cmd.Env = []string{"PATH=" + programs}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// busybox is a directory with the programs that the image of helm test has, as far as they are needed, and no others.
func busybox(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"sh", "wget", "grep"} {
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
