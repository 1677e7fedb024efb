package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// errNotOurs says that the endpoint is gone, is not asynchronous any more, or is not selected any more.
var errNotOurs = errors.New("the endpoint is gone or not observed any more")

// The reasons for that. What is owed to an endpoint that was deleted is forgotten.
var (
	errDeleted = fmt.Errorf("%w: it was deleted", errNotOurs)
	errLeftOut = fmt.Errorf("%w: discovery or its tags leave it out", errNotOurs)
	errOther   = fmt.Errorf("%w: it is not asynchronous", errNotOurs)
)

// read reads the endpoint with all of its variants, and makes a snapshot of it alone. Of the polled view it takes what never
// changes, the endpoint's configuration, and which alarms may concern it.
func (r *Round) read(ctx context.Context) (fleet.Snapshot, error) {
	one, err := r.readEndpoint(ctx)
	if err != nil {
		return fleet.Snapshot{}, err
	}
	resources := resourcesOf(one.Description)
	if one.Targets, err = r.targets(ctx, resources); err != nil {
		return fleet.Snapshot{}, err
	}
	for _, resource := range resources {
		policies, err := r.policies(ctx, resource)
		if err != nil {
			return fleet.Snapshot{}, err
		}
		scheduled, err := r.scheduled(ctx, resource)
		if err != nil {
			return fleet.Snapshot{}, err
		}
		one.Policies, one.Scheduled = append(one.Policies, policies...), append(one.Scheduled, scheduled...)
	}
	names := r.alarmNames(one)
	alarms, err := r.alarms(ctx, names)
	if err != nil {
		return fleet.Snapshot{}, err
	}
	r.description = one.Description
	return r.snapshot(one, names, alarms), nil
}

// readEndpoint reads what SageMaker says of it. The configuration of an endpoint never changes, so it is read only where the
// endpoint has another one by now.
func (r *Round) readEndpoint(ctx context.Context) (one observe.One, err error) {
	one.Description, err = r.describe(ctx, r.Name)
	switch {
	case errors.Is(err, fleet.ErrNotFound):
		return one, errDeleted
	case err != nil:
		return one, err
	}
	switch polled := r.Polled.Endpoint(r.Name); {
	case polled != nil && polled.ConfigName == one.Description.ConfigName:
		one.Description.Async = &polled.Async
	default:
		one.Config, err = ask(ctx, r, func(ctx context.Context) (fleet.EndpointConfig, error) {
			return r.AWS.Endpoints.DescribeEndpointConfig(ctx, one.Description.ConfigName)
		})
		if err != nil && !errors.Is(err, fleet.ErrNotFound) {
			return one, err
		}
	}
	if one.Tags, err = r.tags(ctx, one.Description.ARN); errors.Is(err, fleet.ErrNotFound) {
		return one, errDeleted
	}
	switch {
	case err != nil:
	case !one.Asynchronous():
		err = errOther
	case !r.Selects(r.Name, one.Tags):
		err = errLeftOut
	}
	return one, err
}

func (r *Round) describe(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	return ask(ctx, r, func(ctx context.Context) (fleet.EndpointDescription, error) {
		return r.AWS.Endpoints.DescribeEndpoint(ctx, name)
	})
}

func (r *Round) tags(ctx context.Context, arn string) (map[string]string, error) {
	return ask(ctx, r, func(ctx context.Context) (map[string]string, error) { return r.AWS.Endpoints.ListTags(ctx, arn) })
}

// targets reads the scalable targets of the resources; none of no resource, which AWS would take for all.
func (r *Round) targets(ctx context.Context, resources []string) ([]fleet.Target, error) {
	if len(resources) == 0 {
		return nil, nil
	}
	return ask(ctx, r, func(ctx context.Context) ([]fleet.Target, error) { return r.AWS.Scaling.TargetsOf(ctx, resources) })
}

func (r *Round) policies(ctx context.Context, resource string) ([]fleet.Policy, error) {
	return ask(ctx, r, func(ctx context.Context) ([]fleet.Policy, error) { return r.AWS.Scaling.PoliciesOf(ctx, resource) })
}

func (r *Round) scheduled(ctx context.Context, resource string) ([]fleet.ScheduledAction, error) {
	return ask(ctx, r, func(ctx context.Context) ([]fleet.ScheduledAction, error) {
		return r.AWS.Scaling.ScheduledActionsOf(ctx, resource)
	})
}

// alarms reads the alarms of the names; none of no name, which AWS would take for all.
func (r *Round) alarms(ctx context.Context, names []string) ([]fleet.Alarm, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return ask(ctx, r, func(ctx context.Context) ([]fleet.Alarm, error) { return r.AWS.Alarms.AlarmsNamed(ctx, names) })
}

func resourcesOf(description fleet.EndpointDescription) []string {
	resources := make([]string, len(description.Variants))
	for i, variant := range description.Variants {
		resources[i] = fleet.ResourceID(description.Name, variant.Name)
	}
	return resources
}

// alarmNames names every alarm that may concern the endpoint: those that the poll knows to, those that its policies list,
// those that were written lately, and those that its policies would have.
func (r *Round) alarmNames(one observe.One) []string {
	names := map[string]bool{}
	for i := range r.Polled.Snapshot.Alarms {
		if alarm := &r.Polled.Snapshot.Alarms[i]; concerns(alarm, r.Name) {
			names[alarm.Name] = true
		}
	}
	for _, scaling := range one.Policies {
		for _, name := range scaling.Alarms {
			names[name] = true
		}
	}
	for _, variant := range one.Description.Variants {
		wanted := policy.Documented()
		if selection := r.Policies.Select(r.Name, variant.Name, one.Tags); selection.Selected() {
			wanted = *selection.Wanted
		}
		names[wanted.Alarm.Name(r.Name, variant.Name)] = true
	}
	for _, own := range r.wrote {
		if own.step.Kind == plan.WakeAlarm {
			names[own.step.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// concerns tells whether an alarm watches the endpoint or acts on a scaling policy of one of its variants.
func concerns(alarm *fleet.Alarm, endpoint string) bool {
	return slices.Contains(alarm.Endpoints(), endpoint) || slices.ContainsFunc(alarm.Actions(), func(action string) bool {
		name, _, ok := fleet.SplitResourceID(fleet.ScaledResource(action))
		return ok && name == endpoint
	})
}

// lifetime is how long what was read for a round counts as fresh, which is longer than a round may take.
const lifetime = time.Hour

// snapshot is a view of the endpoint alone, in which every source was read now.
func (r *Round) snapshot(one observe.One, asked []string, alarms []fleet.Alarm) fleet.Snapshot {
	at := r.Clock.Now()
	snapshot := fleet.Snapshot{Scope: r.Polled.Snapshot.Scope, At: at, Targets: one.Targets}
	for _, name := range []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceTags} {
		snapshot.Sources = append(snapshot.Sources, fleet.Source{
			Name: name, LastAttempt: at, LastSuccess: at, LastAnswer: at, Expires: at.Add(lifetime),
		})
	}
	for _, name := range r.Polled.Snapshot.OtherAlarms {
		if !slices.Contains(asked, name) {
			snapshot.OtherAlarms = append(snapshot.OtherAlarms, name)
		}
	}
	for _, alarm := range alarms {
		alarm = r.withMutes(alarm)
		if alarm.Concerns() {
			snapshot.Alarms = append(snapshot.Alarms, alarm)
		} else {
			snapshot.OtherAlarms = append(snapshot.OtherAlarms, alarm.Name)
		}
	}
	slices.Sort(snapshot.OtherAlarms)
	one.Alarms = snapshot.Alarms
	snapshot.Endpoints = []fleet.Endpoint{one.Endpoint(at, at.Add(lifetime))}
	r.measured(&snapshot.Endpoints[0])
	return snapshot
}

// measured takes from the polled view what the endpoint's own wakes and scale-outs took.
func (r *Round) measured(endpoint *fleet.Endpoint) {
	polled := r.Polled.Endpoint(r.Name)
	if polled == nil {
		return
	}
	endpoint.Wakes = polled.Wakes
	for i := range endpoint.Variants {
		for j := range polled.Variants {
			if v := &endpoint.Variants[i]; v.Name == polled.Variants[j].Name {
				v.Activity = polled.Variants[j].Activity
			}
		}
	}
}

// withMutes is the alarm with its mute rules: as this round has read them, else as the poll did.
func (r *Round) withMutes(alarm fleet.Alarm) fleet.Alarm {
	switch {
	case r.muted:
		return alarm.WithMutes(r.rules)
	case r.owes: // what is older proves nothing
		return alarm
	}
	for i := range r.Polled.Snapshot.Alarms {
		if known := &r.Polled.Snapshot.Alarms[i]; known.Name == alarm.Name {
			alarm.Mutes = known.Mutes
		}
	}
	return alarm
}

// readMutes reads the mute rules. Where they cannot be known the poll knows nothing of them either, as documented.
func (r *Round) readMutes(ctx context.Context) (err error) {
	if r.AWS.Mutes != nil {
		type read struct {
			rules []fleet.MuteRule
			known bool
		}
		var now read
		now, err = ask(ctx, r, func(ctx context.Context) (now read, err error) {
			now.rules, now.known, err = r.AWS.Mutes.Now(ctx, r.Clock.Now())
			return now, err
		})
		r.rules, r.muted = now.rules, now.known
	}
	r.mutes = r.mutes || r.muted
	return err
}

// object reads the object of a step alone.
func (r *Round) object(ctx context.Context, step plan.Step) (plan.Object, error) {
	switch step.Kind {
	case plan.TrackingPolicy, plan.WakePolicy:
		list, err := r.policies(ctx, step.ResourceID)
		for i := range list {
			if list[i].Name == step.Name {
				return plan.Object{Policy: &list[i]}, err
			}
		}
		return plan.Object{}, err
	case plan.WakeAlarm:
		list, err := r.alarms(ctx, []string{step.Name})
		for i := range list {
			if list[i].Name == step.Name {
				return plan.Object{Alarm: &list[i]}, err
			}
		}
		return plan.Object{}, err
	}
	return r.target(ctx, step.ResourceID)
}

func (r *Round) target(ctx context.Context, resource string) (plan.Object, error) {
	list, err := r.targets(ctx, []string{resource})
	for i := range list {
		if list[i].ResourceID == resource {
			return plan.Object{Target: &list[i]}, err
		}
	}
	return plan.Object{}, err
}
