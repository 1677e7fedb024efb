package collector

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

const fromFile = "the configuration"

var adviceMetrics = []Metric{
	{
		Name: "latency_objective_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Longest acceptable wait in the queue in seconds (objectives.latency).", From: fromFile,
		asked: func(e *report.Endpoint, put put) { put.wait(e.Latency) },
	},
	{
		Name: "request_ttl_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Seconds after which a request that still waits expires, as far as the configuration knows what clients set (objectives.requestTTL).", From: fromFile,
		asked: func(e *report.Endpoint, put put) { put.wait(e.RequestTTL) },
	},
	{
		Name: "instance_price_dollars_per_hour", Type: Gauge, Level: Variant, Labels: []string{"instance_type"}, Needs: fromEndpoints,
		Help: "Dollars an hour for one instance of a type that the variant may run on, where the price is known (prices).", From: fromFile,
		variant: func(v *fleet.Variant, put put) {
			for _, instanceType := range v.Types {
				if dollars, ok := put.report.Prices[instanceType]; ok {
					put.value(dollars, instanceType)
				}
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
