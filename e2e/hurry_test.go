//go:build e2e

package e2e

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/sagemaker-async/exporter/alerts"
)

// lengths are the places of a configuration where a length of time by the clock of Prometheus or Alertmanager stands:
// settings, ranges, the ranges and steps of subqueries, offsets, and the seconds that a slope is multiplied by or that are
// taken from the present. Other numbers are values, seconds of latency too. Neither is what a rate is multiplied by:
// nothing here looks at the bill.
var lengths = []*regexp.Regexp{
	regexp.MustCompile(`\b(?:for|keep_firing_for|interval|(?:scrape|evaluation|group|repeat)_interval|group_wait): ()([0-9a-z]+)`),
	regexp.MustCompile(`(\[)([0-9a-z]+)[\]:]`),
	regexp.MustCompile(`(\[[0-9a-z]+:)([0-9a-z]+)\]`),
	regexp.MustCompile(`(\boffset )([0-9a-z]+)`),
	regexp.MustCompile(`(\bderiv\([^()]*\) \* )([0-9]+)`),
	regexp.MustCompile(`(\btime\(\) - )([0-9]+)`),
}

// hurry divides all lengths of time in a configuration. Nothing becomes shorter than a millisecond, unless it is 0.
func hurry(text string, speed float64) string {
	for _, place := range lengths {
		var to strings.Builder
		last := 0
		for _, at := range place.FindAllStringSubmatchIndex(text, -1) {
			to.WriteString(text[last:at[4]])
			to.WriteString(divided(text[at[4]:at[5]], speed))
			last = at[5]
		}
		text = to.String() + text[last:]
	}
	return text
}

// divided is a duration, or a number of seconds, so many times shorter. What is neither stays as it is.
func divided(length string, speed float64) string {
	if seconds, err := strconv.ParseFloat(length, 64); err == nil {
		return strconv.FormatFloat(seconds/speed, 'g', -1, 64)
	}
	duration, err := model.ParseDuration(length)
	if err != nil || duration == 0 {
		return length
	}
	return model.Duration(max(time.Millisecond, time.Duration(float64(duration)/speed).Round(time.Millisecond))).String()
}

func TestHurry_dividesLengthsOfTimeAndNothingElse(t *testing.T) {
	for text, want := range map[string]string{
		"for: 30m":                                "for: 15s",
		"for: 0m":                                 "for: 0m",
		"keep_firing_for: 15m":                    "keep_firing_for: 7s500ms",
		"    interval: 5m":                        "    interval: 2s500ms",
		"scrape_interval: 30s":                    "scrape_interval: 250ms",
		"group_wait: 30s # told":                  "group_wait: 250ms # told",
		"repeat_interval: 1d":                     "repeat_interval: 12m",
		"for: 10ms":                               "for: 1ms",
		"last_over_time(x[10m]) > 3000":           "last_over_time(x[5s]) > 3000",
		"min_over_time((a[1h] == 0)[1d:5m]) >= 8": "min_over_time((a[30s] == 0)[12m:2s500ms]) >= 8",
		"x[1h] offset 1d":                         "x[30s] offset 12m",
		"x offset 1h < time() - 3600":             "x offset 30s < time() - 30",
		"deriv(x[20m]) * 1200 + y * 0.05":         "deriv(x[10s]) * 10 + y * 0.05",
		"rate(x[6h]) * 2592000":                   "rate(x[3m]) * 2592000",
		`x{le="300"} > 1200`:                      `x{le="300"} > 1200`,
		"# Another 30m for: people":               "# Another 30m for: people",
		"for 30 minutes, in $labels[region]":      "for 30 minutes, in $labels[region]",
	} {
		if got := hurry(text, 120); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}

// Whatever looks like a length of time in what Prometheus and Alertmanager run by is one that is divided.
func TestHurry_findsEachDuration(t *testing.T) {
	duration := regexp.MustCompile(`\b[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdwy]))*\b`)
	zero := regexp.MustCompile(`^0[a-z]+$`)
	for name, text := range map[string]string{
		"the rules": string(alerts.Rules), "alertmanager.yml": exampleConfig(t), "prometheus.yml": composed(t),
	} {
		text = regexp.MustCompile(`(?m)(^| )#.*$`).ReplaceAllString(text, "")
		before := duration.FindAllString(text, -1)
		before = slices.DeleteFunc(before, zero.MatchString)
		after := duration.FindAllString(hurry(text, 7), -1) // no duration is another one's seventh
		after = slices.DeleteFunc(after, zero.MatchString)
		if len(before) == 0 || len(before) != len(after) {
			t.Errorf("%s has %d durations, and %d when it is hurried", name, len(before), len(after))
			continue
		}
		for i := range before {
			if before[i] == after[i] {
				t.Errorf("%s: %s was left as it is", name, before[i])
			}
		}
	}
	if numbers := regexp.MustCompile(`\b(?:1200|3600)\b`).FindAllString(hurry(string(alerts.Rules), 7), -1); len(numbers) > 0 {
		t.Errorf("these seconds were left as they are: %v", numbers)
	}
}

// composed is the Prometheus configuration of the example with containers.
func composed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../deploy/compose/prometheus.yml")
	must(t, err)
	return string(text)
}
