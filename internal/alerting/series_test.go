package alerting

import (
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/promql/parser"
)

func TestSeriesOf_areThoseThatTheExpressionsRead(t *testing.T) {
	for _, tt := range []struct {
		expression, names string
		known             bool
	}{
		{`vector(1)`, "", true},
		{`up == 0`, "up", true},
		{`b > on (x) a{y="z"}`, "a|b", true},
		{`a - a offset 5m`, "a", true},
		{`max_over_time(rate(c_total[5m])[1h:1m])`, "c_total", true},
		{`absent_over_time(gone[10m])`, "gone", true},
		{`recorded > 0 and a`, "a", true},
		{`{__name__=~"a|b.*", x="y"}`, "(?:a|b.*)", true},
		{`{__name__="a.b"}`, `a\.b`, true},
		{`{x="y"}`, "", false},
		{`{x="y", __name__!="a"}`, "", false},
		{`a or {x="y"}`, "", false},
	} {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(tt.expression)
		if err != nil {
			t.Fatal(err)
		}
		names, known := seriesOf([]parser.Expr{expression}, map[string]bool{"recorded": true})
		if known != tt.known || known && names != tt.names {
			t.Errorf("%s: got %q, known %t, want %q, %t", tt.expression, names, known, tt.names, tt.known)
		}
	}
}

func TestReads_ofTheBundledRulesAreWhatTheyNeedAndNoMore(t *testing.T) {
	bundled, err := os.ReadFile("../../alerts/sagemaker-async.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := readRules(nil, bundled, Tuning{}, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if set.alerting < 30 || set.recording < 1 || len(set.groups) < 5 || len(set.slow) != 1 {
		t.Errorf("%d alerts, %d recorded series, groups %q", set.alerting, set.recording, set.groups)
	}
	kept := set.reads()
	if len(kept) != 2 || kept[1].Action != relabel.Drop || !kept[1].Regex.MatchString("up") {
		t.Fatalf("got %+v", kept)
	}
	for name, want := range map[string]bool{
		"sagemaker_async_backlog_requests":                                     true,
		"sagemaker_async_exporter_build_info":                                  true,
		"sagemaker_async_exporter_page_end":                                    true,
		"sagemaker_async_drain_threshold_ratio":                                true,
		"sagemaker_async_cpu_utilization_ratio":                                false,
		"endpoint:sagemaker_async_oldest_request_age_seconds:beyond_objective": false, // it is recorded
		"go_goroutines": false,
	} {
		if got := kept[0].Regex.MatchString(name); got != want {
			t.Errorf("%s is kept: %t, want %t, by %s", name, got, want, kept[0].Regex)
		}
	}
}

func TestReading_followsWhatIsRecorded(t *testing.T) {
	parse := func(text string) parser.Expr {
		t.Helper()
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		return expression
	}
	r := reading{
		"growth": {{parse("increase(total[30m])"), 5 * time.Minute}},
		"loop":   {{parse("loop + max_over_time(growth[1h])"), 0}},
	}
	for text, want := range map[string]struct {
		reach time.Duration
		reads string
	}{
		"a > 0": {0, "a"}, "growth > 0": {35 * time.Minute, "total"}, "last_over_time(growth[10m]) > b": {45 * time.Minute, "b total"},
		"loop": {95 * time.Minute, "total"},
	} {
		var reads []string
		for _, selector := range r.of(parse(text)) {
			reads = append(reads, selector.Name)
		}
		slices.Sort(reads)
		if got := r.reach(parse(text)); got != want.reach || strings.Join(reads, " ") != want.reads {
			t.Errorf("%s: it looks back %s and reads %s", text, got, reads)
		}
	}
}
