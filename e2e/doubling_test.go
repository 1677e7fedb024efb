//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// doublingSpeed is that of the clocks: ten minutes, for which the rules see a series that is gone, are ten seconds.
const doublingSpeed = 60

// labelled is a target with labels of its own, as a scrape of pods gives them: none of the six is the exporter's.
func labelled(e *exporter, replica, template string) string {
	return fmt.Sprintf(`{targets: [%q], labels: {node: node-%s, pod: exporter-%s-%s, container: c-%s, namespace: n-%s, service: s-%s, pod_template_hash: %s}}`,
		strings.TrimPrefix(e.url, "http://"), replica, template, replica, replica, replica, replica, template)
}

// Two replicas, of which the scrape tells six labels apart, and a rollout of both: in a real Prometheus each alert is there
// once, and the time for which it has been true goes on.
func TestRules_labelsOfTheScrapeDoubleNothing(t *testing.T) {
	t.Parallel()
	aws, _ := stage(t, doublingSpeed)
	run := func() *exporter { return start(t, nil, joining(aws)...) }
	first, second, third, fourth := run(), run(), run(), run()
	rules := hurriedRules(t, doublingSpeed)
	var targets []string
	for i, e := range []*exporter{first, second, third, fourth} {
		targets = append(targets, labelled(e, string(rune('a'+i%2)), []string{"old", "old", "new", "new"}[i]))
	}
	p := runPrometheus(t, fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [%s]\n"+
		"scrape_configs: [{job_name: exporter, static_configs: [%s]}]\n", rules, strings.Join(targets, ", ")))

	const waits = `ALERTS_FOR_STATE{alertname="SageMakerAsyncBacklogWithoutCapacity", endpoint_name=~"summarize|translate-paused"}` // nothing wakes these
	var before map[string]string
	eventually(t, "an alert that has begun to wait", soon, func() error {
		if before = p.query(waits); len(before) == 0 {
			return errors.New("there is none")
		}
		return nil
	})
	onceEach(p)
	for _, old := range []*exporter{first, second} {
		old.kill()
		time.Sleep(5 * time.Second) // of ten minutes in which the rules still see what it said, half
		onceEach(p)
	}
	time.Sleep(12 * time.Second) // what the old replicas said is out of sight
	onceEach(p)
	after := p.query(waits)
	for series, since := range before {
		if after[series] != since {
			t.Errorf("%s has been true since %s before the rollout, and since %q after it", series, since, after[series])
		}
	}
}

// onceEach makes sure that there is one series of each alert: of an endpoint, or of a variant.
func onceEach(p *prometheus) {
	p.Helper()
	foreign := []string{"node", "pod", "container", "namespace", "service", "pod_template_hash", "instance", "job"}
	seen := map[string]string{}
	for series := range p.query(`ALERTS`) {
		var labels map[string]string
		must(p.T, json.Unmarshal([]byte(series), &labels))
		for name := range labels {
			if slices.Contains(foreign, name) {
				p.Errorf("an alert has the label %s of the scrape: %s", name, series)
			}
		}
		key := raisedBy(labels).endpoint + " " + labels["variant_name"] + " " + labels["region"] + " " + labels["account_id"] + " " + raisedBy(labels).alert + " " +
			labels["operation"] + labels["policy"]
		if seen[key] != "" {
			p.Errorf("an alert is there twice:\n%s\n%s", series, seen[key])
		}
		seen[key] = series
	}
	if len(seen) == 0 {
		p.Error("there is no alert")
	}
}
