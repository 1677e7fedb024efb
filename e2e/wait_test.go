//go:build e2e

package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// soon guards against hanging, and measures nothing: all that is waited for with it takes a few seconds on a machine that
// does nothing else, and a minute on one that is busy.
const soon = 3 * time.Minute

// impossible is an error after which what is waited for cannot become true any more.
type impossible struct{ error }

// eventually tries until what must become true is true. When it gives up, it names what it waited for and what it saw
// last. It gives up at once when nothing can change any more.
func eventually(t testing.TB, what string, within time.Duration, try func() error) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if errors.As(err, &impossible{}) {
			t.Fatalf("not %s, and it cannot be any more: %v", what, err)
		}
		if waited := time.Since(began); waited > within {
			t.Fatalf("not %s within %s; the last that was seen: %v", what, waited.Round(time.Second), err)
		}
	}
}

// client gives up on one answer long before a test gives up on what it waits for.
var client = &http.Client{Timeout: time.Minute}

// process is a program that a test has started.
type process struct {
	*os.Process
	name string
	log  *lockedBuffer
	gone chan struct{} // closed once it has ended
	how  error         // it ended, once it has
}

// launch starts a program, whose output is its log.
func launch(t testing.TB, command *exec.Cmd) *process {
	t.Helper()
	p := &process{name: strings.Join(command.Args, " "), log: &lockedBuffer{}, gone: make(chan struct{})}
	if command.Stdout == nil {
		command.Stdout, command.Stderr = p.log, p.log
	}
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", p.name, err)
	}
	p.Process = command.Process
	go func() {
		p.how = command.Wait()
		close(p.gone)
	}()
	return p
}

var errWell = errors.New("with status 0")

// alive is an error once the program has ended.
func (p *process) alive() error {
	select {
	case <-p.gone:
		return impossible{fmt.Errorf("%s has ended: %w\n%s", p.name, cmp.Or(p.how, errWell), lastLines(p.log.String(), 20))}
	default:
		return nil
	}
}

// end asks the program to end, waits for it, and returns how it ended. A busy machine gets all the time that it needs; one
// that does not end at all is killed, so that no other test runs beside it.
func (p *process) end() error {
	_ = p.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.gone:
		return p.how
	case <-time.After(soon):
		_ = p.Kill()
		<-p.gone
		return fmt.Errorf("%s was still running %s after SIGTERM", p.name, soon)
	}
}

// kill ends the program without a word.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.Kill(); err != nil {
		t.Fatalf("killing %s: %v", p.name, err)
	}
	<-p.gone
	if p.how == nil {
		t.Errorf("%s was killed and left with status 0", p.name)
	}
}

// lockedBuffer is what a running program has printed.
type lockedBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
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

// lastLines are so many lines of a log, the newest.
func lastLines(log string, most int) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// The helper itself: what it says when it gives up, and that it does so at once where waiting is in vain.
func TestEventually_saysWhatItSawLast(t *testing.T) {
	for _, tt := range []struct {
		what string
		try  func() error
		want string
	}{
		{"too late", func() error { return errors.New("still 3") }, "not true within 0s; the last that was seen: still 3"},
		{"in vain", func() error { return fmt.Errorf("asking: %w", impossible{errors.New("it is gone")}) }, "not true, and it cannot be any more: asking: it is gone"},
	} {
		var said failing
		done := make(chan struct{})
		go func() {
			defer close(done)
			within := time.Duration(0)
			if tt.what == "in vain" {
				within = time.Hour
			}
			eventually(&said, "true", within, tt.try)
		}()
		<-done
		if said.text != tt.want {
			t.Errorf("%s: it says %q, want %q", tt.what, said.text, tt.want)
		}
	}
}

// failing keeps why a test has failed, and ends its goroutine as a test's would.
type failing struct {
	testing.TB
	text string
}

func (*failing) Helper() {}

func (f *failing) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
