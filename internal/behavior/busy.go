package behavior

import (
	"math"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// busy asks what removes instances that have work: what leaves fewer than have requests in service, at every load at which some
// have. The loads that tell are those around thresholds and bounds, from a single request to more than the instances can do.
func (j *judge) busy() {
	least, top := max(1, j.target.MinCapacity+1), max(j.target.MaxCapacity, j.target.MinCapacity+1, 1)
	before := slices.Clone(j.b.RemovesBusy)
	j.busyFrom([]int{least, top}, func() []int { return j.counts(least, top) })
	if len(j.b.RemovesBusy) == 0 || j.variant.Target == nil {
		return
	}
	reached, all := j.reached()
	unreached := func(a Act) bool { return !slices.Contains(reached, a.From) }
	if all || !slices.ContainsFunc(j.b.RemovesBusy, unreached) {
		return
	}
	j.b.RemovesBusy = slices.DeleteFunc(before, unreached)
	j.busyFrom(reached, func() []int { return reached })
}

// busyFrom asks about numbers of instances: the outermost, and all that matter.
func (j *judge) busyFrom(ends []int, counts func() []int) {
	for _, n := range slices.Compact(ends) {
		j.busyAt(n, scene{of: Busy, before: pressed(n), now: busy(n, j.c)}, n*max(1, j.c))
	}
	if j.variant.Target == nil || !j.removes() || len(ends) == 0 {
		return
	}
	least, top := ends[0], ends[len(ends)-1]
	if s := j.context.Service.Seconds(); s > 0 { // the oldest request is as old as one takes
		now := busy(top, j.c)
		now.age = autoscaling.Between(s/2, s)
		j.busyAt(top, scene{of: Busy, before: pressed(top), now: now}, top*max(1, j.c))
	}
	j.long(least)
	levels := j.levels()
	for _, n := range counts() {
		full := n * j.capacity()
		for _, r := range loads(n, full, levels) {
			if !j.triggers(awake(n, float64(r), 0)) {
				continue
			}
			of := AtWork
			if r > full && full > 0 {
				of = Overloaded
			}
			j.busyAt(n, scene{of: of, before: pressed(n), now: awake(n, float64(r), 0)}, r)
		}
		if full > 0 { // work that comes to idle instances
			j.busyAt(n, scene{of: AtWork, before: awake(n, 0, 0), now: awake(n, float64(full), 0)}, full)
		}
	}
	if least <= 1 && top >= 1 {
		j.busyAtTimes()
	}
}

// busyAt asks what so many instances become with so many requests.
func (j *judge) busyAt(n int, s scene, requests int) {
	s.running, s.desired = n, n
	out := j.settle(s)
	d, ok := falls(out, n)
	working := n
	if s.of != Busy {
		working = j.working(n, requests)
	}
	if !ok || n > j.target.MaxCapacity || j.variant.Target == nil || d.Most >= working {
		return
	}
	if s.of != Busy && j.consolidates(d.Policy) {
		return
	}
	act := j.act(s.of, out, d, n)
	if s.of != Busy || j.c > 0 {
		act.Requests = requests
	}
	j.removesBusy(act)
}

// consolidates tells whether a policy tracks the backlog per instance at a target value that leaves as many instances as what is in
// service needs, but for a fraction of one.
func (j *judge) consolidates(policy int) bool {
	p := &j.policies[policy]
	return p.Tracking != nil && Follow(j.endpoint.Name, p) >= Roughly && (j.c == 0 || autoscaling.FullTarget(j.c) >= p.Tracking.TargetValue)
}

// removesBusy notes a path, once. What it does for some minutes after a start says less.
func (j *judge) removesBusy(act Act) {
	b := j.b
	b.RemovesBusy = slices.DeleteFunc(b.RemovesBusy, func(a Act) bool { return a.Path == act.Path && (a.Situation == JustStarted || a.Situation == Woken) })
	if !slices.ContainsFunc(b.RemovesBusy, func(a Act) bool { return a.Path == act.Path }) {
		b.RemovesBusy = append(b.RemovesBusy, act)
	}
}

// capacity is how many requests an instance works on: where that is not set, as many as are tracked for each; 0 where nothing
// tells.
func (j *judge) capacity() int {
	if j.c > 0 {
		return j.c
	}
	for i := range j.policies {
		if p := &j.policies[i]; Follow(j.endpoint.Name, p) == Exactly && p.Tracking.TargetValue > 0 && p.Tracking.TargetValue < far {
			return int(math.Ceil(p.Tracking.TargetValue))
		}
	}
	return 0
}

// working is how many of so many instances it takes at least to have so many requests in service.
func (j *judge) working(n, requests int) int {
	each := j.capacity()
	if each == 0 {
		return min(1, requests)
	}
	return min(n, (requests+each-1)/each)
}

// removes tells whether anything but a policy that consolidates may remove instances that run.
func (j *judge) removes() bool {
	for i := range j.policies {
		if j.mayRemove(i) {
			return true
		}
	}
	return false
}

// mayRemove tells whether a policy may remove instances, other than by consolidating, and is not known to yet.
func (j *judge) mayRemove(policy int) bool {
	switch p := &j.policies[policy]; {
	case p.Step != nil:
		return slices.ContainsFunc(p.Step.Adjustments, func(s fleet.StepAdjustment) bool {
			return s.Adjustment < 0 || p.Step.AdjustmentType == "ExactCapacity" && s.Adjustment < j.target.MaxCapacity
		})
	case autoscaling.TracksIn(p) && !j.consolidates(policy):
		return !slices.ContainsFunc(j.b.RemovesBusy, func(a Act) bool { return a.Policy == p.Name })
	}
	return false
}

// triggers tells whether an alarm may trigger anything but a policy that consolidates, at such a load. It saves most of the work where
// idle instances alone are removed.
func (j *judge) triggers(now load) bool {
	for key := range j.paths {
		alarm := &j.alarms[key[0]]
		if !j.mayRemove(key[1]) {
			continue
		}
		if len(alarm.Math) > 0 || alarm.Statistic == "SampleCount" || alarm.Period != time.Minute || len(alarm.InsufficientDataActions) > 0 {
			return true
		}
		value := now.value(&alarm.Metric, j.endpoint.Name, j.variant.Name)
		beyond, known := autoscaling.Breaches(alarm, value)
		if !known || value.MayBeMissing() || beyond || len(alarm.OKActions) > 0 {
			return true
		}
	}
	return j.assumed()
}

// assumed tells whether a policy without alarms that were read may remove instances.
func (j *judge) assumed() bool {
	for i := range j.policies {
		watched := slices.ContainsFunc(j.b.Alarms[:j.read], func(a Alarm) bool { return slices.Contains(a.Triggers, j.policies[i].Name) })
		if j.policies[i].Tracking != nil && !watched && j.mayRemove(i) {
			return true
		}
	}
	return false
}

// counts are the numbers of instances to ask about: the fewest and the most, and those that are one more than a step sets.
func (j *judge) counts(least, top int) []int {
	counts := []int{least, top}
	add := func(n int) {
		if n > least && n < top {
			counts = append(counts, n)
		}
	}
	add(least + 1)
	for i := range j.policies {
		if step := j.policies[i].Step; step != nil && step.AdjustmentType == "ExactCapacity" {
			for _, s := range step.Adjustments {
				add(s.Adjustment + 1)
			}
		}
	}
	slices.Sort(counts)
	return slices.Compact(counts)
}

// level is a value at which something changes: of the backlog, or of the backlog per instance.
type level struct {
	at          float64
	perInstance bool
}

// levels are the thresholds and bounds of what triggers something. With metric math, which metric they are about is not asked.
func (j *judge) levels() (levels []level) {
	for i := range j.alarms {
		alarm := &j.alarms[i]
		known := &j.b.Alarms[i]
		if len(known.Triggers) == 0 && i < j.read {
			continue
		}
		add := func(x float64) {
			if x <= 0 || x >= far || math.IsNaN(x) {
				return
			}
			if len(alarm.Math) > 0 || alarm.Metric.Name == fleet.Backlog.String() {
				levels = append(levels, level{x, false})
			}
			if len(alarm.Math) > 0 || alarm.Metric.Name == fleet.BacklogPerInstance.String() {
				levels = append(levels, level{x, true})
			}
		}
		add(alarm.Threshold)
		for _, query := range alarm.Math {
			for _, x := range numbers(query.Expression) {
				add(x)
			}
		}
		for p := range j.policies {
			step := j.policies[p].Step
			if step == nil || !slices.Contains(known.Triggers, j.policies[p].Name) {
				continue
			}
			for _, s := range step.Adjustments {
				for _, bound := range []*float64{s.Lower, s.Upper} {
					if bound != nil && *bound != 0 {
						add(alarm.Threshold + *bound)
					}
				}
			}
		}
	}
	return levels
}

// loads are the numbers of requests to ask about with so many instances, which are full with so many.
func loads(n, full int, levels []level) []int {
	tried := []int{1, n, full, n * far}
	for _, l := range levels {
		at := l.at
		if l.perInstance {
			at *= float64(n)
		}
		if at < far*float64(n) {
			around := int(math.Floor(at))
			tried = append(tried, around-1, around, around+1)
		}
	}
	slices.Sort(tried)
	tried = slices.Compact(tried)
	return slices.DeleteFunc(tried, func(r int) bool { return r < 1 })
}

// busyAtTimes asks about periods of several minutes, of which one has a request in service: an average of such a period is
// low while an instance works.
func (j *judge) busyAtTimes() {
	for i := range j.alarms {
		alarm := j.alarms[i]
		length := float64(alarm.Period / time.Minute)
		if length <= 1 {
			continue
		}
		share := 0.0
		switch Lowest(&alarm) {
		case "Average":
			share = 1 / length
		case "Minimum":
		default:
			continue
		}
		model := autoscaling.NewModel(j.target, j.policies, []fleet.Alarm{alarm}, j.muted)
		out := model.SettleIn(j.situation(scene{of: BusyAtTimes, running: 1, desired: 1, before: pressed(1), now: awake(1, share, 0)}), &j.room)
		if d, ok := falls(out, 1); ok && d.Alarm == 0 {
			j.removesBusy(Act{Path: j.path(i, d.Policy), State: d.State.String(), Situation: BusyAtTimes, From: 1, To: d.Most, Requests: 1, After: minutes(d.After)})
		}
	}
}

// Lowest is the statistic of an alarm that is low although some minutes are not; empty where there is none, or others beside it.
func Lowest(alarm *fleet.Alarm) (statistic string) {
	if len(alarm.Math) == 0 {
		return alarm.Statistic
	}
	for _, query := range alarm.Math {
		switch {
		case query.Metric == nil:
		case statistic != "" && query.Statistic != statistic:
			return ""
		default:
			statistic = query.Statistic
		}
	}
	return statistic
}

// long asks what happens to so many instances whose requests take so long that none is done meanwhile: what counts the work that is
// done takes them for idle. It matters where requests take about as long as that.
func (j *judge) long(n int) {
	if j.context.Service == 0 || n > j.target.MaxCapacity {
		return
	}
	now := busy(n, j.c)
	now.unfinished = true
	out := j.own.SettleIn(j.situation(scene{of: LongRequests, running: n, desired: n, before: pressed(n), now: now}), &j.room)
	d, requests := out.Final, n*max(1, j.c)
	if d.Policy < 0 || d.Most >= j.working(n, requests) || j.consolidates(d.Policy) {
		return
	}
	steps := out.Alarms[d.Alarm].Steps
	if after := minutes(steps[len(steps)-1].Minute); 2*j.context.Service > after {
		j.removesBusy(Act{
			Path: j.path(d.Alarm, d.Policy), Situation: LongRequests, Tracking: j.policies[d.Policy].Tracking != nil,
			From: n, To: d.Most, Requests: requests, After: after,
		})
	}
}
