package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

var (
	// demoBlock is a block of commands that a page says to need nothing, and the lines of their output that it shows, if
	// it shows some.
	demoBlock = regexp.MustCompile("(?ms)^ *```sh demo\n(.*?)^ *```\n(?:\n*^ *```text\n(.*?)^ *```$)?")
	// serving is a line that runs the exporter until somebody stops it.
	serving = regexp.MustCompile(`(?m)^(?:go run \./cmd/exporter|sagemaker-async-exporter)(?: +--[^&\n]*)?$`)
)

// around is what the commands find: go run runs this test's own program, and served stops it when it has answered. An exit
// status of 2 says that changes are pending.
const around = `set -uo pipefail
trap 'status=$?; [ $status = 2 ] || exit $status' ERR
go() {
  [ "${1-} ${2-}" = "run ./cmd/exporter" ] || return 97
  shift 2
  sagemaker-async-exporter "$@"
}
served() {
  [ "$1" = go ] && shift 2
  shift
  sagemaker-async-exporter "$@" &
  curl -sS --fail --output /dev/null --retry 180 --retry-delay 1 --retry-all-errors "http://$ADDRESS/-/ready" 2>/dev/null &&
    curl -sS --fail "http://$ADDRESS/metrics" | grep '^sagemaker_async_up{.*} 1$' >/dev/null || return 98
  kill $! && wait $!
}
`

func TestPages_demoCommandsDoWhatTheySay(t *testing.T) {
	for _, program := range []string{"bash", "curl", "aws"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("there is no %s: CI has to install it", program)
			}
			t.Skipf("there is no %s, which the pages use", program)
		}
	}
	const root = "../.."
	ran, shown := 0, 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".md") {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for i, found := range demoBlock.FindAllStringSubmatch(string(text), -1) {
			ran++
			shown += strings.Count(found[2], "\n")
			t.Run(filepath.Base(file)+strconv.Itoa(i+1), func(t *testing.T) {
				t.Parallel()
				out := runAsShown(t, found[1])
				for line := range strings.Lines(found[2]) {
					at := shownAs(line).FindStringIndex(out)
					if at == nil {
						t.Errorf("this is not printed, or not in this order: %s", line)
						continue
					}
					out = out[at[1]:]
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ran < 8 || shown < 10 {
		t.Errorf("only %d blocks were run and %d lines of output looked for", ran, shown)
	}
}

// figures are numbers, times and the spaces that fill up a column: they differ from run to run.
var figures = regexp.MustCompile(`[0-9]+|[ \t]+`)

// shownAs finds a line of a page in what is printed, whatever its figures; ... stands for any lines.
func shownAs(line string) *regexp.Regexp {
	line = strings.TrimRight(line, "\n")
	if line == "..." {
		return regexp.MustCompile("")
	}
	return regexp.MustCompile("(?m)" + figures.ReplaceAllStringFunc(regexp.QuoteMeta(line), func(found string) string {
		if strings.TrimSpace(found) == "" {
			return "[ \t]+"
		}
		return "[0-9]+"
	}))
}

// lastPort is the last one that freeAddress gave.
var lastPort atomic.Int32

// freeAddress is one where nothing listens yet. Its port is below those that the kernel gives to who asks for any: nothing
// that runs beside takes it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 21_000+lastPort.Add(1))
		if free, err := net.Listen("tcp", address); err == nil {
			if err := free.Close(); err != nil {
				t.Fatal(err)
			}
			return address
		} else if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// runAsShown runs commands of a page in an empty directory, and is what they print. Addresses that the page shows as
// examples become those of this test.
func runAsShown(t *testing.T, commands string) string {
	t.Helper()
	aws, err := awssim.StartDemo(awssim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	address := freeAddress(t)
	commands = serving.ReplaceAllString(commands, "served $0")
	commands = strings.NewReplacer("localhost:10119", address, "http://127.0.0.1:34703", aws.URL()).Replace(commands)

	shell := exec.CommandContext(t.Context(), "bash", "-c", around+commands+"\n:") // the last line may say that changes are pending
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), "ADDRESS="+address, "SAGEMAKER_ASYNC_EXPORTER_WEB_LISTEN_ADDRESS="+address,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
	// What a page leaves running in the background belongs to the group of the shell, and ends with it.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	var out, complaints bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &complaints
	shell.WaitDelay = time.Second
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }()
	if err := shell.Wait(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("%v\n%s\n%s%s", err, commands, out.String(), complaints.String())
	}
	return out.String()
}
