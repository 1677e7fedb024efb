package behavior

import (
	"strings"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Situation is one in which a variant is evaluated.
type Situation uint8

// The situations.
const (
	AsleepIdle       Situation = iota // no instance, nothing queued
	AsleepRequests                    // no instance, requests queued
	Starting                          // no instance yet, some desired
	JustStarted                       // instances run, and HasBacklogWithoutCapacity is still 1
	OneRequest                        // one request in service
	Busy                              // all instances have all the work that they can do, and nothing waits
	AtWork                            // some of the instances have work, or all of them some
	BusyAtTimes                       // each period has a minute with a request, and the newest is one
	ModerateOverload                  // as many requests as just miss the latency objective
	Overloaded                        // far more
	Idle                              // instances run, nothing queued
	DataMissing                       // a watched metric has no value
	LongRequests                      // all instances have work, and so long that none is done for minutes
	Woken                             // instances run since a moment, and alarms are still in the state of the time before
	BesideAnother                     // no instance of the variant, while one of another variant works on requests
	situations
)

// String is the situation in words.
func (s Situation) String() string {
	return [situations]string{
		"asleep, idle", "asleep, requests queued", "starting", "just started", "one request in service", "busy, nothing waits",
		"some requests in service", "busy at times", "moderate overload", "overloaded", "idle", "data missing", "long requests in service", "woken a moment ago",
		"beside another variant",
	}[s]
}

// Situations is a set of them.
type Situations uint16

// Has tells whether the set has one of the situations.
func (s Situations) Has(any ...Situation) bool {
	for _, one := range any {
		if s&(1<<one) != 0 {
			return true
		}
	}
	return false
}

func (s *Situations) add(one Situation) { *s |= 1 << one }

// String lists them.
func (s Situations) String() string {
	var names []string
	for one := range situations {
		if s.Has(one) {
			names = append(names, one.String())
		}
	}
	return strings.Join(names, "; ")
}

// scene is one situation with its numbers.
type scene struct {
	of               Situation
	requests         int // while it sleeps
	running, desired int
	before, now      load
	late             int
	missing          *fleet.Metric // has no value from now on
}

// load is what the metrics of an endpoint read in a minute.
type load struct {
	running                        int
	backlog, perInstance, age, has autoscaling.Value // has: HasBacklogWithoutCapacity
	working                        bool              // requests are in service
	unfinished                     bool              // and take so long that none is done
	others                         bool              // the instances are of another variant
}

// The reasons why values are not known.
const (
	perInstanceAtZero = "AWS does not say whether ApproximateBacklogSizePerInstance has a value at zero instances"
	ageAtZero         = "AWS does not say whether ApproximateAgeOfOldestRequest has a value at zero instances"
	hasAtRest         = "AWS does not say whether HasBacklogWithoutCapacity is 0 or missing while an endpoint sleeps"
	hostLoad          = "nobody can tell how busy the instances are from what waits"
	workDone          = "how much work is done in a minute is not known"
	concurrencyUnset  = "MaxConcurrentInvocationsPerInstance is not set, so SageMaker chooses how many requests an instance works on"
)

// leastLoad is the load of an idle host in percent: never 0, but for the cards that nothing uses.
const (
	leastLoad = .01
	idleCards = "GPUUtilization"
)

// asleep is an endpoint without instances with so many requests in its queue.
func asleep(requests int) load {
	l := load{
		backlog:     autoscaling.Exactly(float64(requests)),
		perInstance: autoscaling.AtLeast(0).OrMissing().Because(perInstanceAtZero),
	}
	if requests == 0 {
		l.has = autoscaling.Exactly(0).OrMissing().Because(hasAtRest)
		l.age = autoscaling.Exactly(0).OrMissing().Because(ageAtZero)
		return l
	}
	l.has = autoscaling.Exactly(1)
	l.age = autoscaling.AtLeast(0).OrMissing().Because(ageAtZero)
	return l
}

// awake is an endpoint with so many instances and requests; of which the oldest is known to be old, where that matters.
func awake(instances int, requests, age float64) load {
	l := load{
		running: instances, backlog: autoscaling.Exactly(requests), perInstance: autoscaling.Exactly(requests / float64(instances)),
		has: autoscaling.Exactly(0), working: requests > 0,
	}
	switch {
	case requests == 0:
		l.age = autoscaling.Exactly(0).OrMissing()
	case age > 0:
		l.age = autoscaling.Exactly(age)
	default:
		l.age = autoscaling.AtLeast(0).OrMissing()
	}
	return l
}

// pressed is an endpoint of which every metric is as high as it gets: what a queue has triggered is in ALARM, and whatever
// waits for less is not.
func pressed(instances int) load {
	l := awake(instances, far*float64(instances), far)
	l.has = autoscaling.Exactly(1)
	return l
}

// busy is an endpoint whose instances do all that they can, with an empty queue. The concurrency is 0 where it is not set.
func busy(instances, concurrency int) load {
	l := awake(instances, float64(instances*max(1, concurrency)), 0)
	if concurrency == 0 {
		l.backlog = autoscaling.AtLeast(float64(instances)).Because(concurrencyUnset)
		l.perInstance = autoscaling.AtLeast(1).Because(concurrencyUnset)
	}
	return l
}

// value is what a metric of the endpoint reads.
func (l load) value(metric *fleet.Metric, endpoint, variant string) autoscaling.Value {
	if of, ok := metric.Dimension("EndpointName"); ok && of != endpoint {
		return autoscaling.Unknown("it watches another endpoint, " + of)
	}
	if of, ok := metric.Dimension("VariantName"); ok && of != variant {
		return autoscaling.Unknown("it watches another variant, " + of)
	}
	switch metric.Namespace {
	case fleet.HostNamespace:
		if l.running == 0 || l.others {
			return autoscaling.Missing()
		}
		if metric.Name == idleCards {
			return autoscaling.AtLeast(0).Because(hostLoad)
		}
		return autoscaling.AtLeast(leastLoad).Because(hostLoad)
	case fleet.Namespace:
	default:
		return autoscaling.Unknown(metric.Name + " in " + metric.Namespace + " is not a metric of SageMaker's")
	}
	switch metric.Name {
	case fleet.Backlog.String():
		return l.backlog
	case fleet.BacklogPerInstance.String():
		return l.perInstance
	case fleet.OldestAge.String():
		return l.age
	case fleet.WithoutCapacity.String():
		return l.has
	}
	if !l.working || l.unfinished || l.others {
		return autoscaling.Missing()
	}
	return autoscaling.AtLeast(0).OrMissing().Because(workDone)
}
