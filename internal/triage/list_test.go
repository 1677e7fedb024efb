package triage

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func row(name string, c Case, backlog float64, oldest time.Duration, running, desired int) Row {
	return Row{Scope: fleet.Scope{AccountID: "1", Region: "r"}, Name: name, Case: c, Backlog: &backlog, Oldest: &oldest, Running: &running, Desired: &desired}
}

func someList() List {
	return List{At: noon, Left: []string{`Endpoint "old" is gone.`}, Rows: []Row{
		row("stuck", Case{State: explain.Failing, Doing: explain.Stuck, Trouble: Stuck, Short: "The alarm\nhas no data.", Conclusion: "15 wait. The alarm has no data. Fix it.", Preview: "sagemaker-async-exporter plan stuck"}, 15, 2*time.Hour, 0, 0),
		{Name: "lost", Scope: fleet.Scope{AccountID: "1", Region: "r"}, Case: Case{State: explain.NotKnown, Doing: explain.NotKnown, Trouble: Unseen, Short: "Nothing is known of it."}},
		row("wakes", Case{State: explain.Waking, Doing: explain.Waking, Trouble: None, Next: "instance_runs", Latest: noon.Add(5 * time.Minute)}, 2, 40*time.Second, 0, 1),
		row("sleeps", Case{State: explain.Asleep, Doing: explain.Asleep, Trouble: None}, 0, 0, 0, 0),
	}}
}

func TestText_saysWhoNeedsSomebodyAndWhatToRun(t *testing.T) {
	list := someList()
	var got strings.Builder
	if err := list.Text(&got); err != nil {
		t.Fatal(err)
	}
	const want = `2 of 4 endpoints need you, as of 2026-03-02 12:00:00 UTC.

STATE    SEVERITY  BACKLOG   OLDEST  INSTANCES  ENDPOINT
stuck    critical       15  2 h 0 min          0  stuck
  The alarm has no data.
  sagemaker-async-exporter plan stuck
unknown  warning        -        -          -  lost
  Nothing is known of it.
waking         2     40 s     0 -> 1  wakes  (instance by 12:05)
asleep         0        -          0  sleeps

Left of endpoints that are gone:
  Endpoint "old" is gone.
`
	squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if squeeze(got.String()) != squeeze(want) {
		t.Errorf("%s\nwant\n%s", got.String(), want)
	}
	if strings.Contains(got.String(), "\x1b") {
		t.Error("a pipe gets colours")
	}
}

// On a terminal of 80 columns nothing is wider but a command, and the states are painted.
func TestText_fitsATerminal(t *testing.T) {
	list := someList()
	list.Rows[0].Case.Short = strings.Repeat("The alarm has no data. ", 10)
	list.Rows[0].Case.Preview += " " + strings.Repeat("--config.file=/etc/a ", 10)
	var got strings.Builder
	screen := &terminal.Screen{Out: &got, Colour: true, Size: func() (int, int) { return 80, 24 }}
	if err := list.Text(screen); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(got.String()) {
		if n := terminal.Columns(strings.TrimRight(line, "\n")); n > 80 && !strings.Contains(line, "sagemaker-async-exporter plan") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, want := range []string{"\x1b[1;31mstuck\x1b[m", "\x1b[33munknown\x1b[m", "\x1b[32mwaking\x1b[m", "\x1b[2masleep\x1b[m", "\x1b[1;31m2 of 4 endpoints\x1b[m need you"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("it does not say %q:\n%q", want, got.String())
		}
	}
}

func TestText_namesScopesWhereThereAreSeveral(t *testing.T) {
	list := someList()
	list.Rows[1].Scope.Region = "eu"
	var got strings.Builder
	if err := list.Text(&got); err != nil || !strings.Contains(got.String(), " 1/r/stuck\n") || !strings.Contains(got.String(), " 1/eu/lost\n") {
		t.Errorf("%v\n%s", err, got.String())
	}
}

func TestList_isHealthyWhenNothingNeedsSomebody(t *testing.T) {
	list := someList()
	if list.Healthy() || list.Count().Attention != 2 {
		t.Error("two need somebody")
	}
	list.Rows = slices.DeleteFunc(list.Rows, func(r Row) bool { return r.Case.Attention() })
	if list.Healthy() {
		t.Error("something is left of an endpoint that is gone")
	}
	list.Left = nil
	var got strings.Builder
	if err := list.Text(&got); err != nil || !list.Healthy() || !strings.HasPrefix(got.String(), "None of 2 endpoints needs you, ") {
		t.Errorf("%v\n%s", err, got.String())
	}
}

// While a source cannot be read nothing is wrong that could be named, and nothing is well.
func TestList_isNotHealthyWhileAStateIsNotKnown(t *testing.T) {
	list := List{At: noon, Rows: []Row{
		row("dark", Case{State: explain.NotKnown, Doing: explain.NotKnown, Trouble: None, Short: "Whether dark scales is not known: metrics: denied."}, 0, 0, 0, 0),
		row("sleeps", Case{State: explain.Asleep, Doing: explain.Asleep, Trouble: None}, 0, 0, 0, 0),
	}}
	var got strings.Builder
	if err := list.Text(&got); err != nil || list.Healthy() || list.Count() != (Count{Unknown: 1}) ||
		!strings.HasPrefix(got.String(), "None of 2 endpoints needs you, the state of 1 is not known, as of ") || !strings.Contains(got.String(), "dark\n  Whether dark scales is not known: metrics: denied.\n") {
		t.Errorf("%v\n%s", err, got.String())
	}
}

func TestListOf_saysWhyTheEndpointsOfAScopeAreNotKnown(t *testing.T) {
	down := report.Build(fleet.Snapshot{Scope: fleet.Scope{AccountID: "1", Region: "r"}, At: noon, Sources: []fleet.Source{{Name: fleet.SourceEndpoints, LastAttempt: noon, Err: "access denied"}}}, report.Rules{}, report.NewPast())
	list := ListOf([]report.Report{down}, noon)
	var got strings.Builder
	if err := list.Text(&got); err != nil || list.Healthy() || !strings.HasPrefix(got.String(), "No endpoint is known, as of ") ||
		!strings.Contains(got.String(), "\nThe endpoints of 1 r are not known: ") || !strings.Contains(got.String(), "access denied") {
		t.Errorf("%v\n%s", err, got.String())
	}
	none := ListOf(nil, noon)
	if !none.Healthy() {
		t.Errorf("%+v", none)
	}
}

func TestJSON_saysNullForWhatIsNotKnown(t *testing.T) {
	list := someList()
	var got strings.Builder
	if err := list.JSON(&got); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Attention int
		Endpoints []map[string]any
		Left      []string
	}
	if err := json.Unmarshal([]byte(got.String()), &read); err != nil {
		t.Fatal(err)
	}
	stuck, lost := read.Endpoints[0], read.Endpoints[1]
	if read.Attention != 2 || len(read.Left) != 1 || stuck["oldest_request_age_seconds"] != 7200.0 || stuck["severity"] != "critical" || stuck["preview"] != "sagemaker-async-exporter plan stuck" {
		t.Errorf("%s", got.String())
	}
	for _, key := range []string{"backlog_requests", "oldest_request_age_seconds", "instances_current", "instances_desired"} {
		if value, there := lost[key]; !there || value != nil {
			t.Errorf("%s is %v, %t", key, value, there)
		}
	}
}

func TestCase_wordIsForPeople(t *testing.T) {
	if got := (&Case{Doing: explain.AtMaximum}).Word(); got != "at maximum" {
		t.Error(got)
	}
}
