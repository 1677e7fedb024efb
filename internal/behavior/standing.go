package behavior

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Standing is what the scaling of a variant asks for at the values that its metrics have, as long as they stay.
type Standing struct {
	Rest Ask // when every alarm has come to rest at these values
	Now  Ask // by the alarms that are in that state already: Application Auto Scaling is asked for it each minute
}

// Ask is a number of instances that is asked for. MinCapacity bounds it, and MaxCapacity does not.
type Ask struct {
	Path               // that decides; zero where nothing certainly changes
	State       string // of that alarm, in which it asks
	Least, Most int
	Until       time.Time // when the cooldown of its policy ends or has ended; zero where none began
	Waits       bool      // Application Auto Scaling waits for that
}

// Stand evaluates the moment: value tells the newest value of a metric of the endpoint's queue, if one is known, and the alarms are in
// the states in which they were read. The scaling activities of the variant tell which policies cool down.
func Stand(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context, value func(fleet.QueueMetric) (float64, bool)) Standing {
	j := newJudge(endpoint, variant, context.rounded())
	j.describe()
	s := scene{of: AtWork}
	if variant.Current != nil && variant.Desired != nil {
		s.running, s.desired = *variant.Current, *variant.Desired
	}
	all, _ := endpoint.Instances()
	s.now = stands(max(all, s.running), value)
	s.now.others = s.running == 0 && all > 0
	s.before = s.now
	situation := j.situation(s)
	situation.Bounds = &autoscaling.Bounds{Min: j.target.MinCapacity, Max: far}
	rest, now := j.model.Standing(situation, &j.room, func(i int) autoscaling.States {
		if i >= j.read {
			return 0
		}
		return autoscaling.StateOf(j.alarms[i].State)
	}, autoscaling.Recall(variant.Activity.Recent), context.At)
	return Standing{Rest: j.ask(rest), Now: j.ask(now)}
}

func (j *judge) ask(d autoscaling.Held) Ask {
	return Ask{Path: j.path(d.Alarm, d.Policy), State: d.State.String(), Least: d.Least, Most: d.Most, Until: d.Until, Waits: d.Waits}
}

// stands is the load of so many instances by the values that are known.
func stands(running int, value func(fleet.QueueMetric) (float64, bool)) load {
	backlog, known := value(fleet.Backlog)
	l := asleep(int(backlog))
	if running > 0 {
		l = awake(running, backlog, 0)
	}
	if !known {
		l.backlog, l.perInstance = autoscaling.AtLeast(0).OrMissing(), autoscaling.AtLeast(0).OrMissing()
		l.age = autoscaling.AtLeast(0).OrMissing()
		if running == 0 {
			l.has = autoscaling.Between(0, 1).OrMissing()
		}
	}
	if v, ok := value(fleet.BacklogPerInstance); ok {
		l.perInstance = autoscaling.Exactly(v)
	}
	if v, ok := value(fleet.OldestAge); ok && backlog > 0 {
		l.age = autoscaling.AtLeast(v)
		if running > 0 {
			l.age = autoscaling.Exactly(v)
		}
	}
	return l // HasBacklogWithoutCapacity follows from the others, and is later than they are
}
