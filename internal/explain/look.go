package explain

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// direction is what the number of instances has to do now, by what waits.
type direction int

// The directions.
const (
	rest direction = iota // nothing
	wake                  // from none to the first
	out                   // more
	in                    // fewer
)

// looked is one endpoint of one report as it is looked at at one moment.
type looked struct {
	brief    bool       // what would scale an endpoint that nothing scales is left out
	resting  State      // of an endpoint at rest; else empty
	variants []*variant // of the endpoint
	*report.Report
	at       time.Time
	endpoint *report.Endpoint
	missing  string // why nothing is known of the endpoint; empty when something is

	running, wanted int  // instances over all variants
	counted         bool // their numbers are known

	noQueue string        // why the queue is not known; empty when it is
	backlog fleet.Reading // requests that wait or are in service
	waiting bool          // some are known to
	empty   bool          // none are, as far as that can be known
	age     time.Duration // of the oldest of them, when it was last measured or it still waits; 0 when it is not known
	since   time.Time     // since when it waits; zero when that is not known, or nobody knows whether it still does
}

func look(r *report.Report, e *report.Endpoint, at time.Time) *looked {
	l := &looked{Report: r, at: at, endpoint: e, counted: true}
	l.missing = l.why(fleet.SourceEndpoints)
	if l.missing == "" && !at.Before(l.endpoint.Expires) {
		l.missing = "it was last seen " + fleet.Lapse(at.Sub(l.endpoint.SeenAt)) + " ago"
	}
	for i := range l.endpoint.Variants {
		v := &l.endpoint.Variants[i]
		if v.Current == nil || v.Desired == nil {
			l.counted = false
			continue
		}
		l.running, l.wanted = l.running+*v.Current, l.wanted+*v.Desired
	}
	l.counted = l.counted && l.missing == "" && len(l.endpoint.Variants) > 0
	l.lookAtQueue()
	l.resting = l.restsAs()
	return l
}

func (l *looked) lookAtQueue() {
	l.noQueue = l.why(fleet.SourceQueue)
	if l.missing != "" {
		l.noQueue = l.missing
	}
	l.backlog = l.endpoint.Queue[fleet.Backlog]
	if l.noQueue != "" {
		return
	}
	switch {
	case l.sees(fleet.Backlog):
		l.waiting, l.empty = l.backlog.Value > 0, l.backlog.Value <= 0
	case l.asleep() && (!l.backlog.Known() || l.backlog.Value <= 0):
		l.empty = true // it is published as soon as something waits
	}
	if l.waiting && l.sees(fleet.OldestAge) {
		l.age, l.since = l.endpoint.Waited(l.at)
	}
}

// why says why the sources may not be believed; it is empty when all may.
func (l *looked) why(names ...fleet.SourceName) string { return l.Snapshot.Why(l.at, names...) }

// read is when the source said what is known of it.
func (l *looked) read(name fleet.SourceName) time.Time {
	source, _ := l.Snapshot.Source(name)
	return source.LastSuccess
}

// sees tells whether a queue metric has a newest value that may be believed.
func (l *looked) sees(metric fleet.QueueMetric) bool {
	reading := l.endpoint.Queue[metric]
	return l.noQueue == "" && reading.Fresh(l.at) && !math.IsNaN(reading.Value) && !math.IsInf(reading.Value, 0)
}

// beside tells whether the variant has no instance, while one of another variant works on the queue that both share.
func (v *variant) beside() bool { return v.counted && v.current == 0 && v.running > 0 }

// asleep tells whether no instance is known to run.
func (l *looked) asleep() bool { return l.counted && l.running == 0 }

// variant is one variant as it is looked at.
type variant struct {
	*looked
	*report.Variant
	resource string
	current  int
	desired  int

	noTarget     string // why targets and scheduled actions are not known; empty when they are
	noScaling    string // the same of these and the policies
	noAlarms     string // the same of alarms
	noActivities string // the same of activities

	standing  behavior.Standing
	wakes     path          // that wakes it, or is nearest to waking it
	grows     path          // that adds instances to those that run
	shrinks   path          // that removes idle ones
	tracking  *fleet.Policy // the target tracking among these, or beside them; nil when there is none
	goes      direction
	outs, ins history // what the activities say
	usual     usual   // how long instances take to start
	held      bool    // a link before holds everything up
}

func (l *looked) variant(of *report.Variant) *variant {
	if of.Behavior == nil { // nothing was concluded from the snapshot
		evaluated := *of
		evaluated.Behavior = behavior.Of(l.endpoint.Endpoint, of.Variant, behavior.Context{At: l.at, Latency: l.endpoint.Latency})
		of = &evaluated
	}
	v := &variant{looked: l, Variant: of, resource: fleet.ResourceID(l.endpoint.Name, of.Name)}
	v.current, v.desired = number(of.Current), number(of.Desired)
	v.noTarget, v.noScaling = l.why(fleet.SourceTargets), l.why(fleet.SourceScaling)
	v.noAlarms = l.why(fleet.SourceScaling, fleet.SourceAlarms)
	if l.endpoint.Unread {
		v.noTarget = cmp.Or(v.noTarget, l.endpoint.Refused)
		v.noScaling, v.noAlarms = cmp.Or(v.noScaling, l.endpoint.Refused), cmp.Or(v.noAlarms, l.endpoint.Refused)
	}
	v.noActivities = l.why(fleet.SourceActivities)
	v.outs, v.ins = histories(of.Activity.Recent)
	v.standing = v.stand()
	v.find()
	v.usual = usual{fleet.StartsOf(of.Activity)}
	v.goes = v.direction()
	return v
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// direction is where the number of instances has to go, or goes.
func (v *variant) direction() direction {
	switch {
	case !v.counted:
		return rest
	case v.desired < v.current:
		return in
	case v.asleep() && (v.waiting || v.desired > 0):
		return wake
	case v.asleep():
		return rest
	case v.desired > v.current || v.above():
		return out
	case v.current > 0 && v.below():
		return in
	}
	return rest
}

// perInstance is the backlog per instance that the policy tracks; ok is false when it is not known or the policy tracks
// something else, whose unit nobody here knows.
func (v *variant) perInstance() (value float64, ok bool) {
	metric := fleet.BacklogPerInstance.Query(v.endpoint.Name).Metric
	if v.tracking == nil || v.tracking.Tracking.Metric == nil || !v.tracking.Tracking.Metric.Equal(metric) || !v.sees(fleet.BacklogPerInstance) {
		return 0, false
	}
	return v.endpoint.Queue[fleet.BacklogPerInstance].Value, true
}

// above tells whether more instances are asked for while the queue is as it is. The maximum is left out, so that there may be more
// work than all of them can do.
func (v *variant) above() bool {
	if !v.waiting || v.eager(v.grows) && v.Target != nil && v.desired >= v.Target.MaxCapacity {
		return false
	}
	return v.standing.Rest.Least > v.desired || v.unwatched(v.grows, true)
}

// unwatched tells whether the target tracking would change the number of instances in a direction, if only AWS's alarms of it were there.
func (v *variant) unwatched(p path, out bool) bool {
	value, ok := v.perInstance()
	if !ok || p.alarm != nil || !v.tracks(p) {
		return false
	}
	more, fewer := behavior.Tracks(v.tracking, value, v.current)
	return out && more || !out && fewer
}

// stand is what the scaling asks for at the values that may be believed. Where the alarms are not known, AWS's habit stands for those of
// target tracking.
func (v *variant) stand() behavior.Standing {
	of := *v.Variant.Variant
	if v.noAlarms != "" {
		of.Alarms, of.Policies = nil, slices.Clone(of.Policies)
		for i := range of.Policies {
			of.Policies[i].Lost = nil
		}
	}
	if v.noActivities != "" {
		of.Activity = fleet.ActivityState{}
	}
	return behavior.Stand(v.endpoint.Endpoint, &of, behavior.Moment{At: v.at, Read: v.readAt, Since: v.outs.ended(), Value: func(metric fleet.QueueMetric) (float64, bool) {
		return v.endpoint.Queue[metric].Value, v.sees(metric)
	}})
}

// tracks tells whether the path is the target tracking, or there is none beside it.
func (v *variant) tracks(p path) bool {
	return v.tracking != nil && (!p.known() || p.policy == v.tracking)
}

// below tells whether fewer instances are asked for while the queue is as it is. With nothing waiting, none is needed.
func (v *variant) below() bool {
	return v.empty || v.standing.Rest.Most < v.desired || v.desired > v.least() && v.unwatched(v.shrinks, false)
}

// atMinimum tells whether there are no more instances than the minimum keeps.
func (v *variant) atMinimum() bool { return max(v.desired, v.current) <= v.least() }

// least is the fewest instances that there may be.
func (v *variant) least() int {
	if v.Target == nil {
		return 0
	}
	return v.Target.MinCapacity
}
