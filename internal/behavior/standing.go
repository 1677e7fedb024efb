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
	Read Ask // by all alarms as they were read, what is left of the time before included
	Busy int // instances that it takes at least to have so many requests in service
}

// Moment is what is known of a variant beside its objects.
type Moment struct {
	At    time.Time
	Value func(fleet.QueueMetric) (float64, bool) // the newest value of a metric of the endpoint's queue, if one is known
	Read  func(*fleet.Alarm) time.Time            // when the alarm was
	Since time.Time                               // when the newest of the instances came; zero where that is not known
}

// Ask is a number of instances that is asked for. MinCapacity bounds it, and MaxCapacity does not.
type Ask struct {
	Path               // that decides; zero where nothing certainly changes
	State       string // of that alarm, in which it asks
	Least, Most int
	Until       time.Time // when the cooldown of its policy ends or has ended; zero where none began
	Waits       bool      // Application Auto Scaling waits for that
}

// Stand evaluates a moment. The scaling activities of the variant tell which policies cool down.
func Stand(endpoint *fleet.Endpoint, variant *fleet.Variant, m Moment) Standing {
	j := newJudge(endpoint, variant, Context{At: m.At}.rounded())
	j.describe()
	s := scene{of: AtWork}
	if variant.Current != nil && variant.Desired != nil {
		s.running, s.desired = *variant.Current, *variant.Desired
	}
	all, _ := endpoint.Instances()
	s.now = stands(max(all, s.running), m.Value)
	s.now.others = s.running == 0 && all > 0
	s.before = s.now
	situation := j.situation(s)
	situation.Bounds = &autoscaling.Bounds{Min: j.target.MinCapacity, Max: far}
	stands := j.model.Standing(situation, &j.room, func(i int) autoscaling.Seen {
		if i >= j.read {
			return autoscaling.Seen{}
		}
		state := autoscaling.StateOf(j.alarms[i].State)
		return autoscaling.Seen{State: state, Lasts: m.lasts(&j.alarms[i], state)}
	}, autoscaling.Recall(variant.Activity.Recent), m.At)
	standing := Standing{Rest: j.ask(stands.Rest), Now: j.ask(stands.Now), Read: j.ask(stands.Read)}
	if backlog, known := m.Value(fleet.Backlog); known {
		standing.Busy = j.working(s.running, int(backlog))
	}
	return standing
}

// least is how long an alarm has to stay in a state for anybody to see it act.
const least = 2 * time.Minute

// lasts tells whether an alarm is still in the state in which it was read, whatever it watches is worth now: it was read when the
// instances were there, and needs longer to leave it.
func (m *Moment) lasts(a *fleet.Alarm, state autoscaling.States) bool {
	stays, read := autoscaling.Stays(a, state), m.Read(a)
	return stays >= least && !read.Before(m.Since) && m.At.Sub(read) < stays
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
