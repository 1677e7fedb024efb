//go:build chart_e2e

package helm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// patience guards against hanging: what is waited for takes seconds, and on a busy machine a minute.
const patience = 3 * time.Minute

// program is a process that was started here.
type program struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended

	mu  sync.Mutex
	log bytes.Buffer
}

// launch starts a program in exactly this environment.
func launch(environment []string, name string, args ...string) (*program, error) {
	p := &program{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Env = append([]string{}, environment...) // nil would be the environment of the test
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Write keeps what the program prints.
func (p *program) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(text)
}

func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// end sends a signal and waits; the error is how the program ended.
func (p *program) end(how os.Signal) error {
	_ = p.cmd.Process.Signal(how) // it may have ended by itself
	select {
	case <-p.done:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s was still running %s after %v", p.cmd.Path, patience, how)
	}
}

// ended is why nothing more can be expected of the program, or nil.
func (p *program) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s has ended, %w:\n%s", p.cmd.Path, p.err, p.said())
	default:
		return nil
	}
}

// until tries until there is no error, or the context ends; then it is the last error.
func until(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// eventually fails the test if something does not become true.
func eventually(t *testing.T, what string, within time.Duration, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := until(ctx, try); err != nil {
		t.Fatalf("%s, not within %s; the last that was seen: %v", what, within, err)
	}
}
