package autoscaling

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func bound(x float64) *float64 { return &x }

func steps(kind string, adjustments ...fleet.StepAdjustment) *fleet.Policy {
	return &fleet.Policy{Name: "p", Type: fleet.StepScaling, Step: &fleet.Step{AdjustmentType: kind, Adjustments: adjustments}}
}

func above(threshold float64) *fleet.Alarm {
	return &fleet.Alarm{Comparison: "GreaterThanOrEqualToThreshold", Threshold: threshold}
}

func below(threshold float64) *fleet.Alarm {
	return &fleet.Alarm{Comparison: "LessThanOrEqualToThreshold", Threshold: threshold}
}

// The two policies and what they do at a capacity of 10 are AWS's example: "How step scaling for Application Auto Scaling
// works", docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html.
func TestAsk_stepsAsInTheExampleOfAWS(t *testing.T) {
	out := steps("PercentChangeInCapacity",
		fleet.StepAdjustment{Lower: bound(0), Upper: bound(10)},
		fleet.StepAdjustment{Lower: bound(10), Upper: bound(20), Adjustment: 10},
		fleet.StepAdjustment{Lower: bound(20), Adjustment: 30})
	in := steps("PercentChangeInCapacity",
		fleet.StepAdjustment{Lower: bound(-10), Upper: bound(0)},
		fleet.StepAdjustment{Lower: bound(-20), Upper: bound(-10), Adjustment: -10},
		fleet.StepAdjustment{Upper: bound(-20), Adjustment: -30})
	for _, test := range []struct {
		p        *fleet.Policy
		a        *fleet.Alarm
		value    float64
		capacity int
		want     int
	}{
		{out, above(50), 50, 10, 10},
		{out, above(50), 59, 10, 10},
		{out, above(50), 60, 10, 11},
		{out, above(50), 70, 11, 14}, // 30 % of 11, 3.3, rounded down
		{in, below(50), 50, 14, 14},
		{in, below(50), 41, 14, 14},
		{in, below(50), 40, 14, 13}, // 10 % of 14, 1.4, rounded down
		{in, below(50), 30, 13, 10}, // 30 % of 13, 3.9, rounded down
		{in, below(50), 10, 13, 10},
	} {
		got := Ask(test.p, test.a, Alarm, Exactly(test.value), Instances{test.capacity, test.capacity})
		if got.Least != test.want || got.Most != test.want || got.None {
			t.Errorf("at %g with %d: %+v, want %d", test.value, test.capacity, got, test.want)
		}
	}
}

// "12.7 is rounded to 12", ".67 to 1", "-.58 to -1", "-6.67 to -6"; the capacities are made so that a percentage gives them.
func TestPercent_isRoundedAsAWSSays(t *testing.T) {
	for _, test := range []struct{ n, adjustment, want int }{
		{127, 10, 12}, {67, 1, 1}, {58, -1, -1}, {667, -1, -6}, {10, 10, 1}, {0, 50, 0}, {2, 50, 1}, {3, 100, 3},
	} {
		if got := percent(test.n, test.adjustment); got != test.want {
			t.Errorf("%d %% of %d: %d, want %d", test.adjustment, test.n, got, test.want)
		}
	}
}

func TestAsk_leastMagnitudeOfAPercentage(t *testing.T) {
	// "25 percent of 4 is 1. However, because you specified a minimum increment of 2, Application Auto Scaling adds 2."
	p := steps("PercentChangeInCapacity", fleet.StepAdjustment{Lower: bound(0), Adjustment: 25}, fleet.StepAdjustment{Upper: bound(0), Adjustment: -25})
	two := 2
	p.Step.MinAdjustmentMagnitude = &two
	if got := Ask(p, above(1), Alarm, Exactly(5), Instances{4, 4}); got != asked(6) {
		t.Errorf("%+v", got)
	}
	if got := Ask(p, below(1), Alarm, Exactly(0), Instances{4, 4}); got != asked(2) {
		t.Errorf("%+v", got)
	}
	if got := Ask(p, above(1), Alarm, Exactly(5), Instances{}); got.Least != 0 || got.Most != 2 || got.Reason == "" {
		t.Errorf("of 0 instances: %+v", got)
	}
	p.Step.AdjustmentType = "ChangeInCapacity" // it is for percentages alone
	if got := Ask(p, above(1), Alarm, Exactly(5), Instances{}); got != asked(25) {
		t.Errorf("%+v", got)
	}
}

func TestAsk_boundsAreDistancesFromTheAlarmsOwnThreshold(t *testing.T) {
	ladder := steps("ChangeInCapacity",
		fleet.StepAdjustment{Lower: bound(1), Upper: bound(5), Adjustment: 1},
		fleet.StepAdjustment{Lower: bound(5), Upper: bound(10), Adjustment: 2},
		fleet.StepAdjustment{Lower: bound(10), Adjustment: 4})
	over := &fleet.Alarm{Comparison: "GreaterThanThreshold"}
	exact := steps("ExactCapacity", fleet.StepAdjustment{Upper: bound(0)})
	wrongSide := steps("ExactCapacity", fleet.StepAdjustment{Lower: bound(0)})
	less := &fleet.Alarm{Comparison: "LessThanThreshold", Threshold: 1}
	twoSides := steps("ChangeInCapacity", fleet.StepAdjustment{Upper: bound(0), Adjustment: -1}, fleet.StepAdjustment{Lower: bound(0), Adjustment: 1})
	for _, test := range []struct {
		what string
		p    *fleet.Policy
		a    *fleet.Alarm
		v    Value
		want Asked
	}{
		{"one request on a ladder over 0", ladder, over, Exactly(1), asked(4)},
		{"five", ladder, over, Exactly(5), asked(5)},
		{"far above", ladder, over, Exactly(500), asked(7)},
		{"between 1 and 7", ladder, over, Between(1, 7), Asked{Least: 4, Most: 5, Reason: "the value is 1 to 7"}},
		{"at least 10", ladder, over, AtLeast(10), asked(7)},
		{"at least 0", ladder, over, AtLeast(0).Because("why"), Asked{Least: 3, Most: 7, None: true, Reason: "why"}},
		{"HasBacklogWithoutCapacity 1 with a lower bound of 1", steps("ChangeInCapacity", fleet.StepAdjustment{Lower: bound(1), Adjustment: 1}), above(1), Exactly(1), Asked{Least: 3, Most: 3, None: true}},
		{"below, an upper bound of 0", exact, less, Exactly(0), asked(0)},
		{"at a threshold of 0, an upper bound of 0", exact, below(0), Exactly(0), asked(0)},
		{"below, a lower bound of 0", wrongSide, less, Exactly(0), Asked{Least: 3, Most: 3, None: true}},
		{"without a value", exact, less, Missing(), Asked{Least: 0, Most: 3, None: true, Reason: "the alarm acts on missing data: there is no value to find a step for"}},
		{"at the threshold by the other rule alone", wrongSide, below(0), Exactly(0), Asked{Least: 0, Most: 3, None: true, Reason: "AWS does not say which bound is inclusive exactly at the threshold"}},
		{"two sides, at the threshold of an alarm above it", twoSides, above(1), Exactly(1), asked(4)},
		{"two sides, at the threshold of an alarm below it", twoSides, below(1), Exactly(1), asked(2)},
	} {
		if got := Ask(test.p, test.a, Alarm, test.v, Instances{3, 3}); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.what, got, test.want)
		}
	}
	// The OK state of an alarm that scales out is on the side below.
	if got := Ask(exact, over, OK, Exactly(0), Instances{3, 3}); got != asked(0) {
		t.Errorf("OK at a threshold of 0: %+v", got)
	}
}

func tracking(target float64) *fleet.Policy {
	return &fleet.Policy{Name: "t", ARN: "arn:t", ResourceID: "endpoint/e/variant/v", Type: fleet.TargetTracking, Tracking: &fleet.Tracking{
		TargetValue: target, Metric: &fleet.Metric{Namespace: fleet.Namespace, Name: "ApproximateBacklogSizePerInstance", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "e"}}}, Statistic: "Average",
	}}
}

func TestAsk_trackingBringsTheMetricBackToItsTarget(t *testing.T) {
	p := tracking(5)
	made := TrackingAlarms(p, func() string { return "id" })
	high, low := &made[0], &made[1]
	if high.Threshold != 5 || high.EvaluationPeriods != 3 || low.Threshold != 4.5 || low.EvaluationPeriods != 15 {
		t.Errorf("alarms %+v %+v", high, low)
	}
	for _, test := range []struct {
		what string
		a    *fleet.Alarm
		v    Value
		n    Instances
		want Asked
	}{
		{"above", high, Exactly(14), Instances{1, 1}, asked(3)},
		{"above, with one that starts", high, Exactly(14), Instances{3, 1}, asked(3)},
		{"far above nothing", high, Exactly(50), Instances{0, 0}, asked(0)},
		{"above by an interval", high, Between(6, 14).Because("why"), Instances{1, 1}, Asked{Least: 2, Most: 3, Reason: "why"}},
		{"empty", low, Exactly(0), Instances{3, 3}, asked(0)},
		{"below", low, Exactly(2), Instances{3, 3}, asked(2)},
		{"just below", low, Exactly(4.4), Instances{3, 3}, asked(3)},
	} {
		if got := Ask(p, test.a, Alarm, test.v, test.n); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.what, got, test.want)
		}
	}
	p.Tracking.DisableScaleIn = true
	if got := Ask(p, low, Alarm, Exactly(0), Instances{3, 3}); !got.None {
		t.Errorf("scale-in is disabled: %+v", got)
	}
}

func TestDecide_theLargestWinsAndTrackingScalesInTogether(t *testing.T) {
	b := Bounds{Min: 0, Max: 10}
	wish := func(policy, capacity int) Wish { return Wish{Alarm: policy, Policy: policy, Asked: asked(capacity)} }
	in := func(w Wish) Wish { w.TrackingIn = true; return w }
	unsure := func(w Wish) Wish { w.Uncertain, w.Reason = true, "why"; return w }
	for _, test := range []struct {
		what        string
		b           Bounds
		wishes      []Wish
		tracking    int
		least, most int
		policy      int
	}{
		{"nothing", b, nil, 1, 4, 4, -1},
		{"the largest out", b, []Wish{wish(0, 5), wish(1, 7), wish(2, 6)}, 0, 7, 7, 1},
		{"the largest in", b, []Wish{wish(0, 1), wish(1, 2)}, 0, 2, 2, 1},
		{"out wins over in", b, []Wish{wish(0, 1), wish(1, 5)}, 0, 5, 5, 1},
		{"up to the maximum", b, []Wish{wish(0, 50)}, 0, 10, 10, 0},
		{"one of two that track", b, []Wish{in(wish(0, 0))}, 2, 4, 4, -1},
		{"both", b, []Wish{in(wish(0, 0)), in(wish(1, 2))}, 2, 2, 2, 1},
		{"a step scales in by itself", b, []Wish{in(wish(0, 0)), wish(2, 3)}, 2, 3, 3, 2},
		{"tracking at its maximum keeps what there is", b, []Wish{wish(0, 4), wish(2, 3)}, 1, 4, 4, -1},
		{"perhaps out", b, []Wish{unsure(wish(0, 6))}, 0, 4, 6, -1},
		{"perhaps more", b, []Wish{wish(0, 5), unsure(wish(1, 7))}, 0, 5, 7, 0},
		{"perhaps in", b, []Wish{unsure(wish(0, 1))}, 0, 1, 4, -1},
		{"perhaps ready", b, []Wish{in(wish(0, 0)), unsure(in(wish(1, 2)))}, 2, 2, 4, -1},
		{"one keeps all", b, []Wish{in(wish(0, 0)), in(wish(1, 4))}, 2, 4, 4, -1},
		{"perhaps ready, for none", b, []Wish{in(wish(0, 0)), unsure(in(wish(1, 4)))}, 2, 4, 4, -1},
		{"one that keeps all holds up no step", b, []Wish{in(wish(0, 4)), wish(2, 1)}, 1, 1, 1, 2},
		{"two alarms of one", b, []Wish{in(wish(0, 1)), unsure(in(wish(0, 3)))}, 1, 1, 3, 0},
		{"suspended out", Bounds{Max: 10, Suspended: fleet.Suspension{ScaleOut: true}}, []Wish{wish(0, 6)}, 0, 4, 4, -1},
		{"suspended in", Bounds{Max: 10, Suspended: fleet.Suspension{ScaleIn: true}}, []Wish{wish(0, 1)}, 0, 4, 4, -1},
	} {
		got := Decide(test.b, 4, test.wishes, test.tracking)
		if got.Least != test.least || got.Most != test.most || got.Policy != test.policy || (got.Least != got.Most) != (got.Reason != "") {
			t.Errorf("%s: %+v, want %d to %d by %d", test.what, got, test.least, test.most, test.policy)
		}
	}
}

// "if you set a cooldown ..., when the alarm triggers the policy to increase the capacity by 2 ... If an alarm triggers again
// during the cooldown period but at a more aggressive step adjustment of 3, the previous increase of 2 is considered part of
// the current capacity. Therefore, only 1 is added": the same page of AWS.
func TestMemory_aLargerScaleOutAddsTheDifference(t *testing.T) {
	p := steps("ChangeInCapacity", fleet.StepAdjustment{Lower: bound(0), Upper: bound(10), Adjustment: 2}, fleet.StepAdjustment{Lower: bound(10), Adjustment: 3})
	var m Memory
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ask := func(v float64, desired int, after time.Duration) Asked {
		asks, _ := m.Ask(p, above(50), Alarm, Exactly(v), Instances{desired, desired}, start.Add(after))
		return asks
	}
	if got := ask(55, 4, 0); got != asked(6) {
		t.Fatalf("%+v", got)
	}
	m.Scaled(p, 4, 6, start)
	for _, test := range []struct {
		value float64
		after time.Duration
		want  int
	}{{55, time.Minute, 6}, {65, time.Minute, 7}, {55, 5 * time.Minute, 8}} {
		if got := ask(test.value, 6, test.after); got != asked(test.want) {
			t.Errorf("%g after %s: %+v, want %d", test.value, test.after, got, test.want)
		}
	}
	m.Scaled(p, 6, 4, start.Add(time.Hour))
	if !m.Waits(p, start.Add(time.Hour+4*time.Minute)) || m.Waits(p, start.Add(time.Hour+5*time.Minute)) {
		t.Error("a scale-in waits for the cooldown of the one before")
	}
	m.Scaled(p, 4, 6, start.Add(time.Hour+time.Minute))
	if m.Waits(p, start.Add(time.Hour+2*time.Minute)) {
		t.Error("a scale-out ends the cooldown of a scale-in")
	}
}
