package explain

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// queue is what waits, and since when.
func (l *looked) queue() Link {
	link := Link{Name: Queue}
	switch {
	case l.noQueue != "":
		return link.is(Unknown, "What waits is not known: %s.", l.noQueue)
	case l.empty && l.sees(fleet.Backlog):
		link.reading("backlog", l.backlog)
		return link.is(Unused, "No request waits or is in service.")
	case l.empty:
		return link.is(Unused, "CloudWatch has no recent value of ApproximateBacklogSize. It has one as soon as something waits at "+
			"0 instances, so nothing does.")
	case !l.waiting:
		return link.is(Unknown, "CloudWatch has no recent value of ApproximateBacklogSize, so what waits is not known.")
	}
	link.reading("backlog", l.backlog)
	sentence := l.waits()
	if l.age > 0 {
		oldest := l.endpoint.Queue[fleet.OldestAge]
		link.fact("oldest_request_age", fleet.Seconds(oldest.Value), oldest.At)
		link.fact("oldest_request_since", l.since)
	}
	link.limit("latency_objective", l.endpoint.Latency)
	link.limit("request_ttl", l.endpoint.RequestTTL)
	switch latency, ttl := l.endpoint.Latency, l.endpoint.RequestTTL; {
	case ttl > 0 && l.age > ttl/2:
		link.Alert = "SageMakerAsyncRequestsNearExpiry"
		return link.is(Broken, "%s: that is more than half of the %s after which it is lost.", sentence, fleet.Lapse(ttl))
	case latency > 0 && l.age > latency+beyondFor:
		link.Alert = "SageMakerAsyncLatencyObjectiveMissed"
		objective := "the objective of " + fleet.Lapse(latency)
		if l.endpoint.Defaulted {
			objective = "the default objective of " + fleet.Lapse(latency) + "; set objectives: to have another"
		}
		return link.is(Broken, "%s: that is longer than %s.", sentence, objective)
	case l.asleep() && l.age > asleepFor:
		link.Alert = "SageMakerAsyncBacklogWithoutCapacity"
		return link.is(Broken, "%s: a wake takes a quarter of an hour at most.", sentence)
	}
	return link.is(OK, "%s.", sentence)
}

// metric is what CloudWatch has of the metric that the alarms of the moment watch.
func (l *looked) metric() Link {
	link := Link{Name: Metric}
	switch {
	case l.noQueue != "":
		return link.is(Unknown, "Whether CloudWatch has the metrics of the queue is not known: %s.", l.noQueue)
	case !l.counted:
		return link.is(Unknown, "Which metric matters is not known: %s.", l.uncounted())
	}
	metric, purpose := fleet.BacklogPerInstance, "which target tracking follows while instances run"
	if l.running == 0 {
		metric, purpose = fleet.WithoutCapacity, "which the wake alarm watches"
	}
	if watched, alarm := l.watched(); alarm != "" && watched != metric {
		metric, purpose = watched, fmt.Sprintf("which the alarm %q watches", alarm)
	}
	reading := l.endpoint.Queue[metric]
	if reading.Known() {
		link.fact("datapoint_age", max(0, l.at.Sub(reading.At)), reading.At)
	}
	link.Facts = append([]Fact{{Name: "metric", Value: metric.String()}}, link.Facts...)
	if l.sees(metric) {
		link.reading("value", reading)
		return link.is(OK, "%s, %s, is published: %s at %s.", metric, purpose, fleet.Number(reading.Value), fleet.Minute(reading.At, l.at))
	}
	last := "none"
	if reading.Known() {
		last = "the last of " + fleet.Minute(reading.At, l.at)
	}
	switch {
	case l.running == 0 && l.empty:
		return link.is(Unused, "CloudWatch has no recent value of %s (%s). That is how it should be: at 0 instances it may be missing "+
			"while nothing waits, and the wake alarm takes it as silence.", metric, last)
	case l.running == 0 && l.wanted == 0 && l.waiting && l.age > lagMost+2*time.Minute:
		link.holds = true
		return link.is(Broken, "CloudWatch has no recent value of %s (%s) although requests wait, so the wake alarm cannot see them.", metric, last)
	case l.empty && metric == fleet.OldestAge:
		return link.is(Unused, "CloudWatch has no recent value of %s (%s): an empty queue has no oldest request.", metric, last)
	case l.resting != "":
		return link.is(Unused, "CloudWatch has no recent value of %s (%s). Nothing waits, and no more instances run than the minimum keeps, so nothing rests on it.", metric, last)
	case l.running == 0 || l.young():
		return link.is(Waits, "CloudWatch has no recent value of %s yet (%s): they come one to three minutes late.", metric, last)
	}
	return link.is(Unknown, "CloudWatch has no recent value of %s (%s) although instances run, so nobody knows whether there are too many "+
		"or too few.", metric, last)
}

// watched is the metric of the queue that the alarm of the moment watches, and its name; empty where none of them does.
func (l *looked) watched() (metric fleet.QueueMetric, alarm string) {
	for _, v := range l.variants {
		of := v.wakes
		switch {
		case l.running == 0:
		case v.beside() && v.goes == rest:
			continue
		case v.goes == in:
			of = v.shrinks
		default:
			of = v.grows
		}
		if of.alarm == nil {
			continue
		}
		if metric, ok := l.watches(of.alarm); ok {
			return metric, of.alarm.Name
		}
	}
	return metric, ""
}

// young tells whether the first instance has started too lately for a metric of it, or is starting.
func (l *looked) young() bool {
	if l.wanted != l.running {
		return true
	}
	for i := range l.endpoint.Variants {
		outs, _ := histories(l.endpoint.Variants[i].Activity.Recent)
		if outs.last != nil && (outs.last.InProgress() || l.at.Sub(outs.last.End) < lagMost+2*time.Minute) {
			return true
		}
	}
	return false
}

// uncounted says why the number of instances is not known.
func (l *looked) uncounted() string {
	if l.missing != "" {
		return l.missing
	}
	if status := l.endpoint.Status; status != fleet.InService {
		return fmt.Sprintf("the endpoint is %s, and DescribeEndpoint does not say how many instances run", cmp.Or(status, "in no status"))
	}
	return "DescribeEndpoint does not say how many instances run"
}

// waits says what waits, and since when.
func (l *looked) waits() string {
	what, n := "wait", l.backlog.Value
	switch {
	case l.asleep() && n == 1:
		what = "waits"
	case !l.asleep():
		what = verb(n, "waits or is", "wait or are") + " in service"
	}
	waits := requests(n) + " " + what
	switch {
	case !l.since.IsZero():
		waits += ", the oldest since " + fleet.Minute(l.since, l.at) + " (" + fleet.Lapse(l.age) + ")"
	case l.age > 0:
		waits += ", the oldest " + fleet.Lapse(l.age) + " old at " + fleet.Minute(l.endpoint.Queue[fleet.OldestAge].At, l.at)
	}
	return waits
}

func requests(n float64) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%s requests", fleet.Number(n))
}

func verb(n float64, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
