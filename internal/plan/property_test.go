package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// draws makes random scaling of one endpoint, of the shapes that people make and of mistakes in them.
type draws struct{ *rand.Rand }

func pick[T any](d draws, from ...T) T { return from[d.IntN(len(from))] }

func (d draws) metric(variant string) fleet.Metric {
	m := pick(d, fleet.WithoutCapacity, fleet.WithoutCapacity, fleet.Backlog, fleet.BacklogPerInstance).Query("e").Metric
	switch d.IntN(10) {
	case 8:
		m.Dimensions = []fleet.Dimension{{Name: "EndpointName", Value: "other"}}
	case 9:
		if m.Namespace = pick(d, m.Namespace, "AWS/Sagemaker"); m.Namespace == fleet.Namespace {
			m.Name += "s"
		}
	case 0:
		m.Dimensions = fleet.VariantDimensions("e", variant)
	case 1:
		m = fleet.Metric{Namespace: "Team", Name: "Jobs", Dimensions: m.Dimensions}
	case 2:
		m = fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", variant)}
	}
	return m
}

func (d draws) policy(variant, name string) fleet.Policy {
	p := fleet.Policy{ResourceID: fleet.ResourceID("e", variant), Name: name, ARN: arn(variant, name)}
	if d.IntN(4) == 0 || name == policy.TrackingName {
		m := d.metric(variant)
		p.Type, p.Tracking = fleet.TargetTracking, &fleet.Tracking{
			Metric: &m, Statistic: pick(d, "Average", "Average", "Maximum"), TargetValue: pick(d, .9, 5, 50), DisableScaleIn: d.IntN(4) == 0,
		}
		return p
	}
	step := &fleet.Step{AdjustmentType: pick(d, "ChangeInCapacity", "ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")}
	switch bound := pick(d, 0., 0, 1, 5, -1); d.IntN(4) {
	case 0:
		step.Adjustments = []fleet.StepAdjustment{{Upper: &bound, Adjustment: pick(d, -1, 0, 1)}}
	case 1:
		upper := bound + 10
		step.Adjustments = []fleet.StepAdjustment{{Lower: &bound, Upper: &upper, Adjustment: 1}, {Lower: &upper, Adjustment: 4}}
	default:
		step.Adjustments = []fleet.StepAdjustment{{Lower: &bound, Adjustment: pick(d, 1, 2, 8, -1)}}
	}
	if step.AdjustmentType == "PercentChangeInCapacity" && d.IntN(2) == 0 {
		step.MinAdjustmentMagnitude = pointer(1)
	}
	p.Type, p.Step = fleet.StepScaling, step
	return p
}

func (d draws) alarm(name, variant string, policies []fleet.Policy) fleet.Alarm {
	a := fleet.Alarm{
		Name: name, Metric: d.metric(variant), Statistic: pick(d, "Average", "Average", "Maximum", "Sum"), Unit: pick(d, "", "", "", "Seconds", "Count"),
		Period: pick(d, time.Minute, time.Minute, time.Minute, 5*time.Minute, 30*time.Second), EvaluationPeriods: 1 + d.IntN(4),
		Threshold: pick(d, 1., 1, 0, .5, 10), Comparison: pick(d, ">=", ">=", ">", "<", "<="), ActionsEnabled: d.IntN(8) > 0,
		TreatMissingData: pick(d, "missing", "missing", "notBreaching", "breaching", "ignore"),
	}
	a.Comparison = map[string]string{
		">=": "GreaterThanOrEqualToThreshold", ">": "GreaterThanThreshold", "<": "LessThanThreshold", "<=": "LessThanOrEqualToThreshold",
	}[a.Comparison]
	a.DatapointsToAlarm = 1 + d.IntN(a.EvaluationPeriods)
	act := func() []string {
		switch n := d.IntN(8); {
		case n == 0:
			return []string{"arn:aws:sns:us-east-1:111122223333:pager"}
		case n == 1:
			return []string{arn(variant, pick(d, "gone", policy.WakeName, "team"))}
		case n == 2 || len(policies) == 0:
			return nil
		}
		return []string{pick(d, policies...).ARN}
	}
	a.AlarmActions = act()
	if d.IntN(4) == 0 {
		a.OKActions = act()
	}
	return a
}

// world is a world of one endpoint with one or two variants.
func (d draws) world() *world {
	w := documented(pick(d, []string{"v"}, []string{"v"}, []string{"blue", "green"})...)
	w.policies[0].Wanted.Alarm.NameTemplate = pick(d, policy.WakeAlarmName, policy.WakeAlarmName, "wake-{endpoint}", policy.SharedAlarmName)
	for i := range w.Endpoints[0].Variants {
		v := &w.Endpoints[0].Variants[i]
		v.Target.MinCapacity = d.IntN(3)
		v.Current, v.Desired = pointer(max(1, v.Target.MinCapacity)), pointer(max(1, v.Target.MinCapacity))
		if d.IntN(6) == 0 {
			v.Target = nil
		}
		keep := d.IntN(3)
		if keep == 0 {
			v.Policies = nil
		}
		for range d.IntN(4) {
			v.Policies = with(v.Policies, d.policy(v.Name, pick(d, policy.TrackingName, policy.WakeName, "team", "burst", "other")))
		}
		if v.Target == nil {
			v.Policies = nil
		}
		for n := range d.IntN(4) {
			w.alarm(d.alarm(pick(d, fmt.Sprintf("%s-%d", v.Name, n), "wake-e", policy.WantedAlarm{NameTemplate: policy.WakeAlarmName}.Name("e", v.Name), policy.SharedAlarmName), v.Name, v.Policies))
		}
		if keep > 1 && d.IntN(2) == 0 {
			w.Alarms = w.Alarms[:len(w.Alarms)-1]
		}
	}
	w.wire()
	return w
}

// does is what a variant does between bounds that let it sleep and scale.
func (w *world) does(i int) *behavior.Behavior {
	e := w.Endpoints[0]
	v := e.Variants[i]
	v.Target = &fleet.Target{ResourceID: fleet.ResourceID(e.Name, v.Name), MaxCapacity: 9}
	return behavior.Of(&e, &v, behavior.Context{})
}

func (w *world) copy() *world {
	c := *w
	c.Endpoints = append([]fleet.Endpoint(nil), w.Endpoints...)
	for i := range c.Endpoints {
		c.Endpoints[i].Variants = append([]fleet.Variant(nil), w.Endpoints[i].Variants...)
	}
	return &c
}

// fewest is from how many requests on a variant wakes; more than any where it does not.
func fewest(b *behavior.Behavior) int {
	if b.Wakes.Verdict != behavior.Yes || b.Wakes.UpTo > 0 {
		return 1 << 30
	}
	return b.Wakes.From
}

// rank says how well a queue adds instances.
func rank(b *behavior.Behavior) int {
	return map[behavior.Level]int{behavior.Moderate: 3, behavior.LevelOpen: 2, behavior.BurstOnly: 1}[b.ScalesOut.Level]
}

func TestDiff_properties(t *testing.T) {
	const seeds = 250
	steps, withheld := map[Kind]int{}, map[Reason]int{}
	for seed := range seeds {
		d := draws{rand.New(rand.NewPCG(uint64(seed), 17))}
		w := d.world()
		w.policies[0].Wanted.Strictly = d.IntN(3) == 0
		p := w.plan()
		for _, step := range p.Steps {
			steps[step.Kind]++
		}
		for _, held := range p.Withheld {
			withheld[held.Reason]++
		}
		if t.Failed() {
			return
		}
		w.holds(t, fmt.Sprintf("seed %d", seed), p)
	}
	for _, kind := range Kinds() {
		if steps[kind] == 0 {
			t.Errorf("no plan had a step of the kind %s", kind)
		}
	}
	for _, reason := range []Reason{WouldNotWake, ScaledOtherwise, Ambiguous, ActionsDisabled, NameTaken} {
		if withheld[reason] == 0 {
			t.Errorf("nothing was withheld as %s", reason)
		}
	}
	t.Logf("%v %v", steps, withheld)
}

// holds checks one plan against what the variants did before it, and after each of its steps.
func (w *world) holds(t *testing.T, name string, p Plan) {
	t.Helper()
	before := make([]*behavior.Behavior, len(w.Endpoints[0].Variants))
	for i := range before {
		before[i] = w.does(i)
		w.writesNothingThatActs(t, name, p, i, before[i])
	}
	for cut := range len(p.Steps) + 1 {
		after := w.copy()
		part := p
		part.Steps = p.Steps[:cut]
		after.apply(part)
		for i := range before {
			was, is := &w.Endpoints[0].Variants[i], &after.Endpoints[0].Variants[i]
			now := after.does(i)
			slept := was.Target == nil || was.Target.MinCapacity == 0
			if is.Target != nil && is.Target.MinCapacity == 0 && !slept && fewest(now) > 1 {
				t.Errorf("%s: after %d steps %s sleeps and does not wake\n%s", name, cut, is.Name, p.text())
			}
			if fewest(now) > fewest(before[i]) || rank(now) < rank(before[i]) || now.ScalesIn.Verdict == behavior.No && before[i].ScalesIn.Verdict == behavior.Yes ||
				before[i].ScalesIn.Verdict == behavior.Yes && now.ScalesIn.To > before[i].ScalesIn.To {
				t.Errorf("%s: after %d steps %s does\n%+v\n%+v\n%+v\nbefore\n%+v\n%+v\n%+v\n%s", name, cut, is.Name,
					now.Wakes, now.ScalesOut, now.ScalesIn, before[i].Wakes, before[i].ScalesOut, before[i].ScalesIn, p.text())
			}
		}
		if cut == len(p.Steps) {
			if again := after.plan(); len(again.Steps) > 0 {
				t.Errorf("%s: after\n%s\nthere is more to do:\n%s", name, p.text(), again.text())
			}
		}
	}
}

// Whatever is denied, and wherever the process is killed: a variant that may scale to zero wakes, or could not be woken before
// and got nothing that removes instances.
func TestDiff_deniedOrKilledAnywhereLetsNothingSleepForEver(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 50
	}
	waited, slept := 0, 0
	for seed := range seeds {
		d := draws{rand.New(rand.NewPCG(uint64(seed), 23))}
		w := d.world()
		w.policies[0].Wanted.Strictly = d.IntN(3) == 0
		if d.IntN(2) == 0 { // what an entry sets is written to policies that work as well
			w.policies[0].Wanted.Tracking.TargetValue.Enforced = true
		}
		for i := range w.Endpoints[0].Variants {
			if d.IntN(6) == 0 && w.Endpoints[0].Variants[i].Target != nil {
				w.Endpoints[0].Variants[i].Scheduled = []fleet.ScheduledAction{{Name: "night", MinCapacity: pointer(0)}}
			}
		}
		p := w.plan()
		for denied := range len(p.Steps) + 1 { // the last denies chance's choice
			for kill := range len(p.Steps) + 1 {
				part, missed := p, []Step(nil)
				part.Steps = nil
				for i, step := range p.Steps[:kill] {
					needs := slices.ContainsFunc(missed, step.Needs)
					if needs || i == denied || denied == len(p.Steps) && d.IntN(3) == 0 {
						missed = append(missed, step)
						if needs && step.Kind == TrackingPolicy {
							waited++
						}
						continue
					}
					part.Steps = append(part.Steps, step)
				}
				after := w.copy()
				after.apply(part)
				for i := range w.Endpoints[0].Variants {
					if after.sleeps(i) {
						slept++
					}
					was, is := w.does(i).Wakes.Verdict, after.does(i).Wakes.Verdict
					wrote := slices.ContainsFunc(part.Steps, func(s Step) bool {
						return s.ToZero && s.ResourceID == fleet.ResourceID("e", w.Endpoints[0].Variants[i].Name)
					})
					asBefore := w.sleeps(i) && is == was && (!wrote || is == behavior.NotJudged)
					if after.sleeps(i) && is != behavior.Yes && !asBefore {
						t.Fatalf("seed %d: %d denied, killed after %d: %s sleeps and wakes: %s, before %s\n%s", seed, denied, kill, w.Endpoints[0].Variants[i].Name, is, was, p.text())
					}
				}
			}
		}
	}
	if waited == 0 || slept == 0 {
		t.Errorf("tracking waited %d times, and %d slept: too few to prove anything", waited, slept)
	}
}

// sleeps tells whether the last instance of a variant may be removed, now or after a scheduled action.
func (w *world) sleeps(i int) bool {
	v := &w.Endpoints[0].Variants[i]
	in := w.does(i).ScalesIn
	return v.Target != nil && (v.Target.MinCapacity == 0 || len(v.Scheduled) > 0) && in.Verdict != behavior.No && in.Possible == 0
}

// writesNothingThatActs checks that no step changes a policy or an alarm that does something.
func (w *world) writesNothingThatActs(t *testing.T, name string, p Plan, i int, before *behavior.Behavior) {
	t.Helper()
	v := &w.Endpoints[0].Variants[i]
	for _, step := range p.Steps {
		if step.Action == Create {
			continue
		}
		if known := before.Policy(step.Name); step.Policy != nil && step.ResourceID == fleet.ResourceID("e", v.Name) && known.Acts != 0 {
			t.Errorf("%s: it writes the policy %s, which acts (%s)\n%s", name, step.Name, known.Acts, p.text())
		}
		known := before.Alarm(step.Name)
		if step.Alarm == nil || known == nil || known.Acts == 0 {
			continue
		}
		after := *step.Alarm // one that wakes another variant as well gets an action more
		after.AlarmActions = step.Expects.Alarm.AlarmActions
		if !(Object{Alarm: &after}).Same(step.Expects) {
			t.Errorf("%s: it writes the alarm %s, which acts (%s)\n%s", name, step.Name, known.Acts, p.text())
		}
	}
}
