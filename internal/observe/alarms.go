package observe

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// askAlarms reads all metric alarms and keeps those that concern endpoints; of the others the names. The mute rules are
// read beside them.
func (o *Observer) askAlarms() func(context.Context) (func(*Observer), error) {
	aws, mutes, before, now, lifetime := o.aws.Alarms, o.aws.Mutes, o.mutes, o.now, o.options.lifetime(fleet.SourceAlarms)
	return func(ctx context.Context) (func(*Observer), error) {
		at := now()
		var group sync.WaitGroup
		known, lacks := before, error(nil)
		if mutes != nil {
			group.Go(func() { known, lacks = askMutes(ctx, mutes, before, at) })
		}
		all, err := aws.MetricAlarms(ctx)
		group.Wait()
		if err != nil {
			return nil, err
		}
		rules, readable := known.list(at, lifetime)
		var concerning []fleet.Alarm
		var others []string
		for _, alarm := range all {
			if !alarm.Concerns() {
				others = append(others, alarm.Name)
				continue
			}
			alarm.Read = at
			if readable {
				alarm = alarm.WithMutes(rules)
			}
			concerning = append(concerning, alarm)
		}
		return func(o *Observer) {
			o.alarms, o.others, o.joined = concerning, others, nil
			o.mutes, o.lacks = known, lacks
		}, nil
	}
}

// wiring finds the alarms of a variant.
type wiring struct {
	policies map[string][]fleet.Policy     // by resource id
	wired    map[string][]fleet.WiredAlarm // by the policy's ARN
	loose    map[string][]fleet.WiredAlarm // alarms on an endpoint's metrics that trigger no policy, by endpoint
}

// wire joins policies and alarms. Both sides are asked: an alarm names the policies that it triggers, and a policy
// lists its alarms. An alarm that triggers no living policy belongs to the endpoint whose metric it watches.
func wire(policies []fleet.Policy, alarms []fleet.Alarm) wiring {
	w := wiring{
		policies: map[string][]fleet.Policy{},
		wired:    map[string][]fleet.WiredAlarm{},
		loose:    map[string][]fleet.WiredAlarm{},
	}
	triggers := map[string][]*fleet.Policy{} // by the alarm's name
	byARN := map[string]*fleet.Policy{}
	for i := range policies {
		policy := &policies[i]
		w.policies[policy.ResourceID] = append(w.policies[policy.ResourceID], *policy)
		byARN[policy.ARN] = policy
		for _, name := range policy.Alarms {
			triggers[name] = append(triggers[name], policy)
		}
	}
	for _, alarm := range alarms {
		triggered := triggers[alarm.Name]
		for _, action := range alarm.AlarmActions {
			if policy := byARN[action]; policy != nil && !slices.Contains(triggered, policy) {
				triggered = append(triggered, policy)
			}
		}
		for _, policy := range triggered {
			w.wired[policy.ARN] = append(w.wired[policy.ARN],
				fleet.WiredAlarm{Policy: policy.Name, Role: fleet.RoleOf(alarm, policy), Alarm: alarm})
		}
		if endpoint, ok := alarm.Metric.Dimension("EndpointName"); ok && len(triggered) == 0 {
			w.loose[endpoint] = append(w.loose[endpoint],
				fleet.WiredAlarm{Role: fleet.RoleOf(alarm, nil), Alarm: alarm})
		}
	}
	return w
}

// alarmsOf lists the alarms of a variant, sorted by policy and name: those that trigger its policies, and those that
// watch its endpoint and trigger nothing. What watches another variant alone is left out.
func (w wiring) alarmsOf(endpoint, variant string) []fleet.WiredAlarm {
	var found []fleet.WiredAlarm
	for _, policy := range w.policies[fleet.ResourceID(endpoint, variant)] {
		found = append(found, w.wired[policy.ARN]...)
	}
	for _, alarm := range w.loose[endpoint] {
		if of, ok := alarm.Metric.Dimension("VariantName"); !ok || of == variant {
			found = append(found, alarm)
		}
	}
	slices.SortFunc(found, func(a, b fleet.WiredAlarm) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Name, b.Name))
	})
	return found
}
