package sim

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
)

// station is one endpoint's queue with the slots that serve it: the model without any AWS around it. Moments are
// durations since the world began.
type station struct {
	spec     Work
	draw     func(mean time.Duration) time.Duration
	ttl      time.Duration
	waiting  line
	serving  services     // by end
	slots    []int        // free slots by variant
	size     []int        // all slots by variant
	done     []minuteWork // what happened since it was last taken, by variant
	chance   func() float64
	finishes bool   // a removed instance finishes what it has begun
	tally    *tally // nil unless it is a replay
}

// Work says how long requests take and how they fail.
type Work struct {
	Service    time.Duration // mean time on an instance; exponential with a fixed part of half the mean
	Download   time.Duration // of the input, before the model runs
	Upload     time.Duration // of the answer, after the model has run
	ErrorRate  float64       // share of requests that the model fails with a 5xx
	ClientRate float64       // share of requests that the model refuses with a 4xx
	TTL        time.Duration // how long a request may wait; 0 is AWS's default of six hours

	DownloadFailureRate     float64 // share of requests whose input cannot be downloaded: the model never sees them
	UploadFailureRate       float64 // share of requests whose answer cannot be uploaded
	NotificationFailureRate float64 // share of requests, expired ones too, of whose end nobody can be told
}

// Request is one request of a trace.
type Request struct {
	At   time.Duration // since the world began
	Took time.Duration // its whole time on an instance, whichever serves it; 0: drawn when its service begins
}

// service is a request that is being served.
type service struct {
	Request
	began, ends time.Duration
	variant     int
}

// minuteWork is what one variant did in a minute. Latencies are in the units of CloudWatch, and whole.
type minuteWork struct {
	processed, failed, clientErrors, modelErrors, expired  int
	downloadFailures, uploadFailures, notificationFailures int
	untold                                                 int                // ends of requests of which nobody will have been told
	model, download, upload                                autoscaling.Sample // microseconds
	backlog, total                                         autoscaling.Sample // milliseconds
}

// idle tells whether there is nothing to publish.
func (m minuteWork) idle() bool {
	return m.processed == 0 && m.failed == 0 && m.expired == 0 && m.notificationFailures == 0
}

// backlog is the number of requests waiting or in service.
func (s *station) backlog() int { return s.waiting.len() + len(s.serving) }

// oldest is the age of the oldest request that waits or is in service.
func (s *station) oldest(at time.Duration) time.Duration {
	oldest := at
	if s.waiting.len() > 0 {
		oldest = s.waiting.first().At
	}
	for _, running := range s.serving {
		oldest = min(oldest, running.At)
	}
	return at - oldest
}

// arrive puts a request into the queue at its moment.
func (s *station) arrive(r Request) {
	s.tally.change(r.At, 1)
	s.waiting.add(r)
	s.begin(r.At)
}

// resize sets the slots of one variant. Requests that lose their slot go back to the front of the queue, unless removed
// instances finish what they have begun.
func (s *station) resize(variant, size int, at time.Duration) {
	s.slots[variant] += size - s.size[variant]
	s.size[variant] = size
	for i := 0; !s.finishes && s.slots[variant] < 0 && i < len(s.serving); {
		if s.serving[i].variant != variant {
			i++
			continue
		}
		s.waiting.putBack(s.serving[i].Request)
		s.serving.remove(i)
		s.slots[variant]++
		i = 0
	}
	s.begin(at)
}

// begin serves waiting requests as long as there are free slots, on the variant that has most of them.
func (s *station) begin(at time.Duration) {
	for s.waiting.len() > 0 {
		best := 0
		for i, free := range s.slots {
			if free > s.slots[best] {
				best = i
			}
		}
		if len(s.slots) == 0 || s.slots[best] <= 0 {
			return
		}
		r := s.waiting.take()
		took := r.Took
		if took == 0 {
			took = s.spec.Download + s.spec.Service/2 + s.draw(s.spec.Service/2) + s.spec.Upload
		}
		s.serving.push(service{Request: r, began: at, ends: at + took, variant: best})
		s.slots[best]--
	}
}

// next is the moment of the next end of a service or of a request's life; ok is false when nothing goes on.
func (s *station) next() (at time.Duration, ok bool) {
	if len(s.serving) > 0 {
		at, ok = s.serving[0].ends, true
	}
	if s.waiting.len() > 0 {
		if expires := s.waiting.first().At + s.ttl; !ok || expires < at {
			at, ok = expires, true
		}
	}
	return at, ok
}

// run carries out everything that ends until the given moment, in order.
func (s *station) run(to time.Duration) {
	for at, ok := s.next(); ok && at <= to; at, ok = s.next() {
		if len(s.serving) > 0 && s.serving[0].ends == at {
			s.finish(s.serving.pop())
		} else {
			s.tally.expire(at, s.waiting.take())
			s.done[0].expired++
			s.tell(&s.done[0])
		}
		s.begin(at)
	}
}

// finish ends a service, well or not: what fails is tried again for as long as a request takes. An end of which nothing
// was downloaded or uploaded has no latency of that kind.
func (s *station) finish(ended service) {
	s.slots[ended.variant]++
	if s.tally != nil {
		s.tally.finish(ended)
		return // nothing of it is published
	}
	work, spec := &s.done[ended.variant], s.spec
	work.processed++
	work.backlog.Add(whole(ended.began-ended.At, time.Millisecond))
	work.total.Add(whole(ended.ends-ended.At, time.Millisecond))
	refused := spec.ErrorRate + spec.ClientRate // as shares of all requests, one behind the other
	unread := refused + spec.DownloadFailureRate
	unwritten := unread + spec.UploadFailureRate
	luck := s.chance()
	if luck < unwritten {
		work.failed++
	}
	switch {
	case luck < spec.ErrorRate:
		work.modelErrors++
	case luck < refused:
		work.clientErrors++
	case luck < unread:
		work.downloadFailures++
	case luck < unwritten:
		work.uploadFailures++
	}
	if luck < refused || luck >= unread {
		work.download.Add(whole(spec.Download, time.Microsecond))
		work.model.Add(whole(ended.ends-ended.began-spec.Download-spec.Upload, time.Microsecond))
	}
	if luck < refused || luck >= unwritten {
		work.upload.Add(whole(spec.Upload, time.Microsecond))
	}
	s.tell(work)
}

// whole is a duration in whole units, as CloudWatch's samples are: an hour's sum is exactly that of its minutes.
func whole(d, unit time.Duration) float64 { return float64(d.Round(unit) / unit) }

// tell notifies of the end of a request.
func (s *station) tell(work *minuteWork) {
	if s.spec.NotificationFailureRate > 0 && s.chance() < s.spec.NotificationFailureRate {
		work.untold++
	}
}

// take returns what was done since it was last called. A notification is tried until the minute after, so that its
// failure may be all that is published when the instances are gone.
func (s *station) take() []minuteWork {
	done := s.done
	s.done = make([]minuteWork, len(done))
	for i, work := range done {
		s.done[i].notificationFailures = work.untold
	}
	return done
}
