package collector

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

var update = flag.Bool("update", false, "rewrite golden files and what is generated")

var noon = time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)

func pointer[T any](v T) *T { return &v }

// world is a report in which every metric of the table has a value.
func world() fleet.Snapshot {
	const resource = "endpoint/transcribe/variant/AllTraffic"
	fresh := func(name fleet.SourceName) fleet.Source {
		return fleet.Source{
			Name: name, LastAttempt: noon, LastSuccess: noon, LastAnswer: noon, Expires: noon.Add(10 * time.Minute), Duration: 250 * time.Millisecond,
		}
	}
	reading := func(v float64) fleet.Reading {
		minute := noon.Truncate(time.Minute).Add(-2 * time.Minute)
		return fleet.Reading{At: minute, Value: v, Expires: minute.Add(6 * time.Minute)}
	}
	wake := fleet.Policy{ResourceID: resource, Name: "wake", ARN: "arn:wake", Type: fleet.StepScaling, Step: &fleet.Step{
		Cooldown: pointer(time.Minute), AdjustmentType: "ChangeInCapacity", Adjustments: []fleet.StepAdjustment{{Lower: pointer(0.0), Adjustment: 1}},
	}}
	track := fleet.Policy{
		ResourceID: resource, Name: "track", ARN: "arn:track", Type: fleet.TargetTracking,
		Tracking: &fleet.Tracking{
			TargetValue: 5, Metric: pointer(fleet.BacklogPerInstance.Query("transcribe").Metric), ScaleInCooldown: pointer(2 * time.Minute),
		},
	}
	alarm := func(name, policy, action string, metric fleet.QueueMetric, state string, threshold float64, enabled bool) fleet.WiredAlarm {
		return fleet.WiredAlarm{Policy: policy, Alarm: fleet.Alarm{
			Name: name, Metric: metric.Query("transcribe").Metric, Statistic: "Average", Period: time.Minute, EvaluationPeriods: 3,
			Threshold: threshold, Comparison: "GreaterThanOrEqualToThreshold", ActionsEnabled: enabled, AlarmActions: []string{action},
			State: state, StateUpdated: noon.Add(-time.Hour),
		}}
	}
	work := &fleet.Work{}
	for i, metric := range fleet.WorkMetrics() {
		work.Totals[metric] = fleet.Total{
			Since: time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC), Sum: int64(i * 1_000_001), Samples: int64(i), Expires: noon.Add(10 * time.Minute),
		}
		work.Longest[metric] = reading(float64(i) / 4)
	}
	for i, metric := range fleet.HostMetrics() {
		work.Hosts[metric] = reading(float64(i) / 4)
	}
	took := func(seconds int64) fleet.Total {
		return fleet.Total{Since: noon.Add(-24 * time.Hour), Sum: 40 * seconds * 1_000_000, Samples: 40, Expires: noon.Add(10 * time.Minute)}
	}
	work.Took, work.Waited = took(65), took(25)
	target := fleet.Target{ResourceID: resource, MaxCapacity: 5, Suspended: fleet.Suspension{ScaleIn: true}}
	return fleet.Snapshot{
		Scope: fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, At: noon,
		Sources: []fleet.Source{
			fresh(fleet.SourceActivities), fresh(fleet.SourceAlarms), fresh(fleet.SourceEndpoints),
			fresh(fleet.SourceQueue), fresh(fleet.SourceScaling), fresh(fleet.SourceTags), fresh(fleet.SourceMetrics),
		},
		Targets:   []fleet.Target{target},
		Orphans:   []fleet.Orphan{{Endpoint: "gone", Variant: "AllTraffic", Target: true}},
		TagLabels: []fleet.TagLabel{{Key: "cost-center", Label: "tag_cost_center"}, {Key: "team", Label: "tag_team"}},
		Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{
				Name: "transcribe", Status: "Updating", Created: noon.Add(-24 * time.Hour), LastModified: noon.Add(-time.Minute),
			},
			ConfigName: "transcribe-7", Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: pointer(4)},
			Tags: map[string]string{"team": "speech"}, SeenAt: noon, Expires: noon.Add(10 * time.Minute),
			Queue: fleet.Queue{reading(12), reading(6), reading(90), reading(0)},
			Wakes: fleet.Histogram{}.With(4 * time.Minute),
			Variants: []fleet.Variant{{
				Name: "AllTraffic", Current: pointer(2), Desired: pointer(3), Types: []string{"ml.g5.xlarge", "ml.g6.xlarge"},
				Pools: []fleet.Pool{
					{InstanceType: "ml.g5.xlarge", Priority: 1}, {InstanceType: "ml.g6.xlarge", Priority: 2, Current: 2},
				},
				Target: &target, Policies: []fleet.Policy{track, wake},
				Scheduled: []fleet.ScheduledAction{{ResourceID: resource, Name: "night"}},
				Alarms: []fleet.WiredAlarm{
					alarm("stray", "", "arn:page", fleet.WithoutCapacity, "INSUFFICIENT_DATA", 2, true),
					alarm("TargetTracking-"+resource+"-AlarmHigh-1", "track", "arn:track", fleet.BacklogPerInstance, "ALARM", 5, true),
					alarm("woken", "wake", "arn:wake", fleet.WithoutCapacity, "OK", 1, false),
				},
				Activity: fleet.ActivityState{
					Recent: []fleet.Activity{
						{ID: "2", Status: "Failed", Start: noon.Add(-time.Minute), NotScaled: []fleet.NotScaledReason{{Code: "AlreadyAtMaxCapacity"}}},
						{ID: "1", Status: "InProgress", Start: noon.Add(-3 * time.Minute)},
						{ID: "0", Status: "Successful", Start: noon.Add(-time.Hour), End: noon.Add(-50 * time.Minute)},
					},
					Ended: map[string]int{"Successful": 3, "Failed": 1}, Failures: map[string]int{"quota": 1},
					NotScaled: map[string]int{"AlreadyAtMaxCapacity": 2}, ScaleOuts: fleet.Histogram{}.With(7 * time.Minute),
				},
				Work: work,
			}},
		}},
		BilledMetrics: 4000, LateRevisions: 1, Stretch: 1.5,
	}
}

// everyName is a pattern that matches every name.
type everyName struct{}

func (everyName) Match(string) bool { return true }

func (everyName) String() string { return ".*" }

// concluded is the report of a snapshot whose variants a policy selects, in a process that has carried a step out.
func concluded(snapshot fleet.Snapshot) report.Report {
	past := report.NewPast().Note(plan.Outcome{
		Step: plan.Step{ResourceID: "endpoint/transcribe/variant/AllTraffic", Kind: plan.WakeAlarm},
		Err:  errors.New("access denied"),
	}, noon).Began("transcribe").Succeeded(noon)
	return report.Build(snapshot, report.Rules{
		Policies: policy.Policies{policy.ByName(everyName{})}, Reconcile: true, Leader: true, Prices: map[string]float64{"ml.g5.xlarge": 1.408},
		Objective: func(string) (latency, requestTTL time.Duration) { return 30 * time.Minute, 6 * time.Hour },
		Limits: func(string) report.Limits {
			return report.Limits{
				LatencyMissRatio: 0.01, Ticket: report.Failures{Least: 3, Ratio: 0.1}, Page: report.Failures{Least: 10, Ratio: 0.5}, Processing: 50 * time.Minute,
			}
		},
		Thresholds: report.Thresholds{NearExpiryRatio: 0.5, DrainRatio: 0.05, IdleRatio: 0.5, FlappingWakes: 4, FlappingQueuedRatio: 0.5},
	}, past)
}

// gather is what a scrape at the given moment finds.
func gather(t *testing.T, at time.Time, snapshots ...fleet.Snapshot) []*dto.MetricFamily {
	t.Helper()
	set := &report.Set{}
	for _, snapshot := range snapshots {
		set.Reports = append(set.Reports, concluded(snapshot))
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(func() *report.Set { return set }, func() time.Time { return at }))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// text is the exposition of families.
func text(t *testing.T, families []*dto.MetricFamily) string {
	t.Helper()
	var page bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&page, family); err != nil {
			t.Fatal(err)
		}
	}
	return page.String()
}

// golden holds text against a file, or rewrites the file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 1000 {
		t.Errorf("%s holds next to nothing", path)
	}
	was, is := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			t.Fatalf("%s ends where now follows:\n%s\nread the difference, then run go test -update", path, is[i])
		case i >= len(is):
			t.Fatalf("%s goes on with what is made no more:\n%s\nread the difference, then run go test -update", path, was[i])
		case was[i] != is[i]:
			t.Fatalf("%s:%d differs; read the difference, then run go test -update:\n- %s\n+ %s", path, i+1, was[i], is[i])
		}
	}
}

func TestCollect_everyMetricOfTheReports(t *testing.T) {
	page := text(t, gather(t, noon, world()))
	golden(t, "testdata/world.prom", page)
	for _, metric := range Table() {
		if metric.Level != Process && !strings.Contains(page, "# TYPE "+metric.FullName()+" "+string(metric.Type)+"\n") {
			t.Errorf("%s has no value in the golden file", metric.FullName())
		}
	}
}

// about is what the page tells of a family before its table.
var about = map[string]string{"Work done": `Each counter is the sum of CloudWatch's one-minute Sums since the first of the month, 00:00 UTC. A minute is counted five
minutes after its end, with the next ` + "`polling.metrics`" + `. The counter goes by the endpoint's name: an endpoint that is deleted
and created again goes on counting. The epoch is the created timestamp in the protobuf format.

- **Restarts.** A process that starts shows at least what any process showed before it started, whatever their intervals and
  budgets, as long as CloudWatch takes nothing back and the clocks agree. While it runs, a
  counter falls at the turn of the month alone.
- **Replicas.** Two that run may differ by what one of them has not read yet: by the minutes of one ` + "`polling.metrics`" + `, and by
  late data for up to a day. In queries take the growth of each series first and then the maximum over replicas:
  ` + "`max by (...) (increase(...[30m]))`" + `. A pod that takes the place of another has another name and is another series: over a
  window with the change in it each has its part of the growth, and the maximum is the larger part. What was counted between the
  last page of one and the first of the other is in neither part. The rules about requests that expire have it:
  they record the replica that is ahead, ` + "`variant:sagemaker_async_expired_requests_total:max`" + `, and what was counted in the last
  half hour, ` + "`variant:sagemaker_async_expired_requests_total:growth`" + `. That is the largest of three: of the growth of each series
  since its least value, of the same of ` + "`:max`" + `, and of what ` + "`:max`" + ` is above its newest value that is half an hour old or older,
  but not older than two hours and a half. The third also has what was counted while no page had the counter, for up to two
  hours; what was counted in a longer gap is not told of. Where a replica that had seen late data ends before another one has,
  it is told of twice.
- **The turn of the month.** Every process shows the old total until 00:20 UTC, 0 until 00:30 and then the new total, so that
  Prometheus sees a reset and counts on. If it sees none of these ten minutes, and the new total is above the old one by
  then, ` + "`increase()`" + ` is too low by the old one; ` + "`:growth`" + ` is not: from 00:30 to 03:00 it takes what was before for 0 where that
  is of the old month. Everything of the old month is read for the last time at 00:15, and again each minute until 00:20 where that
  fails, of variants that sleep too. What CloudWatch shows of it by then, up to a day late, is in its total; what it shows
  after that read may be lost, and after 00:20 it is.
- **Late data.** It is counted when it comes: up to a quarter of an hour late, with the next read; up to two hours late, less
  one ` + "`polling.metrics`" + `, within an hour and a read; whatever came later, within a day and a read. Once a variant runs no
  instance it is counted within a day, if it is no more than a day late, or when instances run again.
- **Revisions downward.** They never lower a counter while the process runs, also where the endpoint is deleted and created
  again or is not selected for a while; the counter stands still until it has made up for them. They are counted in
  ` + "`exporter_late_revisions_total`" + `, but for those that come while the endpoint is not observed. After a restart, or where its
  account and region leave the configuration for a while, the counter may be lower by as
  much. Prometheus takes that for a reset, and ` + "`increase()`" + ` then counts the whole month. The alert rules therefore take the growth
  since the least value: ` + "`last_over_time(x[1h]) - min_over_time(x[1h])`" + `. Of one series it is never too high. In the hour after the
  turn of the month it leaves out what the old month grew in that hour.
- **Rounding.** A count of events is exact. A sum of times is less than the truth by less than a microsecond for each
  minute with data, and more by less than a billionth.

`}

// dropList is for those who want fewer series: what neither the rules nor the dashboards use.
func dropList(t *testing.T) string {
	t.Helper()
	used := ""
	for _, pattern := range []string{"../alerts/*.yaml", "../dashboards/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			used += string(data)
		}
	}
	var spare []string
	for _, metric := range Table() {
		if !regexp.MustCompile(metric.FullName() + `(_bucket|_sum|_count)?\b`).MatchString(used) {
			spare = append(spare, metric.Name)
		}
	}
	if len(spare) == 0 {
		t.Fatal("everything is used")
	}
	return `
## Fewer series

A busy endpoint has about a hundred series. Prometheus can drop some of them as it scrapes. The first rule drops what neither
the bundled alerts nor the dashboards use. The second one drops the buckets of the histograms: means are left, quantiles are
not. The third one drops the metrics of the Go runtime.

` + "```yaml prometheus" + `
scrape_configs:
  - job_name: sagemaker-async-exporter
    static_configs:
      - targets: [localhost:10119]
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: ` + Prefix + `(` + strings.Join(spare, "|") + `)
        action: drop
      - source_labels: [__name__]
        regex: ` + Prefix + `.*_bucket
        action: drop
      - source_labels: [__name__]
        regex: go_.*
        action: drop
` + "```" + `

The chart takes the same rules under ` + "`monitor.metricRelabelings`" + `, with ` + "`sourceLabels`" + ` in place of ` + "`source_labels`" + `.
`
}

// TestMetricsPage holds docs/metrics.md against the table.
func TestMetricsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(`# Metrics

<!-- Generated by make generate. -->

Every name begins with ` + "`" + Prefix + "`" + `. Labels: **A** is ` + "`account_id, region`" + `, **E** is A and ` + "`endpoint_name`" + `,
**V** is E and ` + "`variant_name`" + `.

No data is no series: there is never a NaN and never an invented 0. The only zero that is made up is a counter that has
not counted yet. A series is shown while all of its sources are fresh; what a failed source said last is shown until it
is older than ` + "`polling.maxStaleness`" + `, or three of its intervals where these are longer. A queue gauge shows the newest
complete minute of the last five (of ` + "`polling.idle`" + ` and five more for endpoints asked that seldom); older is absent. With an
empty queue the other queue gauges follow from that of the backlog: see [cost.md](cost.md). A scrape never calls AWS.

The histograms of wakes and scale-outs begin, at 0, while the first one is under way; ` + "`scaling_not_scaled_total`" + ` begins
at 0 when its reason first occurs, and counts that with the next read.
`)
	names := [...]string{Process: "", Scope: "A", Endpoint: "E", Variant: "V"}
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;") // neither a border of the table nor a tag of HTML
	for _, family := range Families() {
		fmt.Fprintf(&page, "\n## %s\n\n%s| metric | type | labels | source | meaning |\n|---|---|---|---|---|\n", family.Title, about[family.Title])
		for _, metric := range family.Metrics {
			var labels []string
			if metric.Level != Process {
				labels = append(labels, names[metric.Level])
			}
			for _, label := range metric.Labels {
				labels = append(labels, "`"+label+"`")
			}
			if metric.Name == infoName {
				labels = append(labels, "`tag_*`")
			}
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s |\n", metric.Name, metric.Type, strings.Join(labels, ", "), cell.Replace(metric.From), cell.Replace(metric.Help))
		}
	}
	page.WriteString(dropList(t))
	golden(t, "../docs/metrics.md", page.String())
}
