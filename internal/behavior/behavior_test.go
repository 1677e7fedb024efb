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

// What scales in is asked at every load at which instances have work.
func TestOf_removesInstancesAtWork(t *testing.T) {
	in := func(m fleet.Metric, comparison string, threshold float64, changes ...func(*fleet.Alarm)) func(*shape) {
		return all(step("in", exact, to(0, 0)), alarm("i", m, comparison, threshold, 5, triggers("in"), changes...))
	}
	age := metric("ApproximateAgeOfOldestRequest")
	quick := func(s *shape) { s.context.Service = 10 * time.Second }
	for name, test := range map[string]struct {
		shape *shape
		from  int // 0: none
		to    int
	}{
		"idle alone":                    {target(0, 5, documented, in(bs, "<", 1)), 0, 0},
		"below three":                   {target(0, 5, documented, in(bs, "<", 3)), 1, 0},
		"one of five below three":       {target(0, 5, documented, in(bs, "<", 3, func(a *fleet.Alarm) { a.DatapointsToAlarm = 1 })), 1, 0},
		"metric math":                   {target(0, 5, documented, in(bs, "<", 1, mathOver("IF(m1 < 4, 0, 1)", bs))), 1, 0},
		"the average of metric math":    {target(0, 5, documented, in(bs, "<", 1, mathOver("m1", bs), period(5*time.Minute), func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 1, 1 })), 1, 0},
		"an action of OK":               {target(0, 5, documented, step("in", exact, to(0, 0)), alarm("i", bs, ">=", 10, 2, nil, func(a *fleet.Alarm) { a.OKActions = triggers(arn("in")) })), 1, 0},
		"a percentage":                  {target(0, 8, documented, step("in", percent, to(0, -10)), alarm("i", bpi, "<", 4, 5, triggers("in"))), 1, 0},
		"to one whatever is there":      {target(1, 8, documented, step("in", exact, to(0, 1)), alarm("i", bs, "<", 20, 5, triggers("in"))), 2, 1},
		"a ladder that is too low":      {target(0, 8, wakes, step("ladder", exact, between(0, 5, 1), from(5, 4)), alarm("l", bs, ">=", 1, 1, triggers("ladder"))), 8, 4},
		"a ladder that is high enough":  {target(0, 8, wakes, step("ladder", exact, between(0, 5, 1), between(5, 10, 2), from(10, 8)), alarm("l", bs, ">=", 1, 1, triggers("ladder"))), 0, 0},
		"tracking of the total":         {target(0, 8, wakes, tracking("total", bs, "Average", 20)), 2, 1},
		"the age of requests":           {target(0, 5, documented, in(age, "<", 60)), 0, 0},
		"the age of requests, quick":    {target(0, 5, documented, in(age, "<", 60), quick), 5, 0},
		"below half of one on each":     {target(0, 5, documented, step("in", change, to(0, -1)), alarm("i", bpi, "<=", .5, 5, triggers("in"))), 0, 0},
		"another alarm beside idleness": {target(0, 8, documented, step("in", change, to(0, -1)), alarm("i", bs, "<", 1, 5, triggers("in")), alarm("j", hb, "<", 1, 15, triggers("in"))), 1, 0},
	} {
		acts := test.shape.of().RemovesBusy
		if len(acts) != min(1, test.from) || test.from > 0 && (acts[0].From != test.from || acts[0].To != test.to) {
			t.Errorf("%s: %+v, want from %d to %d", name, acts, test.from, test.to)
		}
	}
}
