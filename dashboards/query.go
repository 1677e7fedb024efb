package dashboards

import (
	"strings"

	"github.com/sagemaker-async/exporter/collector"
)

// level is what a series is about, and so the variables by which it is chosen.
type level string

// The levels. The fleet's dashboard has no variable for variants, and chooses their series by the endpoint.
const (
	process    level = ""
	scope      level = `account_id=~"$account", region=~"$region"`
	ofEndpoint level = scope + `, endpoint_name=~"$endpoint"`
	ofVariant  level = ofEndpoint + `, variant_name=~"$variant"`
)

// The labels that tell accounts and regions, endpoints and variants apart, to sum by and to join on. The cluster is what a
// store of several Prometheus servers tells them apart by; where there is none, it changes nothing.
const (
	eachCluster  = "cluster"
	eachScope    = eachCluster + ", account_id, region"
	eachEndpoint = eachScope + ", endpoint_name"
	eachVariant  = eachEndpoint + ", variant_name"
)

// window is what rates look back: four times the five minutes at which work is read, because a shorter one shows how
// the exporter polls. It is no $__rate_interval, which would have to make each graph as coarse as this.
const window = "20m"

// series is the selector of a metric.
func (l level) series(metric string, matchers ...string) string {
	if l != "" {
		matchers = append([]string{string(l)}, matchers...)
	}
	selector := "sagemaker_async_" + metric
	if len(matchers) > 0 {
		selector += "{" + strings.Join(matchers, ", ") + "}"
	}
	return selector
}

// now is the newest value, of whichever replica. Replicas say the same and must not double anything.
func (l level) now(metric string, matchers ...string) string {
	return once(metric, l.series(metric, matchers...))
}

// rate is the growth of a counter in a second.
func (l level) rate(metric string, matchers ...string) string {
	return l.rateOver(window, metric, matchers...)
}

// rateOver is that over a time.
func (l level) rateOver(over, metric string, matchers ...string) string {
	return once(metric, "rate("+l.series(metric, matchers...)+"["+over+"])")
}

// grown is the growth of a counter over a time.
func (l level) grown(over, metric string) string {
	return once(metric, "increase("+l.series(metric)+"["+over+"])")
}

// mean is the mean of what a summary or a histogram observed over a time.
func (l level) mean(over, metric string) string {
	return l.rateOver(over, metric+"_sum") + " / " + l.rateOver(over, metric+"_count")
}

// quantile is a quantile of what a histogram observed over a time, by the given labels.
func (l level) quantile(q, over, metric, by string) string {
	labels := "le"
	if by != "" {
		labels += ", " + by
	}
	return "histogram_quantile(" + q + ", " + sumBy(labels, maxBy(labelsOf(metric)+", le", "rate("+l.series(metric+"_bucket")+"["+over+"])")) + ")"
}

// once takes an expression of the series of a metric from whichever replica: by the labels that the exporter gives them,
// because a scrape may add any others.
func once(metric, expr string) string { return maxBy(labelsOf(metric), expr) }

// labelsOf are the labels of a metric, the cluster first. Of a summary or a histogram the name may be that of its parts.
func labelsOf(metric string) string {
	for _, known := range collector.Table() {
		if known.Name == metric || known.Name == strings.TrimSuffix(strings.TrimSuffix(metric, "_count"), "_sum") {
			return strings.Join(append([]string{eachCluster}, known.AllLabels()...), ", ")
		}
	}
	return eachCluster // a test says that there is no such series
}

func sum(expr string) string { return "sum (" + expr + ")" }

func sumBy(labels, expr string) string { return "sum by (" + labels + ") (" + expr + ")" }

func maxBy(labels, expr string) string { return "max by (" + labels + ") (" + expr + ")" }

func top(expr string) string { return "topk(10, " + expr + ")" }

// dollarsPerHour is what the instances of each endpoint cost by the hour. Pools have a price for each of their types.
func dollarsPerHour() string {
	price := ofEndpoint.now("instance_price_dollars_per_hour")
	return sumBy(eachEndpoint, ofEndpoint.now("pool_instances_current")+
		" * on ("+eachVariant+", instance_type) group_left () "+price+
		" or on ("+eachVariant+") "+ofEndpoint.now("instances_current")+
		" * on ("+eachVariant+") "+maxBy(eachVariant, price))
}

// drain is how many seconds the instances of each endpoint need for its queue if nothing more comes; where it is not known
// what they can do, by what they did.
func drain(l level) string {
	return maxBy(eachEndpoint, l.now("estimated_drain_seconds")) + " or sum by (" + eachEndpoint + ") (" +
		ofEndpoint.now("backlog_requests") + " / on (" + eachEndpoint + ") (" +
		sumBy(eachEndpoint, l.rate("invocations_processed_total")) + " > 0))"
}

// trackingBacklog narrows series of policies to those that track the backlog of each instance: other targets are in
// another unit.
func trackingBacklog(l level, expr string) string {
	return expr + " and on (" + eachVariant + ", policy_name) " +
		l.now("scaling_policy_info", `metric_name="ApproximateBacklogSizePerInstance"`)
}

// status is the status that each endpoint has: 1 is in service, 2 changes, 3 does not serve.
func status() string {
	is := func(names, times string) string {
		return "(" + ofEndpoint.now("endpoint_status", `status=~"`+names+`"`) + " == 1) * " + times
	}
	return is("InService", "1") + " or " + is("Creating|Updating|SystemUpdating|RollingBack", "2") +
		" or " + is("OutOfService|Deleting|Failed|UpdateRollbackFailed", "3")
}

// wake is how far each endpoint has come from the first waiting request to the first completion: 0 sleeps, 1 waits for
// somebody to want an instance, 2 waits for the instance, 3 runs and has completed nothing yet, 4 completes, 5 runs idle.
func wake() string {
	on := " on (" + eachEndpoint + ") "
	running := sumBy(eachEndpoint, ofVariant.now("instances_current"))
	wanted := sumBy(eachEndpoint, ofVariant.now("instances_desired"))
	waiting := ofEndpoint.now("backlog_requests")
	completed := sumBy(eachEndpoint, ofVariant.grown(window, "invocations_processed_total"))
	return "(" + running + " == 0 and" + on + wanted + " == 0) +" + on + "(" + waiting + " > bool 0)" +
		" or (" + running + " == 0 and" + on + wanted + " > 0) + 2" +
		" or (" + running + " > 0) * 0 + 5 and" + on + waiting + " == 0" +
		" or (" + running + " > 0) * 0 + 3 +" + on + "(" + completed + " > bool 0)"
}

// own narrows series that every Go program has to those of the exporter.
func own(expr string) string {
	return maxBy(eachCluster, expr+" and on (job, instance) "+process.series("exporter_build_info"))
}
