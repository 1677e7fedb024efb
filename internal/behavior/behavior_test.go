package behavior

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The order of objects decides nothing, nor do their names.
func TestOf_theAlphabetDecidesNothing(t *testing.T) {
	for _, row := range rows() {
		want := row.of()
		v := *row.variant
		v.Alarms, v.Policies = slices.Clone(v.Alarms), slices.Clone(v.Policies)
		slices.Reverse(v.Alarms)
		slices.Reverse(v.Policies)
		got := Of(row.endpoint, &v, row.context)
		slices.Reverse(got.Policies)
		if got.Scheduled != nil && got.Scheduled.After != nil {
			slices.Reverse(got.Scheduled.After.Policies)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: in another order it is\n%+v, not\n%+v", row.name, got, want)
		}
	}
}

func TestRole_ofTheAlarmsThatAWSMakes(t *testing.T) {
	for side, want := range []fleet.Role{fleet.RoleHigh, fleet.RoleLow} {
		s := fleetOf(1)[0]
		b := s.of()
		if got := b.Role(s.variant.Alarms[len(s.variant.Alarms)-2+side].Name, "track"); got != want {
			t.Errorf("AWS's alarm %d is %q, want %q", side, got, want)
		}
	}
}

func TestOf_triesTheThresholdsThemselves(t *testing.T) {
	for name, test := range map[string]struct {
		alarm, policy func(*shape)
		from, upTo    int
	}{
		"above":          {alarm("a", bs, ">", 7, 1, triggers("p")), step("p", change, from(0, 1)), 8, 0},
		"at or above":    {alarm("a", bs, ">=", 7, 1, triggers("p")), step("p", change, from(0, 1)), 7, 0},
		"a fraction":     {alarm("a", bs, ">", 7.5, 1, triggers("p")), step("p", change, from(0, 1)), 8, 0},
		"a later bound":  {alarm("a", bs, ">=", 2, 1, triggers("p")), step("p", change, between(0, 40, 0), from(40, 1)), 42, 0},
		"an upper bound": {alarm("a", bs, ">=", 1, 1, triggers("p")), step("p", change, between(0, 20, 1)), 1, 20},
		"in the middle":  {alarm("a", bs, ">=", 1, 1, triggers("p")), step("p", change, between(5, 20, 1)), 6, 20},
	} {
		w := target(0, 5, test.policy, test.alarm).of().Wakes
		if w.Verdict != Yes || w.From != test.from || w.UpTo != test.upTo {
			t.Errorf("%s: %+v, want from %d up to %d", name, w, test.from, test.upTo)
		}
	}
}

func TestOf_actionsOfEveryStateCount(t *testing.T) {
	both := func(s *shape) {
		step("in", exact, to(0, 0))(s)
		step("out", exact, from(0, 3))(s)
		alarm("a", bs, ">=", 1, 1, triggers("out"), treat("notBreaching"), func(a *fleet.Alarm) { a.OKActions = triggers(arn("in")) })(s)
	}
	b := target(0, 5, both).of()
	if b.Wakes.Verdict != Yes || b.Wakes.To != 3 || b.ScalesIn.Verdict != Yes || b.ScalesIn.To != 0 {
		t.Errorf("%+v", b)
	}
	if b.Role("a", "out") != fleet.RoleWake || b.Role("a", "in") != fleet.RoleLow {
		t.Errorf("one alarm has the roles %q and %q", b.Role("a", "out"), b.Role("a", "in"))
	}
	nothing := target(0, 5, step("up", change, to(0, 1)), alarm("a", hb, "<", 1, 1, triggers("up"))).of()
	if nothing.WakesForNothing != nil || len(nothing.ScalesOutForNothing) == 0 {
		t.Errorf("HasBacklogWithoutCapacity may be missing at rest, and is 0 while instances run: %+v", nothing)
	}
	if idle := target(0, 5, step("up", change, to(0, 1)), alarm("a", bs, "<", 1, 1, triggers("up"))).of(); len(idle.WakesForNothing) != 1 {
		t.Errorf("it starts instances while nothing is queued: %+v", idle)
	}
}

func TestOf_concurrencyThatIsNotSetJudgesNothing(t *testing.T) {
	low := target(0, 5, documented)
	*low.endpoint.Async.MaxConcurrentInvocationsPerInstance = 1
	if b := low.of(); len(b.RemovesBusy) != 1 || !b.RemovesBusy[0].Tracking || b.RemovesBusy[0].After != 15*time.Minute {
		t.Errorf("a target value of 5 removes instances that work on one request each: %+v", b.RemovesBusy)
	}
	low.endpoint.Async.MaxConcurrentInvocationsPerInstance = nil
	if b := low.of(); b.RemovesBusy != nil || b.NotJudged != nil {
		t.Errorf("nobody knows on how many requests an instance works: %+v %+v", b.RemovesBusy, b.NotJudged)
	}
}

func TestOf_withoutATargetNothingScales(t *testing.T) {
	s := target(0, 5, documented)
	s.variant.Target, s.variant.Policies = nil, nil
	b := s.of()
	if b.Sleeps || b.Wakes.Verdict != No || b.Wakes.Fault != nil || b.ScalesIn.Verdict != No || len(b.Alarm("wake-alarm").Dead) != 1 {
		t.Errorf("%+v", b)
	}
	if Of(&fleet.Endpoint{}, &fleet.Variant{}, Context{}) == nil {
		t.Error("a variant of which nothing is known has no answer")
	}
}

// A snapshot from a file may hold anything, and costs no more memory than an alarm of CloudWatch's.
func TestOf_bearsAlarmsThatCloudWatchWouldRefuse(t *testing.T) {
	for _, wild := range []fleet.Alarm{{}, {Period: 1}, {Period: -1, EvaluationPeriods: -1}, {Period: time.Hour, EvaluationPeriods: 1 << 40}, {Period: 1 << 60}} {
		b := target(0, 5, documented, alarm("wild", hb, ">=", 1, 1, triggers("wake"), func(a *fleet.Alarm) {
			a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = wild.Period, wild.EvaluationPeriods, wild.DatapointsToAlarm
		})).of()
		if b.Alarm("wild") == nil || b.Wakes.Verdict != Yes {
			t.Errorf("%+v: wakes %v, the alarm is %+v", wild, b.Wakes.Verdict, b.Alarm("wild"))
		}
	}
}
