package plan

import (
	"slices"

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
	seen     *behavior.Behavior // of what was observed
	wake     obstacle           // in the way of the wake policy
	pending  bool               // steps of the plan change how it wakes
}

// siblings are the variants of one endpoint, which may share alarms.
type siblings struct {
	states []*state
	alarms []string // the names of those that were drafted
	fixed  bool     // one of them was changed so that a variant wakes
}

// state begins with what was observed. A target that is missing, suspended or without any capacity says nothing of the
// policies: then they are judged with another one.
func (d *differ) state(s *policy.Subject) *state {
	of := d.siblings[s.Endpoint.Name]
	if of == nil {
		of = &siblings{}
		d.siblings[s.Endpoint.Name] = of
	}
	st := &state{Subject: s, siblings: of, target: s.Variant.Target, policies: s.Variant.Policies}
	of.states = append(of.states, st)
	if t := st.target; t != nil && t.Suspended == (fleet.Suspension{}) && t.MaxCapacity > 0 {
		st.seen = d.behavior(s.Endpoint, s.Variant)
	} else {
		st.seen = d.trial(st, st.policies, d.alarmsOf(st))
	}
	return st
}

// behavior asks what a variant does, as it was observed.
func (d *differ) behavior(endpoint *fleet.Endpoint, variant *fleet.Variant) *behavior.Behavior {
	if d.rules.Behavior != nil {
		return d.rules.Behavior(endpoint, variant)
	}
	return behavior.Of(endpoint, variant, behavior.Context{At: d.snapshot.At})
}

// trial asks what the variant would do with these policies and alarms, between bounds that let it sleep and scale. Mute
// rules, scheduled actions and suspensions end some day, so they are left out.
func (d *differ) trial(s *state, policies []fleet.Policy, alarms []fleet.Alarm) *behavior.Behavior {
	most := 2
	if s.target != nil {
		most = max(most, s.target.MaxCapacity)
	}
	target := fleet.Target{ResourceID: s.Resource, MaxCapacity: most}
	return behavior.Of(s.Endpoint, s.as(&target, policies, alarms, nil), behavior.Context{})
}

// as is the variant with other objects.
func (s *state) as(target *fleet.Target, policies []fleet.Policy, alarms []fleet.Alarm, scheduled []fleet.ScheduledAction) *fleet.Variant {
	v := *s.Variant
	v.Target, v.Policies, v.Scheduled = target, policies, scheduled
	v.Alarms = make([]fleet.WiredAlarm, len(alarms))
	for i := range alarms {
		v.Alarms[i].Alarm = alarms[i]
	}
	return &v
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

// wakesFromOne tells whether a single request starts an instance, and any number more too.
func wakesFromOne(w *behavior.Wakes) bool {
	return w.Verdict == behavior.Yes && w.From == 1 && w.UpTo == 0
}
