package savings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var began = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// subject is an endpoint with some requests in the first ten minutes of every sixth hour, of 30 s each, for so many days.
func subject(days, requests int, present sim.Scaling) Subject {
	h := advise.History{Endpoint: "e", Variants: []string{"v"}, Concurrency: 1, From: began, To: began.Add(time.Duration(days) * 24 * time.Hour)}
	for i := range days * 24 * 60 {
		m := advise.Minute{At: began.Add(time.Duration(i) * time.Minute), Backlog: advise.Gauge{Known: true}}
		if i%360 < 10 && requests > 0 {
			m.Processed, m.Backlog.Value = requests, float64(requests)/2
			m.Total = advise.Timed{Sum: time.Duration(requests) * 40 * time.Second, Count: requests}
			m.Waited = advise.Timed{Sum: time.Duration(requests) * 10 * time.Second, Count: requests}
		}
		h.Minutes = append(h.Minutes, m)
	}
	return Subject{
		Advice: advise.Advice{
			Scope: fleet.Scope{AccountID: "1", Region: "r"}, History: h,
			Wish: advise.Wish{Latency: 30 * time.Minute, Variants: 1, Price: 2},
		},
		Running: []advise.Running{{Variant: "v", Now: present.Min, Price: 2}}, Instances: present.Min, Present: present,
	}
}

func always(n int) sim.Scaling {
	s := sim.DocumentedScaling()
	s.Min = n
	return s
}

func judged(t *testing.T, s Subject) Row {
	t.Helper()
	row, err := s.Judge(func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// An instance that stays although it works for an hour a day: a minimum of 0 saves most of it, and each number is told.
func TestJudge_findsTheIdleMinimum(t *testing.T) {
	row := judged(t, subject(1, 3, always(1)))
	if row.Best == nil || row.Best.Policy.Min != 0 || row.Best.Met < Share {
		t.Fatalf("%+v\n%s", row.Best, row.Why)
	}
	if month := row.Alternatives[0].Hours; month < 710 || month > 850 || row.Saves() < month/2 {
		t.Errorf("it saves %v of %v hours", row.Saves(), month)
	}
	if row.Usage.Hours != 24 || row.Usage.Dollars != 48 || row.Usage.Share() < .9 {
		t.Errorf("%+v", row.Usage)
	}
	if !strings.Contains(row.Why, "Minimum 1 to 0") || !strings.HasPrefix(row.Why, "At least 97") {
		t.Error(row.Why)
	}
	names := map[string]bool{}
	for _, a := range row.Alternatives {
		names[a.Name] = true
	}
	for _, name := range []string{Present, MinimumZero, Target, Cooldowns} {
		if !names[name] {
			t.Errorf("%s was not replayed: %v", name, names)
		}
	}
}

// Where a wake takes longer than a request may, a minimum of 0 is told and not chosen.
func TestJudge_keepsTheObjective(t *testing.T) {
	s := subject(1, 3, always(1))
	s.Advice.Wish.Latency = 4 * time.Minute
	row := judged(t, s)
	if row.Best != nil && row.Best.Policy.Min == 0 {
		t.Errorf("%+v\n%s", row.Best, row.Why)
	}
	for _, a := range row.Alternatives {
		if a.Name == MinimumZero && a.Met >= Share {
			t.Errorf("%+v", a)
		}
	}
}

// A policy under which the objective is missed is changed for a dearer one that keeps it.
func TestJudge_paysForTheObjective(t *testing.T) {
	present := always(1)
	present.Max = 1
	row := judged(t, subject(1, 12, present))
	if row.Alternatives[0].keeps() || row.Best == nil || !row.Best.keeps() || row.Best.Policy.Max <= 1 {
		t.Fatalf("%+v: %+v\n%s", row.Alternatives[0], row.Best, row.Why)
	}
}

// Without a request no replay is needed.
// Where nothing keeps the objective the sentence has the best that was tried, dearer or not.
func TestWhy_namesTheBestThatMisses(t *testing.T) {
	r := Row{Latency: 30 * time.Minute, Alternatives: []Alternative{{Name: Present, Hours: 100, Met: .5}, {Name: Maximum, Hours: 300, Met: .94}, {Name: Target, Hours: 99, Met: .5}}}
	r.choose()
	if want := "The present policy answers 50 % within 30m, and the best that was tried 94 %: more capacity or a longer objective is needed."; r.Best != nil || r.Why != want {
		t.Errorf("best %v: %s", r.Best, r.Why)
	}
}

func TestJudge_ofAnEndpointThatNobodyUsed(t *testing.T) {
	row := judged(t, subject(3, 0, always(2)))
	if row.Best == nil || row.Best.Policy.Min != 0 || row.Saves() != 2*720 || !strings.Contains(row.Why, "No request came in 3 d") {
		t.Errorf("%+v %s", row, row.Why)
	}
	if asleep := judged(t, subject(3, 0, always(0))); asleep.Best != nil {
		t.Errorf("one that sleeps saves %v", asleep.Saves())
	}
}

func TestJudge_saysWhyItCannot(t *testing.T) {
	unknown := subject(2, 3, always(1))
	unknown.Unknown = errors.New("it has two variants")
	thin := subject(2, 3, always(1))
	thin.Advice.History.Minutes = thin.Advice.History.Minutes[:5]
	short := subject(2, 3, always(1))
	short.Advice.Wish.Latency = 10 * time.Second
	for why, s := range map[string]Subject{"It has two variants.": unknown, "History is too thin ": thin, "The work on a request takes 30.0 s": short} {
		if row := judged(t, s); !strings.HasPrefix(row.Why, why) || row.Best != nil || len(row.Alternatives) > 0 || row.Usage.Known == 0 {
			t.Errorf("%q: %+v", why, row)
		}
	}
	stopped := errors.New("stopped")
	if _, err := subject(2, 3, always(1)).Judge(func() error { return stopped }); !errors.Is(err, stopped) {
		t.Error(err)
	}
}

// made are rows of each kind, in no order.
func made(t *testing.T) []Row {
	t.Helper()
	unknown := subject(1, 3, always(1))
	unknown.Unknown = errors.New("it has two variants")
	rows := []Row{{Endpoint: "gone\n"}, judged(t, unknown), judged(t, subject(1, 3, always(1))), judged(t, subject(1, 3, always(3)))}
	rows[0].Err = errors.New("access denied: the role lacks\ncloudwatch:GetMetricData")
	for i := range rows[1:] {
		rows[i+1].Endpoint = fmt.Sprint("e", i)
	}
	unpriced := rows[2]
	unpriced.Endpoint, unpriced.Price, unpriced.Usage.Priced, unpriced.Usage.Dollars = "unpriced", 0, false, 0
	return append(rows, unpriced)
}

func TestOf_theLargestSavingIsFirst(t *testing.T) {
	f := Of(1, 26, made(t))
	var names []string
	for _, r := range f.Rows {
		names = append(names, strings.TrimSpace(r.Endpoint))
	}
	if got := strings.Join(names, " "); got != "e2 e1 unpriced e0 gone" {
		t.Error(got)
	}
	var text strings.Builder
	if err := f.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"5 endpoints cost ", "Changing 3 policies saves $", "Of 1 the price is not known", "LAST 1 DAY ", "  Not read: access denied: the role lacks cloudwatch:GetMetricData\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

// Tools read all of it, and what is not known is null.
func TestJSON_isWhatTheTextSays(t *testing.T) {
	var out strings.Builder
	if err := Of(1, 26, made(t)).JSON(&out); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Dollars   float64
		Endpoints []map[string]any
	}
	if err := json.Unmarshal([]byte(out.String()), &doc); err != nil {
		t.Fatal(err)
	}
	first, last := doc.Endpoints[0], doc.Endpoints[4]
	if doc.Dollars != .00026 || first["best"] == nil || first["saves_dollars_per_month"].(float64) <= 0 || first["error"] != nil {
		t.Errorf("%v", first)
	}
	if last["dollars"] != nil || last["error"] == nil || last["from"] != nil || doc.Endpoints[2]["dollars"] != nil {
		t.Errorf("%v\n%v", last, doc.Endpoints[2])
	}
}

func TestPolicies_haveAReasonForEach(t *testing.T) {
	page := Of(1, 26, made(t)).Policies()
	if strings.Count(page, "\n  - endpoints: ") != 3 || strings.Count(page, "policies:\n") != 1 || strings.Count(page, "\n  # At least") != 3 {
		t.Error(page)
	}
	if !strings.Contains(page, "\n# 1/r/e0: ") || !strings.Contains(page, "\n# //gone : Not read: access denied") {
		t.Error(page)
	}
	if none := (Fleet{}).Policies(); none != "policies: []\n" {
		t.Errorf("%q", none)
	}
}

// An entry of the configuration file selects by name in all accounts and regions, so there is none where two have the name. The
// table and the comments tell them apart.
func TestPolicies_haveNoneForTwoOfOneName(t *testing.T) {
	here, there, alone := judged(t, subject(1, 3, always(1))), judged(t, subject(1, 3, always(1))), judged(t, subject(1, 3, always(1)))
	there.Scope.Region, there.Best, there.Why, alone.Endpoint = "s", nil, "It is good.", "alone"
	f := Of(1, 39, []Row{here, there, alone})
	page := f.Policies()
	if strings.Count(page, "\n  - endpoints: ") != 1 || !strings.Contains(page, `- endpoints: "alone"`) || !strings.Contains(page, "# 1/s/e: It is good.") ||
		!strings.Contains(page, "# 1/r/e: e is in 1/r and 1/s, and a policy of a configuration file selects all of them") {
		t.Error(page)
	}
	if one := f.PoliciesOf(here.Scope); strings.Count(one, "\n  - endpoints: ") != 2 {
		t.Errorf("of one region alone:\n%s", one)
	}
	var text strings.Builder
	if err := f.Text(&text); err != nil || !strings.Contains(text.String(), " 1/r/e\n") || !strings.Contains(text.String(), " 1/s/e\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
	other := subject(1, 3, always(1))
	other.Advice.Scope.Region = "s"
	if err := Namesakes([]Subject{subject(1, 3, always(1)), other}); err == nil || !strings.HasPrefix(err.Error(), "e is in 1/r and 1/s, ") {
		t.Error(err)
	}
	if err := Namesakes([]Subject{other}); err != nil {
		t.Error(err)
	}
}

// Where scaling activities tell the instances of the last day alone, the row, the verdict and the document say so.
func TestText_saysOfHowMuchTheInstancesAreKnown(t *testing.T) {
	s := subject(15, 0, always(0))
	s.Running[0].Now = 0
	at := s.Advice.History.To.Add(-25 * time.Hour)
	s.Advice.History.Activities = []fleet.Activity{{
		ResourceID: fleet.ResourceID("e", "v"), Status: "Successful", Description: "Setting desired instance count to 0.", Start: at, End: at.Add(5 * time.Minute),
	}}
	f := Of(15, 26, []Row{judged(t, s), judged(t, subject(15, 0, always(2)))})
	f.Rows[0].Endpoint, f.Rows[1].Endpoint = "whole", "partly"
	var text, doc strings.Builder
	if err := errors.Join(f.Text(&text), f.JSON(&doc)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 endpoints cost at least $1440 in the last 15 days. Of 1 the instances are known of a part of that time alone.", "$0 in 1 d 1 h", " $1440 ",
		"  note: How many instances ran is known of 1 d 1 h of 15 d 0 h: ",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if !strings.Contains(doc.String(), `"instances_known": 90000,`) || !strings.Contains(doc.String(), `"instances_known": 1296000,`) {
		t.Error(doc.String())
	}
}

// Where no endpoint that changes has a price, what is saved is hours.
func TestVerdict_ofUnpricedEndpointsIsHours(t *testing.T) {
	row := judged(t, subject(1, 3, always(1)))
	row.Price, row.Usage.Priced, row.Usage.Dollars = 0, false, 0
	want := fmt.Sprintf(" Changing 1 policy saves %.0f instance-hours a month. Of 1 the price is not known", row.Saves())
	if got := Of(1, 13, []Row{row}).verdict(); row.Saves() < 100 || !strings.Contains(got, want) {
		t.Errorf("%s, want%s", got, want)
	}
}
