package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// wake follows one endpoint from the first minute with a backlog at zero instances to the first instance running.
type wake struct {
	since    time.Time // start of the first such minute; zero while nothing waits without capacity
	unknown  bool      // since is only where the first look began: the truth is earlier, so it is not recorded
	looked   bool      // the queue has been seen at least once
	running  time.Time // when instances were last seen running
	from     time.Time // since when each description had one; zero while none runs
	duration fleet.Histogram
}

// queue takes in the minutes that CloudWatch has. Minutes before the last sight of a running instance are over: the
// metric lags behind DescribeEndpoint.
func (w wake) queue(withoutCapacity []fleet.Point) wake {
	for i, point := range withoutCapacity {
		switch {
		case !point.At.After(w.running):
		case point.Value <= 0:
			w.since, w.unknown = time.Time{}, false
		case w.since.IsZero():
			w.since, w.unknown = point.At, !w.looked && i == 0
			if !w.unknown {
				w.duration = w.duration.Begin()
			}
		}
	}
	w.looked = true
	return w
}

// instances takes in how many instances DescribeEndpoint saw.
func (w wake) instances(n int, at time.Time) wake {
	if n == 0 {
		w.from = time.Time{}
		return w
	}
	if w.from.IsZero() {
		w.from = at
	}
	if !w.since.IsZero() && !w.unknown && at.After(w.since) {
		w.duration = w.duration.With(at.Sub(w.since))
	}
	w.since, w.unknown, w.running = time.Time{}, false, at
	return w
}

// watchInstances follows the instances of the asynchronous endpoints that were described in this turn. What was only
// listed is left out: it says nothing about instances, and an old number would end a wake that has just begun.
func (o *Observer) watchInstances(described map[string]*knownEndpoint) {
	for name, endpoint := range described {
		if endpoint == nil || endpoint.kind() != fleet.KindAsync {
			continue
		}
		running := 0
		for _, variant := range endpoint.description.Variants {
			if variant.Current != nil {
				running += *variant.Current
			}
		}
		o.wakes[name] = o.wakes[name].instances(running, endpoint.describedAt)
	}
}
