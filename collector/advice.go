package collector

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/report"
)

const fromFile = "the configuration"

var adviceMetrics = []Metric{
	{
		Name: "latency_objective_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Longest acceptable wait in the queue in seconds (objectives.latency).", From: fromFile,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.wait(e.Latency) },
	},
	{
		Name: "request_ttl_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Seconds after which a request that still waits expires, as far as the configuration knows what clients set (objectives.requestTTL).", From: fromFile,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.wait(e.RequestTTL) },
	},
	{
		Name: "latency_miss_objective_ratio", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Ratio of the minutes in which the oldest request may wait for longer than the latency objective (objectives.latencyMissRatio).", From: fromFile,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.positive(e.Limits.LatencyMissRatio) },
	},
	{
		Name: "failure_objective_ratio", Type: Gauge, Level: Endpoint, Labels: severityLabels, Needs: fromEndpoints,
		Help: "Ratio of failed invocations to all above which failures are an alert of the severity (objectives.failureRatio, objectives.criticalFailureRatio).", From: fromFile,
		endpoint: ofFailures(func(f report.Failures) float64 { return f.Ratio }),
	},
	{
		Name: "failure_objective_invocations", Type: Gauge, Level: Endpoint, Labels: severityLabels, Needs: fromEndpoints,
		Help: "Failed invocations of half an hour from which on failures are an alert of the severity (objectives.minFailures, objectives.criticalMinFailures).", From: fromFile,
		endpoint: ofFailures(func(f report.Failures) float64 { return float64(f.Least) }),
	},
	{
		Name: "processing_objective_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Longest acceptable time of one invocation in seconds (objectives.processing).", From: fromFile,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.wait(e.Limits.Processing) },
	},
	{
		Name: "near_expiry_threshold_ratio", Type: Gauge, Level: Scope,
		Help: "Ratio of request_ttl_seconds for which the oldest request has waited when its expiry is near (thresholds.nearExpiryRatio).", From: fromFile,
		scope: ofThresholds(func(t report.Thresholds) float64 { return t.NearExpiryRatio }),
	},
	{
		Name: "drain_threshold_ratio", Type: Gauge, Level: Scope,
		Help: "Ratio by which a queue that drains shrinks in 20 minutes (thresholds.drainRatio).", From: fromFile,
		scope: ofThresholds(func(t report.Thresholds) float64 { return t.DrainRatio }),
	},
	{
		Name: "idle_threshold_ratio", Type: Gauge, Level: Scope,
		Help: "Ratio of a day with an empty queue above which instances that ran all day are an alert (thresholds.idleRatio).", From: fromFile,
		scope: ofThresholds(func(t report.Thresholds) float64 { return t.IdleRatio }),
	},
	{
		Name: "flapping_threshold_wakes", Type: Gauge, Level: Scope,
		Help: "Wakes in six hours from which on an endpoint is flapping (thresholds.flappingWakes).", From: fromFile,
		scope: ofThresholds(func(t report.Thresholds) float64 { return float64(t.FlappingWakes) }),
	},
	{
		Name: "flapping_threshold_queued_ratio", Type: Gauge, Level: Scope,
		Help: "Ratio of the time at zero instances with a queue above which an endpoint is flapping (thresholds.flappingQueuedRatio).", From: fromFile,
		scope: ofThresholds(func(t report.Thresholds) float64 { return t.FlappingQueuedRatio }),
	},
	{
		Name: "instance_price_dollars_per_hour", Type: Gauge, Level: Variant, Labels: []string{"instance_type"}, Needs: fromEndpoints,
		Help: "Dollars an hour for one instance of a type that the variant may run on, where the price is known (prices).", From: fromFile,
		variant: func(v *report.Variant, put put) {
			for _, instanceType := range v.Types {
				if dollars, ok := put.report.Prices[instanceType]; ok {
					put.value(dollars, instanceType)
				}
			}
		},
	},
	{
		Name: "recommended_target_value", Type: Gauge, Level: Variant, Needs: fromEndpoints,
		Help: "Requests per instance at which a request takes seven tenths of the latency objective: 0.7 x MaxConcurrentInvocationsPerInstance x objective / mean service time of the last 24 hours at most (CloudWatch TotalProcessingTime - TimeInBacklog, Sum and SampleCount), and at least what does not scale full instances out. Absent below 30 requests, or while MaxConcurrentInvocationsPerInstance is unset.",
		From: "TotalProcessingTime, TimeInBacklog, DescribeEndpointConfig, the configuration",
		variant: func(v *report.Variant, put put) {
			if value, ok := advise.TargetValue(put.endpoint.Endpoint, v.Variant, put.endpoint.Latency, put.at); ok {
				put.value(value)
			}
		},
	},
	{
		Name: "estimated_drain_seconds", Type: Gauge, Level: Variant, Needs: fromQueue,
		Help: "Seconds in which the instances that run now, of all variants, end what waits or is in service if nothing else comes: backlog x mean service time of the last 24 hours at most / (MaxConcurrentInvocationsPerInstance x instances). The same on each variant, because they share a queue. Below 30 requests, or while MaxConcurrentInvocationsPerInstance is unset: backlog / invocations processed a second in the newest settled minutes. Absent while no instance runs.",
		From: "ApproximateBacklogSize, TotalProcessingTime, TimeInBacklog, DescribeEndpoint, DescribeEndpointConfig",
		variant: func(_ *report.Variant, put put) {
			if takes, ok := put.endpoint.DrainTime(put.at); ok {
				put.value(takes.Seconds())
			}
		},
	},
}

var severityLabels = []string{"severity"}

// ofFailures shows what each severity asks of failures, unless nothing is known.
func ofFailures(value func(report.Failures) float64) func(*report.Endpoint, time.Time, put) {
	return func(e *report.Endpoint, _ time.Time, put put) {
		put.positive(value(e.Limits.Ticket), string(check.Warning))
		put.positive(value(e.Limits.Page), string(check.Critical))
	}
}

func ofThresholds(value func(report.Thresholds) float64) func(report.Report, time.Time, put) {
	return func(r report.Report, _ time.Time, put put) { put.positive(value(r.Thresholds)) }
}

// positive sends a value, unless nothing is known of it.
func (p put) positive(value float64, labels ...string) {
	if value > 0 {
		p.value(value, labels...)
	}
}

// wait sends a time in seconds, unless none is asked for.
func (p put) wait(d time.Duration) {
	if d > 0 {
		p.value(d.Seconds())
	}
}
