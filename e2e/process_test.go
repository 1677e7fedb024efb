//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// One exporter is killed again and again, at moments that nobody chose; another one is left alone. What either has counted
// is what was published, so they have counted the same. Their pages are not compared with each other: on this clock a
// minute is a tenth of a second, and two pages are never of one moment for sure.
func TestServe_killedAtRandomCountsAsOneThatNeverWas(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, 60)
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
	for name, e := range map[string]*exporter{"the quiet one": quiet, "the survivor": survivor} {
		e.eventually("exact: "+name, soon, func() error {
			page := e.metrics()
			if e == survivor {
				climbs(t, highest, counted(page))
			}
			variants := byVariant(page)
			if len(variants) < 10 {
				return fmt.Errorf("it counts for %d variants", len(variants))
			}
			now := clockOf(aws).UTC()
			since := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC) // counters begin anew with the month
			for variant, values := range variants {
				if open := ofNoMinute(aws, variant, since, values); len(open) > 0 {
					return fmt.Errorf("these counters of %s are those of no minute: %v", variant, open)
				}
			}
			return nil
		})
	}
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
	t.Parallel()
	aws := demoAt(t, 1)
	held := make(chan struct{})
	release := sync.OnceFunc(func() { close(held) })
	defer release()
	apply := heldAfter(t, aws, 1, func(*http.Request) (answered bool) {
		<-held
		return true
	})
	must(t, apply.Signal(syscall.SIGTERM))
	eventually(t, "hearing of its end", soon, func() error { return heard(apply, syscall.SIGTERM) })
	time.Sleep(2 * time.Second) // from the signal to the context that it ends there is nothing to see; more time proves no less
	release()
	eventually(t, "ending", soon, func() error {
		if apply.alive() == nil {
			return errors.New("it runs")
		}
		return nil
	})
	if left := (*exec.ExitError)(nil); !errors.As(apply.how, &left) || left.ExitCode() < 1 {
		t.Errorf("it left with %v, and not all was done", apply.how)
	}
	if writes := aws.Writes(); len(writes) != 1 || !writes[0].Done {
		t.Errorf("it wrote: %v", writes)
	}
	if said := apply.log.String(); !strings.Contains(said, "scalable target") {
		t.Errorf("it does not say what it did:\n%s", said)
	}
}

// heard is an error while a signal waits for the program to take it.
func heard(p *process, signal syscall.Signal) error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
	if err != nil {
		return impossible{err}
	}
	for _, set := range []string{"SigPnd:", "ShdPnd:"} {
		_, rest, _ := strings.Cut(string(status), "\n"+set+"\t")
		mask, _, _ := strings.Cut(rest, "\n")
		pending, err := strconv.ParseUint(mask, 16, 64)
		if err != nil {
			return impossible{err}
		}
		if pending>>(signal-1)&1 == 1 {
			return fmt.Errorf("the signal is pending: %s %s", set, mask)
		}
	}
	return nil
}

func TestReload_ofABrokenFileAtSIGHUPChangesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.yml")
	write := func(text string) { must(t, os.WriteFile(file, []byte(text), 0o600)) }
	write("discovery: {exclude: [summarize]}\n")
	aws := demoAt(t, 1)
	e := start(t, nil, joining(aws, "--config.file="+file)...)
	before := count(e.metrics(), "sagemaker_async_endpoint_info{")
	hangup := func(successful float64) {
		logged := len(e.log.String())
		must(t, e.process.Signal(syscall.SIGHUP))
		e.eventually(fmt.Sprintf("reloaded with %v", successful), soon, func() error {
			// The gauge may have had this value before, and the next signal would be one with this.
			if successful == 0 && !strings.Contains(e.log.String()[logged:], "err=") {
				return errors.New("the log has no error yet")
			}
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
	t.Parallel()
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
	command := exec.Command(binary, joining(aws, "--log.level=debug", "--web.listen-address="+freeAddress(t))...)
	command.Stdout, command.Stderr = full, full
	e := &exporter{TB: t, url: "http://" + strings.TrimPrefix(command.Args[len(command.Args)-1], "--web.listen-address="), process: launch(t, command)}
	e.log = e.process.log
	t.Cleanup(func() { _ = e.stop() }) // if it has not ended by itself
	e.eventually("ready", soon, func() error { _, err := e.get("/-/ready"); return err })
	calls := aws.Calls()["CloudWatch.GetMetricData"]
	e.eventually("observing", soon, func() error {
		if aws.Calls()["CloudWatch.GetMetricData"] < calls+5 {
			return fmt.Errorf("it asks no more")
		}
		return nil
	})
	// On this clock what is known grows too old within seconds of the machine, and on a busy one for a moment.
	e.eventually("showing endpoints", soon, func() error {
		if count(e.metrics(), "sagemaker_async_endpoint_info{") == 0 {
			return fmt.Errorf("nothing is shown")
		}
		return nil
	})
	if err := e.stop(); err != nil {
		t.Errorf("it does not end well: %v", err)
	}
}
