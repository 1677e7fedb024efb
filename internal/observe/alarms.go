package observe

import (
	"context"
	"sync"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// askAlarms reads all metric alarms and keeps those that concern endpoints; of the others the names. The mute rules are
// read beside them.
func (o *Observer) askAlarms() func(context.Context) (func(*Observer), error) {
	aws, mutes, before, now, lifetime := o.aws.Alarms, o.aws.Mutes, o.mutes, o.now, o.options.lifetime(fleet.SourceAlarms)
	alarms, standIns := o.alarms, o.standIns
	return func(ctx context.Context) (func(*Observer), error) {
		at := now()
		var group sync.WaitGroup
		known, lacks := before, error(nil)
		if mutes != nil {
			group.Go(func() { known, lacks = askMutes(ctx, mutes, before, at) })
		}
		all, err := aws.MetricAlarms(ctx)
		group.Wait()
		all, refused, err := standIn(all, alarms, func(a fleet.Alarm) string { return a.Name }, err)
		if err != nil {
			return nil, err
		}
		standing := since(standIns, at, refused)
		if outlived(standing, at, lifetime) {
			return nil, refused
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
			o.alarms, o.others, o.joined = concerning, others, nil
			o.mutes, o.lacks, o.standIns = known, lacks, standing
			o.heard(fleet.SourceAlarms, at)
		}, refused
	}
}
