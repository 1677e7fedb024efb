package behavior

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Of evaluates one variant of an endpoint. Of its alarms it looks at the configuration alone.
func Of(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context) *Behavior {
	j := newJudge(endpoint, variant, context.rounded())
	j.evaluate()
	return j.b
}

// judge evaluates one variant.
type judge struct {
	endpoint *fleet.Endpoint
	variant  *fleet.Variant
	context  Context
	target   fleet.Target  // without any capacity where none is registered
	c        int           // requests that an instance works on at the same time; 0: not set
	alarms   []fleet.Alarm // those that were read first, then those that AWS makes for tracking policies, which were not read
	read     int
	policies []fleet.Policy
	model    *autoscaling.Model
	own      *autoscaling.Model // of what watches this endpoint: only that answers its queue
	room     autoscaling.Room
	b        *Behavior
	paths    map[[2]int]*Wire // by the indices of alarm and policy
}

func newJudge(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context) *judge {
	j := &judge{
		endpoint: endpoint, variant: variant, context: context, policies: variant.Policies,
		b: &Behavior{}, paths: map[[2]int]*Wire{},
	}
	if variant.Target != nil {
		j.target = *variant.Target
	}
	if c := endpoint.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		j.c = *c
	}
	read := alarmsOf(variant)
	j.model = autoscaling.NewModel(j.target, j.policies, read, j.muted)
	j.alarms, j.read = j.model.Alarms(), len(read)
	return j
}

// alarmsOf are the alarms of the variant, each once, sorted by name.
func alarmsOf(variant *fleet.Variant) []fleet.Alarm {
	alarms := make([]fleet.Alarm, 0, len(variant.Alarms))
	for i := range variant.Alarms {
		alarms = append(alarms, bounded(variant.Alarms[i].Alarm))
	}
	slices.SortStableFunc(alarms, func(a, b fleet.Alarm) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(alarms, func(a, b fleet.Alarm) bool { return a.Name == b.Name })
}

// bounded is an alarm within the bounds that CloudWatch itself has: a period of 10 seconds or more, and a day of periods, or
// a week of hours. A snapshot from a file may hold anything.
func bounded(a fleet.Alarm) fleet.Alarm {
	const shortest, day = 10 * time.Second, 24 * time.Hour
	longest := day
	if a.Period >= time.Hour {
		longest = 7 * day
	}
	if a.Period != 0 || len(a.Math) == 0 {
		a.Period = min(max(a.Period, shortest), day)
	} else {
		a.Period = time.Minute
	}
	a.EvaluationPeriods = min(max(a.EvaluationPeriods, 1), int(longest/a.Period), int(day/time.Minute))
	a.DatapointsToAlarm = min(max(a.DatapointsToAlarm, 0), a.EvaluationPeriods)
	return a
}

// muted tells whether a mute rule silences the alarm of that name.
func (j *judge) muted(name string) bool {
	for i := range j.variant.Alarms {
		if alarm := &j.variant.Alarms[i].Alarm; alarm.Name == name {
			return silenced(alarm, j.context.At)
		}
	}
	return false
}

// evaluate asks about every situation.
func (j *judge) evaluate() {
	j.describe()
	j.separate()
	j.b.Sleeps = j.variant.Target != nil && j.target.MinCapacity == 0
	j.wakes()
	j.joins()
	j.wakesForNothing()
	j.starts()
	j.scalesOut()
	j.busy()
	j.one()
	j.woken()
	j.scalesIn()
	j.missing()
	j.flaps()
	j.schedule()
	j.conclude()
	j.b.Silence = j.silence()
	if s := j.b.Scheduled; s != nil {
		j.b.Sleeps = s.Rests || s.Sleeps && (s.Next == "" || s.Reason != "")
	}
	switch {
	case j.b.Wakes.Verdict == NotJudged:
		j.b.Wakes.Reason = j.b.whyWakes()
	case j.b.Wakes.Verdict == No && j.variant.Target != nil:
		j.b.Wakes.Fault = j.fault()
	}
	if j.b.Joins.Verdict == No && j.variant.Target != nil && len(j.endpoint.Variants) > 1 {
		j.b.Joins.Fault = j.joinFault()
	}
}

// whyWakes says why it is not judged whether the variant wakes: by the alarm that may start an instance through a step, if
// there is one.
func (b *Behavior) whyWakes() string {
	for i := range b.Paths {
		w := &b.Paths[i]
		known := b.Policy(w.Policy)
		if known == nil || !known.Adds || !w.May.Has(AsleepRequests) {
			continue
		}
		for _, reason := range b.NotJudged {
			if reason.Alarm == w.Alarm && reason.Text != "" {
				return "the alarm " + strconv.Quote(w.Alarm) + ": " + reason.Text
			}
		}
	}
	return b.Wakes.Reason
}

// describe fills in what is known of alarms and policies before anything is evaluated.
func (j *judge) describe() {
	resource := fleet.ResourceID(j.endpoint.Name, j.variant.Name)
	j.b.Policies = make([]Policy, len(j.policies))
	for i := range j.policies {
		p := &j.policies[i]
		j.b.Policies[i] = Policy{
			Name: p.Name, Adds: addsToNone(p), Follows: Follow(j.endpoint.Name, p), Unpublished: unpublished(p),
			Elsewhere: TracksElsewhere(j.endpoint.Name, p),
		}
		if p.Tracking == nil && p.Step == nil {
			j.unsure("", p.Name, "policies of the type "+strconv.Quote(string(p.Type))+" are not modelled")
		}
	}
	j.b.Alarms = make([]Alarm, len(j.alarms))
	for i := range j.alarms {
		alarm, known := &j.alarms[i], &j.b.Alarms[i]
		name := alarm.Name
		if i >= j.read {
			name = ""
		}
		*known = Alarm{Name: name, Disabled: !alarm.ActionsEnabled, Muted: j.muted(alarm.Name)}
		for _, state := range []autoscaling.States{autoscaling.Alarm, autoscaling.OK, autoscaling.InsufficientData} {
			for _, action := range autoscaling.Actions(alarm, state) {
				j.action(i, state, resource, autoscaling.PolicyARN(action))
			}
		}
		slices.Sort(known.Triggers)
		known.Triggers = slices.Compact(known.Triggers)
	}
}

// action notes what one action of an alarm in a state is.
func (j *judge) action(alarm int, state autoscaling.States, resource, action string) {
	known := &j.b.Alarms[alarm]
	if strings.Contains(action, ":lambda:") {
		known.Lambda = true
		return
	}
	for i := range j.policies {
		p := &j.policies[i]
		if p.ARN != action {
			continue
		}
		known.Triggers = append(known.Triggers, p.Name)
		wire := j.wire(alarm, i)
		wire.in |= state
		if p.Tracking != nil && strings.HasPrefix(j.alarms[alarm].Name, fleet.TrackingAlarmPrefix) {
			wire.made, known.AWS = high, true
			if autoscaling.ScalesIn(p, &j.alarms[alarm]) {
				wire.made = low
			}
		}
		return
	}
	if fleet.ScaledResource(action) == resource && !slices.Contains(known.Dead, action) {
		known.Dead = append(known.Dead, action)
	}
}

// wire is the path from an alarm to a policy, by their indices.
func (j *judge) wire(alarm, policy int) *Wire {
	key := [2]int{alarm, policy}
	if j.paths[key] == nil {
		j.paths[key] = &Wire{Path: j.path(alarm, policy)}
	}
	return j.paths[key]
}

// path names an alarm and a policy by their indices, which may be -1.
func (j *judge) path(alarm, policy int) (p Path) {
	if alarm >= 0 {
		p.Alarm = j.b.Alarms[alarm].Name
	}
	if policy >= 0 {
		p.Policy = j.policies[policy].Name
	}
	return p
}

// unsure notes why something is not judged.
func (j *judge) unsure(alarm, policy, text string) {
	if text != "" {
		j.b.NotJudged = append(j.b.NotJudged, Reason{Path{alarm, policy}, text})
	}
}

// settle asks about one scene, and notes what every alarm and policy does in it. Alarms and acts of the outcome stand until the next.
func (j *judge) settle(s scene) autoscaling.Outcome {
	model := j.model
	switch s.of {
	case AsleepRequests, ModerateOverload, Overloaded, Idle:
		model = j.own // an answer to what is queued here, not chance
	}
	out := model.SettleIn(j.situation(s), &j.room)
	for i := range out.Alarms {
		course, known := &out.Alarms[i], &j.b.Alarms[i]
		switch {
		case s.requests > 1:
		case course.Alarm >= 0 && course.Final.Certain(autoscaling.Alarm):
			if known.After == 0 { // one that was in ALARM already tells nothing of how long it takes
				known.After = minutes(course.Alarm)
			}
			known.Reaches.add(s.of)
		case course.Alarm < 0 && !course.Final.Possible(autoscaling.Alarm):
			known.Never.add(s.of)
		}
	}
	for _, act := range out.Acts {
		j.note(s, act, &out.Alarms[act.Alarm])
	}
	return out
}

// note notes what an alarm does through a policy.
func (j *judge) note(s scene, act autoscaling.Act, course *autoscaling.Course) {
	n, wire := s.desired, j.wire(act.Alarm, act.Policy)
	least, most := act.Asked.Least, act.Asked.Most
	switch {
	case !act.Lasts, act.Asked.None && least == most, least == n && most == n:
	case !act.Certain || act.Asked.None || least <= n && most >= n:
		wire.May.add(s.of)
		why := cmp.Or(act.Asked.Reason, act.Reason)
		wire.reason = cmp.Or(wire.reason, why)
		if n == 0 && most > 0 {
			wire.asleep = cmp.Or(wire.asleep, why)
		}
	case most < n:
		wire.Removes.add(s.of)
		wire.Removing.note(act, course)
	default:
		wire.Adds.add(s.of)
		wire.Adding.note(act, course)
		if s.of == AsleepRequests && (wire.WakesFrom == 0 || s.requests < wire.WakesFrom) {
			wire.WakesFrom = s.requests
		}
	}
}

// note notes the first time. An alarm that is in the state already tells nothing of how long it takes.
func (t *Trigger) note(act autoscaling.Act, course *autoscaling.Course) {
	if t.State == "" {
		t.State = act.State.String()
	}
	if t.After == 0 && len(course.Steps) > 1 && t.State == act.State.String() {
		t.After = minutes(act.After)
	}
}

// situation is the scene as the model wants it.
func (j *judge) situation(s scene) autoscaling.Situation {
	var bounds *autoscaling.Bounds
	if s.of == AsleepIdle || s.of == AsleepRequests || s.of == BesideAnother { // the minimum of another time would hide what wakes
		bounds = &autoscaling.Bounds{Max: j.target.MaxCapacity, Suspended: j.target.Suspended}
	}
	return autoscaling.Situation{
		Bounds: bounds,
		Metric: func(m fleet.Metric) (before, now autoscaling.Value) {
			before, now = s.before.value(&m, j.endpoint.Name, j.variant.Name), s.now.value(&m, j.endpoint.Name, j.variant.Name)
			if s.missing != nil && s.missing.Equal(m) {
				now = autoscaling.Missing()
			}
			return before, now
		},
		Desired: s.desired, Running: s.running, Late: s.late,
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// conclude joins what was noted.
func (j *judge) conclude() {
	b := j.b
	for key, wire := range j.paths {
		alarm, policy := &b.Alarms[key[0]], &b.Policies[key[1]]
		alarm.Acts, alarm.May = alarm.Acts|wire.Acts(), alarm.May|wire.May
		policy.Acts, policy.May = policy.Acts|wire.Acts(), policy.May|wire.May
		if alarm.Name != "" {
			policy.Alarms = append(policy.Alarms, alarm.Name)
		}
		switch {
		case wire.Acts() == 0:
			j.unsure(wire.Alarm, wire.Policy, wire.reason)
		case b.Wakes.Verdict == NotJudged, wire.May.Has(AsleepIdle):
			j.unsure(wire.Alarm, wire.Policy, wire.asleep)
		}
		b.Paths = append(b.Paths, *wire)
	}
	for i := range b.Policies {
		slices.Sort(b.Policies[i].Alarms)
	}
	slices.SortFunc(b.Paths, func(a, b Wire) int { return cmp.Or(compare(a.Path, b.Path), cmp.Compare(a.made, b.made)) })
	slices.SortFunc(b.NotJudged, func(a, b Reason) int { return cmp.Or(compare(a.Path, b.Path), cmp.Compare(a.Text, b.Text)) })
	b.NotJudged = slices.Compact(b.NotJudged)
	b.Alarms = slices.DeleteFunc(b.Alarms, func(a Alarm) bool { return a.Name == "" })
}

func compare(a, b Path) int {
	return cmp.Or(cmp.Compare(a.Alarm, b.Alarm), cmp.Compare(a.Policy, b.Policy))
}

// addsToNone tells whether a step policy has a step that starts an instance where none runs.
func addsToNone(p *fleet.Policy) bool {
	if p.Step == nil || p.Step.AdjustmentType == "PercentChangeInCapacity" {
		return false
	}
	return slices.ContainsFunc(p.Step.Adjustments, fleet.StepAdjustment.Adds)
}

// unpublished names the metric of a tracking policy that AWS never publishes for asynchronous endpoints; empty if it does,
// or nobody knows.
func unpublished(p *fleet.Policy) string {
	if p.Tracking == nil {
		return ""
	}
	if len(p.Tracking.Math) == 0 {
		metric, _ := autoscaling.Tracked(p)
		return neverPublished(metric, p.Tracking.Unit)
	}
	for _, query := range p.Tracking.Math {
		if query.Metric != nil {
			if name := neverPublished(*query.Metric, query.Unit); name != "" {
				return name
			}
		}
	}
	return ""
}

func neverPublished(metric fleet.Metric, unit string) string {
	published, ok, known := autoscaling.Published(metric)
	switch {
	case !known:
		return ""
	case !ok:
		return strconv.Quote(metric.Name)
	case unit != "" && unit != published:
		return strconv.Quote(metric.Name) + " in " + unit
	}
	return ""
}
