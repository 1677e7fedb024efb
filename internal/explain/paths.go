package explain

import (
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// path is a path of the behavior with its objects, which are nil where there are none.
type path struct {
	alarm  *fleet.Alarm
	policy *fleet.Policy
	state  string        // of the alarm, in which it triggers the policy
	after  time.Duration // until it is in that state once its metric is so; 0 where it never is
}

// known tells whether the path has a policy.
func (p path) known() bool { return p.policy != nil }

// acts tells whether the alarm of the path is in the state in which it triggers the policy.
func (p path) acts() bool { return p.alarm != nil && p.alarm.State == p.state }

// find fills in the paths by which the variant wakes, scales out and scales in, as its behavior has them.
func (v *variant) find() {
	b := v.Behavior
	v.wakes = v.objects(b.WakePath(), wake)
	v.grows = v.way(b.ScalesOut.By, out)
	v.shrinks = v.way(b.ScalesIn.By, in)
	if v.beside() {
		v.grows = v.objects(b.Joins.By, out)
	}
	switch rest, now := v.standing.Rest, v.standing.Now; { // at this number of instances it may be another one
	case v.beside() && v.desired == 0 && rest.Least > 0 && rest.Policy != "":
		v.grows = v.objects(rest.Path, out)
	case v.desired == 0 && now.Least > 0 && now.Alarm != "" && !v.wakes.acts():
		v.wakes = v.objects(now.Path, wake)
	case v.desired > 0 && rest.Least > v.desired && rest.Policy != "":
		v.grows = v.objects(rest.Path, out)
	case v.desired > 0 && rest.Most < v.desired && rest.Policy != "":
		v.shrinks = v.objects(rest.Path, in)
	}
	for i := range v.Policies {
		p := &v.Policies[i]
		if known := b.Policy(p.Name); v.tracking == nil && p.Tracking != nil && known != nil && known.Unpublished == "" {
			v.tracking = p
		}
	}
	for _, p := range []*fleet.Policy{v.shrinks.policy, v.grows.policy} {
		if p != nil && p.Tracking != nil {
			v.tracking = p
		}
	}
}

// by is the path of the direction in which the number of instances has to go.
func (v *variant) by() path {
	return map[direction]path{wake: v.wakes, out: v.grows, in: v.shrinks}[v.goes]
}

// way is a path that the behavior names, or else the one whose alarm has the role: it is there while scaling is suspended.
func (v *variant) way(by behavior.Path, goes direction) path {
	if by != (behavior.Path{}) {
		return v.objects(by, goes)
	}
	role := map[direction]fleet.Role{out: fleet.RoleHigh, in: fleet.RoleLow}[goes]
	for i := range v.Behavior.Paths {
		if p := v.Behavior.Paths[i].Path; p.Alarm != "" && v.Behavior.Role(p.Alarm, p.Policy) == role {
			return v.objects(p, goes)
		}
	}
	return path{}
}

// objects are those that a path names, with when it goes in a direction.
func (v *variant) objects(named behavior.Path, goes direction) (p path) {
	trigger := v.Behavior.Trigger(named, goes == in)
	p.state, p.after = trigger.State, trigger.After
	if i := slices.IndexFunc(v.Alarms, func(a fleet.WiredAlarm) bool { return a.Name == named.Alarm }); i >= 0 && named.Alarm != "" {
		p.alarm = &v.Alarms[i].Alarm
	}
	if i := slices.IndexFunc(v.Policies, func(p fleet.Policy) bool { return p.Name == named.Policy }); i >= 0 && named.Policy != "" {
		p.policy = &v.Policies[i]
	}
	return p
}

// beyond tells whether the newest value of what an alarm watches is beyond its threshold; known is false where it watches
// no metric of the queue, or the value is not known.
func (v *variant) beyond(alarm *fleet.Alarm) (beyond bool, value fleet.Reading, known bool) {
	if metric, ok := v.watches(alarm); ok && v.sees(metric) {
		value = v.endpoint.Queue[metric]
		beyond, known = behavior.Beyond(alarm, value.Value)
	}
	return beyond, value, known
}

// watches is the metric of the queue that an alarm watches; ok is false where it watches another one, or metric math.
func (l *looked) watches(alarm *fleet.Alarm) (metric fleet.QueueMetric, ok bool) {
	for _, metric := range fleet.QueueMetrics() {
		if len(alarm.Math) == 0 && alarm.Metric.Equal(metric.Query(l.endpoint.Name).Metric) {
			return metric, true
		}
	}
	return metric, false
}

// eager tells whether the path adds instances already for requests that are in service: being at the maximum is then no
// sign of too much work.
func (v *variant) eager(p path) bool {
	return p.alarm != nil && slices.ContainsFunc(v.Behavior.Paths, func(w behavior.Wire) bool {
		return w.Alarm == p.alarm.Name && w.Adds.Has(behavior.OneRequest, behavior.Busy)
	})
}

// tooFew tells whether the number of queued requests is one that does not wake the variant, though others do.
func (v *variant) tooFew() bool {
	w, n := &v.Behavior.Wakes, int(v.backlog.Value)
	return w.Verdict == behavior.Yes && v.waiting && (n < w.From || w.UpTo > 0 && n > w.UpTo)
}

// rests tells whether nothing removes an instance of those that there are, although they are idle and more than the minimum.
func (v *variant) rests() bool {
	in := &v.Behavior.ScalesIn
	return in.Verdict != behavior.Yes || v.desired <= in.To
}

// unjudged says of scale-in that it is not judged; empty where it is.
func (v *variant) unjudged() string {
	if in := &v.Behavior.ScalesIn; in.Verdict == behavior.NotJudged || in.Verdict == behavior.Yes && v.desired <= in.To && v.desired > in.Possible {
		return "Whether idle instances are removed is not judged" + because(in.Reason)
	}
	return ""
}

// because is a reason behind a sentence; empty without one.
func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// faulty says why the variant does not wake, by the alarm and what it triggers; empty where these are sound.
func (v *variant) faulty() string {
	fault := v.Behavior.Wakes.Fault
	if fault == nil || v.Behavior.Wakes.Verdict != behavior.No || fault.Kind == behavior.Suspended || fault.Kind == behavior.NoCapacity {
		return "" // other links say the latter
	}
	return v.obstacle(fault)
}

// obstacle says what a fault is about an alarm; empty where it is about something else.
func (v *variant) obstacle(fault *behavior.Fault) string {
	switch fault.Kind {
	case behavior.DeadAction:
		return "it triggers a policy that does not exist any more"
	case behavior.NoStep:
		return fmt.Sprintf("the policy %q adds nothing at that value", fault.Policy)
	case behavior.NeverAlarms:
		return "it does not go into " + v.wakes.state + " when requests are queued at 0 instances"
	case behavior.Disabled:
		return "its actions are disabled"
	case behavior.Silenced:
		return "a mute rule silences its actions"
	case behavior.Suspended:
		return "scale-out is suspended"
	case behavior.NoCapacity:
		return "the maximum is 0"
	}
	return ""
}
