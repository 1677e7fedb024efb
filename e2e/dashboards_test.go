//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/dashboards"
)

// reconciling is why the demo has nothing to show of policies: none selects anything.
const reconciling = "it needs policies"

// emptyOnTheDemo are the queries that find nothing on the demo, and why. Those that need policies must find something on
// a demo that reconciles.
var emptyOnTheDemo = map[string]string{
	"fleet.json: Reconcile writes":                           reconciling,
	"endpoint.json: Reconcile writes":                        reconciling,
	"exporter.json: Reconcile writes":                        reconciling,
	"endpoint.json: Drift: steps to the policy A":            reconciling,
	"endpoint.json: Steps withheld, and applied A":           reconciling,
	"endpoint.json: Steps withheld, and applied B":           reconciling,
	"exporter.json: Last successful round A":                 reconciling,
	"exporter.json: Steps by outcome A":                      reconciling,
	"exporter.json: Steps withheld, by reason A":             reconciling,
	"exporter.json: Matches of each policy A":                reconciling,
	"fleet.json: Alerts":                                     "the rules are not loaded",
	"endpoint.json: Alerts":                                  "the rules are not loaded",
	"exporter.json: Alerts":                                  "the rules are not loaded",
	"fleet.json: Alerts that fire A":                         "the rules are not loaded",
	"fleet.json: Alerts that fire B":                         "the rules are not loaded",
	"endpoint.json: Alerts that fire A":                      "the rules are not loaded",
	"endpoint.json: Alerts that fire B":                      "the rules are not loaded",
	"exporter.json: Calls that AWS throttles A":              "the embedded AWS does not throttle by itself",
	"exporter.json: CloudWatch in a month, and the budget B": "there is no budget",
}

// panelQuery is a query of a panel, or of an annotation.
type panelQuery struct{ expr, legend, about string }

// boardPanel is a panel, or a heading with the panels that are folded below it.
type boardPanel struct {
	Title, Description string
	Targets            []struct{ RefID, Expr, LegendFormat string }
	Panels             []boardPanel
}

// step is that of the queries over a range.
const step = 5 * time.Second

// panelQueries are the queries of all dashboards, with every variable at All, and the hour before in place of the range.
func panelQueries(t *testing.T) map[string]panelQuery {
	t.Helper()
	variable := regexp.MustCompile(`\$(account|region|endpoint|variant)\b`)
	fill := func(expr string) string {
		return strings.NewReplacer("$cluster", ".*", "$__range", "1h", "$__interval", step.String()).Replace(variable.ReplaceAllString(expr, ".+"))
	}
	names, err := fs.Glob(dashboards.Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]panelQuery{}
	for _, name := range names {
		file, err := fs.ReadFile(dashboards.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Annotations struct {
				List []struct{ Name, Expr, TextFormat string }
			}
			Panels []boardPanel
		}
		if err := json.Unmarshal(file, &board); err != nil {
			t.Fatal(err)
		}
		for _, a := range board.Annotations.List {
			queries[name+": "+a.Name] = panelQuery{fill(a.Expr), a.TextFormat, ""}
		}
		panels := board.Panels
		for _, row := range board.Panels {
			panels = append(panels, row.Panels...)
		}
		for _, p := range panels {
			for _, target := range p.Targets {
				queries[name+": "+p.Title+" "+target.RefID] = panelQuery{fill(target.Expr), target.LegendFormat, p.Description}
			}
		}
	}
	if len(queries) < 120 {
		t.Fatalf("only %d queries were found", len(queries))
	}
	return queries
}

// found evaluates a query over all that was scraped, and returns the labels of the series that have a number.
func (p *prometheus) found(expr string) []map[string]string {
	p.Helper()
	end := time.Now()
	result, err := p.askRange(expr, end.Add(-scrapeFor), end, int(step.Seconds()))
	if err != nil {
		p.Error(err)
	}
	var labels []map[string]string
	for _, series := range result {
		if slices.ContainsFunc(series.Values, func(sample [2]any) bool { return sample[1] != "NaN" }) {
			labels = append(labels, series.Metric)
		}
	}
	return labels
}

func TestDashboards_haveDataOnTheDemo(t *testing.T) {
	t.Parallel()
	queries := panelQueries(t)
	demo := func(args ...string) (*exporter, *prometheus) {
		e := start(t, nil, append([]string{"--demo", "--demo.speed=60"}, args...)...)
		return e, startPrometheus(t, strings.TrimPrefix(e.url, "http://"))
	}
	e, idle := demo()
	_, busy := demo("--reconcile", "--reconcile.endpoints=.*")
	// The dashboards need something that has happened: an hour and a half of the demo, sixty times as fast.
	empty := maps.Clone(queries)
	e.eventually("showing data in every panel", 2*soon, func() error {
		maps.DeleteFunc(empty, func(name string, query panelQuery) bool {
			reason, excused := emptyOnTheDemo[name]
			return excused && reason != reconciling || excused && len(busy.found(query.expr)) > 0 || !excused && len(idle.found(query.expr)) > 0
		})
		if len(empty) > 0 {
			time.Sleep(time.Second)
			return fmt.Errorf("these are empty: %q", slices.Sorted(maps.Keys(empty)))
		}
		return nil
	})
	for name, query := range queries {
		found := idle.found(query.expr)
		reason, excused := emptyOnTheDemo[name]
		switch {
		case excused && len(found) > 0:
			t.Errorf("%s is not empty on the demo: take it off the list", name)
		case excused && query.about != "" && !strings.Contains(query.about, "demo"):
			t.Errorf("%s is empty on the demo, and its description does not say so", name)
		case excused && reason == reconciling:
			found = busy.found(query.expr)
		}
		for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(query.legend, -1) {
			// A build without make has no version.
			has := func(labels map[string]string) bool { return labels[label[1]] != "" || label[1] == "version" }
			if len(found) > 0 && !slices.ContainsFunc(found, has) {
				t.Errorf("%s: no series has %s, which its legend names", name, label[1])
			}
		}
	}
	for name := range emptyOnTheDemo {
		if _, ok := queries[name]; !ok {
			t.Errorf("there is no query %s", name)
		}
	}
}
