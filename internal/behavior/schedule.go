package behavior

import (
	"strconv"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Scheduled says what the scheduled actions of a variant change.
type Scheduled struct {
	Next   string        // the action that is the next to change the bounds; empty when none will
	At     time.Time     // when
	After  *Behavior     // how the variant behaves from then on; without Scheduled
	Target fleet.Target  // with the bounds from then on
	Sleeps bool          // the minimum is 0 at some time
	Rests  bool          // so it is while the maximum is not: then something has to wake the variant
	Wakes  time.Duration // the longest time at a minimum of 0 until an action sets a higher one; 0: none does, or that is not known
	By     string        // the action that sets it
	Stops  Stop          // the longest time at a maximum of 0
	Stands Stop          // the time at a maximum of 0 that goes on; zero where the maximum is another
	Reason string        // why some of it is not judged
	Open   Open          // actions whose schedules are not understood
}

// Open are scheduled actions that do something at times that are not understood; empty where there is none.
type Open struct {
	Wakes  string // sets a minimum above 0
	Raises string // sets a maximum above 0
}

// Stop is a time at a maximum of 0, in which no instance runs and none starts. The zero Stop is none.
type Stop struct {
	By   string        // the scheduled action that sets the maximum; empty where it is 0 already
	For  time.Duration // until an action raises it; as long as schedules are followed where none does
	Ends string        // the action that raises it; empty where none is known to
	At   time.Time     // when it does
}

// How far scheduled actions are followed: two weeks have every weekday twice, and the changes of a day are few.
const (
	followed    = 15 * 24 * time.Hour
	mostChanges = 400
)

// coming is a scheduled action with its moments.
type coming struct {
	*fleet.ScheduledAction
	next autoscaling.Moments
}

// schedule follows the scheduled actions of the variant from now on.
func (j *judge) schedule() {
	actions, now := j.variant.Scheduled, j.context.At
	if len(actions) == 0 || j.variant.Target == nil || j.target.Suspended.Scheduled || now.IsZero() {
		return
	}
	s := &Scheduled{Sleeps: j.target.MinCapacity == 0, Rests: rests(j.target)}
	j.b.Scheduled = s
	var all []coming
	for i := range actions {
		next, err := autoscaling.ParseSchedule(actions[i].Schedule, actions[i].Timezone, actions[i].Start)
		if err != nil {
			s.Reason = "scheduled action " + strconv.Quote(actions[i].Name) + ": " + err.Error()
			j.unsure("", "", s.Reason)
			s.Open.note(&actions[i])
			continue
		}
		all = append(all, coming{&actions[i], next})
	}
	s.follow(j.target, all, now)
	if s.Next != "" {
		variant := *j.variant
		variant.Target, variant.Scheduled = &s.Target, nil
		s.After = Of(j.endpoint, &variant, j.context)
	}
}

func rests(target fleet.Target) bool { return target.MinCapacity == 0 && target.MaxCapacity > 0 }

func (o *Open) note(action *fleet.ScheduledAction) {
	if action.MinCapacity != nil && *action.MinCapacity > 0 {
		o.Wakes = action.Name
	}
	if action.MaxCapacity != nil && *action.MaxCapacity > 0 {
		o.Raises = action.Name
	}
}

// follow goes from change to change.
func (s *Scheduled) follow(target fleet.Target, all []coming, now time.Time) {
	at, asleep := now, now // since when the minimum is 0
	stopped, by := now, "" // since when the maximum is, and by which action
	stop := func(until time.Time, ends string) {
		of := Stop{by, until.Sub(stopped), ends, until}
		if by == "" && s.Stands.For == 0 {
			s.Stands = of
		}
		if of.For > s.Stops.For {
			s.Stops = of
		}
	}
	for range mostChanges {
		when := next(all, at)
		if when.IsZero() {
			if target.MaxCapacity == 0 {
				stop(stopped.Add(followed), "")
			}
			return
		}
		before, name, limits := target, "", "" // limits: the action that sets the maximum
		for i := range all {
			if all[i].after(at).Equal(when) {
				target, name = all[i].applied(target), all[i].Name
				if all[i].MaxCapacity != nil {
					limits = name
				}
			}
		}
		if when.Sub(now) > followed {
			switch {
			case before.MaxCapacity > 0:
			case target.MaxCapacity > 0:
				stop(when, name)
			default:
				stop(stopped.Add(followed), "")
			}
			return
		}
		if s.Next == "" && (before.MinCapacity != target.MinCapacity || before.MaxCapacity != target.MaxCapacity) {
			s.Next, s.At, s.Target = name, when, target
		}
		s.Rests = s.Rests || rests(target)
		switch {
		case target.MinCapacity == 0 && before.MinCapacity > 0:
			s.Sleeps, asleep = true, when
		case target.MinCapacity > 0 && before.MinCapacity == 0:
			if wait := when.Sub(asleep); wait > s.Wakes {
				s.Wakes, s.By = wait, name
			}
		}
		switch {
		case target.MaxCapacity == 0 && before.MaxCapacity > 0:
			stopped, by = when, limits
		case target.MaxCapacity > 0 && before.MaxCapacity == 0:
			stop(when, name)
		}
		at = when
	}
}

// next is when the first of the actions is carried out after a moment; zero where none is.
func next(all []coming, at time.Time) (when time.Time) {
	for i := range all {
		if t := all[i].after(at); !t.IsZero() && (when.IsZero() || t.Before(when)) {
			when = t
		}
	}
	return when
}

// after is when the action is next carried out.
func (c coming) after(at time.Time) time.Time {
	if at.Before(c.Start) {
		at = c.Start.Add(-time.Nanosecond)
	}
	next := c.next(at)
	if next.IsZero() || !c.End.IsZero() && next.After(c.End) {
		return time.Time{}
	}
	return next
}

// applied is a target as the action leaves it.
func (c coming) applied(target fleet.Target) fleet.Target {
	target.MinCapacity, target.MaxCapacity = autoscaling.Bounded(target.MinCapacity, target.MaxCapacity, c.ScheduledAction)
	return target
}
