package alerts

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/check"
)

const docs = "https://github.com/sagemaker-async/exporter/blob/main/docs/"

// begin is how an expression begins: the labels that it keeps are named, because a scrape may add any others.
var begin = regexp.MustCompile(`^(?:max|sum|min|count) by \(cluster\b[^()]*\) \(`)

// rule is one rule of the file, an alert or a recording.
type rule struct {
	Record        string            `yaml:"record"`
	Alert         string            `yaml:"alert"`
	Expr          string            `yaml:"expr"`
	For           *string           `yaml:"for"`
	KeepFiringFor string            `yaml:"keep_firing_for"`
	Labels        map[string]string `yaml:"labels"`
	Annotations   map[string]string `yaml:"annotations"`

	why             string // the comment right above its for
	group, interval string
}

func (r rule) name() string { return r.Alert + r.Record }

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name     string      `yaml:"name"`
			Interval string      `yaml:"interval"`
			Rules    []yaml.Node `yaml:"rules"`
		} `yaml:"groups"`
	}
	decode(t, Rules, &file)
	for _, group := range file.Groups {
		for _, node := range group.Rules {
			var r rule
			if err := node.Decode(&r); err != nil {
				t.Fatal(err)
			}
			r.group, r.interval = group.Name, group.Interval
			for _, key := range node.Content {
				if key.Value == "for" {
					r.why = key.HeadComment
				}
			}
			all = append(all, r)
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d rules were found", len(all))
	}
	return all
}

func alerts(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestRules_keepTheLabelsOfTheExporterAlone(t *testing.T) {
	for _, r := range rules(t) {
		if !begin.MatchString(r.Expr) {
			t.Errorf("%s: the expression does not begin with an aggregation by cluster and the exporter's own labels", r.name())
		}
		for _, list := range regexp.MustCompile(`\b(?:by|on) \(([^)]*)\)`).FindAllStringSubmatch(r.Expr, -1) {
			clock := list[1] == "" && strings.Contains(r.Expr, "day_of_month()") // which is the same in all
			if labels := strings.Split(list[1], ", "); labels[0] != "cluster" && !clock {
				t.Errorf("%s: (%s) does not tell clusters apart", r.name(), list[1])
			}
		}
	}
}

// A recorded series is called level:metric:operation.
func TestRules_recordingsSayTheirLevel(t *testing.T) {
	for _, r := range rules(t) {
		if r.Record == "" {
			continue
		}
		parts := strings.Split(r.Record, ":")
		if len(parts) != 3 || levels[parts[0]] == nil || !strings.HasPrefix(parts[1], seriesPrefix) {
			t.Errorf("%s is not level:metric:operation", r.Record)
		}
	}
}

// What looks back a day does not change in a minute.
func TestRules_thatLookBackADayAreEvaluatedEveryFiveMinutes(t *testing.T) {
	for _, r := range rules(t) {
		if day := strings.Contains(r.Expr, "[1d"); day && r.interval != "5m" {
			t.Errorf("%s looks back a day, in the group %s with the interval %q", r.name(), r.group, r.interval)
		}
	}
}

// A total that CloudWatch has taken something back from is no month of work.
func TestRules_readNoTotalOfWorkByIncrease(t *testing.T) {
	for _, r := range alerts(t) {
		if found := regexp.MustCompile(`\b(?:increase|rate)\(` + seriesPrefix + `(?:invocation|expired|request_download|response_upload|notification)\w*_total`).FindString(r.Expr); found != "" {
			t.Errorf("%s: %s counts a whole month when a process restarts with a total that is one lower", r.name(), found)
		}
	}
}

// Each check that can be critical is in the expression of a page, or the runbooks say why not.
func TestAlerts_tellOfEachCriticalCheck(t *testing.T) {
	text, err := os.ReadFile("../docs/runbooks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range check.All() {
		if slices.Contains(c.Severities, check.Critical) && !strings.Contains(string(text), "| `"+c.Name+"` |") {
			t.Errorf("docs/runbooks/README.md does not say which alert tells of %s", c.Name)
		}
	}
}

func TestRules_haveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules(t) {
		if seen[r.name()] {
			t.Errorf("there are two rules %s", r.name())
		}
		seen[r.name()] = true
		if r.Alert != "" && !regexp.MustCompile(`^SageMakerAsync[A-Z][A-Za-z]+$`).MatchString(r.Alert) {
			t.Errorf("%s is no name for an alert", r.Alert)
		}
	}
}

func TestRules_askForSeriesAndLabelsThatExist(t *testing.T) {
	recorded := map[string][]string{}
	for _, r := range rules(t) {
		if r.Record != "" {
			recorded[r.Record] = levels[strings.Split(r.Record, ":")[0]]
		}
	}
	for _, r := range rules(t) {
		for _, problem := range unknown(r.Expr, recorded) {
			t.Errorf("%s: %s", r.name(), problem)
		}
		for key, text := range r.Annotations {
			for _, query := range regexp.MustCompile("printf (\"[^\"]*\")").FindAllStringSubmatch(text, -1) {
				if strings.Contains(query[1], seriesPrefix) && !strings.Contains(query[1], "{cluster=%q") {
					t.Errorf("%s: %s asks without the cluster: %s", r.name(), key, query[1])
				}
				if strings.Contains(query[1], seriesPrefix) {
					for _, problem := range unknown(strings.ReplaceAll(strings.Trim(query[1], `"`), "%q", `""`), recorded) {
						t.Errorf("%s: %s: %s", r.name(), key, problem)
					}
				}
			}
			known := append(labelsIn(r.Expr, recorded), "alertname", "cluster")
			for _, label := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(text, -1) {
				if !slices.Contains(known, label[1]) {
					t.Errorf("%s: %s uses the label %s, which no series of it has", r.name(), key, label[1])
				}
			}
		}
	}
}

// Each rate is of the series of one process: of a maximum over replicas it would count their totals when one of them ends.
func TestRules_lookBackForFourReadsOfTheWork(t *testing.T) {
	const least = 20 * time.Minute
	for _, r := range rules(t) {
		windows, calls := rateWindows(r.Expr)
		if len(windows) != calls {
			t.Errorf("%s: of %d rates only %d are of a series over a window", r.name(), calls, len(windows))
		}
		for _, window := range windows {
			if window < least {
				t.Errorf("%s: a rate looks back %s, want %s at least", r.name(), window, least)
			}
		}
	}
}

// An alarm or a policy that is made anew gets another name, and "for" would begin again.
func TestRules_dropTheNamesOfAlarmsAndPolicies(t *testing.T) {
	for _, r := range rules(t) {
		for _, side := range sides(r.Expr) {
			for _, name := range []string{"alarm_name", "policy_name"} {
				if kept := begin.FindString(strings.TrimSpace(side)); strings.Contains(kept, name) || kept == "" {
					t.Errorf("%s: %q keeps %s", r.name(), kept, name)
				}
			}
		}
	}
}

func TestRules_recordingsAreUsed(t *testing.T) {
	for _, r := range rules(t) {
		if r.Record == "" {
			continue
		}
		if !slices.ContainsFunc(rules(t), func(by rule) bool { return by.name() != r.name() && strings.Contains(by.Expr, r.Record) }) {
			t.Errorf("no other rule uses %s", r.Record)
		}
	}
}

func TestRules_askForChecksThatExist(t *testing.T) {
	for _, r := range alerts(t) {
		for _, asked := range regexp.MustCompile(`check(?:=|!=|=~|!~)"([^"]*)"`).FindAllStringSubmatch(r.Expr, -1) {
			for _, name := range strings.Split(asked[1], "|") {
				if !slices.Contains(check.Names(), name) {
					t.Errorf("%s: there is no check %q", r.Alert, name)
				}
			}
		}
	}
}

func TestAlerts_tellWhatToDo(t *testing.T) {
	endpoint := "/d/sagemaker-async-endpoint?var-account={{ $labels.account_id }}&var-region={{ $labels.region }}&var-endpoint={{ $labels.endpoint_name }}"
	dashboards := []string{"/d/sagemaker-async-fleet", endpoint, "/d/sagemaker-async-exporter"}
	for _, a := range alerts(t) {
		for _, key := range []string{"summary", "description", "runbook_url", "dashboard_url"} {
			if strings.TrimSpace(a.Annotations[key]) == "" {
				t.Errorf("%s has no %s", a.Alert, key)
			}
		}
		if len(a.Annotations) != 4 {
			t.Errorf("%s has %d annotations, want 4", a.Alert, len(a.Annotations))
		}
		page := docs + "runbooks/" + a.Alert + ".md"
		if a.Alert == "SageMakerAsyncCheckFailing" {
			page = docs + "checks.md#{{ $labels.check }}" // each check has a section that says what to do
		}
		if got := a.Annotations["runbook_url"]; got != page {
			t.Errorf("%s: the runbook is %s, want %s", a.Alert, got, page)
		}
		if got := a.Annotations["dashboard_url"]; !slices.Contains(dashboards, got) {
			t.Errorf("%s: there is no dashboard %s", a.Alert, got)
		}
	}
}

func TestAlerts_sayHowBadTheyAre(t *testing.T) {
	for _, a := range alerts(t) {
		if severity := a.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s: the severity is %q, want critical or warning", a.Alert, severity)
		}
		for name, value := range a.Labels {
			if name != "severity" && (name != "layer" || value != "cause" && value != "symptom") {
				t.Errorf("%s has a label %s=%q that routes and inhibitions do not know", a.Alert, name, value)
			}
		}
	}
}

func TestAlerts_giveAReasonForTheirTime(t *testing.T) {
	for _, a := range alerts(t) {
		if a.For == nil {
			t.Errorf("%s has no for", a.Alert)
		}
		if !strings.HasSuffix(a.why, ".") {
			t.Errorf("%s: the comment above for is %q, want a sentence that gives the reason", a.Alert, a.why)
		}
	}
}

// A cause begins up to five minutes after the queue, when an instance is desired.
func TestAlerts_aSymptomTakesLongerThanEachCause(t *testing.T) {
	var longest time.Duration
	for _, a := range alerts(t) {
		if a.Labels["layer"] == "cause" {
			longest = max(longest, waits(t, a))
		}
	}
	for _, a := range alerts(t) {
		if a.Labels["layer"] == "symptom" && waits(t, a) < longest+5*time.Minute {
			t.Errorf("%s fires after %s, a cause after %s: it may page before its cause silences it", a.Alert, waits(t, a), longest)
		}
	}
}

// waits is how long an expression is true before its alert fires.
func waits(t *testing.T, a rule) time.Duration {
	t.Helper()
	if a.For == nil {
		t.Fatalf("%s has no for", a.Alert)
	}
	d, err := model.ParseDuration(*a.For)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(d)
}

func TestAlerts_haveARunbook(t *testing.T) {
	const dir = "../docs/runbooks/"
	wanted := map[string]bool{"README.md": true}
	for _, a := range alerts(t) {
		name := a.Alert + ".md"
		wanted[name] = true
		text, err := os.ReadFile(dir + name)
		if err != nil {
			t.Errorf("%s has no runbook: %v", a.Alert, err)
		} else if !strings.HasPrefix(string(text), "# "+a.Alert+"\n") {
			t.Errorf("%s does not begin with the name of its alert", name)
		}
	}
	found, err := filepath.Glob(dir + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		if !wanted[filepath.Base(file)] {
			t.Errorf("%s is of no alert", file)
		}
	}
}

// unitTests are the files in tests, as far as this test looks into them. What they expect is checked by promtool.
type unitTests struct {
	RuleFiles          []string `yaml:"rule_files"`
	EvaluationInterval string   `yaml:"evaluation_interval"`
	Tests              []struct {
		Name        string `yaml:"name"`
		Interval    string `yaml:"interval"`
		InputSeries []struct {
			Series string `yaml:"series"`
			Values string `yaml:"values"`
		} `yaml:"input_series"`
		AlertRuleTest  []alertTest `yaml:"alert_rule_test"`
		PromqlExprTest []yaml.Node `yaml:"promql_expr_test"`
	} `yaml:"tests"`
}

// alertTest says which alerts of a name fire at a moment; none is expected where none is listed.
type alertTest struct {
	EvalTime  string `yaml:"eval_time"`
	Alertname string `yaml:"alertname"`
	ExpAlerts []struct {
		ExpLabels      map[string]string `yaml:"exp_labels"`
		ExpAnnotations map[string]string `yaml:"exp_annotations"`
	} `yaml:"exp_alerts"`
}

// moment is one at which an alert is looked at.
type moment struct {
	alert string
	at    time.Duration
}

func (a alertTest) moment(t *testing.T) moment {
	t.Helper()
	at, err := model.ParseDuration(a.EvalTime)
	if err != nil {
		t.Fatal(err)
	}
	return moment{a.Alertname, time.Duration(at)}
}

func unit(t *testing.T) map[string]unitTests {
	t.Helper()
	files, err := filepath.Glob("tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no tests of the rules: %v", err)
	}
	found := map[string]unitTests{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var tests unitTests
		decode(t, text, &tests)
		if !slices.Equal(tests.RuleFiles, []string{"../sagemaker-async.yaml"}) {
			t.Errorf("%s tests %q, want the rules", file, tests.RuleFiles)
		}
		found[file] = tests
	}
	return found
}

func TestAlerts_areTestedJustBeforeAndJustAfterTheirTime(t *testing.T) {
	proven := map[string]bool{}
	for file, tests := range unit(t) {
		for _, test := range tests.Tests {
			silent := map[moment]bool{}
			for _, at := range test.AlertRuleTest {
				silent[at.moment(t)] = len(at.ExpAlerts) == 0
			}
			for _, at := range test.AlertRuleTest {
				now, before := at.moment(t), at.moment(t)
				before.at -= time.Minute
				proven[now.alert] = proven[now.alert] || silent[before] && !silent[now]
				for _, expected := range at.ExpAlerts {
					for _, name := range append([]string{"alarm_name", "policy_name"}, added...) {
						if expected.ExpLabels[name] != "" {
							t.Errorf("%s: %s: an alert has the label %s", file, test.Name, name)
						}
					}
				}
			}
		}
	}
	for _, a := range alerts(t) {
		if !proven[a.Alert] {
			t.Errorf("no test says that %s is silent a minute before it fires", a.Alert)
		}
		delete(proven, a.Alert)
	}
	for name := range proven {
		t.Errorf("%s is tested, and there is no such alert", name)
	}
}

// A series with labels that the exporter does not give it would prove nothing.
func TestAlerts_areTestedWithSeriesAsTheyAre(t *testing.T) {
	for file, tests := range unit(t) {
		for _, test := range tests.Tests {
			for _, input := range test.InputSeries {
				if problem := unlike(input.Series); problem != "" {
					t.Errorf("%s: %s: %s: %s", file, test.Name, input.Series, problem)
				}
			}
		}
	}
}
