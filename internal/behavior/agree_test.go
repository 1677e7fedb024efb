package behavior_test

import (
	"cmp"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// What behaviour says of random alarms and policies is held against what the simulator does with the same objects in virtual
// time. Both use the arithmetic of package autoscaling: they agree in how situations follow each other, not about AWS.

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

const (
	endpointName = "e"
	variantName  = "v"
	otherName    = "other" // an endpoint that alarms may watch by mistake
)

var resource = fleet.ResourceID(endpointName, variantName)

// account is a random variant in a world of its own.
type account struct {
	*testing.T
	*sim.World
	seed       uint64
	concurrent *int // MaxConcurrentInvocationsPerInstance; nil: not set
	variant    fleet.Variant
	b          *behavior.Behavior
}

// begin is how an account begins. The zero value has no instances.
type begin struct {
	instances int // -1: as many as there may be
	least     int
	service   time.Duration // of a request; 0: longer than anybody looks
	ttl       time.Duration // of a request; 0: longer than anybody looks
	provision time.Duration // of an instance; 0: two minutes
	actions   bool          // scheduled actions
	bare      bool          // no alarms and policies
	lingering bool          // alarms stay in their states for long, and nothing is there by chance
}

func ptr[T any](v T) *T { return &v }

// pick is one of some.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// newAccount makes the same alarms and policies from the same seed, around what is given.
func newAccount(t *testing.T, seed uint64, as begin) *account {
	t.Helper()
	a := &account{T: t, World: sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began, seed), seed: seed}
	slow := sim.Assumptions{SlowMetrics: true} // all metrics equally late: behaviour knows no metric that is later than another
	if as.lingering {
		slow.SlowBut = fleet.WithoutCapacity.String() // but here, where it matters most
	}
	a.Assume(slow)
	r := rand.New(rand.NewPCG(seed, 16))
	most := 2 + r.IntN(7)
	a.concurrent = pick(r, nil, ptr(1), ptr(2), ptr(5), ptr(8))
	if as.instances < 0 {
		as.instances = most
	}
	for _, name := range []string{endpointName, otherName} {
		a.no(a.AddEndpoint(sim.EndpointSpec{
			Name: name, Instances: min(as.instances, most), Provision: cmp.Or(as.provision, 2*time.Minute),
			Work: sim.Work{Service: cmp.Or(as.service, forever), TTL: cmp.Or(as.ttl, 2*forever)},
			Config: fleet.EndpointConfig{
				Name: "config", Async: &fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: a.concurrent},
				Variants: []fleet.VariantConfig{{Name: variantName, InstanceType: "ml.g5.xlarge"}},
			},
		}))
	}
	_, err := a.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: ptr(min(as.least, most)), Max: &most})
	a.no(err)
	if as.bare {
		return a
	}
	if as.lingering {
		a.lingering(r)
		a.read()
		return a
	}
	var arns []string
	for i := range 1 + r.IntN(3) {
		stored, err := a.PutScalingPolicy(stepPolicy(r, fmt.Sprint("step-", i)))
		a.no(err)
		arns = append(arns, stored.ARN)
	}
	for i := range r.IntN(3) {
		_, _ = a.PutScalingPolicy(trackingPolicy(r, fmt.Sprint("tracking-", i))) // the second may follow the same metric
	}
	for i := range 1 + r.IntN(4) {
		a.no(a.PutMetricAlarm(randomAlarm(r, fmt.Sprint("alarm-", i), arns)))
	}
	if as.actions {
		a.scheduledActions(r)
	}
	a.read()
	return a
}

// slots are the requests that an instance works on.
func (a *account) slots() int {
	if a.concurrent != nil {
		return *a.concurrent
	}
	return 4 // as the simulator has it: AWS does not say
}

// rest lets everything come to rest while nothing scales.
func (a *account) rest() {
	a.Helper()
	a.suspend(true)
	a.Advance(a.Now().Add(time.Hour))
	a.suspend(false)
}

// suspend suspends scaling, or resumes it.
func (a *account) suspend(all bool) {
	a.Helper()
	_, err := a.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Suspended: &fleet.Suspension{ScaleIn: all, ScaleOut: all}})
	a.no(err)
}

// backlog is how many requests are there in the newest minute.
func (a *account) backlog() float64 {
	points := a.Published(queueMetric(fleet.Backlog), "Maximum", a.Now().Add(-time.Minute), a.Now())
	if len(points) == 0 {
		return 1 // the first minute is not over
	}
	return points[0].Value
}

// scheduledActions adds some that bound the capacity.
func (a *account) scheduledActions(r *rand.Rand) {
	a.Helper()
	for i := range 1 + r.IntN(3) {
		action := fleet.ScheduledAction{
			ResourceID: resource, Name: fmt.Sprint("action-", i), Schedule: fmt.Sprintf("cron(%d %d * * ? *)", pick(r, 0, 30), r.IntN(24)), Timezone: "UTC",
		}
		if r.IntN(3) > 0 {
			action.MinCapacity = ptr(r.IntN(2))
		}
		if r.IntN(3) > 0 || action.MinCapacity == nil {
			action.MaxCapacity = ptr(pick(r, 0, 0, 2, 5))
		}
		a.no(a.PutScheduledAction(action))
	}
}

// read is what behaviour says of the objects as they stand.
func (a *account) read() {
	target := a.ScalableTargets()[0]
	a.variant = fleet.Variant{Name: variantName, Target: &target, Policies: a.ScalingPolicies()}
	for _, alarm := range a.Alarms() {
		a.variant.Alarms = append(a.variant.Alarms, fleet.WiredAlarm{Alarm: alarm})
	}
	a.variant.Scheduled = append(a.variant.Scheduled, a.ScheduledActions()...)
	a.b = behavior.Of(a.endpoint(), &a.variant, behavior.Context{At: a.Now()})
}

func (a *account) endpoint() *fleet.Endpoint {
	return &fleet.Endpoint{
		EndpointSummary: fleet.EndpointSummary{Name: endpointName}, Async: fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: a.concurrent},
		Variants: []fleet.Variant{a.variant},
	}
}

// reached are the numbers of instances that the variant comes to by itself.
func (a *account) reached() []int {
	numbers, all := behavior.Reached(a.endpoint(), &a.variant, behavior.Context{At: a.Now()})
	if all {
		numbers = nil
		for n := range a.variant.Target.MaxCapacity {
			numbers = append(numbers, n+1)
		}
	}
	return numbers
}

func (a *account) no(err error) {
	a.Helper()
	if err != nil {
		a.Fatalf("seed %d: %v", a.seed, err)
	}
}

func stepPolicy(r *rand.Rand, name string) fleet.Policy {
	kind := pick(r, "ChangeInCapacity", "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
	by := func() int {
		switch kind {
		case "ExactCapacity":
			return r.IntN(5)
		case "PercentChangeInCapacity":
			return pick(r, -50, -100, 50, 100)
		}
		return pick(r, -2, -1, 1, 1, 2, 3)
	}
	bound := pick(r, 0.0, 0, 0, 1) // below 0 the average of a period in which the requests come would count
	steps := []fleet.StepAdjustment{{Lower: &bound, Adjustment: by()}}
	switch r.IntN(4) {
	case 0:
		steps = []fleet.StepAdjustment{{Upper: &bound, Adjustment: by()}}
	case 1:
		higher := bound + float64(1+r.IntN(20))
		steps = []fleet.StepAdjustment{{Lower: &bound, Upper: &higher, Adjustment: by()}, {Lower: &higher, Adjustment: by()}}
	}
	p := fleet.Policy{ResourceID: resource, Name: name, Type: fleet.StepScaling, Step: &fleet.Step{AdjustmentType: kind, Adjustments: steps}}
	if kind == "PercentChangeInCapacity" && r.IntN(2) == 0 {
		p.Step.MinAdjustmentMagnitude = ptr(1 + r.IntN(2))
	}
	return p
}

func queueMetric(metric fleet.QueueMetric) fleet.Metric { return metric.Query(endpointName).Metric }

// mistaken is the metric, or now and then what people write by mistake.
func mistaken(r *rand.Rand, m fleet.Metric) fleet.Metric {
	switch r.IntN(16) {
	case 0:
		m.Dimensions = []fleet.Dimension{{Name: "EndpointName", Value: otherName}}
	case 1:
		m.Namespace = pick(r, "AWS/Sagemaker", "aws/sagemaker", "AWS/SageMaker/Endpoints")
	case 2:
		m.Dimensions = fleet.VariantDimensions(endpointName, variantName)
	}
	return m
}

func trackingPolicy(r *rand.Rand, name string) fleet.Policy {
	metric := pick(r, queueMetric(fleet.BacklogPerInstance), queueMetric(fleet.BacklogPerInstance), queueMetric(fleet.Backlog),
		fleet.Metric{Namespace: fleet.Namespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions(endpointName, variantName)},
		fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions(endpointName, variantName)})
	return fleet.Policy{ResourceID: resource, Name: name, Type: fleet.TargetTracking, Tracking: &fleet.Tracking{
		Metric: ptr(mistaken(r, metric)), Statistic: pick(r, "Average", "Average", "Maximum"), TargetValue: pick(r, .9, 1, 2, 5, 10), DisableScaleIn: r.IntN(3) == 0,
	}}
}

func randomAlarm(r *rand.Rand, name string, arns []string) fleet.Alarm {
	periods := 1 + r.IntN(4)
	a := fleet.Alarm{
		Name: name, Metric: mistaken(r, queueMetric(pick(r, fleet.WithoutCapacity, fleet.WithoutCapacity, fleet.Backlog, fleet.Backlog, fleet.BacklogPerInstance))),
		Statistic: pick(r, "Average", "Average", "Maximum", "Minimum", "Sum", "SampleCount", "p90"), Unit: pick(r, "", "", "", "", "Count", "Seconds"),
		Period:            pick(r, time.Minute, time.Minute, time.Minute, 30*time.Second, 2*time.Minute, 5*time.Minute),
		EvaluationPeriods: periods, DatapointsToAlarm: 1 + r.IntN(periods), Threshold: pick(r, 0.0, .5, 1, 1, 1, 2, 5, 10),
		Comparison:       pick(r, "GreaterThanOrEqualToThreshold", "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"),
		TreatMissingData: pick(r, "missing", "missing", "notBreaching", "breaching", "ignore"), ActionsEnabled: r.IntN(10) > 0,
	}
	if a.Period < time.Minute {
		a.EvaluationPeriods, a.DatapointsToAlarm = min(periods, 2), min(a.DatapointsToAlarm, 2) // of more there may be too few in time
	}
	if a.Period > time.Minute && (a.Statistic == "Sum" || a.Statistic == "SampleCount") {
		a.Statistic = "Average" // those of longer periods depend on how many of their minutes are late
	}
	if r.IntN(5) == 0 {
		math(r, &a)
	}
	action := pick(r, arns...)
	switch r.IntN(8) {
	case 0:
		a.OKActions = []string{action}
	case 1:
		a.AlarmActions, a.OKActions = []string{pick(r, arns...)}, []string{action}
	case 2:
		a.InsufficientDataActions = []string{action}
	case 3:
		a.AlarmActions = []string{"arn:aws:sns:us-east-1:111122223333:pager"}
	default:
		a.AlarmActions = []string{action}
	}
	return a
}

// math makes the alarm one of metric math.
func math(r *rand.Rand, a *fleet.Alarm) {
	for i, metric := range []fleet.QueueMetric{fleet.WithoutCapacity, fleet.Backlog, fleet.BacklogPerInstance} {
		a.Math = append(a.Math, fleet.MathQuery{
			ID: fmt.Sprint("m", i+1), Metric: ptr(queueMetric(metric)), Statistic: "Average", ReturnData: ptr(false),
		})
	}
	a.Math = append(a.Math, fleet.MathQuery{ID: "e", Expression: pick(r,
		"m1", "MAX([m1, m2])", "m2 / 2", "IF(m2 > 3, m2, 0)", "m1 + m2 - 1", "(m2 >= 2) * 10", "FILL(m1, REPEAT)", "IF(m3 > 1 OR m1, 1, 0)", "RATE(m2)",
	)})
	a.Metric, a.Statistic, a.Unit = fleet.Metric{}, "", ""
}

// desired is the number of instances that are wanted now.
func (a *account) desired() int {
	a.Helper()
	description, err := a.DescribeEndpoint(endpointName)
	a.no(err)
	return *description.Variants[0].Desired
}

// watch lets minutes pass and tells the fewest and the most instances that are desired in any of them.
func (a *account) watch(d time.Duration) (fewest, most int) {
	a.Helper()
	fewest = a.desired()
	most = fewest
	for end := a.Now().Add(d); a.Now().Before(end); {
		a.Advance(a.Now().Add(time.Minute))
		n := a.desired()
		fewest, most = min(fewest, n), max(most, n)
	}
	return fewest, most
}

// unsure tells whether something may act in a situation.
func (a *account) unsure(of behavior.Situation) bool {
	return slices.ContainsFunc(a.b.Paths, func(w behavior.Wire) bool { return w.May.Has(of) })
}

// complain names the seed, and with it everything; and it shows the objects.
func (a *account) complain(format string, args ...any) {
	a.Helper()
	a.Errorf("seed %d: %s", a.seed, fmt.Sprintf(format, args...))
	for _, p := range a.variant.Policies {
		switch {
		case p.Tracking != nil:
			t := p.Tracking
			a.Logf("  %s: %s %s at %g, scale-in disabled %t", p.Name, t.Metric.Name, t.Statistic, t.TargetValue, t.DisableScaleIn)
		case p.Step != nil:
			text := ""
			for _, step := range p.Step.Adjustments {
				text += fmt.Sprintf(" [%s, %s) %d", bound(step.Lower), bound(step.Upper), step.Adjustment)
			}
			a.Logf("  %s: %s%s", p.Name, p.Step.AdjustmentType, text)
		}
	}
	for _, alarm := range a.variant.Alarms {
		what := alarm.Metric.Name
		for _, query := range alarm.Math {
			what += " " + query.Expression
		}
		a.Logf("  %s: %s %s %s %s %g, %d of %d x %s, missing %s, enabled %t; ALARM %s; OK %s; INSUFFICIENT_DATA %s", alarm.Name, what, alarm.Statistic, alarm.Unit,
			alarm.Comparison, alarm.Threshold, alarm.DatapointsToAlarm, alarm.EvaluationPeriods, alarm.Period, alarm.TreatMissingData, alarm.ActionsEnabled,
			names(alarm.AlarmActions), names(alarm.OKActions), names(alarm.InsufficientDataActions))
	}
}

// names are the policies of actions.
func names(actions []string) (list []string) {
	for _, action := range actions {
		list = append(list, action[strings.LastIndex(action, "/")+1:])
	}
	return list
}

func bound(b *float64) string {
	if b == nil {
		return "infinity"
	}
	return fmt.Sprint(*b)
}

var (
	rounds = flag.Uint64("rounds", 100, "the random accounts of each property")
	first  = flag.Uint64("first", 0, "the seed of the first of them")
)

// seeds are so many, from the first on.
func seeds(n uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range n {
			if !yield(*first + i) {
				return
			}
		}
	}
}

const (
	forever = 5000 * time.Hour // longer than anybody looks
	slack   = 5 * time.Minute  // metrics are up to three minutes late, and the request comes within a minute
)

// passes tells whether an alarm averages minutes and triggers a step that ends: while requests come, the average passes it on its way to
// their number, and whether the alarm is looked at in that minute is chance.
func (a *account) passes() bool {
	return slices.ContainsFunc(a.variant.Alarms, func(alarm fleet.WiredAlarm) bool {
		return alarm.Period > time.Minute && slices.ContainsFunc(a.variant.Policies, func(p fleet.Policy) bool {
			return p.Step != nil && slices.Contains(alarm.Actions(), p.ARN) &&
				slices.ContainsFunc(p.Step.Adjustments, func(s fleet.StepAdjustment) bool { return s.Upper != nil && *s.Upper > 0 })
		})
	})
}

func TestAgreement_wakes(t *testing.T) {
	seen := map[string]int{}
	for seed := range seeds(*rounds) {
		a := newAccount(t, seed, begin{})
		w := a.b.Wakes
		if w.Verdict == behavior.NotJudged {
			seen["not judged"]++
			continue
		}
		// It sleeps with an empty queue.
		if _, most := a.watch(time.Hour); most > 0 {
			seen["wakes for nothing"]++
			if len(a.b.WakesForNothing) == 0 && !a.unsure(behavior.AsleepIdle) {
				a.complain("it wakes with an empty queue")
			}
			continue
		}
		if len(a.b.WakesForNothing) > 0 {
			a.complain("it does not wake with an empty queue: %+v", a.b.WakesForNothing)
		}
		if w.Verdict == behavior.No {
			seen["does not wake"]++
			if a.passes() {
				continue
			}
			for _, k := range []int{1, 3, 500} {
				a.no(a.Invoke(endpointName, k))
				if _, most := a.watch(time.Hour); most > 0 {
					a.complain("%d more requests wake it", k)
				}
			}
			continue
		}
		flaps := a.b.Alarm(w.By.Alarm)
		if flaps != nil && flaps.Flaps != "" {
			seen["flaps"]++
			continue
		}
		if w.From > 1 {
			seen["wakes late"]++
			a.no(a.Invoke(endpointName, 1))
			if _, most := a.watch(time.Hour); most > 0 {
				a.complain("1 request wakes it, and not only %d", w.From)
			}
			a.no(a.Invoke(endpointName, w.From-1))
		} else {
			seen["wakes"]++
			a.no(a.Invoke(endpointName, 1))
		}
		if _, most := a.watch(w.After + slack); most == 0 {
			a.complain("%d requests do not wake it within %s: %+v", w.From, w.After+slack, w)
		}
	}
	t.Log(seen)
	for _, kind := range []string{"wakes", "wakes late", "does not wake", "wakes for nothing", "not judged"} {
		if seen[kind] == 0 {
			t.Errorf("only %d of the seeds: %s", seen[kind], kind)
		}
	}
}

func TestAgreement_scalesOut(t *testing.T) {
	seen := map[behavior.Level]int{}
	for seed := range seeds(*rounds) {
		a := newAccount(t, seed, begin{instances: 1, least: 1})
		level := a.b.ScalesOut.Level
		seen[level]++
		a.watch(time.Hour)
		if a.desired() != 1 { // idle instances are added
			continue
		}
		a.no(a.Invoke(endpointName, 20_000))
		_, most := a.watch(time.Hour)
		switch level {
		case behavior.Never, behavior.NotNeeded:
			if most > 1 {
				a.complain("scales out %s, and has %d instances", level, most)
			}
		case behavior.Moderate, behavior.BurstOnly:
			if most == 1 {
				a.complain("scales out %s, and stays at 1: %+v", level, a.b.ScalesOut)
			}
		}
	}
	t.Log(seen)
	for _, level := range []behavior.Level{behavior.Never, behavior.Moderate, behavior.LevelOpen} {
		if seen[level] == 0 {
			t.Errorf("only %d of the seeds: %s", seen[level], level)
		}
	}
}

func TestAgreement_scalesIn(t *testing.T) {
	seen := map[behavior.Verdict]int{}
	for seed := range seeds(*rounds) {
		a := newAccount(t, seed, begin{instances: -1, service: 10 * time.Second})
		s := a.b.ScalesIn
		seen[s.Verdict]++
		a.rest()
		fewest, _ := a.watch(6 * time.Hour)
		chance := slices.ContainsFunc(a.b.Alarms, func(alarm behavior.Alarm) bool { return alarm.Elsewhere != "" && len(alarm.Triggers) > 0 })
		if s.Verdict == behavior.Yes && fewest > s.To && chance {
			continue // the other endpoint keeps instances here
		}
		if s.Verdict == behavior.Yes && fewest > s.To {
			// At rest nothing removes them, or not as far. It may be that something does in the minutes in which the work ends.
			ends := newAccount(t, seed, begin{instances: -1, service: 10 * time.Second})
			ends.no(ends.Invoke(endpointName, 1000))
			ends.suspend(true)
			for ends.backlog() > 0 {
				ends.Advance(ends.Now().Add(time.Minute))
			}
			ends.suspend(false)
			if fewest, _ = ends.watch(6 * time.Hour); fewest > s.To {
				a.complain("scales in to %d, and stays at %d: %+v", s.To, fewest, s)
			}
			continue
		}
		if fewest < s.Possible {
			a.complain("scales in to %d at most, and to %d it does: %+v", s.Possible, fewest, s)
		}
	}
	t.Log(seen)
	for _, verdict := range []behavior.Verdict{behavior.Yes, behavior.No, behavior.NotJudged} {
		if seen[verdict] == 0 {
			t.Errorf("only %d of the seeds: %s", seen[verdict], verdict)
		}
	}
}

// removal is a minute in which instances were removed that had requests in service, which then wait again.
type removal struct{ from, to int }

// removes lets minutes pass and tells whether fewer instances are left than it takes to have in service what is.
func (a *account) removes(requests int, d time.Duration) (found *removal) {
	a.Helper()
	before := a.desired()
	for end := a.Now().Add(d); a.Now().Before(end); {
		a.Advance(a.Now().Add(time.Minute))
		n := a.desired()
		if working := min(before, (requests+a.slots()-1)/a.slots()); n < working {
			return &removal{before, n}
		}
		before = n
	}
	return nil
}

// ways are how so many instances come to have so many requests.
var ways = []struct {
	name  string
	begin func(t *testing.T, seed uint64, n, requests int) *account
}{
	{"for long", func(t *testing.T, seed uint64, n, requests int) *account {
		a := newAccount(t, seed, begin{instances: n})
		a.no(a.Invoke(endpointName, requests))
		a.rest()
		return a
	}},
	{"from the beginning", func(t *testing.T, seed uint64, n, requests int) *account {
		a := newAccount(t, seed, begin{instances: n})
		a.no(a.Invoke(endpointName, requests))
		return a
	}},
	{"after long idleness", func(t *testing.T, seed uint64, n, requests int) *account {
		a := newAccount(t, seed, begin{instances: n})
		a.rest()
		a.no(a.Invoke(endpointName, requests))
		return a
	}},
	{"when a long queue has expired", func(t *testing.T, seed uint64, n, requests int) *account {
		a := newAccount(t, seed, begin{instances: n, ttl: 2 * time.Hour})
		a.no(a.Invoke(endpointName, requests))
		if requests >= n*a.slots() {
			a.no(a.Invoke(endpointName, 10_000))
		}
		a.suspend(true)
		a.Advance(a.Now().Add(2*time.Hour - time.Minute))
		a.suspend(false)
		return a
	}},
}

func TestAgreement_removesBusyInstances(t *testing.T) {
	does, not, loads := 0, 0, rand.New(rand.NewPCG(3, 16))
	for seed := range seeds(*rounds) {
		of := newAccount(t, seed, begin{})
		of.each(&does)
		open := of.unsure(behavior.Busy) || of.unsure(behavior.AtWork) || of.unsure(behavior.Overloaded) || of.unsure(behavior.Idle)
		told := slices.ContainsFunc(of.b.RemovesBusy, func(act behavior.Act) bool { return act.Situation != behavior.JustStarted })
		if told || open || of.concurrent == nil { // JustStarted is about the minutes in which metrics are old
			continue
		}
		reached := of.reached()
		if len(reached) == 0 {
			continue
		}
		not++
		for _, way := range ways[:2] { // until the metrics show new work, idle instances go
			n := pick(loads, reached...)
			requests := 1 + loads.IntN(2*n*of.slots())
			a := way.begin(t, seed, n, requests)
			if found := a.removes(requests, time.Hour); found != nil {
				a.complain("keeps instances that have work, and has %d of %d with %d requests, %s", found.to, found.from, requests, way.name)
			}
		}
	}
	if does == 0 || not == 0 {
		t.Errorf("%d remove busy instances, %d do not", does, not)
	}
}

// each holds each removal that behaviour tells against the simulator, from the same instances with the same requests.
func (a *account) each(does *int) {
	a.Helper()
	// Where idle instances are added, there are more of them before the requests are seen.
	if slices.ContainsFunc(a.b.ScalesOutForNothing, func(act behavior.Act) bool { return act.Situation == behavior.Idle }) {
		return
	}
	for _, act := range a.b.RemovesBusy {
		if act.Requests == 0 || act.Situation == behavior.BusyAtTimes {
			continue
		}
		if a.concurrent == nil && min(act.From, (act.Requests+a.slots()-1)/a.slots()) <= act.To {
			continue // an instance of the simulator works on more of them
		}
		*does++
		if !slices.ContainsFunc(ways, func(way struct {
			name  string
			begin func(t *testing.T, seed uint64, n, requests int) *account
		},
		) bool {
			return way.begin(a.T, a.seed, act.From, act.Requests).removes(act.Requests, time.Hour) != nil
		}) {
			a.complain("removes busy instances, and keeps them: %+v", act)
		}
	}
}
