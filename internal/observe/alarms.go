package observe

import (
	"context"
	"slices"
	"sync"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// askAlarms reads all metric alarms and keeps those that concern endpoints; of the others the names. The mute rules are
// read beside them.
func (o *Observer) askAlarms() func(context.Context) (func(*Observer), error) {
	aws, mutes, before, now, lifetime := o.aws.Alarms, o.aws.Mutes, o.mutes, o.now, o.options.lifetime(fleet.SourceAlarms)
	alarms, standIns, policies, memory := o.alarms, o.standIns, o.scaling.policies, o.options.Memory
	return func(ctx context.Context) (func(*Observer), error) {
		at := now()
		var group sync.WaitGroup
		known, lacks := before, error(nil)
		if mutes != nil {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, mutePatience)
				defer cancel()
				known, lacks = askMutes(ctx, mutes, before, at, memory)
			})
		}
		all, err := aws.MetricAlarms(ctx)
		group.Wait()
		missing := gaps{}
		of := list[fleet.Alarm]{
			source: fleet.SourceAlarms, key: func(a fleet.Alarm) string { return a.Name },
			before: unlessOutlived(alarms, standIns, at, lifetime),
			scales: func(name string) []string { return scaledBy(name, policies) },
		}
		all, refused, err := of.standIn(all, err, missing)
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
			if alarm.Read.IsZero() { // not one that stands in
				alarm.Read = at
			}
			if readable {
				alarm = alarm.WithMutes(rules)
			}
			concerning = append(concerning, alarm)
		}
		return func(o *Observer) {
			o.alarms, o.alarmsRead, o.others, o.joined = concerning, at, others, nil
			o.mutes, o.lacks, o.standIns, o.gaps = known, lacks, since(standIns, at, refused), missing
			o.heard(fleet.SourceAlarms, at)
		}, withRefused(nil, refused)
	}
}

// scaledBy are the endpoints of the policies that list an alarm.
func scaledBy(alarm string, policies []fleet.Policy) (names []string) {
	for i := range policies {
		if name, _, ok := fleet.SplitResourceID(policies[i].ResourceID); ok && slices.Contains(policies[i].Alarms, alarm) {
			names = append(names, name)
		}
	}
	return names
}
