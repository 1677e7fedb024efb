package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The epoch of a total is its created timestamp, which text does not carry.
func TestWork_epochIsTheCreatedTimestamp(t *testing.T) {
	since := world().Endpoints[0].Variants[0].Work.Totals[0].Since
	found := 0
	for _, family := range gather(t, noon, world()) {
		for _, metric := range family.GetMetric() {
			created := metric.GetCounter().GetCreatedTimestamp()
			if metric.GetSummary() != nil {
				created = metric.GetSummary().GetCreatedTimestamp()
			}
			if created == nil {
				continue
			}
			if found++; !created.AsTime().Equal(since) {
				t.Errorf("%s was created %s", family.GetName(), created.AsTime())
			}
		}
	}
	if found != len(fleet.WorkMetrics()) {
		t.Errorf("%d metrics have an epoch", found)
	}
	x, _ := exposed(world())
	for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0"} {
		if page := scraped(x, "Accept", accept).Body.String(); strings.Contains(page, "_created{") {
			t.Errorf("%s has lines of the created timestamp", accept)
		}
	}
}

func TestWork_latenciesAreSeconds(t *testing.T) {
	snapshot := world()
	work := snapshot.Endpoints[0].Variants[0].Work
	work.Totals[fleet.ModelLatency].Sum, work.Totals[fleet.ModelLatency].Samples = 12_345_678, 9
	page := text(t, gather(t, noon, snapshot))
	for _, line := range []string{`model_latency_seconds_sum{V} 12.345678`, `model_latency_seconds_count{V} 9`} {
		line = strings.ReplaceAll(line, "V", `account_id="111122223333",endpoint_name="transcribe",region="us-east-1",variant_name="AllTraffic"`)
		if !strings.Contains(page, "\n"+Prefix+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
}

func TestWork_eachExpiresByItself(t *testing.T) {
	snapshot := world()
	work := snapshot.Endpoints[0].Variants[0].Work
	work.Totals[fleet.ExpiredRequests].Expires = noon
	work.Totals[fleet.ModelLatency] = fleet.Total{} // not read back yet
	work.Longest[fleet.ModelLatency].Expires = noon
	work.Hosts[fleet.CPUUtilization].Expires = noon
	families := gather(t, noon, snapshot)
	for name, want := range map[string]int{
		"expired_requests_total": 0, "model_latency_seconds": 0, "model_latency_max_seconds": 0, "cpu_utilization_ratio": 0,
		"invocations_processed_total": 1, "time_in_backlog_seconds": 1, "time_in_backlog_max_seconds": 1, "gpu_utilization_ratio": 1,
	} {
		found := 0
		for _, family := range families {
			if family.GetName() == Prefix+name {
				found = len(family.GetMetric())
			}
		}
		if found != want {
			t.Errorf("%s: %d series, want %d", name, found, want)
		}
	}
}

func TestWork_utilisationNeedsAnInstance(t *testing.T) {
	snapshot := world()
	snapshot.Endpoints[0].Variants[0].Current = pointer(0)
	for _, family := range gather(t, noon.Add(time.Second), snapshot) {
		if strings.HasSuffix(family.GetName(), "_utilization_ratio") {
			t.Errorf("%s is shown of no instance", family.GetName())
		}
	}
}

// The month turns on the page at its minutes, although nothing new is published then.
func TestWork_theMonthTurnsOnAPageThatStands(t *testing.T) {
	snapshot := world()
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	last := april.Add(time.Hour)
	snapshot.At = april.Add(15 * time.Minute)
	for i := range snapshot.Sources {
		snapshot.Sources[i].Expires = last
	}
	snapshot.Endpoints[0].Expires = last
	snapshot.Endpoints[0].Variants[0].Work.Totals[fleet.InvocationsProcessed] = fleet.Total{
		Since: april, Sum: 7, Before: fleet.Count{Since: april.AddDate(0, -1, 0), Sum: 1000}, Expires: last,
	}
	x, _ := exposed(snapshot)
	for _, step := range []struct {
		minute int
		want   string
	}{{15, "1000"}, {19, "1000"}, {20, "0"}, {29, "0"}, {30, "7"}, {59, "7"}} {
		x.Reports.now = func() time.Time { return april.Add(time.Duration(step.minute) * time.Minute) }
		page := scraped(x).Body.String()
		line := `invocations_processed_total{account_id="111122223333",endpoint_name="transcribe",region="us-east-1",variant_name="AllTraffic"} ` + step.want + "\n"
		if !strings.Contains(page, line) {
			t.Errorf("at minute %d there is no line %s", step.minute, line)
		}
	}
}
