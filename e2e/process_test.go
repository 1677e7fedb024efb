//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// One exporter is killed again and again, at moments that nobody chose; another one is left alone. They have counted the
// same.
func TestServe_killedAtRandomCountsAsOneThatNeverWas(t *testing.T) {
	aws := demoAt(t, hurried)
	quiet := start(t, nil, joining(aws)...)
	chance := rand.New(rand.NewPCG(9, 9))
	highest := map[string]float64{}
	for range 5 {
		e := begin(t, nil, joining(aws)...)
		time.Sleep(time.Duration(chance.IntN(1500)) * time.Millisecond) // the moment is what is tried
		if page, err := e.get("/metrics"); err == nil {
			climbs(t, highest, counted(page))
		}
		e.kill()
	}
	survivor := start(t, nil, joining(aws)...)
	eventually(t, "the same on both pages", soon, func() error {
		one, other := counted(quiet.metrics()), counted(survivor.metrics())
		climbs(t, highest, other)
		if len(one) < 100 || !maps.EqualFunc(one, other, equalTotals) {
			return fmt.Errorf("%d and %d series", len(one), len(other))
		}
		return nil
	})
	if total := sum(survivor.metrics(), "sagemaker_async_invocations_processed_total{"); total < 10 {
		t.Errorf("%v requests were processed: too few to prove anything", total)
	}
}

// counted are the counters of the work done, by series.
func counted(page string) map[string]float64 {
	found := map[string]float64{}
	for _, total := range totals {
		for line := range strings.Lines(page) {
			if name := "sagemaker_async_" + total.series + "{"; strings.HasPrefix(line, name) {
				found[line[:strings.LastIndexByte(line, ' ')]] = value(line, name)
			}
		}
	}
	return found
}

// climbs makes sure that no counter falls, whichever process shows it.
func climbs(t *testing.T, highest, now map[string]float64) {
	t.Helper()
	for series, v := range now {
		if v < highest[series] {
			t.Errorf("%s fell from %v to %v", series, highest[series], v)
		}
		highest[series] = max(highest[series], v)
	}
}

// The write that is under way when the process is told to end is finished, and none begins after it.
func TestApply_toldToEndFinishesTheWriteUnderWay(t *testing.T) {
	aws := demoAt(t, 1)
	held := make(chan struct{})
	release := sync.OnceFunc(func() { close(held) })
	defer release()
	apply, log := heldAfter(t, aws, 1, func(*http.Request) (answered bool) {
		<-held
		return true
	})
	must(t, apply.Process.Signal(syscall.SIGTERM))
	time.Sleep(time.Second) // so that it hears of its end first
	release()
	_ = apply.Wait() // what it left undone is an error
	if apply.ProcessState.ExitCode() < 1 {
		t.Errorf("it left with status %d, and not all was done", apply.ProcessState.ExitCode())
	}
	if writes := aws.Writes(); len(writes) != 1 || !writes[0].Done {
		t.Errorf("it wrote: %v", writes)
	}
	if said := log.String(); !strings.Contains(said, "scalable target") {
		t.Errorf("it does not say what it did:\n%s", said)
	}
}

func TestReload_ofABrokenFileAtSIGHUPChangesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	write := func(text string) { must(t, os.WriteFile(file, []byte(text), 0o600)) }
	write("discovery: {exclude: [summarize]}\n")
	aws := demoAt(t, 1)
	e := start(t, nil, joining(aws, "--config.file="+file)...)
	before := count(e.metrics(), "sagemaker_async_endpoint_info{")
	hangup := func(successful float64) {
		must(t, e.process.Signal(syscall.SIGHUP))
		e.eventually(fmt.Sprintf("reloaded with %v", successful), soon, func() error {
			page := e.metrics()
			if n := count(page, "sagemaker_async_endpoint_info{"); n != before {
				t.Errorf("%d endpoints are shown, want %d", n, before)
			}
			if got := value(page, "sagemaker_async_exporter_config_last_reload_successful "); got != successful {
				return fmt.Errorf("it is %v", got)
			}
			return nil
		})
	}
	for _, broken := range []string{"discovery: {exclude: [\n", "\x00\xff", "polling: {queue: 1s}\n", strings.Repeat("[", 10_000), "a: &a [*a]\n"} {
		write(broken)
		hangup(0)
	}
	must(t, os.Remove(file))
	hangup(0)
	if said := e.log.String(); !strings.Contains(said, "1s is below the minimum of 10s") {
		t.Error("it does not say what is wrong")
	}
	write("discovery: {exclude: [summarize]}\n")
	hangup(1)
	if before == 0 {
		t.Error("nothing is shown")
	}
}

// A log that cannot be written is lost, and nothing else.
func TestServe_withAFullDiskForItsLog(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	aws := demoAt(t, hurried)
	aws.SetFault("CloudWatch.DescribeAlarms", awssim.Fault{Code: "AccessDeniedException"}) // there is something to say
	e := &exporter{TB: t, url: "http://" + freeAddress(t), log: &lockedBuffer{}, done: make(chan error, 1)}
	command := exec.Command(binary, joining(aws, "--log.level=debug", "--web.listen-address="+strings.TrimPrefix(e.url, "http://"))...)
	command.Stdout, command.Stderr = full, full
	must(t, command.Start())
	e.process = command.Process
	go func() { e.done <- command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill() }) // if it has not ended by itself
	e.eventually("ready", soon, func() error { _, err := e.get("/-/ready"); return err })
	calls := aws.Calls()["CloudWatch.GetMetricData"]
	e.eventually("observing", soon, func() error {
		if aws.Calls()["CloudWatch.GetMetricData"] < calls+5 {
			return fmt.Errorf("it asks no more")
		}
		return nil
	})
	if n := count(e.metrics(), "sagemaker_async_endpoint_info{"); n == 0 {
		t.Error("nothing is shown")
	}
	if err := e.stop(); err != nil {
		t.Errorf("it does not end well: %v", err)
	}
}
