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
		Name: "failure_objective_ratio", Type: Gauge, Level: Endpoint, Labels: []string{"severity"}, Needs: fromEndpoints,
		Help: "Ratio of failed invocations to all above which failures are an alert of the severity (objectives.failureRatio, objectives.criticalFailureRatio).", From: fromFile,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) {
			if e.FailureRatio > 0 {
				put.value(e.FailureRatio, string(check.Warning))
				put.value(e.CriticalFailureRatio, string(check.Critical))
			}
		},
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

// wait sends a time in seconds, unless none is asked for.
func (p put) wait(d time.Duration) {
	if d > 0 {
		p.value(d.Seconds())
	}
}
