package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// fix is a wake policy and an alarm with which a variant wakes from one request.
type fix struct {
	policy fleet.Policy
	alarm  fleet.Alarm
}

// part is one thing that may be wrong with an alarm.
type part func(to, from *fleet.Alarm)

// parts are in the order in which they are kept as they are, if the alarm works with them.
var parts = []part{
	func(to, from *fleet.Alarm) { to.TreatMissingData = from.TreatMissingData },
	func(to, from *fleet.Alarm) { to.Period = from.Period },
	func(to, from *fleet.Alarm) { to.Statistic = from.Statistic },
	func(to, from *fleet.Alarm) { to.Unit = from.Unit },
	func(to, from *fleet.Alarm) { to.Threshold, to.Comparison = from.Threshold, from.Comparison },
	func(to, from *fleet.Alarm) { to.Metric, to.Math = from.Metric, from.Math },
}

// pair changes as little of a policy and an alarm as makes the variant wake from one request; ok is false where nothing
// that may be changed does. The alarm triggers the policy in place of those of the variant that are gone.
func (d *differ) pair(s *state, p fleet.Policy, alarm fleet.Alarm) (f fix, ok bool) {
	others := slices.DeleteFunc(d.alarmsOf(s), func(a fleet.Alarm) bool { return a.Name == alarm.Name })
	before := d.trial(s, s.policies, d.alarmsOf(s))
	tried := func(p fleet.Policy, a fleet.Alarm) *behavior.Behavior {
		return d.trial(s, with(s.policies, p), append(slices.Clip(others), a))
	}
	works := func(p fleet.Policy, a fleet.Alarm) bool {
		b := tried(p, a)
		return wakesFromOne(&b.Wakes) && len(b.WakesForNothing) <= len(before.WakesForNothing) && keeps(before, b)
	}
	wired := alarm
	wired.AlarmActions, wired.ActionsEnabled = d.rewired(s, &alarm, p.ARN), true
	if works(p, wired) {
		return fix{p, wired}, true
	}
	stepped := d.stepped(s, p)
	if !above(&alarm) || d.serves(s, &alarm) || len(alarm.Math) > 0 && (!d.ours(s, &p, &alarm) || tried(p, wired).Wakes.Verdict == behavior.NotJudged) {
		return fix{stepped, wired}, d.adjustable(s, p) && works(stepped, wired)
	}
	whole, allowed := wired, parts
	switch documented := documentedAlarm(s); d.meant(s, &p, &alarm) {
	case fleet.WithoutCapacity.String():
		for _, set := range allowed {
			set(&whole, &documented)
		}
	case fleet.Backlog.String(): // its threshold is a number of requests that somebody chose
		documented.Metric = fleet.Backlog.Query(s.Endpoint.Name).Metric
		allowed = []part{parts[0], parts[3], parts[5]}
		for _, set := range allowed {
			set(&whole, &documented)
		}
	default:
		allowed = nil
	}
	if !works(stepped, whole) {
		return fix{}, false
	}
	f = fix{stepped, whole}
	if works(p, whole) {
		f.policy = p
	}
	for _, keep := range allowed {
		kept := f.alarm
		if keep(&kept, &alarm); works(f.policy, kept) {
			f.alarm = kept
		}
	}
	return f, true
}

// meant is the metric that an alarm is to watch in order to wake the variant: its own, or where nothing is published under that name
// the one that it is nearly called, else what the document has, for a wake alarm by its name or by that of its policy. It is
// empty where an alarm means something else.
func (d *differ) meant(s *state, p *fleet.Policy, alarm *fleet.Alarm) string {
	if len(alarm.Math) == 0 && !behavior.Misnamed(alarm.Metric) {
		return alarm.Metric.Name
	}
	for _, metric := range []fleet.QueueMetric{fleet.WithoutCapacity, fleet.Backlog} {
		if nearly(alarm.Metric.Name, metric.String()) {
			return metric.String()
		}
	}
	if d.ours(s, p, alarm) {
		return fleet.WithoutCapacity.String()
	}
	return ""
}

// ours tells whether an alarm is meant to wake the variant by its name or by that of its policy.
func (d *differ) ours(s *state, p *fleet.Policy, alarm *fleet.Alarm) bool {
	return alarm.Name == s.Wanted.Alarm.Name(s.Endpoint.Name, s.Variant.Name) || slices.Contains(documentedNames(s), alarm.Name) ||
		p.Name == s.Wanted.Wake.Name || p.Name == policy.WakeName
}

// nearly tells whether a name is another one but for upper and lower case, or for some letters in one place that are left out,
// put in or wrong.
func nearly(name, other string) bool {
	const some = 3
	name, other = strings.ToLower(name), strings.ToLower(other)
	same := 0
	for same < min(len(name), len(other)) && name[same] == other[same] {
		same++
	}
	end := 0
	for end < min(len(name), len(other))-same && name[len(name)-1-end] == other[len(other)-1-end] {
		end++
	}
	return max(len(name), len(other))-same-end <= some
}

// serves tells whether an alarm acts for another variant or endpoint: then it may get an action more, and nothing else.
func (d *differ) serves(s *state, alarm *fleet.Alarm) bool {
	for _, action := range alarm.AlarmActions {
		resource := fleet.ScaledResource(action)
		if resource == s.Resource || !fleet.IsScalingAction(action) {
			continue
		}
		i := slices.IndexFunc(s.Endpoint.Variants, func(v fleet.Variant) bool { return fleet.ResourceID(s.Endpoint.Name, v.Name) == resource })
		if i < 0 {
			return true
		}
		other := s.Endpoint.Variants[i]
		other.Target, other.Scheduled = s.free(), nil
		known := behavior.Of(s.Endpoint, &other, behavior.Context{}).Alarm(alarm.Name)
		if known != nil && known.Acts|known.May != 0 {
			return true
		}
	}
	return false
}

// above tells whether an alarm goes into ALARM when something is high.
func above(a *fleet.Alarm) bool {
	return a.Comparison == "GreaterThanThreshold" || a.Comparison == "GreaterThanOrEqualToThreshold"
}

// documentedAlarm is the wake alarm of the document, without an action.
func documentedAlarm(s *state) fleet.Alarm {
	a, wanted := policy.WakeAlarm(s.Endpoint.Name, s.Variant.Name, ""), s.Wanted.Alarm
	a.Name, a.AlarmActions = wanted.Name(s.Endpoint.Name, s.Variant.Name), nil
	a.EvaluationPeriods, a.DatapointsToAlarm = wanted.EvaluationPeriods.Value, wanted.DatapointsToAlarm.Value
	a.TreatMissingData = wanted.TreatMissingData.Value
	return a
}

// rewired are the actions of an alarm with one on the policy, in place of the first of those on policies of the variant
// that are gone. All other actions stay.
func (d *differ) rewired(s *state, alarm *fleet.Alarm, arn string) (actions []string) {
	wired := slices.Contains(alarm.AlarmActions, arn)
	for _, action := range alarm.AlarmActions {
		dead := fleet.ScaledResource(action) == s.Resource &&
			!slices.ContainsFunc(s.policies, func(p fleet.Policy) bool { return p.ARN == action }) && action != arn
		switch {
		case !dead:
			actions = append(actions, action)
		case !wired:
			actions, wired = append(actions, arn), true
		}
	}
	if !wired {
		actions = append(actions, arn)
	}
	return actions
}

// adjustable tells whether the bounds of a policy may be changed: it acts in no situation, and one alarm at most uses it.
func (d *differ) adjustable(s *state, p fleet.Policy) bool {
	known := s.seen.Policy(p.Name)
	return known == nil || known.Acts|known.May == 0 && len(known.Alarms) <= 1
}

// stepped is the policy with a step that adds an instance from the threshold of its alarm on, if its bounds may be changed.
// Every step that it has stays, but for those that change nothing where the first is to add an instance.
func (d *differ) stepped(s *state, p fleet.Policy) fleet.Policy {
	if p.Step == nil || !d.adjustable(s, p) {
		return p
	}
	step := *p.Step
	named := p.Name == s.Wanted.Wake.Name || p.Name == policy.WakeName
	switch steps, ok := fromThreshold(step.Adjustments); {
	case step.AdjustmentType != percentage && ok:
		step.Adjustments = steps
	case named && len(step.Adjustments) <= 1: // of its name nothing is left but that
		if step.AdjustmentType != policy.ExactCapacity {
			step.AdjustmentType = policy.ChangeInCapacity
		}
		step.MinAdjustmentMagnitude = nil
		step.Adjustments = []fleet.StepAdjustment{{Lower: new(float64), Adjustment: s.Wanted.Wake.Adjustment.Value}}
	default: // a percentage of no instances is none
		return p
	}
	p.Step = &step
	return p
}

// fromThreshold are the steps of which the first that adds instances begins at the threshold of the alarm; ok is false where
// none adds any, or one that removes some is in the way. AWS refuses gaps between steps, and a step without any bound.
func fromThreshold(steps []fleet.StepAdjustment) (from []fleet.StepAdjustment, ok bool) {
	lowest := func(s fleet.StepAdjustment) float64 {
		if s.Lower == nil {
			return math.Inf(-1)
		}
		return *s.Lower
	}
	steps = slices.SortedStableFunc(slices.Values(steps), func(a, b fleet.StepAdjustment) int { return cmp.Compare(lowest(a), lowest(b)) })
	first := slices.IndexFunc(steps, func(s fleet.StepAdjustment) bool { return s.Adds() && (s.Upper == nil || *s.Upper > 0) })
	if first < 0 { // all that add instances are below the threshold
		last := len(steps) - 1
		if last < 0 || !steps[last].Adds() {
			return nil, false
		}
		if steps[last].Upper = nil; steps[last].Lower == nil {
			steps[last].Lower = new(float64)
		}
		return steps, true
	}
	if lowest(steps[first]) <= 0 {
		return steps, true
	}
	for first > 0 && (steps[first-1].Upper == nil || *steps[first-1].Upper > 0) {
		if first--; steps[first].Adjustment != 0 {
			return nil, false
		}
		steps = slices.Delete(steps, first, first+1)
	}
	steps[first].Lower = new(float64)
	return steps, true
}

const percentage = "PercentChangeInCapacity"

// owner says who will write another value than the plan's again; empty where nobody is known.
func owner(endpoint *fleet.Endpoint, descriptions ...string) string {
	for _, description := range descriptions {
		if strings.Contains(strings.ToLower(description), "terraform") {
			return "its description names Terraform, which takes this back with its next run: change the code as well"
		}
	}
	if stack := endpoint.Tags["aws:cloudformation:stack-name"]; stack != "" {
		return "the endpoint belongs to the CloudFormation stack " + stack + ", which takes this back if it holds the scaling too: change the template as well"
	}
	return ""
}
