package alerts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/collector"
)

// The rules are looked at by regular expressions: enough PromQL for what they are to be held to. Whether they are PromQL
// at all is promtool's to say.

const seriesPrefix = collector.Prefix

var (
	quoted   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	selector = regexp.MustCompile(`\b((?:[a-z]+:)?sagemaker_async[a-z0-9_:]*)(?:\{([^}]*)\})?`)
	lists    = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right) \(([^)]*)\)`)
	word     = regexp.MustCompile(`\b[a-zA-Z_][a-zA-Z0-9_:]*\b`)
	ranges   = regexp.MustCompile(`\[[0-9a-z:]*\]|\boffset [0-9a-z]+`)
	rates    = regexp.MustCompile(`\b(?:rate|irate|increase|delta|idelta|deriv|predict_linear)\(`)
	windows  = regexp.MustCompile(`\b(?:rate|irate|increase|delta|idelta|deriv|predict_linear)\(\s*[a-z0-9_:]+(?:\{[^}]*\})?\s*\[([0-9a-z]+)[\]:]`)
)

// added are labels that a scrape gives a series, target those and the cluster; some of which tell one replica from another. Where the exporter's own
// label has such a name Prometheus may rename it.
var (
	added  = []string{"job", "instance", "namespace", "service", "endpoint", "pod", "container", "node", "pod_template_hash", "exported_service"}
	target = append([]string{"cluster"}, added...)
)

// levels are the labels of recorded series, by the first part of their names.
var levels = map[string][]string{
	"cluster":  {"cluster"},
	"job":      {"cluster", "job", "account_id", "region"},
	"target":   {"cluster", "job", "instance"},
	"endpoint": {"cluster", "account_id", "region", "endpoint_name"},
	"variant":  {"cluster", "account_id", "region", "endpoint_name", "variant_name"},
}

// joining are the labels of the target that rules may name: the cluster, and which target it is.
var joining = []string{"cluster", "job", "instance"}

// language are the words of PromQL that the rules use, and up, which Prometheus itself records. Any other word is a series
// that is not the exporter's.
var language = strings.Fields(`max min sum avg count by without on ignoring group_left and or unless bool time absent_over_time
	last_over_time max_over_time min_over_time avg_over_time sum_over_time quantile_over_time increase rate deriv changes round clamp_min label_replace day_of_month hour minute up`)

// labelsOf are the labels of a series of the exporter, by its name; nil if there is none.
func labelsOf(series string) []string {
	if series == "up" {
		return []string{"job", "instance"}
	}
	series, ours := strings.CutPrefix(series, seriesPrefix)
	if !ours {
		return nil
	}
	for _, metric := range collector.Table() {
		labels := metric.AllLabels()
		switch metric.Type {
		case collector.Histogram:
			if series == metric.Name+"_bucket" {
				return append(labels, "le")
			}
			fallthrough
		case collector.Summary:
			if series == metric.Name+"_sum" || series == metric.Name+"_count" {
				return labels
			}
		default:
			if series == metric.Name {
				return append([]string{}, labels...)
			}
		}
	}
	return nil
}

// labelsIn are the labels of all series in an expression, and those of the scrape.
func labelsIn(expr string, recorded map[string][]string) []string {
	known := slices.Clone(joining)
	for _, found := range selector.FindAllStringSubmatch(expr, -1) {
		known = append(append(known, labelsOf(found[1])...), recorded[found[1]]...)
	}
	return known
}

// unknown says what an expression asks for that is not there.
func unknown(expr string, recorded map[string][]string) (problems []string) {
	bare := quoted.ReplaceAllString(expr, `""`)
	for _, found := range selector.FindAllStringSubmatch(bare, -1) {
		labels := labelsOf(found[1])
		if labels == nil && recorded[found[1]] == nil {
			problems = append(problems, "there is no series "+found[1])
			continue
		}
		labels = slices.Concat(labels, recorded[found[1]], joining)
		for _, label := range word.FindAllString(found[2], -1) {
			if !slices.Contains(labels, label) {
				problems = append(problems, fmt.Sprintf("%s has no label %s", found[1], label))
			}
		}
	}
	known := labelsIn(bare, recorded)
	for _, list := range lists.FindAllStringSubmatch(bare, -1) {
		for _, label := range word.FindAllString(list[1], -1) {
			if !slices.Contains(known, label) {
				problems = append(problems, fmt.Sprintf("no series of it has the label %s", label))
			}
		}
	}
	rest := ranges.ReplaceAllString(lists.ReplaceAllString(selector.ReplaceAllString(bare, ""), ""), "")
	for _, other := range word.FindAllString(rest, -1) {
		if !slices.Contains(language, other) {
			problems = append(problems, other+" is no series of the exporter and no word that the rules use")
		}
	}
	return problems
}

// rateWindows are how far the rates of an expression look back, and how many there are.
func rateWindows(expr string) (found []time.Duration, calls int) {
	for _, window := range windows.FindAllStringSubmatch(expr, -1) {
		d, err := model.ParseDuration(window[1])
		if err != nil {
			continue // then it is not among the windows, and the numbers differ
		}
		found = append(found, time.Duration(d))
	}
	return found, len(rates.FindAllString(expr, -1))
}

// sides are what stands on each side of "or".
func sides(expr string) (all []string) {
	bare, depth, side := quoted.ReplaceAllString(expr, `""`), 0, 0
	for i := range bare {
		switch {
		case bare[i] == '(':
			depth++
		case bare[i] == ')':
			depth--
		case depth == 0 && strings.HasPrefix(bare[i:], "or") && i > 0 && bare[i-1] <= ' ' && i+2 < len(bare) && bare[i+2] <= ' ':
			all, side = append(all, bare[side:i]), i+2
		}
	}
	return append(all, bare[side:])
}

// unlike says how a series of a test differs from what the exporter says and Prometheus adds.
func unlike(series string) string {
	name, rest, _ := strings.Cut(series, "{")
	wanted := labelsOf(name)
	if wanted == nil {
		return "there is no such series"
	}
	given := word.FindAllString(quoted.ReplaceAllString(rest, ""), -1)
	for _, label := range given {
		if !slices.Contains(wanted, label) && !slices.Contains(target, label) {
			return "it has no label " + label
		}
	}
	for _, label := range wanted {
		switch {
		case slices.Contains(given, label), slices.Contains(given, "exported_"+label):
		case label == "variant_name" && name == seriesPrefix+"check_failed": // what is left of an endpoint
		default:
			return "the label " + label + " is missing"
		}
	}
	if !slices.Contains(given, "job") || !slices.Contains(given, "instance") {
		return "the labels of the scrape are missing"
	}
	return ""
}

// The tests of the rules pass on rules that are right, so they do not show that anything is found.
func TestUnknown_findsWhatItShould(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{`max by (region) (sagemaker_async_backlog_requests{endpoint_name="a"}) > 0`, ""},
		{`sagemaker_async_scale_out_duration_seconds_bucket{le="30"}`, ""},
		{`sum without (node) (sagemaker_async_backlog_requests)`, "no series of it has the label node"},
		{`sagemaker_async_backlog_request`, "there is no series sagemaker_async_backlog_request"},
		{`sagemaker_async_scale_out_duration_seconds`, "there is no series sagemaker_async_scale_out_duration_seconds"},
		{`sagemaker_async_backlog_requests{variant_name="a"}`, "sagemaker_async_backlog_requests has no label variant_name"},
		{`max by (check) (sagemaker_async_backlog_requests)`, "no series of it has the label check"},
		{`scrape_duration_seconds`, "scrape_duration_seconds is no series of the exporter and no word that the rules use"},
		{`sagemaker_async_backlog_requests and on (region) sagemaker_async:other`, "there is no series sagemaker_async:other"},
	} {
		if got := strings.Join(unknown(tt.expr, nil), "; "); got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.expr, got, tt.want)
		}
	}
}

func TestRateWindows_findsWhatItShould(t *testing.T) {
	found, calls := rateWindows(`rate(a_total{b="c"}[5m]) + increase(a_total[1d]) + increase((max by (c) (a_total))[1h:1m])`)
	if want := []time.Duration{5 * time.Minute, 24 * time.Hour}; !slices.Equal(found, want) || calls != 3 {
		t.Errorf("found %v of %d, want %v of 3", found, calls, want)
	}
}

func TestSides_areThoseOfOrAtTheTop(t *testing.T) {
	got := sides(`max (sagemaker_async_a{b=" or "}) and on (x) (sagemaker_async_b or sagemaker_async_c)
		or
		sagemaker_async_d unless sagemaker_async_e`)
	if len(got) != 2 || !strings.HasPrefix(got[0], "max") || !strings.HasPrefix(strings.TrimSpace(got[1]), "sagemaker_async_d") {
		t.Errorf("found %q", got)
	}
}

func TestUnlike_findsWhatItShould(t *testing.T) {
	for series, want := range map[string]string{
		`sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e",job="j",instance="i"}`:                  "",
		`sagemaker_async_backlog_requests{account_id="1",region="r",job="j",instance="i"}`:                                    "the label endpoint_name is missing",
		`sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e",variant_name="v",job="j",instance="i"}`: "it has no label variant_name",
		`sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e"}`:                                       "the labels of the scrape are missing",
		`go_goroutines{job="j",instance="i"}`: "there is no such series",
	} {
		if got := unlike(series); got != want {
			t.Errorf("%s: found %q, want %q", series, got, want)
		}
	}
}
