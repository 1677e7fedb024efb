package dashboards

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sagemaker-async/exporter/collector"
)

// level is what a series is about, and so the variables by which it is chosen.
type level string

// The levels. The fleet's dashboard has no variable for variants, and chooses their series by the endpoint.
const (
	everywhere level = ""
	process    level = `cluster=~"$cluster"`
	scope      level = process + `, account_id=~"$account", region=~"$region"`
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

// events is by how much a counter grew within each step of a graph: an event is one mark, whatever the time that is shown.
// Of a counter that begins with its first event the step before it is 0. A scrape that fails ends a series for a moment, and the
// maximum over replicas would fall and rise again with the one that is ahead: so each value is the last of five minutes.
func (l level) events(metric string) string {
	last := "last_over_time(" + l.series(metric) + "[5m]"
	now := once(metric, last+")")
	return "(" + now + " - (" + once(metric, last+" offset $__interval)") + " or " + now + " * 0)) > 0"
}

// mean is the mean of what a summary or a histogram observed over a time, by the given labels. Without an observation
// there is none.
func (l level) mean(over, metric, by string) string {
	return sumBy(by, l.rateOver(over, metric+"_sum")) + " / (" + sumBy(by, l.rateOver(over, metric+"_count")) + " > 0)"
}

// quantile is a quantile of what a histogram observed over a time, by the given labels. Without an observation it is not a
// number, which is no number from 0 on either.
func (l level) quantile(q, over, metric, by string) string {
	return "histogram_quantile(" + q + ", " + sumBy(by+", le", maxBy(labelsOf(metric)+", le", "rate("+l.series(metric+"_bucket")+"["+over+"])")) + ") >= 0"
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
// what they can do, by what they did. It is 0 of an empty queue, and -1 of one that nothing processes.
func drain(l level) string {
	backlog := ofEndpoint.now("backlog_requests")
	return "(" + maxBy(eachEndpoint, l.now("estimated_drain_seconds")) + " or sum by (" + eachEndpoint + ") (" +
		backlog + " / on (" + eachEndpoint + ") (" + sumBy(eachEndpoint, l.rate("invocations_processed_total")) + " > 0))" +
		" or (" + backlog + " == 0) or (" + backlog + " > 0) * 0 - 1)"
}

// oldest is how many seconds the oldest request of each endpoint has waited; 0 of an empty queue, which has no oldest.
func oldest() string {
	return "(" + ofEndpoint.now("oldest_request_age_seconds") + " or (" + ofEndpoint.now("backlog_requests") + " == 0))"
}

// dataAge is how many seconds ago the fast sources last answered, the one that is furthest behind; -1 where one fails and its series
// are dropped already. When that is depends on polling.maxStaleness, so the age alone does not tell.
func dataAge() string {
	dropped := func(source, metric string) string {
		return "(" + scope.now("exporter_source_up", `source="`+source+`"`) + " == 0 unless on (" + eachScope + ") " + ofEndpoint.now(metric) + ")"
	}
	return "(count (" + dropped("endpoints", "endpoint_info") + " or " + dropped("metrics", "backlog_requests") + ") * 0 - 1) or clamp_min(time() - min (" + scope.now("exporter_source_last_success_timestamp_seconds", `source=~"endpoints|metrics"`) + "), 0)"
}

// alive takes what looks back only while there is an exporter: else it would go on for as long as it looks back.
func alive(expr string) string { return "(" + expr + ") and on () count (" + scope.now("up") + ")" }

// alerts are series of alerts that concern what is chosen: those of a region have no endpoint, and those of the exporter no
// region. Where no endpoint is chosen they are those of none.
func (l level) alerts(series string, matchers ...string) string {
	endpoint := `endpoint_name=""`
	if l != scope {
		endpoint = `endpoint_name=~"|$endpoint"`
	}
	return series + "{" + strings.Join(append(matchers, `alertname=~"SageMakerAsync.+"`, string(process),
		`account_id=~"|$account"`, `region=~"|$region"`, endpoint), ", ") + "}"
}

const (
	eachAlert = eachEndpoint + ", alertname"
	firing    = `alertstate="firing"`
)

// alertSeverity ranks the alerts that fire.
func alertSeverity(l level, matchers ...string) string {
	return ranked(func(severity string) string {
		return maxBy(eachAlert, l.alerts("ALERTS", append(matchers, firing, `severity="`+severity+`"`)...))
	})
}

// alertSince is when the condition of each alert that fires began, in Unix seconds.
func alertSince(l level) string {
	return "(" + maxBy(eachAlert, l.alerts("ALERTS_FOR_STATE")) + " and on (" + eachAlert + ") " + maxBy(eachAlert, l.alerts("ALERTS", firing)) + ")"
}

// checkSeverity ranks the checks that fail.
func checkSeverity(l level, by string) string {
	return ranked(func(severity string) string {
		return maxBy(by, l.series("check_failed", `severity="`+severity+`"`)+" == 1")
	})
}

// ranked joins what is there of each severity, the worst first: 3 is critical, 2 warning, 1 info.
func ranked(of func(severity string) string) string {
	return "(" + of("critical") + " * 3 or " + of("warning") + " * 2 or " + of("info") + ")"
}

// worst is the worst severity that checks and alerts give each endpoint, a warning at least where it is broken, and 0 of one at
// which nothing fails.
func worst() string {
	return maxBy(eachEndpoint, "("+maxBy(eachEndpoint, ofEndpoint.series("endpoint_state", `state="broken"`))+" * 2 or "+checkSeverity(ofEndpoint, eachEndpoint+", check")+" or "+alertSeverity(ofEndpoint, `endpoint_name!=""`)+
		" or "+ofEndpoint.now("check_failed")+" * 0)")
}

// trackingBacklog narrows series of policies to those that track the backlog of each instance: other targets are in
// another unit.
func trackingBacklog(l level, expr string) string {
	return expr + " and on (" + eachVariant + ", policy_name) " +
		l.now("scaling_policy_info", `metric_name="ApproximateBacklogSizePerInstance"`)
}

// status is the status of each endpoint: 1 is in service, 2 changes, 3 does not serve.
func status() string {
	is := func(names, times string) string {
		return "(" + ofEndpoint.now("endpoint_status", `status=~"`+names+`"`) + " == 1) * " + times
	}
	return maxBy(eachEndpoint, "("+is("InService", "1")+" or "+is("Creating|Updating|SystemUpdating|RollingBack", "2")+
		" or "+is("OutOfService|Deleting|Failed|UpdateRollbackFailed", "3")+")")
}

// states are the words of endpoint_state, the one first that needs somebody most. Replicas may see an endpoint in two states
// for a moment: then it is in the first of them.
var states = []struct{ name, text, colour string }{
	{"broken", "broken", bad},
	{"unknown", "unknown", gray},
	{"at_maximum", "at maximum", warning},
	{"waking", "waking", special},
	{"scaling_out", "scaling out", special},
	{"scaling_in", "scaling in", neutral},
	{"working", "working", good},
	{"fixed", "fixed", plain},
	{"idle", "idle", neutral},
	{"asleep", "asleep", neutral},
}

// state is the state of each endpoint as a number, len(states) of the first and 1 of the last.
func state() string {
	var all []string
	for i, s := range states {
		all = append(all, fmt.Sprintf("%s * %d", maxBy(eachEndpoint, ofEndpoint.series("endpoint_state", `state="`+s.name+`"`)), len(states)-i))
	}
	return "(" + strings.Join(all, " or ") + ")"
}

// stateWords are what is shown for these numbers.
func stateWords() []object {
	var words []object
	for i, s := range states {
		words = append(words, word(strconv.Itoa(len(states)-i), s.text, s.colour))
	}
	return words
}

// own narrows series that every Go program has to those of the exporter.
func own(expr string) string {
	return maxBy(eachCluster, expr+" and on (cluster, job, instance) "+process.series("exporter_build_info"))
}
