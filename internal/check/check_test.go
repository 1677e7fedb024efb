package check

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

const (
	trackingARN = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:policyName/track"
	wakeARN     = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:policyName/wake"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fixture is a variant that a test changes before it is looked at.
type fixture struct {
	endpoint  fleet.Endpoint
	variant   *fleet.Variant
	wanted    *policy.Wanted
	steps     []plan.Step
	withheld  []plan.Withheld
	seen      bool
	latency   time.Duration
	defaulted bool
	service   time.Duration
	unknown   []fleet.SourceName
	muted     []string
	tracking  *fleet.Policy
	wake      *fleet.Policy
	wakeAlarm *fleet.WiredAlarm
}

// healthy is an endpoint that has all the documented objects, and nothing is wrong with it. Two instances have run for
// hours.
func healthy(changes ...func(*fixture)) *fixture {
	concurrent, two := 5, 2
	target, tracking, wake := policy.Target("e", "v"), policy.Tracking("e", "v"), policy.Wake("e", "v")
	tracking.ARN, wake.ARN = trackingARN, wakeARN
	long := noon.Add(-5 * time.Hour)
	var made []fleet.WiredAlarm
	for i, alarm := range autoscaling.TrackingAlarms(&tracking, func() string { return "" }) {
		alarm.Name, alarm.State, alarm.StateSince = []string{"high", "low"}[i], "OK", long
		made = append(made, fleet.WiredAlarm{Policy: tracking.Name, Alarm: alarm})
	}
	f := &fixture{
		endpoint: fleet.Endpoint{
			EndpointSummary: fleet.EndpointSummary{Name: "e", Status: "InService"}, ConfigName: "e-config",
			Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &concurrent, S3FailurePath: "s3://bucket/failed"},
			Variants: []fleet.Variant{{
				Name: "v", Current: &two, Desired: &two, Types: []string{"ml.g5.xlarge", "ml.g6.xlarge"},
				Target: &target, Policies: []fleet.Policy{tracking, wake},
				Alarms:   append(made, fleet.WiredAlarm{Policy: wake.Name, Alarm: policy.WakeAlarm("e", "v", wakeARN)}),
				Activity: fleet.ActivityState{ScaleOuts: fleet.Histogram{}.With(4 * time.Minute)},
			}},
		},
	}
	f.variant = &f.endpoint.Variants[0]
	f.tracking, f.wake, f.wakeAlarm = &f.variant.Policies[0], &f.variant.Policies[1], &f.variant.Alarms[2]
	for _, change := range changes {
		change(f)
	}
	return f
}

func (f *fixture) run() []Finding {
	context := behavior.Context{At: noon, Latency: f.latency, Service: f.service}
	s := &Subject{
		At: noon, Endpoint: &f.endpoint, Variant: f.variant, Behavior: behavior.Of(&f.endpoint, f.variant, context), Wanted: f.wanted,
		Steps: f.steps, Withheld: f.withheld,
		TargetSeen: f.seen, RecreateAfter: 15 * time.Minute, Latency: f.latency, Defaulted: f.defaulted, Service: f.service,
		Knows: func(source fleet.SourceName) bool { return !slices.Contains(f.unknown, source) },
	}
	for i := range f.endpoint.Variants {
		if other := &f.endpoint.Variants[i]; other.Name != f.variant.Name {
			s.Others = append(s.Others, behavior.Of(&f.endpoint, other, context))
		}
	}
	return Run(s, func(check string) bool { return slices.Contains(f.muted, check) })
}

// find is the finding of a check, nil when it is absent.
func (f *fixture) find(check string) *Finding {
	for _, finding := range f.run() {
		if finding.Check.Name == check {
			return &finding
		}
	}
	return nil
}

// failing are the names of the checks that fail.
func (f *fixture) failing() (names []string) {
	for _, finding := range f.run() {
		if finding.Failed {
			names = append(names, finding.Check.Name)
		}
	}
	return names
}

// The changes that a policy, a tuned value or another owner makes.

func selected(f *fixture) {
	wanted := policy.Documented()
	f.wanted = &wanted
}

// planned selects the variant, and the plan has steps of these kinds.
func planned(kinds ...plan.Kind) func(*fixture) {
	return func(f *fixture) {
		selectedByName(f)
		for _, kind := range kinds {
			f.steps = append(f.steps, plan.Step{Kind: kind})
		}
	}
}

// withheld selects the variant, and the plan withholds a step of that kind.
func withheld(kind plan.Kind, reason plan.Reason) func(*fixture) {
	return func(f *fixture) {
		selectedByName(f)
		f.withheld = append(f.withheld, plan.Withheld{Kind: kind, Reason: reason})
	}
}

func selectedByName(f *fixture) {
	selected(f)
	f.wanted.MinCapacity.Enforced = true
}

func unregistered(f *fixture) { f.variant.Target, f.variant.Policies, f.variant.Alarms = nil, nil, nil }

// without takes the objects of these kinds away: tracking with its alarms, wake (the policy), alarm.
func without(kinds ...string) func(*fixture) {
	return func(f *fixture) {
		var policies []fleet.Policy
		for _, p := range f.variant.Policies {
			if p.Name == policy.TrackingName && !slices.Contains(kinds, "tracking") || p.Name == policy.WakeName && !slices.Contains(kinds, "wake") {
				policies = append(policies, p)
			}
		}
		f.variant.Policies = policies
		f.variant.Alarms = slices.DeleteFunc(f.variant.Alarms, func(a fleet.WiredAlarm) bool {
			return isWake(a) && slices.Contains(kinds, "alarm") || !isWake(a) && slices.Contains(kinds, "tracking")
		})
		if slices.Contains(kinds, "wake") {
			for i := range f.variant.Alarms {
				if isWake(f.variant.Alarms[i]) {
					f.variant.Alarms[i].Policy = ""
				}
			}
		}
	}
}

func isWake(a fleet.WiredAlarm) bool { return a.Name != "high" && a.Name != "low" }

func minimum(n int) func(*fixture) { return func(f *fixture) { f.variant.Target.MinCapacity = n } }

func instancesRun(n int) func(*fixture) { return func(f *fixture) { f.variant.Current = &n } }

func alarm(change func(*fleet.Alarm)) func(*fixture) {
	return func(f *fixture) { change(&f.wakeAlarm.Alarm) }
}

func step(change func(*fleet.Step)) func(*fixture) { return func(f *fixture) { change(f.wake.Step) } }

func tracked(change func(*fleet.Tracking)) func(*fixture) {
	return func(f *fixture) { change(f.tracking.Tracking) }
}

// change is a step policy with one step from the threshold of its alarm up, below one with a step down from it.
func change(name, adjustment string, n int) fleet.Policy {
	lower := 0.0
	return stepPolicy(name, adjustment, fleet.StepAdjustment{Lower: &lower, Adjustment: n})
}

func below(name string, n int) fleet.Policy {
	upper := 0.0
	return stepPolicy(name, "ChangeInCapacity", fleet.StepAdjustment{Upper: &upper, Adjustment: n})
}

func stepPolicy(name, adjustment string, step fleet.StepAdjustment) fleet.Policy {
	return fleet.Policy{
		Name: name, ARN: "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:policyName/" + name,
		Type: fleet.StepScaling, Step: &fleet.Step{AdjustmentType: adjustment, Adjustments: []fleet.StepAdjustment{step}},
	}
}

// another adds a policy with an alarm on it, of five minutes.
func another(p fleet.Policy, alarm fleet.Alarm) func(*fixture) {
	return func(f *fixture) {
		alarm.Name, alarm.ActionsEnabled, alarm.AlarmActions = "of-"+p.Name, true, []string{p.ARN}
		alarm.Statistic, alarm.Period, alarm.EvaluationPeriods, alarm.DatapointsToAlarm = "Average", time.Minute, 5, 5
		if alarm.Comparison == "" {
			alarm.Comparison = "GreaterThanThreshold"
		}
		f.variant.Policies = append(f.variant.Policies, p)
		f.variant.Alarms = append(f.variant.Alarms, fleet.WiredAlarm{Policy: p.Name, Alarm: alarm})
	}
}

// hostLoad is how busy the instances are, which nobody knows from what is queued.
func hostLoad() *fleet.Metric {
	return &fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
}

// onlyAssumed takes the alarms of the tracking policy away, so that those are assumed that AWS makes for it.
func onlyAssumed(f *fixture) { f.variant.Alarms = f.variant.Alarms[2:] }

// known makes the mute rules known.
func known(f *fixture) {
	for i := range f.variant.Alarms {
		f.variant.Alarms[i].Mutes.Known = true
	}
}

// absent is the severity of a check that does not apply.
const absent Severity = ""

// row is one variant and what a check says of it.
type row struct {
	name     string
	changes  []func(*fixture)
	severity Severity
	fails    bool
	says     []string // all of it is in the sentence
}

func changes(list ...func(*fixture)) []func(*fixture) { return list }

// table looks at each row, and holds every sentence against what is asked of one.
func table(t *testing.T, check string, rows ...row) {
	t.Helper()
	failed := 0
	for _, row := range rows {
		finding := healthy(row.changes...).find(check)
		if row.severity == absent || finding == nil {
			if (finding == nil) != (row.severity == absent) {
				t.Errorf("%s: got %+v", row.name, finding)
			}
			continue
		}
		if finding.Failed != row.fails || finding.Severity != row.severity {
			t.Errorf("%s: failed is %t with severity %q: %s", row.name, finding.Failed, finding.Severity, finding.Sentence)
		}
		if !slices.Contains(finding.Check.Severities, finding.Severity) {
			t.Errorf("%s: the severity %q is not among those of the check", row.name, finding.Severity)
		}
		if finding.Failed {
			failed++
		}
		proper(t, row.name, *finding)
		for _, part := range row.says {
			if !strings.Contains(finding.Sentence, part) {
				t.Errorf("%s: %q is not said: %s", row.name, part, finding.Sentence)
			}
		}
	}
	if failed == 0 {
		t.Error("no row fails")
	}
}

// proper holds a finding's sentence against what is asked of one.
func proper(t *testing.T, name string, finding Finding) {
	t.Helper()
	s := finding.Sentence
	switch {
	case !finding.Failed:
		if s != "" {
			t.Errorf("%s: passed, and says %q", name, s)
		}
	case !strings.HasSuffix(s, ".") || strings.Contains(s, "..") || strings.ContainsAny(s, "\n\r") ||
		strings.Contains(s, "%!") || strings.Contains(s, "  ") || len(s) < 60 || len(s) > 600:
		t.Errorf("%s: no proper sentence: %q", name, s)
	}
}

func TestRun_nothingFailsWhereAllIsAsDocumented(t *testing.T) {
	for name, f := range map[string]*fixture{
		"not selected": healthy(), "selected": healthy(selected), "selected by name": healthy(selectedByName), "asleep": healthy(instancesRun(0)),
	} {
		if failing := f.failing(); failing != nil {
			t.Errorf("%s: %q", name, failing)
		}
		var got []string
		for _, finding := range f.run() {
			got = append(got, finding.Check.Name)
		}
		want := slices.DeleteFunc(Names(), func(name string) bool { return name == "orphaned_scaling" || name == "alarm_muted" })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q apply, want %q", name, got, want)
		}
	}
}

// One thing at a time is wrong, and one check says so: nothing is told twice.
func TestRun_oneThingWrongIsOneFinding(t *testing.T) {
	for check, change := range map[string][]func(*fixture){
		"target_not_registered":   changes(unregistered),
		"no_wake_policy":          changes(without("wake", "alarm")),
		"wake_alarm_unwired":      changes(alarm(func(a *fleet.Alarm) { a.ActionsEnabled = false })),
		"wake_alarm_wrong_metric": changes(alarm(func(a *fleet.Alarm) { a.Unit = "Seconds" })),
		"wakes_late":              changes(alarm(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 400, 400 }), func(f *fixture) { f.muted = []string{"differs_from_documented"} }),
		"alarm_flaps":             changes(alarm(func(a *fleet.Alarm) { a.Period = 30 * time.Second })),
		"max_capacity_zero":       changes(func(f *fixture) { f.variant.Target.MaxCapacity, f.muted = 0, []string{"differs_from_documented"} }),
		"never_reaches_zero":      changes(tracked(func(p *fleet.Tracking) { p.Metric, p.TargetValue = hostLoad(), 50 }), onlyAssumed, func(f *fixture) { f.muted = []string{"not_judged"} }),
		"never_scales_in":         changes(minimum(1), bereft("low"), func(f *fixture) { f.muted = []string{"cannot_scale_to_zero", "differs_from_documented"} }),
		"not_judged":              changes(another(change("odd", "ChangeInCapacity", -1), fleet.Alarm{Metric: fleet.Metric{Namespace: "Team", Name: "Jobs"}})),
		"policy_never_acts":       changes(another(change("down", "ExactCapacity", 0), fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1})),
		"scales_out_for_nothing":  changes(another(change("ladder", "ChangeInCapacity", 1), fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Comparison: "GreaterThanThreshold"})),
		"removes_busy_instances":  changes(another(below("in", -1), fleet.Alarm{Metric: fleet.WithoutCapacity.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1})),
		"wakes_for_nothing":       changes(another(below("up", 1), fleet.Alarm{Metric: fleet.Backlog.Query("e").Metric, Comparison: "LessThanThreshold", Threshold: 1}), func(f *fixture) { f.muted = []string{"scales_out_for_nothing", "never_reaches_zero"} }),
		"no_tracking_policy":      changes(without("tracking")),
		"tracking_wrong_metric":   changes(tracked(func(p *fleet.Tracking) { p.Metric.Dimensions = nil })),
		"scaling_suspended":       changes(func(f *fixture) { f.variant.Target.Suspended.ScaleOut = true }),
		"cannot_scale_to_zero":    changes(minimum(1)),
		"scale_in_disabled":       changes(tracked(func(p *fleet.Tracking) { p.DisableScaleIn = true })),
		"tracking_alarm_no_data":  changes(func(f *fixture) { f.variant.Alarms[1].State = "INSUFFICIENT_DATA" }),
		"alarm_name_shared":       changes(alarm(func(a *fleet.Alarm) { a.Name = policy.SharedAlarmName })),
		"wake_cooldown_short":     changes(scaleOutsOf(6 * time.Minute)),
		"backlog_shared_by_variants": changes(func(f *fixture) {
			f.endpoint.Variants = append(f.endpoint.Variants, fleet.Variant{Name: "w"})
		}),
		"single_instance_type":    changes(func(f *fixture) { f.variant.Types = f.variant.Types[:1] }),
		"no_failure_path":         changes(func(f *fixture) { f.endpoint.Async.S3FailurePath = "" }),
		"differs_from_documented": changes(func(f *fixture) { f.variant.Target.MaxCapacity = 8 }),
	} {
		if got := healthy(change...).failing(); !slices.Equal(got, []string{check}) {
			t.Errorf("%s: %q", check, got)
		}
	}
}

// A check whose source is missing is absent, not passed.
func TestRun_isAbsentWithoutItsSources(t *testing.T) {
	for _, source := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms, fleet.SourceActivities} {
		f := healthy(known, func(f *fixture) { f.unknown = []fleet.SourceName{source} })
		missing := 0
		for _, check := range All() {
			needed := slices.Contains(check.Needs, source) || check.run == nil
			if needed {
				missing++
			}
			if found := f.find(check.Name) != nil; found == needed {
				t.Errorf("without %s: %s is found: %t", source, check.Name, found)
			}
		}
		if missing < 2 {
			t.Errorf("nothing needs %s", source)
		}
	}
}

func TestRun_leavesOutWhatIsMuted(t *testing.T) {
	f := healthy(minimum(1), func(f *fixture) { f.muted = []string{"cannot_scale_to_zero", "no_failure_path"} })
	if f.find("cannot_scale_to_zero") != nil || f.find("no_failure_path") != nil || f.find("scaling_suspended") == nil {
		t.Errorf("%+v", f.run())
	}
	f.muted = nil
	if f.find("cannot_scale_to_zero") == nil {
		t.Error("it is not found when it is not muted either")
	}
	subject := &Subject{At: noon, Endpoint: &f.endpoint, Variant: f.variant, Behavior: &behavior.Behavior{}, Knows: func(fleet.SourceName) bool { return false }}
	if len(Run(subject, nil)) == 0 {
		t.Error("without a function everything is muted")
	}
}

// An endpoint of which next to nothing is known makes no check stumble.
func TestRun_bearsWhatIsMissing(t *testing.T) {
	endpoint := fleet.Endpoint{Variants: []fleet.Variant{{}}}
	unknown := behavior.Of(&endpoint, &endpoint.Variants[0], behavior.Context{})
	for _, finding := range Run(&Subject{Endpoint: &endpoint, Variant: &endpoint.Variants[0], Behavior: unknown, Knows: func(fleet.SourceName) bool { return true }}, nil) {
		proper(t, finding.Check.Name, finding)
	}
	for _, change := range []func(*fixture){
		func(f *fixture) { f.variant.Current, f.variant.Desired = nil, nil },
		func(f *fixture) { f.tracking.Tracking.Metric = nil },
		func(f *fixture) { f.wake.Step.Adjustments, f.wake.Step.Cooldown = nil, nil },
		alarm(func(a *fleet.Alarm) { *a = fleet.Alarm{} }),
		func(f *fixture) {
			f.variant.Policies = []fleet.Policy{{Name: policy.WakeName}, {Name: policy.TrackingName}}
		},
	} {
		for _, finding := range healthy(change).run() {
			proper(t, finding.Check.Name, finding)
		}
	}
}

// There are as many findings as checks and variants, so they are small.
func TestFinding_isSmall(t *testing.T) {
	if size := unsafe.Sizeof(Finding{}); size > 48 {
		t.Errorf("a finding has %d bytes", size)
	}
}

func TestAll_isACatalogueOfItsOwn(t *testing.T) {
	names := Names()
	if len(names) != 29 || names[0] != "endpoint_not_in_service" || names[28] != "not_judged" {
		t.Errorf("names %q", names)
	}
	for i, check := range All() {
		if check.Name != names[i] || len(check.Severities) == 0 {
			t.Errorf("%+v", check)
		}
	}
	All()[0] = nil
	if All()[0] == nil {
		t.Error("the caller has changed the catalogue")
	}
}

// A snapshot from a file may hold a policy without a name.
func TestRun_bearsAPolicyWithoutAName(t *testing.T) {
	for _, finding := range healthy(func(f *fixture) { f.tracking.Name = "" }, tracked(func(p *fleet.Tracking) { p.TargetValue = 50 })).run() {
		proper(t, finding.Check.Name, finding)
	}
}
