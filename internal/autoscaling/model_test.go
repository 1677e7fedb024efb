package autoscaling

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// metric is one of the endpoint e.
func metric(name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "e"}}}
}

const (
	hb  = "HasBacklogWithoutCapacity"
	bs  = "ApproximateBacklogSize"
	bpi = "ApproximateBacklogSizePerInstance"
)

// on is an alarm on a metric of the endpoint that triggers a policy: at least so much, in so many minutes.
func on(name string, threshold float64, periods int, action string) fleet.Alarm {
	return fleet.Alarm{
		Name: name + "-alarm", Metric: metric(name), Statistic: "Average", Period: time.Minute, EvaluationPeriods: periods, DatapointsToAlarm: periods,
		Threshold: threshold, Comparison: "GreaterThanOrEqualToThreshold", TreatMissingData: "missing", ActionsEnabled: true, AlarmActions: []string{action},
	}
}

func named(arn string, p *fleet.Policy) fleet.Policy {
	p.Name, p.ARN = arn, arn
	return *p
}

// oneMore is the documented wake policy.
func oneMore() fleet.Policy {
	return named("arn:wake", steps("ChangeInCapacity", fleet.StepAdjustment{Lower: bound(0), Adjustment: 1}))
}

// asleep is a situation at zero instances: nothing, and then n requests.
func asleep(n float64) Situation {
	return Situation{Metric: func(m fleet.Metric) (before, now Value) {
		if m.Namespace != fleet.Namespace {
			return Unknown("somebody else's metric"), Unknown("somebody else's metric")
		}
		switch m.Name {
		case hb:
			return Exactly(0).OrMissing(), Exactly(1)
		case bs:
			return Exactly(0), Exactly(n)
		case bpi:
			return Unknown("at zero"), AtLeast(0).OrMissing().Because("at zero")
		}
		return Unknown("somebody else's metric"), Unknown("somebody else's metric")
	}}
}

// idle is one instance that stops working.
func idle(n int) Situation {
	return Situation{Desired: n, Running: n, Metric: func(fleet.Metric) (before, now Value) {
		return Between(0, 100), Exactly(0)
	}}
}

var target = fleet.Target{MaxCapacity: 20}

func TestSettle_theDocumentedSetWakesAndSleeps(t *testing.T) {
	m := NewModel(target, []fleet.Policy{*tracking(5), oneMore()}, []fleet.Alarm{on(hb, 1, 2, "arn:wake")}, nil)
	out := m.Settle(asleep(1))
	if c := out.Alarms[0]; c.Alarm != 2 || c.Final != Alarm || c.Flaps {
		t.Errorf("the wake alarm: %+v", c)
	}
	if d := out.First; d.After != 2 || d.Least != 1 || d.Most != 1 || d.Alarm != 0 || d.Policy != 1 {
		t.Errorf("it wakes: %+v", d)
	}
	if d := out.Final; d.Least != 1 || d.Most != 1 {
		t.Errorf("at rest: %+v", d)
	}
	out = m.Settle(idle(3))
	if d := out.First; d.After != 15 || d.Least != 0 || d.Most != 0 || m.Alarms()[d.Alarm].Threshold != 4.5 {
		t.Errorf("it scales in: %+v", d)
	}
	if len(out.Acts) == 0 || !out.Acts[len(out.Acts)-1].Lasts {
		t.Errorf("acts %+v", out.Acts)
	}
}

func TestSettle_ofShapesOfRealAccounts(t *testing.T) {
	plain := func(change func(*fleet.Alarm)) fleet.Alarm {
		a := on(hb, 1, 2, "arn:wake")
		change(&a)
		return a
	}
	math := func(expression string, m, n int, inputs ...string) fleet.Alarm {
		a := plain(func(a *fleet.Alarm) {
			a.Metric, a.Statistic, a.EvaluationPeriods, a.DatapointsToAlarm = fleet.Metric{}, "", n, m
		})
		for i, name := range inputs {
			of := metric(name)
			a.Math = append(a.Math, fleet.MathQuery{ID: fmt.Sprintf("m%d", i+1), Metric: &of, Statistic: "Average", ReturnData: new(bool)})
		}
		a.Math = append(a.Math, fleet.MathQuery{ID: "e", Expression: expression})
		return a
	}
	lower1 := named("arn:wake", steps("ChangeInCapacity", fleet.StepAdjustment{Lower: bound(1), Adjustment: 1}))
	for _, test := range []struct {
		what        string
		policy      fleet.Policy
		alarm       fleet.Alarm
		late        int
		least, most int
		after       int
	}{
		{"the document's", oneMore(), plain(func(*fleet.Alarm) {}), 0, 1, 1, 2},
		{"three minutes late", oneMore(), plain(func(*fleet.Alarm) {}), 3, 1, 1, 5},
		{"case 4: a lower bound of 1", lower1, plain(func(*fleet.Alarm) {}), 0, 0, 0, 0},
		{"case 10: FILL, 1 of 3", oneMore(), math("FILL(m1, 0)", 1, 3, hb), 0, 1, 1, 1},
		{"case 10: FILL, 1 of 3, two minutes late", oneMore(), math("FILL(m1, 0)", 1, 3, hb), 2, 1, 1, 3},
		{"case 10: FILL, 2 of 2, a minute late", oneMore(), math("FILL(m1, 0)", 2, 2, hb), 1, 0, 0, 0},
		{"case 11: MAX", oneMore(), math("MAX([m1, m2])", 1, 1, bpi, hb), 0, 1, 1, 1},
		{"case 12: a function that is not modelled", oneMore(), math("RATE(m1)", 1, 1, hb), 0, 0, 1, 0},
		{"case 23: a period of 30 s", oneMore(), plain(func(a *fleet.Alarm) { a.Period = 30 * time.Second }), 0, 1, 1, 2},
		{"case 24: Sum", oneMore(), plain(func(a *fleet.Alarm) { a.Statistic = "Sum" }), 0, 1, 1, 2},
		{"case 24: p90", oneMore(), plain(func(a *fleet.Alarm) { a.Statistic = "p90" }), 0, 1, 1, 2},
		{"case 24: Average of five minutes", oneMore(), plain(func(a *fleet.Alarm) { a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = 5*time.Minute, 1, 1 }), 0, 1, 1, 5},
		{"case 25: another unit", oneMore(), plain(func(a *fleet.Alarm) { a.Unit = "Seconds" }), 0, 0, 0, 0},
		{"the right unit", oneMore(), plain(func(a *fleet.Alarm) { a.Unit = "Count" }), 0, 1, 1, 2},
		{"a dimension too many", oneMore(), plain(func(a *fleet.Alarm) {
			a.Metric.Dimensions = append(a.Metric.Dimensions, fleet.Dimension{Name: "VariantName", Value: "v"})
		}), 0, 0, 0, 0},
		{"case 26: 400 of 400", oneMore(), plain(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 400, 400 }), 0, 1, 1, 400},
		{"somebody else's metric", oneMore(), plain(func(a *fleet.Alarm) { a.Metric.Namespace = "Team" }), 0, 0, 1, 0},
		{"disabled actions", oneMore(), plain(func(a *fleet.Alarm) { a.ActionsEnabled = false }), 0, 0, 0, 0},
		{"a dead policy", oneMore(), plain(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:dead"} }), 0, 0, 0, 0},
		{"createdBy", oneMore(), plain(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:wake:createdBy/1-2"} }), 0, 1, 1, 2},
		{"in OK", oneMore(), plain(func(a *fleet.Alarm) {
			a.Comparison, a.AlarmActions, a.OKActions = "LessThanThreshold", nil, []string{"arn:wake"}
		}), 0, 1, 1, 1},
		{"a percentage of nothing", named("arn:wake", steps("PercentChangeInCapacity", fleet.StepAdjustment{Lower: bound(0), Adjustment: 100})), plain(func(*fleet.Alarm) {}), 0, 0, 0, 0},
		{"exactly 8", named("arn:wake", steps("ExactCapacity", fleet.StepAdjustment{Lower: bound(0), Adjustment: 8})), plain(func(*fleet.Alarm) {}), 0, 8, 8, 2},
	} {
		s := asleep(1)
		s.Late = test.late
		out := NewModel(target, []fleet.Policy{test.policy}, []fleet.Alarm{test.alarm}, nil).Settle(s)
		if d := out.Final; d.Least != test.least || d.Most != test.most || (d.Least != d.Most) != (d.Reason != "") {
			t.Errorf("%s: %+v at rest, want %d to %d", test.what, d, test.least, test.most)
		}
		if d := out.First; d.After != test.after {
			t.Errorf("%s: %+v after %d, want %d", test.what, d, d.After, test.after)
		}
	}
}

func TestSettle_mutedAlarmsDoNotAct(t *testing.T) {
	alarms := []fleet.Alarm{on(hb, 1, 2, "arn:wake")}
	m := NewModel(target, []fleet.Policy{oneMore()}, alarms, func(name string) bool { return name == alarms[0].Name })
	if out := m.Settle(asleep(1)); len(out.Acts) != 0 || out.First.Alarm != -1 || out.Alarms[0].Alarm != 2 {
		t.Errorf("%+v", out)
	}
}

// The low alarm of each tracking policy has to be in ALARM: one whose metric is never published holds up the others.
func TestSettle_oneTrackingPolicyHoldsUpTheOthers(t *testing.T) {
	dead := tracking(50)
	dead.Name, dead.ARN = "dead", "arn:dead"
	dead.Tracking.Metric.Name = "CPUUtilization"
	both := []fleet.Policy{*tracking(5), *dead}
	if out := NewModel(target, both, nil, nil).Settle(idle(3)); out.Final.Changes(3) || out.Final.Least != 3 {
		t.Errorf("%+v", out.Final)
	}
	disabled := *dead.Tracking
	disabled.DisableScaleIn = true
	both[1].Tracking = &disabled
	if out := NewModel(target, both, nil, nil).Settle(idle(3)); out.Final.Least != 0 || out.Final.Most != 0 {
		t.Errorf("%+v", out.Final)
	}
}

func TestSettle_boundsAndSuspension(t *testing.T) {
	m := NewModel(fleet.Target{MaxCapacity: 20, Suspended: fleet.Suspension{ScaleOut: true}}, []fleet.Policy{oneMore()}, []fleet.Alarm{on(hb, 1, 2, "arn:wake")}, nil)
	if out := m.Settle(asleep(1)); out.Final.Changes(0) || len(out.Acts) != 1 {
		t.Errorf("suspended: %+v", out)
	}
	s := asleep(1)
	s.Bounds = &Bounds{Min: 2, Max: 5}
	if out := m.Settle(s); out.Final.Least != 2 {
		t.Errorf("other bounds: %+v", out.Final)
	}
}

func TestSettle_missingDataHasNoStep(t *testing.T) {
	a := on(hb, 1, 2, "arn:wake")
	a.TreatMissingData, a.Metric = "breaching", metric("Nothing")
	out := NewModel(target, []fleet.Policy{oneMore()}, []fleet.Alarm{a}, nil).Settle(asleep(1))
	if d := out.Final; d.Least != 0 || d.Most != 1 || d.Reason == "" || out.Alarms[0].Final != Alarm {
		t.Errorf("%+v", out)
	}
}

// The usual alarm is judged by runs of equal values, any other datapoint by datapoint: they agree.
func TestSteady_bothWaysAgree(t *testing.T) {
	values := []Value{Exactly(0), Exactly(1), Missing(), Between(0, 2), AtLeast(1).OrMissing(), Unknown("why")}
	for _, before := range values {
		for _, now := range values {
			for late := range 4 {
				for _, periods := range []int{1, 4} {
					for _, treat := range []string{"missing", "ignore", "breaching", "notBreaching"} {
						for wanted := 1; wanted <= periods; wanted++ {
							a := on(hb, 1, periods, "arn:wake")
							a.TreatMissingData, a.DatapointsToAlarm = treat, wanted
							s := Situation{Late: late, Metric: func(fleet.Metric) (Value, Value) { return before, now }}
							quick := steady(&a, Compile(&a), &s, nil)
							formula := a
							formula.Math = []fleet.MathQuery{{ID: "m", Metric: &a.Metric, Statistic: a.Statistic, ReturnData: new(bool)}, {ID: "e", Expression: "m"}}
							slow := steady(&formula, Compile(&formula), &s, nil)
							if quick.Final != slow.Final || quick.Alarm != slow.Alarm || quick.Perhaps != slow.Perhaps || quick.Watched != slow.Watched {
								t.Fatalf("%s then %s, %d late, %s, %d of %d: %+v and %+v", before, now, late, treat, wanted, periods, quick, slow)
							}
						}
					}
				}
			}
		}
	}
}

func BenchmarkSettle(b *testing.B) {
	m := NewModel(target, []fleet.Policy{*tracking(5), oneMore()}, []fleet.Alarm{on(hb, 1, 2, "arn:wake")}, nil)
	s := asleep(1)
	b.ReportAllocs()
	for b.Loop() {
		m.Settle(s)
	}
}
