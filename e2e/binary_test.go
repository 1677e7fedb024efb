//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The commands, as they are built for these tests.
var binary, alertingBinary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		for program, path := range map[string]*string{"exporter": &binary, "alerting": &alertingBinary} {
			*path = filepath.Join(dir, "sagemaker-async-"+program)
			build := exec.Command("go", "build", "-o", *path, "../cmd/"+program)
			if out, err := build.CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "building the binary: %v\n%s", err, out)
				return 1
			}
		}
		return m.Run()
	}())
}

// exporter is a running binary: the exporter, or the command that sends its alerts.
type exporter struct {
	testing.TB
	url     string
	process *os.Process
	log     *lockedBuffer
	done    chan error
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var listening = regexp.MustCompile(`msg="?Listening on"?.* address=(\S+)`)

// start runs the binary on a free loopback port and waits until it is ready.
func start(t testing.TB, env []string, args ...string) *exporter {
	t.Helper()
	e := begin(t, env, args...)
	e.eventually("ready", 30*time.Second, func() error { _, err := e.get("/-/ready"); return err })
	return e
}

// begin runs the binary and waits until it listens.
func begin(t testing.TB, env []string, args ...string) *exporter {
	t.Helper()
	return beginProgram(t, binary, env, args...)
}

// beginProgram does it with either command.
func beginProgram(t testing.TB, program string, env []string, args ...string) *exporter {
	t.Helper()
	command := exec.Command(program, append([]string{"--web.listen-address=127.0.0.1:0"}, args...)...)
	command.Env = append(os.Environ(), env...)
	e := &exporter{TB: t, log: &lockedBuffer{}, done: make(chan error, 1)}
	pipe, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = e.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	e.process = command.Process
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			fmt.Fprintln(e.log, lines.Text())
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				select {
				case address <- found[1]:
				default:
				}
			}
		}
		e.done <- command.Wait()
	}()
	t.Cleanup(func() {
		if err := e.stop(); err != nil {
			t.Errorf("stopping: %v", err)
		}
		if t.Failed() {
			t.Logf("its log:\n%s", e.log)
		}
	})
	select {
	case found := <-address:
		e.url = "http://" + found
	case err := <-e.done:
		e.done <- err
		t.Fatalf("it ended: %v\n%s", err, e.log)
	case <-time.After(30 * time.Second):
		t.Fatalf("it does not listen:\n%s", e.log)
	}
	return e
}

// stop asks the exporter to end and waits for it; it must leave with status 0.
func (e *exporter) stop() error {
	if e.process == nil {
		return nil
	}
	_ = e.process.Signal(syscall.SIGTERM)
	e.process = nil
	select {
	case err := <-e.done:
		return err
	case <-time.After(20 * time.Second):
		return fmt.Errorf("still running 20 s after SIGTERM:\n%s", e.log)
	}
}

// kill ends the exporter without a word.
func (e *exporter) kill() {
	e.Helper()
	if err := e.process.Kill(); err != nil {
		e.Fatal(err)
	}
	e.process = nil
	if err := <-e.done; err == nil {
		e.Error("it was killed and left with status 0")
	}
}

func (e *exporter) get(path string, header ...string) (string, error) {
	request, err := http.NewRequestWithContext(e.Context(), http.MethodGet, e.url+path, nil)
	if err != nil {
		return "", err
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
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

func (e *exporter) metrics() string {
	e.Helper()
	page, err := e.get("/metrics")
	if err != nil {
		e.Fatal(err)
	}
	return page
}

// eventually tries until what must become true is true.
func (e *exporter) eventually(what string, within time.Duration, try func() error) {
	e.Helper()
	eventually(e.TB, what, within, try)
}
