//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"
)

// The commands, as they are built for these tests.
var binary, alertingBinary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		switch n, all, err := share(turn); {
		case err != nil:
			fmt.Fprintln(os.Stderr, err)
			return 1
		case all:
			fmt.Println("all of the longest tests")
		default:
			fmt.Printf("share %d of %d of the longest tests: E2E_TURN=%s\n", n, shares, turn)
		}
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
	process *process // nil once it was ended
	log     *lockedBuffer
}

var listening = regexp.MustCompile(`msg="?Listening on"?.* address=(\S+)`)

// start runs the binary on a free loopback port and waits until it is ready.
func start(t testing.TB, env []string, args ...string) *exporter {
	t.Helper()
	e := begin(t, env, args...)
	e.ready()
	return e
}

func (e *exporter) ready() {
	e.Helper()
	e.eventually("ready", soon, func() error { _, err := e.get("/-/ready"); return err })
}

// begin runs the binary and waits until it listens.
func begin(t testing.TB, env []string, args ...string) *exporter {
	t.Helper()
	return beginProgram(t, []string{binary}, env, args...)
}

// patient is the binary for tests that wait for no clock but its own: it leaves the processor to those that do.
func patient() []string { return []string{"nice", "-n", "10", binary} }

// beginProgram does it with either command, behind what runs it.
func beginProgram(t testing.TB, program, env []string, args ...string) *exporter {
	t.Helper()
	args = append([]string{"--web.listen-address=127.0.0.1:0"}, args...)
	command := exec.Command(program[0], append(slices.Clone(program[1:]), args...)...)
	command.Env = append(os.Environ(), env...)
	e := &exporter{TB: t, process: launch(t, command)}
	e.log = e.process.log
	t.Cleanup(func() {
		if err := e.stop(); err != nil {
			t.Errorf("stopping: %v", err)
		}
		if t.Failed() {
			t.Logf("its log:\n%s", e.log)
		}
	})
	e.eventually("listening", soon, func() error {
		found := listening.FindStringSubmatch(e.log.String())
		if found == nil {
			return fmt.Errorf("its log: %s", lastLines(e.log.String(), 5))
		}
		e.url = "http://" + found[1]
		return nil
	})
	return e
}

// stop asks the exporter to end and waits for it; it must leave with status 0.
func (e *exporter) stop() error {
	p := e.process
	if e.process = nil; p == nil {
		return nil
	}
	return p.end()
}

// kill ends the exporter without a word.
func (e *exporter) kill() {
	e.Helper()
	p := e.process
	e.process = nil
	p.kill(e.TB)
}

func (e *exporter) get(path string, header ...string) (string, error) {
	request, err := http.NewRequestWithContext(e.Context(), http.MethodGet, e.url+path, nil)
	if err != nil {
		return "", err
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(request)
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

// eventually tries until what must become true is true, or until the process has ended.
func (e *exporter) eventually(what string, within time.Duration, try func() error) {
	e.Helper()
	eventually(e.TB, what, within, e.while(try))
}

// while makes an error impossible to overcome once the process has ended by itself.
func (e *exporter) while(try func() error) func() error {
	return func() error {
		err := try()
		if err != nil && e.process != nil {
			if ended := e.process.alive(); ended != nil {
				return fmt.Errorf("%w; %w", err, ended)
			}
		}
		return err
	}
}
