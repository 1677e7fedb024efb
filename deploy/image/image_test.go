//go:build image

package image

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// most is what a node may have to load: two static programs.
const most = 32_000_000

func buildah(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("buildah", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("buildah %q: %v: %s", args, err, &errs)
	}
	return strings.TrimSpace(string(out))
}

// name is the image that make image-test has built.
func name(t *testing.T) string {
	t.Helper()
	image := os.Getenv("IMAGE")
	if image == "" {
		t.Fatal("IMAGE does not say which image to look at: run make image-test")
	}
	return image
}

func TestImage_saysWhatItIsAndRunsAsNobody(t *testing.T) {
	var image struct {
		OCIv1 struct {
			Config struct {
				User         string
				Entrypoint   []string
				ExposedPorts map[string]any
				Labels       map[string]string
			} `json:"config"`
		}
	}
	if err := json.Unmarshal([]byte(buildah(t, "inspect", "--type", "image", name(t))), &image); err != nil {
		t.Fatal(err)
	}
	config := image.OCIv1.Config
	if config.User != "65532:65532" {
		t.Errorf("it runs as %q", config.User)
	}
	if len(config.Entrypoint) != 1 || config.Entrypoint[0] != "/sagemaker-async-exporter" {
		t.Errorf("its entry point is %q", config.Entrypoint)
	}
	if _, ok := config.ExposedPorts["10119/tcp"]; !ok {
		t.Errorf("it exposes %v", config.ExposedPorts)
	}
	for _, label := range []string{"title", "description", "source", "documentation", "licenses", "version", "revision", "created"} {
		if value := config.Labels["org.opencontainers.image."+label]; value == "" || value == "unknown" || value == "dev" {
			t.Errorf("label %s is %q", label, value)
		}
	}
}

func TestImage_isSmall(t *testing.T) {
	dir := t.TempDir()
	buildah(t, "push", "--quiet", name(t), "oci:"+dir)
	var total int64
	blobs, err := filepath.Glob(dir + "/blobs/sha256/*")
	if err != nil || len(blobs) == 0 {
		t.Fatalf("the image has no blobs: %v", err)
	}
	for _, blob := range blobs {
		info, err := os.Stat(blob)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	t.Logf("compressed size: %.1f MB of %.0f", float64(total)/1e6, float64(most)/1e6)
	if total > most {
		t.Errorf("the compressed image has %d bytes, more than %d", total, most)
	}
}

func TestImage_answersFromInside(t *testing.T) {
	container := buildah(t, "from", "--pull=never", name(t))
	t.Cleanup(func() { buildah(t, "rm", container) })
	root := buildah(t, "mount", container)
	t.Cleanup(func() { buildah(t, "umount", container) })
	for _, file := range []string{"etc/ssl/certs/ca-certificates.crt", "LICENSE", "sagemaker-async-alerting"} {
		if info, err := os.Stat(filepath.Join(root, file)); err != nil || info.Size() == 0 || info.Mode()&0o004 == 0 {
			t.Errorf("%s cannot be read by everybody: %v", file, err)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "tmp")); err != nil || info.Mode().Perm() != 0o777 || info.Mode()&os.ModeSticky == 0 {
		t.Errorf("the alerting command cannot keep its series in /tmp: %v", err)
	}
	if said := buildah(t, "run", "--isolation", "chroot", container, "--", "/sagemaker-async-alerting", "--version"); !strings.Contains(said, "sagemaker-async-alerting, version") {
		t.Errorf("the alerting command says %q", said)
	}
	address := free(t)
	// chroot is the isolation that needs no privilege of the kernel; it shares the network of the machine.
	cmd := exec.Command("buildah", "run", "--isolation", "chroot", container, "--",
		"/sagemaker-async-exporter", "--demo", "--web.listen-address="+address)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	t.Cleanup(func() {
		if pid != 0 {
			if process, err := os.FindProcess(pid); err == nil {
				_ = process.Signal(os.Interrupt)
			}
		}
		done := make(chan struct{})
		go func() {
			_ = cmd.Wait() // it was told to stop, and buildah says so
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Errorf("it did not stop within %s:\n%s", patience, &log)
		}
	})
	await(t, "http://"+address+"/-/healthy")
	await(t, "http://"+address+"/-/ready")
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	found := false
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		found = found || strings.HasPrefix(lines.Text(), "sagemaker_async_backlog_requests{")
	}
	if !found {
		t.Error("/metrics shows no queue")
	}
	var owner string
	if pid, owner = process(t, "--web.listen-address="+address); owner != "65532" {
		t.Errorf("it runs as user %s", owner)
	}
}

// free is an address on which nobody listens.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// patience guards against hanging: what is waited for takes seconds, and on a busy machine a minute.
const patience = 3 * time.Minute

// await asks until the answer is good.
func await(t *testing.T, url string) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(200 * time.Millisecond) {
		response, err := http.Get(url)
		if err != nil {
			last = err.Error()
			continue
		}
		response.Body.Close()
		if last = response.Status; response.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("%s is not good within %s; the last answer: %s", url, patience, last)
}

var uid = regexp.MustCompile(`(?m)^Uid:\s+(\d+)`)

// process is the number and the user of the exporter that was given an argument.
func process(t *testing.T, argument string) (pid int, owner string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(line, []byte("/sagemaker-async-exporter\x00")) || !bytes.Contains(line, []byte(argument)) {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(file), "status"))
		if err != nil {
			t.Fatal(err)
		}
		found := uid.FindSubmatch(status)
		if found == nil {
			t.Fatalf("%s has no user", file)
		}
		if pid, err = strconv.Atoi(filepath.Base(filepath.Dir(file))); err != nil {
			t.Fatal(err)
		}
		return pid, string(found[1])
	}
	t.Fatal("the exporter is not among the processes")
	return 0, ""
}
