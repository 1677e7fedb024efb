package plan

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// state is one variant on its way through a plan: as it will be once the steps so far are written.
type state struct {
	*policy.Subject
	siblings *siblings
	missing  obstacle           // in the way of the target that everything needs
	target   *fleet.Target      // nil while none stands and none is planned
	policies []fleet.Policy     // new ones have an ARN of their own, see fresh
	seen     *behavior.Behavior // of the objects that were observed
	wake     obstacle           // in the way of the wake policy
}

// siblings are the variants of one endpoint, which may share alarms.
type siblings struct {
	states []*state
	alarms []string // the names of those that were drafted
	fixed  bool     // one of them was changed so that a variant wakes
}

// state begins with what was observed.
func (d *differ) state(s *policy.Subject) *state {
	of := d.siblings[s.Endpoint.Name]
	if of == nil {
		of = &siblings{}
		d.siblings[s.Endpoint.Name] = of
	}
	st := &state{Subject: s, siblings: of, target: s.Variant.Target, policies: s.Variant.Policies}
	of.states = append(of.states, st)
	observed := *s.Variant
	observed.Target, observed.Scheduled = st.free(), nil
	if of := d.rules.Behavior; of != nil {
		st.seen = of(s.Endpoint, &observed)
	} else {
		st.seen = behavior.Of(s.Endpoint, &observed, behavior.Context{})
	}
	return st
}

// free is a target with bounds that let the variant sleep and scale. With a minimum above 0 each change of the capacity
// ends at the minimum, whatever the policy asks for.
func (s *state) free() *fleet.Target {
	most := 2
	if s.target != nil {
		most = max(most, s.target.MaxCapacity)
	}
	return &fleet.Target{ResourceID: s.Resource, MaxCapacity: most}
}

// trial asks what the variant would do with these policies and alarms, whatever its bounds are. Mute rules, scheduled
// actions and suspensions end some day, so they are left out.
func (d *differ) trial(s *state, policies []fleet.Policy, alarms []fleet.Alarm) *behavior.Behavior {
	return behavior.Of(s.Endpoint, s.as(s.free(), policies, alarms, nil), behavior.Context{})
}

// as is the variant with other objects. Of a tracking policy that is put, AWS's own alarms are made anew.
func (s *state) as(target *fleet.Target, policies []fleet.Policy, alarms []fleet.Alarm, scheduled []fleet.ScheduledAction) *fleet.Variant {
	v := *s.Variant
	v.Target, v.Policies, v.Scheduled = target, policies, scheduled
	v.Alarms = make([]fleet.WiredAlarm, 0, len(alarms))
	for i := range alarms {
		if !slices.ContainsFunc(policies, func(p fleet.Policy) bool { return replaced(&alarms[i], &p) }) {
			v.Alarms = append(v.Alarms, fleet.WiredAlarm{Alarm: alarms[i]})
		}
	}
	return &v
}

// replaced tells whether AWS made an alarm for a tracking policy, and makes another in its place when that is put.
func replaced(a *fleet.Alarm, put *fleet.Policy) bool {
	return put.Tracking != nil && len(put.Alarms) == 0 && strings.HasPrefix(a.Name, fleet.TrackingAlarmPrefix) && slices.Contains(a.AlarmActions, put.ARN)
}

// with are the policies with one more, or with another one of its name.
func with(policies []fleet.Policy, p fleet.Policy) []fleet.Policy {
	i := slices.IndexFunc(policies, func(other fleet.Policy) bool { return other.Name == p.Name })
	policies = slices.Clone(policies)
	if i < 0 {
		return append(policies, p)
	}
	policies[i] = p
	return policies
}

func (s *state) policy(name string) *fleet.Policy {
	i := slices.IndexFunc(s.policies, func(p fleet.Policy) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &s.policies[i]
}

// alarmsOf are the alarms of a variant as they will be, each once.
func (d *differ) alarmsOf(s *state) (alarms []fleet.Alarm) {
	has := map[string]bool{}
	for i := range s.Variant.Alarms {
		alarm := s.Variant.Alarms[i].Alarm
		if has[alarm.Name] {
			continue
		}
		has[alarm.Name] = true
		if draft := d.alarms[alarm.Name]; draft != nil {
			alarm = draft.after
		}
		alarms = append(alarms, alarm)
	}
	for _, name := range s.siblings.alarms {
		draft := d.alarms[name]
		if !has[name] && slices.ContainsFunc(s.policies, func(p fleet.Policy) bool { return p.ARN != "" && slices.Contains(draft.after.AlarmActions, p.ARN) }) {
			alarms = append(alarms, draft.after)
		}
	}
	return alarms
}

// fresh is the ARN that a policy of the plan has until AWS gives it one.
func fresh(resource, name string) string { return freshPrefix + resource + ":policyName/" + name }

const freshPrefix = "arn:aws:autoscaling:::scalingPolicy:" + AfterApply + ":resource/" + fleet.ServiceNamespace + "/"

// keeps tells whether a variant still does what it did: a queue adds instances no later, and idle ones are removed down to
// as few.
func keeps(before, after *behavior.Behavior) bool {
	level := func(b *behavior.Behavior) int {
		return slices.Index([]behavior.Level{behavior.Never, behavior.BurstOnly, behavior.LevelOpen, behavior.Moderate}, b.ScalesOut.Level)
	}
	was, is := before.ScalesIn, after.ScalesIn
	if was.Verdict == behavior.Yes && (is.Verdict != behavior.Yes || is.To > was.To) {
		return false
	}
	return level(after) >= level(before)
}

// wakesFromOne tells whether a single request starts an instance, and any number more too.
func wakesFromOne(w *behavior.Wakes) bool {
	return w.Verdict == behavior.Yes && w.From == 1 && w.UpTo == 0
}
