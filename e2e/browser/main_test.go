// Package browser looks at the pages of the built binary with a real browser. It is a module of its own, so that the
// product's does not name what drives a browser.
package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What all tests look at: a running demo whose endpoints are all selected, and a browser.
var (
	site    string          // the address of the demo
	browser context.Context // tabs are its children
)

func TestMain(m *testing.M) {
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (status int, err error) {
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	stop, err := demo(filepath.Join(dir, "sagemaker-async-exporter"))
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	program, err := exec.LookPath("chromium")
	if err != nil {
		return 1, fmt.Errorf("looking for the browser (Debian: apt-get install chromium): %w", err)
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.DisableGPU, chromedp.NoSandbox, // root has no sandbox, and only our own pages are opened
		chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(filepath.Join(dir, "profile")))...)
	defer cancel()
	var end context.CancelFunc
	browser, end = chromedp.NewContext(allocator)
	defer end()
	if err := chromedp.Do(browser); err != nil {
		return 1, fmt.Errorf("starting the browser: %w", err)
	}
	status = m.Run()
	return status, chromedp.Cancel(browser) // waits until it has ended, so that its profile can be removed
}

// patience guards against hanging: a page takes a second, and on a busy machine many.
const patience = 5 * time.Minute

var listening = regexp.MustCompile(`msg="?Listening on"?.* address=(\S+)`)

// demo builds the binary and runs its demo on a free loopback port, until stop.
func demo(binary string) (stop func() error, err error) {
	build := exec.Command("go", "build", "-o", binary, "./cmd/exporter")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	command := exec.Command(binary, "--demo", "--reconcile.endpoints=.*", "--web.listen-address=127.0.0.1:0")
	log, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	var ended error
	gone, address := make(chan struct{}), make(chan string, 1)
	stop = func() error {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-gone
		return ended
	}
	go func() {
		defer close(address) // when it has ended
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
		ended = command.Wait()
		close(gone)
	}()
	found, ok := <-address
	if !ok {
		return nil, errors.Join(errors.New("the demo does not listen"), stop())
	}
	site = "http://" + strings.TrimSpace(found)
	last := errors.New("it was not asked yet")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		select {
		case <-gone:
			return nil, fmt.Errorf("the demo has ended: %w", ended)
		default:
		}
		answer, err := http.Get(site + "/-/ready")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return stop, nil
			}
			err = errors.New(answer.Status)
		}
		last = err
	}
	return nil, errors.Join(fmt.Errorf("the demo is not ready within %s; the last that was seen: %w", patience, last), stop())
}
