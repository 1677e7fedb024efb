package dashboards

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/alerts"
	"github.com/sagemaker-async/exporter/collector"
)

// queries are all queries of a dashboard, of variables and annotations too, by where they stand.
func (b board) queries() map[string]string {
	all := map[string]string{}
	for _, p := range b.all() {
		for _, target := range p.Targets {
			all[p.Title+" "+target.RefID] = target.Expr
		}
	}
	for _, annotation := range b.Annotations.List {
		all["annotation "+annotation.Name] = annotation.Expr
	}
	return all
}

func TestQueries_areSound(t *testing.T) {
	metrics := known(t)
	for name, b := range boards(t) {
		queries := b.queries()
		if len(queries) < 30 {
			t.Errorf("%s has only %d queries", name, len(queries))
		}
		for _, variable := range b.Templating.List {
			if strings.HasPrefix(variable.Definition, "label_values(") {
				asked := strings.TrimSuffix(strings.TrimPrefix(variable.Definition, "label_values("), ")")
				selector := asked[:strings.LastIndex(asked, ", ")]
				queries["variable "+variable.Name] = maxBy(eachCluster, selector) + " and on (" + asked[len(selector)+2:] + ") " + maxBy(eachCluster, selector)
			}
		}
		for where, query := range queries {
			for _, problem := range slices.Concat(unknown(query, metrics), doubled(query), divided(query)) {
				t.Errorf("%s: %s: %s\n%s", name, where, problem, query)
			}
			if !strings.HasPrefix(where, "annotation ") { // what is marked has happened, whenever
				for _, problem := range hasty(query) {
					t.Errorf("%s: %s: %s\n%s", name, where, problem, query)
				}
			}
		}
	}
}

// A legend with a label that the series have not shows nothing in its place.
func TestLegends_nameLabelsOfTheirSeries(t *testing.T) {
	metrics := known(t)
	placed := regexp.MustCompile(`\{\{(\w+)\}\}`)
	kept := regexp.MustCompile(`^(?:sort_desc \(topk\(10, )?\(?(?:sum|max) by \(([\w, ]*)\)`)
	for name, b := range boards(t) {
		for _, p := range b.all() {
			for _, target := range p.Targets {
				var labels []string
				for _, metric := range series.FindAllString(target.Expr, -1) {
					labels = append(labels, metrics[metric]...)
				}
				if by := kept.FindStringSubmatch(target.Expr); by != nil && !strings.Contains(target.Expr, " group_left ") {
					labels = strings.Split(by[1], ", ")
				}
				for _, label := range placed.FindAllStringSubmatch(target.LegendFormat, -1) {
					if !slices.Contains(labels, label[1]) {
						t.Errorf("%s: %q names %s in its legend, of %q", name, p.Title, label[1], target.Expr)
					}
				}
			}
		}
	}
}

// known are the labels of every series that a query may use: those of the exporter, recorded ones, and the few that every
// Go program or Prometheus itself has.
func known(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{
		"ALERTS":                        {"alertname", "alertstate", "severity", "layer", "account_id", "region", "endpoint_name"},
		"ALERTS_FOR_STATE":              {"alertname", "severity", "layer", "account_id", "region", "endpoint_name"},
		"process_resident_memory_bytes": nil, "process_cpu_seconds_total": nil, "go_memstats_heap_inuse_bytes": nil, "go_goroutines": nil,
	}
	for _, metric := range collector.Table() {
		name, labels := metric.FullName(), metric.AllLabels()
		switch metric.Type {
		case collector.Histogram:
			all[name+"_bucket"] = append(slices.Clone(labels), "le")
			all[name+"_sum"], all[name+"_count"] = labels, labels
		case collector.Summary:
			all[name+"_sum"], all[name+"_count"] = labels, labels
		case collector.Gauge, collector.Counter:
			all[name] = labels
		}
	}
	recorded := regexp.MustCompile(`(?m)^\s+- record: (\S+)$`).FindAllSubmatch(alerts.Rules, -1)
	if len(recorded) == 0 || !bytes.Contains(alerts.Rules, []byte("alert: SageMakerAsync")) {
		t.Error("the rules hold next to nothing")
	}
	for _, record := range recorded {
		all[string(record[1])] = []string{"account_id", "region", "endpoint_name", "variant_name"}
	}
	return all
}

var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	selected = regexp.MustCompile(`([a-zA-Z_][\w:]*)\{([^}]*)\}`)
	matcher  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`)
	grouped  = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right) \(([\w, ]*)\)`)
	ranged   = regexp.MustCompile(`\[[^\]]*\]`)
	named    = regexp.MustCompile(`\$?[a-zA-Z_][\w:]*`)
)

// language are the words of PromQL that the dashboards use.
var language = strings.Fields("max min sum avg count topk sort_desc rate increase last_over_time histogram_quantile time round clamp_min " +
	"absent offset $__interval and or unless on by without bool group_left")

// unknown says which series and labels of a query do not exist.
func unknown(query string, metrics map[string][]string) []string {
	var problems []string
	query = quoted.ReplaceAllString(query, `""`)
	labels := []string{"instance", "job", "cluster"} // of the target
	bare := ranged.ReplaceAllString(grouped.ReplaceAllString(selected.ReplaceAllString(query, "$1"), ""), "")
	for _, name := range named.FindAllString(bare, -1) {
		if of, ok := metrics[name]; ok {
			labels = append(labels, of...)
		} else if !slices.Contains(language, name) {
			problems = append(problems, "there is no series "+name)
		}
	}
	for _, selector := range selected.FindAllStringSubmatch(query, -1) {
		for _, label := range matcher.FindAllStringSubmatch(selector[2], -1) {
			if label[1] != "cluster" && !slices.Contains(metrics[selector[1]], label[1]) {
				problems = append(problems, fmt.Sprintf("%s has no label %s", selector[1], label[1]))
			}
		}
	}
	for _, list := range grouped.FindAllStringSubmatch(query, -1) {
		for _, label := range strings.FieldsFunc(list[1], func(r rune) bool { return r == ',' || r == ' ' }) {
			if !slices.Contains(labels, label) {
				problems = append(problems, "no series of it has the label "+label)
			}
		}
	}
	return problems
}

// whose is the join that narrows series of every Go program to those of the exporter.
const whose = " and on (cluster, job, instance) sagemaker_async_exporter_build_info"

var (
	replicas = regexp.MustCompile(`max by \(cluster\b[\w, ]*\) \((?:(?:rate|increase|last_over_time) ?\()?((?:sagemaker_async|process|go|ALERTS)[\w:]*)`)
	series   = regexp.MustCompile(`\b(?:sagemaker_async_|process_|go_|ALERTS)[\w:]*`)
)

// doubled says which series of a query are not taken of one replica before anything else is done with them. The sum over
// what several replicas say alike would double it, and a maximum over sums would lose what exporters of different
// accounts say.
func doubled(query string) []string {
	var problems []string
	query = quoted.ReplaceAllString(strings.ReplaceAll(query, whose, ""), `""`)
	if all, once := len(series.FindAllString(query, -1)), len(replicas.FindAllString(query, -1)); all != once || all == 0 {
		problems = append(problems, fmt.Sprintf("%d of its %d series start from max by the cluster and the labels of the exporter", once, all))
	}
	return problems
}

// divided says what a query divides by that may be 0, and which quantiles are of nothing: neither is a number, and legends
// and tables show that.
func divided(query string) []string {
	var problems []string
	query = quoted.ReplaceAllString(query, `""`)
	for _, at := range division.FindAllStringIndex(query, -1) {
		if by := operand(query[at[1]:]); !strings.HasSuffix(by, " > 0)") {
			problems = append(problems, "it divides by "+by)
		}
	}
	for rest := query; ; {
		_, after, found := strings.Cut(rest, "histogram_quantile")
		if !found {
			return problems
		}
		if of := operand(after); !strings.HasPrefix(after[len(of):], " >= 0") {
			problems = append(problems, "it shows quantiles of nothing")
		}
		rest = after
	}
}

var division = regexp.MustCompile(` / (?:on \([\w, ]*\) )?`)

// operand is an expression up to the end of its first pair of parentheses.
func operand(query string) string {
	depth := 0
	for i, r := range query {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return query[:i+1]
			}
		}
	}
	return query
}

// Every series is that of the cluster, account, region and endpoint that are chosen, as far as it has one: an endpoint of the
// same name elsewhere is another one.
func TestSelectors_chooseWhatIsChosen(t *testing.T) {
	metrics := known(t)
	for name, b := range boards(t) {
		for where, query := range b.queries() {
			for _, selector := range regexp.MustCompile(`((?:sagemaker_async_|ALERTS)[\w:]*)(\{[^}]*\})?`).FindAllStringSubmatch(query, -1) {
				if selector[1] == "sagemaker_async_up" && where == "State A" {
					continue // whether there is an exporter at all
				}
				of := map[string]string{"cluster": "$cluster"}
				for label, variable := range map[string]string{"account_id": "$account", "region": "$region", "endpoint_name": "$endpoint"} {
					if slices.Contains(metrics[selector[1]], label) && (label != "endpoint_name" || b.UID != exporterUID) {
						of[label] = variable
					}
				}
				for label, variable := range of {
					if !regexp.MustCompile(`\b` + label + `=~"\|?\` + variable + `"`).MatchString(selector[2]) {
						t.Errorf("%s: %s: %s is not of the chosen %s", name, where, selector[0], label)
					}
				}
			}
		}
	}
}

// A mark is one, however long what it marks goes on: it stands at a time that does not move, or is what has come since
// the step before.
func TestAnnotations_areMarksOfBeginnings(t *testing.T) {
	for name, b := range boards(t) {
		for _, a := range b.Annotations.List {
			if !a.UseValueForTime && !strings.Contains(a.Expr, " offset $__interval") {
				t.Errorf("%s: %s marks all of the time", name, a.Name)
			}
		}
	}
}

// lasting is the last value of a time, which says nothing of how that grew.
var lasting = regexp.MustCompile(`last_over_time\([^\[]*\[[^\]]*\]`)

// hasty says which windows are shorter than four activity intervals.
func hasty(query string) []string {
	var problems []string
	for _, window := range ranged.FindAllString(lasting.ReplaceAllString(query, ""), -1) {
		window = strings.Trim(window, "[]")
		if window == "$__range" {
			continue // as long as the user likes
		}
		length, err := time.ParseDuration(window)
		if days, ok := strings.CutSuffix(window, "d"); ok {
			var n int
			n, err = strconv.Atoi(days)
			length = time.Duration(n) * 24 * time.Hour
		}
		if err != nil || length < 20*time.Minute {
			problems = append(problems, "it looks back "+window)
		}
	}
	return problems
}

// The tests above pass on sound dashboards, so they do not show that they refuse anything.
func TestQueries_thatAreNotSoundAreFound(t *testing.T) {
	metrics := known(t)
	for query, want := range map[string]string{
		ofVariant.now("instances_current"):                                 "",
		scope.now("up"):                                                    "",
		own("go_goroutines"):                                               "",
		ofVariant.rate("invocations_processed_total"):                      "",
		ofVariant.now("instances"):                                         "no series sagemaker_async_instances",
		ofEndpoint.now("wake_duration_seconds"):                            "no series sagemaker_async_wake_duration_seconds",
		once("up", `sagemaker_async_up{endpoint_name="a"}`):                "sagemaker_async_up has no label endpoint_name",
		sumBy("variant_name", scope.now("up")):                             "label variant_name",
		maxBy(eachCluster, "stddev(sagemaker_async_up)"):                   "no series stddev",
		"sum (sagemaker_async_instances_current)":                          "0 of its 1 series",
		process.now("up") + " + sagemaker_async_up":                        "1 of its 2 series",
		"max without (instance, pod, container) (sagemaker_async_up)":      "0 of its 1 series",
		ofVariant.rateOver("5m", "invocations_processed_total"):            "looks back 5m",
		ofVariant.grown("1d", "invocations_processed_total"):               "",
		ofVariant.rateOver("$__interval", "invocations_processed_total"):   "looks back $__interval",
		process.now("up") + " / " + process.now("up"):                      "divides by",
		process.now("up") + " / (" + process.now("up") + " > 0)":           "",
		"histogram_quantile(0.9, " + process.now("up") + ")":               "quantiles of nothing",
		"increase((" + ofVariant.now("expired_requests_total") + ")[1d:])": "looks back 1d:",
	} {
		got := strings.Join(slices.Concat(unknown(query, metrics), doubled(query), divided(query), hasty(query)), "; ")
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: found %q, want %q", query, got, want)
		}
	}
}
