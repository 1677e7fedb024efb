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
