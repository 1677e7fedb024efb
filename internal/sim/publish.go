package sim

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
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
			e.series.queue[metric] = w.series(metric.Query(e.spec.Name).Metric)
		}
	}
	e.series.queue[fleet.Backlog].put(minute, once(e.minute.backlog))
	e.series.queue[fleet.BacklogPerInstance].put(minute, once(e.minute.perInstance))
	e.series.queue[fleet.OldestAge].put(minute, once(e.minute.age))
	e.series.queue[fleet.WithoutCapacity].put(minute, once(e.minute.without))
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

// once is a minute of the queue as AWS publishes it: one value, whatever was measured in between. Sum and SampleCount follow
// from it.
func once(measured autoscaling.Sample) autoscaling.Sample {
	if measured.N > 1 {
		measured.Sum, measured.N = measured.Sum/float64(measured.N), 1
	}
	return measured
}

func (e *endpoint) publishWork(w *World, i, minute int, work minuteWork) {
	for len(e.series.variants) <= i {
		e.series.variants = append(e.series.variants, variantSeries{counts: map[string]*series{}, latency: map[string]*series{}})
	}
	v, of := e.variants[i], &e.series.variants[i]
	metric := func(namespace, name string) fleet.Metric {
		return fleet.Metric{Namespace: namespace, Name: name, Dimensions: fleet.VariantDimensions(e.spec.Name, v.config.Name)}
	}
	put := func(cache map[string]*series, name string, what autoscaling.Sample) {
		if what.N == 0 {
			return
		}
		if cache[name] == nil {
			cache[name] = w.series(metric(fleet.Namespace, name))
			cache[name].counts = true
		}
		cache[name].put(minute, what)
	}
	count := func(name string, n int) {
		if n > 0 {
			var one autoscaling.Sample
			one.Add(float64(n))
			put(of.counts, name, one)
		}
	}
	count("InvocationsProcessed", work.processed)
	count("InvocationFailures", work.failed)
	count("Invocation4XXErrors", work.clientErrors)
	count("Invocation5XXErrors", work.modelErrors)
	count("ExpiredRequests", work.expired)
	count("RequestDownloadFailures", work.downloadFailures)
	count("ResponseUploadFailures", work.uploadFailures)
	count("NotificationFailures", work.notificationFailures)
	put(of.latency, "ModelLatency", work.model)
	put(of.latency, "RequestDownloadLatency", work.download)
	put(of.latency, "ResponseUploadLatency", work.upload)
	put(of.latency, "TimeInBacklog", work.backlog)
	put(of.latency, "TotalProcessingTime", work.total)
	if len(v.running) == 0 {
		return
	}
	if of.host == nil {
		for _, name := range fleet.HostMetrics() {
			of.host = append(of.host, w.series(metric(fleet.HostNamespace, name.String())))
		}
	}
	busy := 1 - float64(e.station.slots[i])/float64(max(1, e.station.size[i]))
	for j, of := range of.host {
		var utilisation autoscaling.Sample
		utilisation.Add(busy*[...]float64{90, 60, 95, 80, 20}[j] + 3)
		of.put(minute, utilisation)
	}
}

// minuteAt is the minute of a moment.
func (w *World) minuteAt(at time.Time) int { return int(at.Sub(w.epoch) / time.Minute) }
