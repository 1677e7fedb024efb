package collector

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

func names(families []*dto.MetricFamily) (names []string) {
	for _, family := range families {
		names = append(names, strings.TrimPrefix(family.GetName(), Prefix))
	}
	return names
}

// series lists the series of one metric as text, without its common labels.
func series(t *testing.T, families []*dto.MetricFamily, name string) (found []string) {
	t.Helper()
	for _, family := range families {
		if family.GetName() != Prefix+name {
			continue
		}
		for _, metric := range family.Metric {
			var labels []string
			for _, label := range metric.Label {
				if !slices.Contains(levelLabels[Variant], label.GetName()) {
					labels = append(labels, label.GetName()+"="+label.GetValue())
				}
			}
			value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			found = append(found, fmt.Sprintf("%s %g", strings.Join(labels, ","), value))
		}
	}
	return found
}

// everything is what a scrape finds of a report and a process in which every metric of the table has a value.
func everything(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	process := NewProcess()
	process.AWSCall("SageMaker", "ListEndpoints", "OK", time.Second)
	process.Configured(10*time.Minute, 25, 0.05)
	process.ConfigReloaded(nil, noon)
	registry.MustRegister(process)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return append(families, gather(t, noon, world())...)
}

func TestTable_isLintFree(t *testing.T) {
	problems, err := promlint.NewWithMetricFamilies(everything(t)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

// The families that are gathered, and their labels, are those of the table, no fewer and no more: the collector itself is
// unchecked.
func TestCollect_followsTheTable(t *testing.T) {
	rows := map[string]Metric{}
	for _, metric := range Table() {
		if _, twice := rows[metric.FullName()]; twice {
			t.Errorf("%s is declared twice", metric.FullName())
		}
		rows[metric.FullName()] = metric
	}
	missing := maps.Clone(rows)
	for _, family := range append(everything(t), pageEnd.family()) {
		delete(missing, family.GetName())
		row, ok := rows[family.GetName()]
		if !ok || strings.ToLower(family.GetType().String()) != string(row.Type) || family.GetHelp() != row.Help {
			t.Errorf("%s is not as the table says", family.GetName())
		}
		for _, metric := range family.Metric {
			var got []string
			for _, label := range metric.Label {
				got = append(got, label.GetName())
			}
			want := row.AllLabels()
			if row.Name == infoName {
				want = append(want, "tag_cost_center", "tag_team")
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s has the labels %v, want %v", family.GetName(), got, want)
			}
		}
	}
	for name := range missing {
		t.Errorf("%s is in the table alone", name)
	}
}

// What a stale source alone brings disappears, and nothing else. The lists are written by hand: made from the table they
// would agree with whatever it says.
func TestCollect_staleSourcesTakeTheirSeriesAlong(t *testing.T) {
	activities := []string{
		"scaling_activities_total", "scaling_activity_failures_total", "scaling_not_scaled_total", "scaling_activity_in_progress",
		"scaling_activity_last_start_timestamp_seconds", "scale_out_duration_seconds",
	}
	alarms := []string{
		"scaling_alarm_state", "scaling_alarm_triggering", "scaling_alarm_threshold", "scaling_alarm_actions_enabled",
		"scaling_alarm_state_updated_timestamp_seconds",
		"plan_steps",
	}
	metrics := []string{
		"backlog_requests", "backlog_requests_per_instance", "oldest_request_age_seconds", "backlog_without_capacity",
		"datapoint_timestamp_seconds", "wake_duration_seconds", "estimated_drain_seconds",
	}
	scaling := append([]string{
		"scalable_target_registered", "scalable_target_min_capacity", "scalable_target_max_capacity", "scaling_suspended",
		"scaling_policy_info", "scaling_policy_target_value", "scaling_policy_cooldown_seconds", "scheduled_actions",
	}, alarms...)
	endpoints := slices.Concat(activities, metrics, scaling, []string{
		"endpoint_info", "endpoint_status", "endpoint_state", "endpoint_created_timestamp_seconds", "endpoint_last_modified_timestamp_seconds",
		"max_concurrent_invocations_per_instance", "variant_info", "instances_current", "instances_desired", "pool_instances_current",
		"invocations_processed_total", "invocation_failures_total", "invocation_4xx_errors_total", "invocation_5xx_errors_total",
		"expired_requests_total", "request_download_failures_total", "response_upload_failures_total", "notification_failures_total",
		"model_latency_seconds", "request_download_latency_seconds", "response_upload_latency_seconds", "time_in_backlog_seconds",
		"total_processing_time_seconds", "model_latency_max_seconds", "time_in_backlog_max_seconds", "cpu_utilization_ratio",
		"memory_utilization_ratio", "gpu_utilization_ratio", "gpu_memory_utilization_ratio", "disk_utilization_ratio",
		"check_failed", "policy_selected", "plan_steps_withheld", "policy_matches", "reconcile_steps_total",
		"latency_objective_seconds", "request_ttl_seconds", "latency_miss_objective_ratio", "failure_objective_ratio",
		"failure_objective_invocations", "processing_objective_seconds", "instance_price_dollars_per_hour", "recommended_target_value",
	})
	whole := names(gather(t, noon, world()))
	for source, gone := range map[fleet.SourceName][]string{
		fleet.SourceActivities: activities,
		fleet.SourceAlarms:     alarms,
		fleet.SourceEndpoints:  endpoints,
		fleet.SourceQueue:      metrics,
		fleet.SourceMetrics:    nil, // each total and reading expires by itself
		fleet.SourceScaling:    append([]string{"scalable_targets"}, scaling...),
		// The labels made of tags become empty, and nobody knows what tags select.
		fleet.SourceTags: {"plan_steps", "policy_matches", "policy_selected"},
	} {
		snapshot := world()
		for i := range snapshot.Sources {
			if snapshot.Sources[i].Name == source {
				snapshot.Sources[i].Expires = noon
			}
		}
		for _, name := range gone {
			if !slices.Contains(whole, name) {
				t.Errorf("%s is not even there while all is fresh", name)
			}
		}
		want := slices.DeleteFunc(slices.Clone(whole), func(name string) bool { return slices.Contains(gone, name) })
		families := gather(t, noon, snapshot)
		if got := names(families); !slices.Equal(got, want) {
			t.Errorf("%s is stale: got %v, want %v", source, got, want)
		}
		if got := series(t, families, "up"); !slices.Equal(got, []string{" 0"}) {
			t.Errorf("%s is stale, and up is %v", source, got)
		}
		shown := source
		if source == fleet.SourceQueue || source == fleet.SourceMetrics {
			shown = fleet.SourceMetrics
		}
		if up := series(t, families, "exporter_source_up"); !slices.Contains(up, "source="+string(shown)+" 0") {
			t.Errorf("%s is stale: %v", source, up)
		}
	}
}

func TestCollect_aFailedSourceIsDownAndStillShown(t *testing.T) {
	snapshot := world()
	snapshot.Sources[1].Err = "throttled"
	families := gather(t, noon, snapshot)
	if up := series(t, families, "exporter_source_up"); !slices.Contains(up, "source=alarms 0") || !slices.Contains(up, "source=scaling 1") {
		t.Errorf("got %v", up)
	}
	if len(series(t, families, "scaling_alarm_state")) == 0 {
		t.Error("what the source said last has vanished")
	}
}

func TestCollect_readingsExpireBetweenTwoScrapes(t *testing.T) {
	snapshot := world()
	for i := range snapshot.Sources {
		snapshot.Sources[i].Expires = noon.Add(time.Hour)
	}
	snapshot.Endpoints[0].Expires = noon.Add(time.Hour)
	if got := series(t, gather(t, noon.Add(3*time.Minute), snapshot), "backlog_requests"); len(got) != 1 {
		t.Errorf("after three minutes: %v", got)
	}
	later := gather(t, noon.Add(5*time.Minute), snapshot)
	if got := series(t, later, "backlog_requests"); len(got) != 0 {
		t.Errorf("after five minutes: %v", got)
	}
	if got := series(t, later, "datapoint_timestamp_seconds"); len(got) != 4 {
		t.Errorf("the time of the newest datapoint says how old it is: %v", got)
	}
}

func TestCollect_anEndpointExpiresByItself(t *testing.T) {
	snapshot := world()
	old := snapshot.Endpoints[0]
	old.Name, old.Expires = "unseen", noon
	snapshot.Endpoints = append(snapshot.Endpoints, old)
	if got := series(t, gather(t, noon, snapshot), "endpoint_last_modified_timestamp_seconds"); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestCollect_ofAScopeThatWasNeverReached(t *testing.T) {
	down := fleet.Snapshot{
		Scope:   fleet.Scope{Region: "eu-west-1"},
		Sources: []fleet.Source{{Name: fleet.SourceEndpoints, Err: "no credentials", LastAttempt: noon}},
	}
	families := gather(t, noon, down, world())
	if got := series(t, families, "up"); !slices.Equal(got, []string{" 0", " 1"}) {
		t.Errorf("up: %v", got)
	}
	if got := series(t, families, "exporter_source_last_success_timestamp_seconds"); len(got) != 6 {
		t.Errorf("a source that never worked has no last success: %v", got)
	}
	if page := text(t, families); !strings.Contains(page, `sagemaker_async_up{account_id="",region="eu-west-1"} 0`) {
		t.Error("the account is unknown and its label not empty")
	}
}

// What a source says in part is shown, and for how long does not depend on when it last said all.
func TestCollect_ofASourceThatAnswersInPart(t *testing.T) {
	snapshot := fleet.Snapshot{Sources: []fleet.Source{{
		Name: fleet.SourceEndpoints, Err: "1 of 2 failed", LastAttempt: noon, LastAnswer: noon, Expires: noon.Add(10 * time.Minute),
	}}}
	families := gather(t, noon, snapshot)
	for name, want := range map[string]string{
		"exporter_source_up": "source=endpoints 0", "exporter_source_lifetime_seconds": "source=endpoints 600",
		"exporter_source_expires_timestamp_seconds": "source=endpoints " + fmt.Sprint(float64(noon.Add(10*time.Minute).Unix())),
	} {
		if got := series(t, families, name); len(got) != 1 || !strings.HasSuffix(got[0], want) {
			t.Errorf("%s: got %v, want %q", name, got, want)
		}
	}
	if got := series(t, families, "exporter_source_last_success_timestamp_seconds"); len(got) != 0 {
		t.Errorf("it has never said all: %v", got)
	}
}

// Two roles may lead into the same account; their series may not collide.
func TestCollect_twoScopesOfOneAccount(t *testing.T) {
	other := world()
	other.Endpoints[0].Name = "ocr"
	families := gather(t, noon, world(), other)
	if got := series(t, families, "up"); len(got) != 1 {
		t.Errorf("up: %v", got)
	}
	if got := series(t, families, "instances_current"); len(got) != 2 {
		t.Errorf("endpoints of both: %v", got)
	}
}

func TestCollect_beforeTheFirstTurnNothingIsUpOrDown(t *testing.T) {
	snapshot := fleet.Snapshot{Sources: []fleet.Source{{Name: fleet.SourceEndpoints}}}
	families := gather(t, noon, snapshot)
	for _, name := range []string{
		"up", "exporter_source_up", "exporter_source_last_success_timestamp_seconds", "exporter_source_duration_seconds",
	} {
		if got := series(t, families, name); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A set that is published in the middle of a scrape belongs to the next one.
func TestCollect_seesOneMoment(t *testing.T) {
	there := world()
	there.Scope.Region = "eu-west-1"
	set := &report.Set{Reports: []report.Report{concluded(world()), concluded(there)}}
	read := 0
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(func() *report.Set { read++; return set }, func() time.Time { return noon }))
	read = 0
	if _, err := registry.Gather(); err != nil {
		t.Fatal(err)
	}
	if read != 1 {
		t.Errorf("one scrape has read the published set %d times", read)
	}
}

func TestCollect_absentIsNotZero(t *testing.T) {
	snapshot := world()
	endpoint := &snapshot.Endpoints[0]
	endpoint.Queue, endpoint.Async, endpoint.Wakes = fleet.Queue{}, fleet.AsyncConfig{}, fleet.Histogram{}
	endpoint.Variants[0] = fleet.Variant{Name: "AllTraffic"}
	got := names(gather(t, noon, snapshot))
	for _, absent := range []string{
		"backlog_requests", "datapoint_timestamp_seconds", "max_concurrent_invocations_per_instance", "instances_current",
		"instances_desired", "variant_info", "scalable_target_min_capacity", "scaling_suspended", "scaling_policy_info",
		"scaling_alarm_state", "scaling_activity_last_start_timestamp_seconds", "pool_instances_current",
		"wake_duration_seconds", "scale_out_duration_seconds", "scaling_not_scaled_total",
	} {
		if slices.Contains(got, absent) {
			t.Errorf("%s is there", absent)
		}
	}
	families := gather(t, noon, snapshot)
	for name, want := range map[string]string{
		"scalable_target_registered": " 0", "scheduled_actions": " 0", "scaling_activity_in_progress": " 0",
		"scaling_activities_total": "status=Failed 0", "scaling_activity_failures_total": "reason=no_capacity 0",
	} {
		if got := series(t, families, name); !slices.Contains(got, want) {
			t.Errorf("%s: got %v, want %s", name, got, want)
		}
	}
}

func TestCollect_tagLabelsFollowTheReport(t *testing.T) {
	set := &report.Set{Reports: []report.Report{concluded(world())}}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(func() *report.Set { return set }, func() time.Time { return noon }))
	for _, want := range []string{"endpoint_config_name=transcribe-7,tag_cost_center=,tag_team=speech 1", "endpoint_config_name=transcribe-7 1"} {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if got := series(t, families, infoName); !slices.Equal(got, []string{want}) {
			t.Errorf("got %v, want %s", got, want)
		}
		reloaded := world()
		reloaded.TagLabels = nil
		set = &report.Set{Reports: []report.Report{concluded(reloaded)}}
	}
}

func TestCollect_oddDataCostsItselfAlone(t *testing.T) {
	snapshot := world()
	variant := &snapshot.Endpoints[0].Variants[0]
	variant.Alarms = append(variant.Alarms, variant.Alarms[0]) // listed twice
	variant.Policies[0].Name = "broken \xff utf-8\nand a \"quote\""
	snapshot.Endpoints[0].Status = "Thinking"
	families := gather(t, noon, snapshot)
	if got := series(t, families, "scaling_alarm_threshold"); len(got) != 3 {
		t.Errorf("alarms: %v", got)
	}
	if got := series(t, families, "scaling_policy_target_value"); len(got) != 1 || !strings.Contains(got[0], "broken \uFFFD utf-8") {
		t.Errorf("policies: %v", got)
	}
	if got := series(t, families, "endpoint_status"); len(got) != len(fleet.Statuses)+1 || !slices.Contains(got, "status=Thinking 1") {
		t.Errorf("statuses: %v", got)
	}
}

func TestCollect_whatIsNoNumberIsNoData(t *testing.T) {
	snapshot := world()
	snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = math.NaN()
	snapshot.Endpoints[0].Variants[0].Policies[0].Tracking.TargetValue = math.NaN()
	page := text(t, gather(t, noon, snapshot))
	if strings.Contains(page, "NaN") || strings.Contains(page, "oldest_request_age_seconds{") {
		t.Error("a NaN is shown")
	}
}

func TestCollect_aStepPolicyHasTheMetricsOfItsAlarmsWhileTheyAreKnown(t *testing.T) {
	const tracking = "metric_name=ApproximateBacklogSizePerInstance,policy_name=track,policy_type=TargetTrackingScaling 1"
	snapshot := world()
	alarms := &snapshot.Endpoints[0].Variants[0].Alarms
	formula := (*alarms)[2]
	formula.Name, formula.Metric = "formula", fleet.Metric{}
	formula.Math = []fleet.MathQuery{{ID: "a", Metric: &fleet.Metric{Name: "ApproximateBacklogSize"}}, {ID: "b", Expression: "a * 2"}}
	second := (*alarms)[2]
	second.Name = "same metric"
	*alarms = append(*alarms, formula, second)
	for _, stale := range []bool{false, true} {
		want := []string{tracking, "metric_name=ApproximateBacklogSize,HasBacklogWithoutCapacity,policy_name=wake,policy_type=StepScaling 1"}
		if stale {
			snapshot.Sources[1].Expires = noon
			want = []string{"metric_name=,policy_name=wake,policy_type=StepScaling 1", tracking}
		}
		got := series(t, gather(t, noon, snapshot), "scaling_policy_info")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("alarms stale %v: got %v, want %v", stale, got, want)
		}
	}
}

func TestCollect_tagsAreNotShownLongerThanTheirSource(t *testing.T) {
	snapshot := world()
	snapshot.Sources[5].Expires = noon
	want := []string{"endpoint_config_name=transcribe-7,tag_cost_center=,tag_team= 1"}
	if got := series(t, gather(t, noon, snapshot), infoName); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Scrapes share the collector and the published set; run with -race.
func TestCollect_manyScrapesAtOnce(t *testing.T) {
	set := &report.Set{Reports: []report.Report{concluded(fleetOf(20))}}
	collector := New(func() *report.Set { return set }, func() time.Time { return noon })
	pages := make([]string, 4)
	var scrapes sync.WaitGroup
	for i := range pages {
		scrapes.Go(func() {
			registry := prometheus.NewPedanticRegistry()
			registry.MustRegister(collector)
			families, err := registry.Gather()
			if err != nil {
				t.Error(err)
				return
			}
			pages[i] = text(t, families)
		})
	}
	scrapes.Wait()
	if pages[0] == "" || len(slices.Compact(pages)) != 1 {
		t.Error("the pages of one moment differ")
	}
}

func TestProcess_countsCallsAndReloads(t *testing.T) {
	process := NewProcess()
	process.AWSCall("CloudWatch", "GetMetricData", "OK", 40*time.Millisecond)
	process.AWSCall("CloudWatch", "GetMetricData", "Throttling", 20*time.Millisecond)
	process.Configured(10*time.Minute, 25, 0.05)
	process.ConfigReloaded(nil, noon)
	process.ConfigReloaded(errors.New("bad file"), noon.Add(time.Hour))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(process)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"exporter_aws_requests_total": {
			"code=OK,operation=GetMetricData,service=CloudWatch 1", "code=Throttling,operation=GetMetricData,service=CloudWatch 1",
		},
		"exporter_max_staleness_seconds":                        {" 600"},
		"exporter_config_last_reload_successful":                {" 0"},
		"exporter_config_last_reload_success_timestamp_seconds": {fmt.Sprintf(" %g", float64(noon.Unix()))},
	} {
		if got := series(t, families, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	want := []string{}
	for _, metric := range processMetrics {
		want = append(want, metric.Name)
	}
	slices.Sort(want)
	if got := names(families); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// fleetOf is a report of many endpoints.
func fleetOf(endpoints int) fleet.Snapshot {
	snapshot := world()
	one := snapshot.Endpoints[0]
	snapshot.Endpoints = nil
	for i := range endpoints {
		one.Name = fmt.Sprintf("endpoint-%05d", i)
		snapshot.Endpoints = append(snapshot.Endpoints, one)
	}
	return snapshot
}

// BenchmarkCollect is what this package costs, without the registry and the text format.
func BenchmarkCollect(b *testing.B) {
	set := &report.Set{Reports: []report.Report{concluded(fleetOf(500))}}
	collector := New(func() *report.Set { return set }, func() time.Time { return noon })
	series := 0
	b.ReportAllocs()
	for b.Loop() {
		series = 0
		ch := make(chan prometheus.Metric, 1000)
		go func() {
			collector.Collect(ch)
			close(ch)
		}()
		for range ch {
			series++
		}
	}
	b.ReportMetric(float64(series), "series")
}
