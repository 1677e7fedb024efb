package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	demoUp       = "up account_id=111122223333,region=us-east-1"
	demoObserved = "exporter_source_last_success_timestamp_seconds account_id=111122223333,region=us-east-1,source=metrics"
	demoCreated  = "endpoint_created_timestamp_seconds account_id=111122223333,endpoint_name=summarize,region=us-east-1"
)

// seconds is a moment as a metric has it.
func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func TestDemo_twoReplicasOnOneAWSRunOnItsClock(t *testing.T) {
	began := time.Date(2031, 5, 31, 22, 0, 0, 0, time.UTC)
	clock := fleet.Clock{Machine: time.Now(), Shown: began, Speed: 60}
	server, err := awssim.StartDemo(awssim.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	one, two := launch(t, "--demo", "--demo.aws="+server.URL()), launch(t, "--demo", "--demo.aws="+server.URL()+"/")
	for _, p := range []*running{one, two} {
		p.ready()
		p.want(demoUp, 1)
		series := p.series()
		if at := series[demoObserved]; at < seconds(began) || at > seconds(clock.At(time.Now())) {
			t.Errorf("it observed at %f, the embedded AWS began at %f", at, seconds(began))
		}
		if at := series[demoCreated]; at < seconds(began.Add(-4*time.Hour)) || at > seconds(began) {
			t.Errorf("an endpoint was created at %f, the embedded AWS began at %f", at, seconds(began))
		}
		if said := p.out.String(); !strings.Contains(said, "simulated for another demo, on its clock") ||
			!strings.Contains(said, "embedded AWS   "+server.URL()+"  (") {
			t.Errorf("it says:\n%s", said)
		}
	}
	if one.series()[demoCreated] != two.series()[demoCreated] {
		t.Error("they observe two worlds")
	}
	one.stop()
	first := two.series()[demoObserved]
	two.eventually("observing on", func() error {
		if at := two.series()[demoObserved]; at < first+60 {
			return fmt.Errorf("it observed at %f, and at %f before", at, first)
		}
		return nil
	})
	two.want(demoUp, 1)
}

func TestDemo_joinsTheOneOfAnotherExporter(t *testing.T) {
	host := launch(t, "--demo", "--demo.speed=60")
	found := regexp.MustCompile(`embedded AWS   (http://\S+)`).FindStringSubmatch(host.out.String())
	if found == nil {
		t.Fatalf("it says:\n%s", host.out)
	}
	guest := launch(t, "--demo", "--demo.aws="+found[1])
	host.ready()
	guest.ready()
	for _, path := range []string{"/status", "/plan"} {
		if page, err := guest.get(path); err != nil || page == "" || !strings.Contains(guest.out.String(), "http://127.0.0.1:0"+path+"\n") {
			t.Errorf("%s: %v, and it says:\n%s", path, err, guest.out)
		}
	}
	created := host.series()[demoCreated]
	if created == 0 {
		t.Fatal("the demo is not there")
	}
	guest.want(demoCreated, created)
}
