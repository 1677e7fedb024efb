package plan

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func TestDiff_disabledActionsAreASwitchThatSomebodyThrew(t *testing.T) {
	w := documented("v")
	w.variant().Target.MinCapacity = 1
	w.wakeAlarm(func(a *fleet.Alarm) { a.ActionsEnabled = false })
	p := w.plan()
	if len(p.Steps) != 0 || !slices.Equal(p.held(ActionsDisabled), []Kind{WakeAlarm}) || !slices.Equal(p.held(WouldNotWake), []Kind{MinCapacity}) {
		t.Errorf("got\n%s", p.text())
	}
	w.policies[0].Wanted.SetsWake = true
	w.gives(t, onAlarm+"actions_enabled: false -> true\n"+onMinimum+"min_capacity: 1 -> 0\n      effect: may scale to zero; the first request then waits 3 to 18 minutes")
}

// The alphabet decides nothing: two alarms at dead policies, either of which would wake the variant.
func TestDiff_namesBreakTies(t *testing.T) {
	w := documented("v")
	dead := func(name string) fleet.Alarm {
		a := policy.WakeAlarm("e", "v", arn("v", policy.WakeName+"-old"))
		a.Name = name
		return a
	}
	w.Alarms = nil
	w.alarm(dead("a-wake"))
	w.alarm(dead("z-wake"))
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(Ambiguous), []Kind{WakeAlarm}) || !strings.Contains(p.text(), "a-wake with") {
		t.Errorf("got\n%s", p.text())
	}
	w.policies[0].Wanted.Alarm.NameTemplate = "z-wake"
	if p := w.plan(); len(p.Steps) != 1 || p.Steps[0].Name != "z-wake" || len(p.Withheld) != 0 {
		t.Errorf("the entry names one:\n%s", p.text())
	}
}

// own scales the variant in by a metric of the team, which nobody can judge.
func own(w *world) {
	v := w.variant()
	upper := 0.0
	in := fleet.Policy{ResourceID: "endpoint/e/variant/v", Name: "in", ARN: arn("v", "in"), Type: fleet.StepScaling, Step: &fleet.Step{
		AdjustmentType: "ChangeInCapacity", Adjustments: []fleet.StepAdjustment{{Upper: &upper, Adjustment: -1}},
	}}
	v.Policies = []fleet.Policy{in, v.Policies[1]}
	w.alarm(fleet.Alarm{
		Name: "idle", Metric: fleet.Metric{Namespace: "Team", Name: "Jobs"}, Statistic: "Average", Period: time.Minute, EvaluationPeriods: 5,
		DatapointsToAlarm: 5, Comparison: "LessThanOrEqualToThreshold", ActionsEnabled: true, AlarmActions: []string{in.ARN},
	})
}

func TestDiff_noTrackingBesideWhatScalesOtherwise(t *testing.T) {
	w := documented("v")
	own(w)
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(ScaledOtherwise), []Kind{TrackingPolicy}) {
		t.Fatalf("got\n%s", p.text())
	}
	w.policies[0].Wanted = w.policies[0].Wanted.Strict()
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{TrackingPolicy}) || !p.Steps[0].Policy.Tracking.DisableScaleIn || !strings.Contains(p.text(), "disable_scale_in: true") {
		t.Errorf("strict:\n%s", p.text())
	}
}

// More datapoints than periods is an error of the entry: what it leaves out is not changed for it.
func TestDiff_anEntryThatAsksForWhatTheAlarmCannotHave(t *testing.T) {
	set := func(n int) policy.Setting[int] { return policy.Setting[int]{Value: n, Enforced: true} }
	const held = "! endpoint/e/variant/v  wake alarm HasBacklogWithoutCapacity-Alarm-e-v withheld: entry_error "
	for _, test := range []struct {
		periods, datapoints int
		alarm               func(*policy.WantedAlarm)
		want                string
	}{
		{1, 1, func(a *policy.WantedAlarm) { a.DatapointsToAlarm = set(2) }, held + "(datapointsToAlarm is 2, and the alarm has 1 period: write evaluationPeriods: 2 or more into the entry as well)"},
		{5, 3, func(a *policy.WantedAlarm) { a.EvaluationPeriods = set(2) }, held + "(evaluationPeriods is 2, and the alarm asks for 3 datapoints: write datapointsToAlarm: 2 or less into the entry as well)"},
		{3, 3, func(a *policy.WantedAlarm) { a.EvaluationPeriods = set(2) }, strings.TrimSpace(onAlarm) + "\n      evaluation_periods: 3 -> 2\n      datapoints_to_alarm: 3 -> 2"}, // all of them, as before
		{1, 1, func(a *policy.WantedAlarm) { a.EvaluationPeriods, a.DatapointsToAlarm = set(3), set(2) }, strings.TrimSpace(onAlarm) + "\n      evaluation_periods: 1 -> 3\n      datapoints_to_alarm: 1 -> 2"},
	} {
		w := documented("v")
		w.wakeAlarm(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = test.periods, test.datapoints })
		test.alarm(&w.policies[0].Wanted.Alarm)
		w.gives(t, test.want)
		if strings.HasPrefix(test.want, "!") && len(w.plan().Steps) != 0 {
			t.Errorf("it writes\n%s", w.plan().text())
		}
	}
}

// A fix of the bounds keeps every step.
func TestDiff_aFixKeepsTheLadder(t *testing.T) {
	bound := func(lower, upper float64, n int) fleet.StepAdjustment {
		s := fleet.StepAdjustment{Lower: &lower, Upper: &upper, Adjustment: n}
		if math.IsInf(lower, -1) {
			s.Lower = nil
		}
		if math.IsInf(upper, 1) {
			s.Upper = nil
		}
		return s
	}
	inf := math.Inf(1)
	for _, test := range []struct {
		steps []fleet.StepAdjustment
		want  string
	}{
		{[]fleet.StepAdjustment{bound(1, 5, 1), bound(5, inf, 4)}, "adjustment: +1 from 1 below 5; +4 from 5 -> +1 from 0 below 5; +4 from 5"},
		{[]fleet.StepAdjustment{bound(0, 1, 0), bound(1, 5, 1), bound(5, inf, 4)}, "adjustment: +0 from 0 below 1; +1 from 1 below 5; +4 from 5 -> +1 from 0 below 5; +4 from 5"},
		{[]fleet.StepAdjustment{bound(-inf, 1, 0), bound(1, 5, 1), bound(5, inf, 4)}, "adjustment: +0 below 1; +1 from 1 below 5; +4 from 5 -> +1 from 0 below 5; +4 from 5"},
		{[]fleet.StepAdjustment{bound(-inf, -1, 2)}, "adjustment: +2 below -1 -> 2"},
	} {
		w := documented("v")
		w.policy(policy.WakeName).Step.Adjustments = test.steps
		w.wire()
		w.gives(t, onWake+test.want)
		w.apply(w.plan())
		if p := w.plan(); len(p.Steps) != 0 {
			t.Errorf("a second plan\n%s", p.text())
		}
	}
}

// A policy under somebody's own name that adds a percentage, or none, is no wake policy with wrong bounds.
func TestDiff_aBurstIsNotTurnedIntoTheWakePolicy(t *testing.T) {
	for name, step := range map[string]fleet.Step{
		"a percentage": {AdjustmentType: percentage, Adjustments: []fleet.StepAdjustment{{Lower: pointer(1.0), Adjustment: 50}}},
		"scale-in":     {AdjustmentType: policy.ChangeInCapacity, Adjustments: []fleet.StepAdjustment{{Lower: pointer(1.0), Adjustment: -1}}},
	} {
		w := documented("v")
		w.variant().Policies[1].Name = "own"
		w.policy("own").Step = &step
		w.wire()
		p := w.plan()
		for _, s := range p.Steps {
			if s.Name == "own" {
				t.Errorf("%s is written:\n%s", name, p.text())
			}
		}
	}
}

func TestDiff_saysWhoWillPutItBack(t *testing.T) {
	w := documented("v")
	w.variant().Target.MinCapacity = 1
	w.wakeAlarm(func(a *fleet.Alarm) { a.Unit, a.Description = "Seconds", "Managed by Terraform" })
	w.Endpoints[0].Tags["aws:cloudformation:stack-name"] = "speech"
	p := w.plan()
	if len(p.Steps) != 2 || !strings.Contains(p.Steps[0].Note, "Terraform") || !strings.Contains(p.Steps[1].Note, "CloudFormation stack speech") ||
		!strings.Contains(p.text(), "      note: its description names Terraform") {
		t.Errorf("got\n%s", p.text())
	}
}

func TestDiff_aStrictEntryFlattensNoShape(t *testing.T) {
	w := documented("v")
	two, ten := 2.0, 10.0
	w.policy(policy.WakeName).Step.Adjustments = []fleet.StepAdjustment{
		{Lower: pointer(0.0), Upper: &two, Adjustment: 1}, {Lower: &two, Upper: &ten, Adjustment: 2}, {Lower: &ten, Adjustment: 4},
	}
	w.wire()
	w.policies[0].Wanted = w.policies[0].Wanted.Strict()
	w.gives(t, nothing)
	w.policies[0].Wanted.Wake.Adjustment.Value = 3
	w.gives(t, onWake+"adjustment: +1 from 0 below 2; +2 from 2 below 10; +4 from 10 -> 3")
}

// What a minimum of 0 costs the first request comes from the endpoint's own wakes, else from its own scale-outs, else from
// what others have measured.
func TestDiff_saysHowLongTheFirstRequestWaits(t *testing.T) {
	wakes := func(times ...time.Duration) (h fleet.Histogram) {
		for _, took := range times {
			h = h.With(took)
		}
		return h
	}
	for want, measured := range map[string]func(w *world){
		"3 to 18 minutes": func(*world) {},
		"5 to 10 minutes, as its last 3 wakes took": func(w *world) { w.Endpoints[0].Wakes = wakes(6*time.Minute, 7*time.Minute, 8*time.Minute) },
		"3 to 12 minutes, by its last 3 scale-outs": func(w *world) {
			w.Endpoints[0].Wakes = wakes(6 * time.Minute) // too few
			w.variant().Activity.ScaleOuts = wakes(time.Minute, 4*time.Minute, 5*time.Minute)
		},
		"180 minutes at most, as its last 3 wakes took": func(w *world) { w.Endpoints[0].Wakes = wakes(time.Second, time.Second, 2*time.Hour) },
	} {
		w := documented("v")
		w.variant().Target.MinCapacity = 1
		measured(w)
		if p := w.plan(); len(p.Steps) != 1 || p.Steps[0].Effect != "may scale to zero; the first request then waits "+want {
			t.Errorf("got %+v, want %s", p.Steps, want)
		}
	}
}

// A policy of the documented name that adds a percentage, of which nobody knows what it does at 0 instances: one that no
// alarm uses is made to add an instance; one that acts once an instance runs, on a burst
// or on the wake alarm, is not changed and keeps its name.
func TestDiff_aPercentageUnderTheDocumentedName(t *testing.T) {
	percent := func(w *world) {
		lower := 0.0
		w.policy(policy.WakeName).Step = &fleet.Step{AdjustmentType: percentage, Adjustments: []fleet.StepAdjustment{{Lower: &lower, Adjustment: 100}}}
	}
	for name, row := range map[string]struct {
		alarm func(*fleet.Alarm) // nil: none
		steps []Kind
		held  Reason
	}{
		"no alarm": {nil, []Kind{WakePolicy, WakeAlarm}, ""},
		"a burst": {func(a *fleet.Alarm) {
			a.Name, a.Threshold, a.Metric.Name = "burst", 100, "ApproximateBacklogSize"
		}, nil, NameTaken},
		"the wake alarm": {func(*fleet.Alarm) {}, nil, NameTaken},
	} {
		w := documented("v")
		percent(w)
		alarm := w.Alarms[0]
		w.Alarms = nil
		w.wire()
		if row.alarm != nil {
			row.alarm(&alarm)
			w.alarm(alarm)
		}
		p := w.plan()
		if !slices.Equal(p.kinds(), row.steps) || row.held != "" && len(p.held(row.held)) == 0 {
			t.Errorf("%s:\n%s", name, p.text())
		}
	}
}
