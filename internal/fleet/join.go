package fleet

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Join finds what belongs to a variant among all that Application Auto Scaling and CloudWatch list in a scope. It is not
// for concurrent use; what it gives out is shared and never changed.
type Join struct {
	targets   map[string]*Target // by resource id
	policies  map[string][]Policy
	scheduled map[string][]ScheduledAction
	wired     map[string][]wire       // by the policy's ARN
	dead      map[string][]wire       // alarms that act on a policy which does not exist, by its resource id
	loose     map[string][]wire       // alarms on an endpoint's metrics that trigger no policy, by endpoint
	alarms    map[string][]WiredAlarm // of the variants that were looked up
}

// wire is a WiredAlarm before it is looked up.
type wire struct {
	policy string
	alarm  *Alarm
}

// NewJoin indexes what is known of scaling. Policies and alarms are joined from both sides: an alarm names the policies that
// it triggers in any of its states, and a policy lists its alarms. An alarm that acts on a policy which does not exist belongs
// to the variant of that policy, and one that triggers no living policy to each endpoint whose metrics it watches. The alarms are all
// that CloudWatch had from a moment on; zero: they were not read, and nothing tells which are gone.
func NewJoin(targets []Target, policies []Policy, scheduled []ScheduledAction, alarms []Alarm, read time.Time) *Join {
	j := &Join{
		targets:   make(map[string]*Target, len(targets)),
		policies:  map[string][]Policy{},
		scheduled: map[string][]ScheduledAction{},
		wired:     map[string][]wire{},
		dead:      map[string][]wire{},
		loose:     map[string][]wire{},
		alarms:    map[string][]WiredAlarm{},
	}
	for i := range targets {
		j.targets[targets[i].ResourceID] = &targets[i]
	}
	for _, action := range scheduled {
		j.scheduled[action.ResourceID] = append(j.scheduled[action.ResourceID], action)
	}
	j.wire(policies, alarms)
	if !read.IsZero() {
		j.lose(alarms, read)
	}
	return j
}

// lose finds the alarms of tracking policies that are gone.
func (j *Join) lose(alarms []Alarm, read time.Time) {
	acting := map[string][]string{} // AWS's own, by the ARN of the policy that they trigger
	for i := range alarms {
		if !strings.HasPrefix(alarms[i].Name, TrackingAlarmPrefix) {
			continue
		}
		for _, action := range alarms[i].Actions() {
			acting[action] = append(acting[action], alarms[i].Name)
		}
	}
	for _, list := range j.policies {
		for i := range list {
			if p := &list[i]; p.Tracking != nil && p.Created.Before(read.Add(-madeWithin)) {
				p.Lost = lost(p, acting[p.ARN])
			}
		}
	}
}

// madeWithin is the longest time from a policy to the alarms that AWS makes for it.
const madeWithin = time.Minute

// lost are the alarms that AWS made for a policy and that are not among those that trigger it. One that triggers it and that the
// policy does not list was made since the policy was read, in place of those that it lists.
func lost(p *Policy, acting []string) (names []string) {
	if slices.ContainsFunc(acting, func(name string) bool { return !slices.Contains(p.Alarms, name) }) {
		return nil
	}
	for _, name := range p.Alarms {
		idle := p.Tracking.DisableScaleIn && strings.Contains(name, TrackingLow) // it would do nothing
		if strings.HasPrefix(name, TrackingAlarmPrefix) && !idle && !slices.Contains(acting, name) {
			names = append(names, name)
		}
	}
	return names
}

func (j *Join) wire(policies []Policy, alarms []Alarm) {
	triggers := map[string][]*Policy{} // by the alarm's name
	byARN := map[string]*Policy{}
	for i := range policies {
		policy := &policies[i]
		j.policies[policy.ResourceID] = append(j.policies[policy.ResourceID], *policy)
		byARN[policy.ARN] = policy
		for _, name := range policy.Alarms {
			triggers[name] = append(triggers[name], policy)
		}
	}
	for i := range alarms {
		alarm := &alarms[i]
		triggered, dead := triggers[alarm.Name], map[string]bool{}
		for _, action := range alarm.Actions() {
			resource := ScaledResource(action)
			switch policy := byARN[action]; {
			case policy == nil && resource != "" && !dead[resource]:
				dead[resource] = true
				j.dead[resource] = append(j.dead[resource], wire{alarm: alarm})
			case policy != nil && !slices.Contains(triggered, policy):
				triggered = append(triggered, policy)
			}
		}
		for _, policy := range triggered {
			j.wired[policy.ARN] = append(j.wired[policy.ARN], wire{policy.Name, alarm})
		}
		if len(triggered) == 0 {
			for _, endpoint := range alarm.Endpoints() {
				j.loose[endpoint] = append(j.loose[endpoint], wire{alarm: alarm})
			}
		}
	}
}

// Target is the scalable target of a resource, nil without one.
func (j *Join) Target(resource string) *Target { return j.targets[resource] }

// Fill gives a variant its target, policies, scheduled actions and alarms.
func (j *Join) Fill(endpoint string, v *Variant) {
	resource := ResourceID(endpoint, v.Name)
	v.Target, v.Policies, v.Scheduled = j.targets[resource], j.policies[resource], j.scheduled[resource]
	v.Alarms = j.alarmsOf(endpoint, v.Name)
}

// alarmsOf lists the alarms of a variant, sorted by policy and name: those that trigger its policies, one entry for each
// policy, and those without a policy: they act on one of the variant's that does not exist, or watch its endpoint and
// trigger nothing. What watches another variant alone is left out.
func (j *Join) alarmsOf(endpoint, variant string) []WiredAlarm {
	resource := ResourceID(endpoint, variant)
	found, ok := j.alarms[resource]
	if ok {
		return found
	}
	var wires []wire
	for _, policy := range j.policies[resource] {
		wires = append(wires, j.wired[policy.ARN]...)
	}
	has := make(map[string]bool, len(wires))
	for _, w := range wires {
		has[w.alarm.Name] = true
	}
	add := func(w wire) {
		if !has[w.alarm.Name] {
			has[w.alarm.Name] = true
			wires = append(wires, w)
		}
	}
	for _, w := range j.dead[resource] {
		add(w)
	}
	for _, w := range j.loose[endpoint] {
		if w.alarm.watches(endpoint, variant) {
			add(w)
		}
	}
	slices.SortFunc(wires, func(a, b wire) int {
		return cmp.Or(cmp.Compare(a.policy, b.policy), cmp.Compare(a.alarm.Name, b.alarm.Name))
	})
	if len(wires) > 0 {
		found = make([]WiredAlarm, len(wires))
	}
	for i, w := range wires {
		found[i] = WiredAlarm{Policy: w.policy, Alarm: *w.alarm}
	}
	j.alarms[resource] = found
	return found
}

// Rejoin gives every variant of the snapshot what belongs to it among the snapshot's targets, policies, scheduled
// actions and alarms.
func (s *Snapshot) Rejoin() {
	alarms, _ := s.Source(SourceAlarms)
	read := alarms.LastSuccess
	if !read.IsZero() {
		read = read.Add(-alarms.Duration)
	}
	j := NewJoin(s.Targets, s.Policies, s.Scheduled, s.Alarms, read)
	for i := range s.Endpoints {
		for k := range s.Endpoints[i].Variants {
			j.Fill(s.Endpoints[i].Name, &s.Endpoints[i].Variants[k])
		}
	}
}
