package sim

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// endpointSeries are the series of an endpoint, found once.
type endpointSeries struct {
	queue    [4]*series
	variants []variantSeries
}

type variantSeries struct {
	counts  map[string]*series
	latency map[string]*series
	host    []*series
}

// publish gives CloudWatch what happened in the minute that has ended. What did not happen is not published as 0, but
// for the queue, which is always measured.
func (e *endpoint) publish(w *World, minute int) {
	if e.config.Async == nil {
		return
	}
	for _, v := range e.variants {
		e.follow(w, v) // a shortage may have ended
	}
	if e.series.queue[0] == nil {
		for _, metric := range fleet.QueueMetrics() {
			unit := "Count"
			if metric == fleet.OldestAge {
				unit = "Seconds"
			}
			e.series.queue[metric] = w.series(metric.Query(e.spec.Name).Metric, unit)
		}
	}
	e.series.queue[fleet.Backlog].put(minute, e.minute.backlog)
	e.series.queue[fleet.BacklogPerInstance].put(minute, e.minute.perInstance)
	e.series.queue[fleet.OldestAge].put(minute, e.minute.age)
	e.series.queue[fleet.WithoutCapacity].put(minute, e.minute.without)
	e.minute = queueMinute{}
	if w.lean {
		return
	}
	for i, work := range e.station.take() {
		if !work.idle() || len(e.variants[i].running) > 0 {
			e.publishWork(w, i, minute, work)
		}
	}
}

func (e *endpoint) publishWork(w *World, i, minute int, work minuteWork) {
	for len(e.series.variants) <= i {
		e.series.variants = append(e.series.variants, variantSeries{counts: map[string]*series{}, latency: map[string]*series{}})
	}
	v, of := e.variants[i], &e.series.variants[i]
	metric := func(namespace, name string) fleet.Metric {
		return fleet.Metric{Namespace: namespace, Name: name, Dimensions: fleet.VariantDimensions(e.spec.Name, v.config.Name)}
	}
	put := func(cache map[string]*series, name, unit string, what sample) {
		if what.n == 0 {
			return
		}
		if cache[name] == nil {
			cache[name] = w.series(metric(fleet.Namespace, name), unit)
			cache[name].counts = true
		}
		cache[name].put(minute, what)
	}
	count := func(name, unit string, n int) {
		if n > 0 {
			var one sample
			one.add(float64(n))
			put(of.counts, name, unit, one)
		}
	}
	count("InvocationsProcessed", "Count", work.processed)
	count("InvocationFailures", "Count", work.failed)
	count("Invocation4XXErrors", "None", work.clientErrors)
	count("Invocation5XXErrors", "None", work.modelErrors)
	count("ExpiredRequests", "Count", work.expired)
	count("RequestDownloadFailures", "Count", work.downloadFailures)
	count("ResponseUploadFailures", "Count", work.uploadFailures)
	count("NotificationFailures", "Count", work.notificationFailures)
	put(of.latency, "ModelLatency", "Microseconds", work.model)
	put(of.latency, "RequestDownloadLatency", "Microseconds", work.download)
	put(of.latency, "ResponseUploadLatency", "Microseconds", work.upload)
	put(of.latency, "TimeInBacklog", "Milliseconds", work.backlog)
	put(of.latency, "TotalProcessingTime", "Milliseconds", work.total)
	if len(v.running) == 0 {
		return
	}
	if of.host == nil {
		for _, name := range fleet.HostMetrics() {
			of.host = append(of.host, w.series(metric(fleet.HostNamespace, name.String()), "Percent"))
		}
	}
	busy := 1 - float64(e.station.slots[i])/float64(max(1, e.station.size[i]))
	for j, of := range of.host {
		var utilisation sample
		utilisation.add(busy*[...]float64{90, 60, 95, 80, 20}[j] + 3)
		of.put(minute, utilisation)
	}
}

// minuteAt is the minute of a moment.
func (w *World) minuteAt(at time.Time) int { return int(at.Sub(w.epoch) / time.Minute) }
