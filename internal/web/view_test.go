package web

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// sick is a report of one endpoint that sleeps and that nothing wakes, with what is left of another one.
func sick() report.Report {
	scope := fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}
	const resource = "endpoint/transcribe/variant/AllTraffic"
	value := func(v float64) fleet.Reading {
		return fleet.Reading{At: at.Add(-2 * time.Minute), Value: v, Expires: at.Add(4 * time.Minute)}
	}
	zero, two := 0, 2
	r := report.Report{
		Snapshot: fleet.Snapshot{Scope: scope, At: at.Add(-10 * time.Second), Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{Name: "transcribe", Status: "InService"},
			SeenAt:          at.Add(-30 * time.Second), Expires: at.Add(10 * time.Minute),
			Queue: fleet.Queue{fleet.Backlog: value(15), fleet.BacklogPerInstance: value(7.456), fleet.OldestAge: value(7200)},
			Variants: []fleet.Variant{{
				Name: "AllTraffic", Current: &zero, Desired: &two, Target: &fleet.Target{MinCapacity: 0, MaxCapacity: 5},
			}},
		}}},
		Plan: plan.Plan{
			Scope: scope, Selected: []string{resource},
			Steps: []plan.Step{{
				Scope: scope, ResourceID: resource, Kind: plan.WakePolicy, Name: "wake", Action: plan.Create, Effect: "0 -> 2 instances",
				Changes: []plan.Change{{Field: "adjustment", After: 1}, {Field: "name", After: "a"}},
			}},
			Withheld: []plan.Withheld{{Scope: scope, ResourceID: resource, Kind: plan.ScalableTarget, Reason: plan.Suspended, Detail: "scale-out"}},
		},
		Orphans: []check.OrphanFinding{{
			Endpoint: "bygone", Variant: "AllTraffic", Finding: failing("orphaned_scaling", check.Warning, "It is gone."),
		}},
	}
	for _, name := range []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceMetrics,
	} {
		r.Snapshot.Sources = append(r.Snapshot.Sources, fleet.Source{
			Name: name, LastAttempt: at, LastSuccess: at.Add(-30 * time.Second), Expires: at.Add(10 * time.Minute),
		})
	}
	concludes(&r, 0, report.Variant{
		Selected: true, Creates: 1, Withheld: []report.Withheld{{Reason: plan.Suspended, Steps: 1}},
		Findings: []check.Finding{
			failing("no_wake_policy", check.Critical, "Nothing wakes it."),
			{Check: catalogued("no_tracking_policy"), Severity: check.Critical}, // passes
			failing("scaling_suspended", check.Warning, "It never shrinks."),
			failing("no_failure_path", check.Info, "Answers are lost."),
		},
	})
	return r
}

// concludes gives the endpoint at an index these conclusions, one for each of its variants, and nothing to those that have
// none yet.
func concludes(r *report.Report, index int, variants ...report.Variant) {
	for i := len(r.Endpoints); i < len(r.Snapshot.Endpoints); i++ {
		r.Endpoints = append(r.Endpoints, report.Endpoint{})
	}
	for i := range r.Endpoints {
		r.Endpoints[i].Endpoint = &r.Snapshot.Endpoints[i]
	}
	e := &r.Endpoints[index]
	e.Variants = make([]report.Variant, len(e.Endpoint.Variants))
	for i := range e.Variants {
		if i < len(variants) {
			e.Variants[i] = variants[i]
		}
		e.Variants[i].Variant = &e.Endpoint.Variants[i]
	}
}

// first is the first variant of a report.
func first(r *report.Report) *report.Variant { return &r.Endpoints[0].Variants[0] }

func catalogued(name string) *check.Check {
	all := check.All()
	return all[slices.IndexFunc(all, func(c *check.Check) bool { return c.Name == name })]
}

func failing(name string, severity check.Severity, sentence string) check.Finding {
	return check.Finding{Check: catalogued(name), Severity: severity, Failed: true, Sentence: sentence}
}

// told are the facts of the first endpoint and its first variant by their names; a dash and its reason where there is none.
func told(p page) map[string]string {
	e := p.Scopes[0].Endpoints[0]
	v := e.Variants[0]
	facts := map[string]string{}
	for name, f := range map[string]fact{
		"status": e.Status, "backlog": e.Backlog, "per instance": e.PerInstance, "oldest": e.Oldest, "drain": e.Drain,
		"running": v.Running, "desired": v.Desired, "min": v.Min, "max": v.Max, "policy": v.Policy, "plan": v.Plan,
	} {
		facts[name] = f.Text
		if f.Text == "" {
			facts[name] = "- " + f.Why
		}
	}
	facts["checks"] = p.Scopes[0].NoChecks
	var failing []string
	for _, found := range slices.Concat(e.Criticals, e.Warnings, e.Infos) {
		failing = append(failing, found.Sentence)
	}
	facts["failing"] = strings.Join(failing, " ")
	facts["steps"], facts["withheld"] = "", ""
	for _, step := range e.Steps {
		facts["steps"] += step.Title
	}
	for _, held := range e.Withheld {
		facts["withheld"] += held.Title + " " + string(held.Reason)
	}
	return facts
}

var everything = map[string]string{
	"status": "InService", "backlog": "15", "per instance": "7.46", "oldest": "2 h 2 min", "drain": "- no instance runs",
	"running": "0", "desired": "2", "min": "0", "max": "5", "policy": "selected", "plan": "1 step, 1 withheld", "checks": "",
	"failing": "Nothing wakes it. It never shrinks. Answers are lost.", "steps": "create wake policy wake", "withheld": "scalable target suspended",
}

func TestView_drainIsWhatTheInstancesCanDoWhereThatIsKnown(t *testing.T) {
	running, concurrency := 2, 4
	r := sick()
	e, work := &r.Snapshot.Endpoints[0], &fleet.Work{
		Pace:   fleet.Reading{At: at.Add(-5 * time.Minute), Value: .01, Expires: at.Add(time.Minute)},
		Took:   fleet.Total{Since: at.Add(-time.Hour), Sum: 100 * 90e6, Samples: 100, Expires: at.Add(time.Minute)},
		Waited: fleet.Total{Since: at.Add(-time.Hour), Sum: 100 * 50e6, Samples: 100, Expires: at.Add(time.Minute)},
	}
	e.Variants[0].Current, e.Variants[0].Work = &running, work
	drain := func() string { return told(view(report.Set{Reports: []report.Report{r}}, at, filter{}))["drain"] }
	if got := drain(); got != "25 min" { // 15 at the pace
		t.Errorf("without a concurrency: %q", got)
	}
	e.Async.MaxConcurrentInvocationsPerInstance = &concurrency
	if got := drain(); got != "1 min" { // 15 of 40 seconds each, eight at once
		t.Errorf("with a concurrency: %q", got)
	}
}

func TestView_drainIsElseTheBacklogAtThePresentPace(t *testing.T) {
	running := 2
	pace := func(perSecond float64, expires time.Time) *fleet.Work {
		return &fleet.Work{Pace: fleet.Reading{At: at.Add(-5 * time.Minute), Value: perSecond, Expires: expires}}
	}
	later := at.Add(time.Minute)
	for _, test := range []struct {
		name    string
		backlog float64
		works   []*fleet.Work
		want    string
	}{
		{"two variants", 15, []*fleet.Work{pace(0.03, later), pace(0.02, later)}, "5 min"},
		{"one of them is not known", 15, []*fleet.Work{pace(0.05, later), pace(1, at)}, "5 min"},
		{"nothing waits", 0, []*fleet.Work{pace(1, later)}, "- no request waits"},
		{"nothing moves", 15, []*fleet.Work{pace(0, later)}, "- nothing was processed lately"},
		{"not asked yet", 15, []*fleet.Work{nil}, "- how much was processed lately is not known"},
		{"too old", 15, []*fleet.Work{pace(1, at)}, "- how much was processed lately is not known"},
	} {
		r := sick()
		e := &r.Snapshot.Endpoints[0]
		e.Queue[fleet.Backlog].Value = test.backlog
		variant, concluded := e.Variants[0], []report.Variant(nil)
		e.Variants = nil
		for _, work := range test.works {
			variant.Current, variant.Work = &running, work
			e.Variants, concluded = append(e.Variants, variant), append(concluded, *first(&r))
		}
		concludes(&r, 0, concluded...)
		if got := told(view(report.Set{Reports: []report.Report{r}}, at, filter{}))["drain"]; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestView_showsEachFactAsLongAsItsSourceIsFresh(t *testing.T) {
	age := func(r *report.Report, name fleet.SourceName, why string) {
		for i := range r.Snapshot.Sources {
			if source := &r.Snapshot.Sources[i]; source.Name == name {
				source.Expires, source.Err = at, why
			}
		}
	}
	blank := func(why string) map[string]string {
		facts := maps.Clone(everything)
		for name := range facts {
			facts[name] = "- " + why
		}
		facts["failing"], facts["steps"], facts["withheld"], facts["checks"] = "", "", "", ""
		return facts
	}
	for _, test := range []struct {
		name   string
		change func(*report.Report)
		want   map[string]string // what is otherwise than everything
	}{
		{"all fresh", func(*report.Report) {}, nil},
		{"endpoints fail", func(r *report.Report) { age(r, fleet.SourceEndpoints, "access denied") }, blank("endpoints: access denied")},
		{"endpoints hang", func(r *report.Report) { age(r, fleet.SourceEndpoints, "") }, blank("endpoints: too old, last read 30 s ago")},
		{"one endpoint is old", func(r *report.Report) { r.Snapshot.Endpoints[0].Expires = at }, blank("too old, last seen 30 s ago")},
		{"the queue fails", func(r *report.Report) { age(r, fleet.SourceQueue, "throttled") }, map[string]string{
			"backlog": "- metrics: throttled", "per instance": "- metrics: throttled", "oldest": "- metrics: throttled",
			"drain": "- metrics: throttled",
		}},
		{"the work fails", func(r *report.Report) { age(r, fleet.SourceMetrics, "throttled") }, nil},
		{"scaling fails", func(r *report.Report) { age(r, fleet.SourceScaling, "throttled") }, map[string]string{
			"min": "- scaling: throttled", "max": "- scaling: throttled", "plan": "1 withheld", "steps": "", "failing": "Answers are lost.",
			"checks": "scaling: throttled",
		}},
		{"alarms fail", func(r *report.Report) { age(r, fleet.SourceAlarms, "throttled") }, map[string]string{
			"plan": "1 withheld", "steps": "", "failing": "It never shrinks. Answers are lost.", "checks": "alarms: throttled",
		}},
		{"alarms fail, nothing is withheld", func(r *report.Report) {
			age(r, fleet.SourceAlarms, "throttled")
			r.Plan.Withheld, first(r).Withheld = nil, nil
		}, map[string]string{
			"plan": "- alarms: throttled", "steps": "", "withheld": "", "failing": "It never shrinks. Answers are lost.",
			"checks": "alarms: throttled",
		}},
		{"alarms are yet to be read", func(r *report.Report) {
			r.Snapshot.Sources[1] = fleet.Source{Name: fleet.SourceAlarms}
			r.Plan = plan.Plan{Unknown: "not observed yet: alarms"}
			concludes(r, 0, report.Variant{Selected: true})
		}, map[string]string{
			"plan": "- alarms: not read yet", "steps": "", "withheld": "", "failing": "", "checks": "alarms: not read yet",
		}},
		{"a metric is old", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue[fleet.Backlog].Expires = at }, map[string]string{
			"backlog": "- the newest datapoint is of 11:58 UTC, too old to be shown",
			"drain":   "- the newest datapoint is of 11:58 UTC, too old to be shown",
		}},
		{"metrics are not there", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue = fleet.Queue{} }, map[string]string{
			"backlog": "- CloudWatch has no datapoint", "per instance": "- CloudWatch has no datapoint",
			"oldest": "- CloudWatch has no datapoint",
			"drain":  "- CloudWatch has no datapoint",
		}},
		{"nothing waits", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = 0 }, map[string]string{
			"oldest": "0 s",
		}},
		{"it waits since yesterday", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = 100_000 }, map[string]string{
			"oldest": "1 d 3 h",
		}},
		{"instances are not said", func(r *report.Report) { r.Snapshot.Endpoints[0].Variants[0].Current = nil }, map[string]string{
			"running": "- DescribeEndpoint does not say", "oldest": "2 h 0 min", "drain": "- how much was processed lately is not known",
		}},
		{"no target", func(r *report.Report) { r.Snapshot.Endpoints[0].Variants[0].Target = nil }, map[string]string{
			"min": "- no scalable target: nothing scales it", "max": "- no scalable target: nothing scales it",
		}},
		{"not selected", func(r *report.Report) {
			r.Plan = plan.Plan{}
			concludes(r, 0, report.Variant{})
		}, map[string]string{
			"policy": "- no policy selects it", "plan": "- no policy selects it", "steps": "", "withheld": "", "failing": "",
		}},
		{"tags decide", func(r *report.Report) {
			r.Plan = plan.Plan{}
			concludes(r, 0, report.Variant{Unknown: true})
		}, map[string]string{
			"policy": "- tags that are not known decide whether a policy selects it", "plan": "- no policy selects it",
			"steps": "", "withheld": "", "failing": "",
		}},
		{"well", func(r *report.Report) {
			r.Plan = plan.Plan{}
			concludes(r, 0, report.Variant{Selected: true})
		}, map[string]string{
			"plan": "no change", "steps": "", "withheld": "", "failing": "",
		}},
	} {
		r := sick()
		test.change(&r)
		want := maps.Clone(everything)
		maps.Copy(want, test.want)
		got := told(view(report.Set{Reports: []report.Report{r}}, at, filter{}))
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s: %s is %q, want %q", test.name, name, got[name], want[name])
			}
		}
	}
}

func TestView_tellsVariantsApartWhereThereAreSeveral(t *testing.T) {
	r := sick()
	e := &r.Snapshot.Endpoints[0]
	e.Variants = append(e.Variants, fleet.Variant{Name: "Canary"})
	canary := report.Variant{Findings: []check.Finding{failing("no_wake_policy", check.Critical, "Nor this one.")}}
	r.Snapshot.Endpoints = append(r.Snapshot.Endpoints, fleet.Endpoint{
		EndpointSummary: fleet.EndpointSummary{Name: "void"}, DescribedAt: at, Expires: at.Add(time.Minute),
	}, fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: "young"}, Expires: at.Add(time.Minute)})
	concludes(&r, 0, *first(&r), canary)
	shown := view(report.Set{Reports: []report.Report{r}}, at, filter{}).Scopes[0].Endpoints
	if len(shown) != 3 || len(shown[0].Variants) != 2 || shown[0].Span() != 2 || shown[0].Variants[0].Name != "AllTraffic" || shown[0].Variants[1].Name != "Canary" {
		t.Fatalf("got %+v", shown)
	}
	if found := shown[0].Criticals; len(found) != 2 || found[0].Of != "AllTraffic" || found[1].Of != "Canary" || found[1].Sentence != "Nor this one." {
		t.Errorf("it fails %+v", found)
	}
	if shown[0].Steps[0].Of != "AllTraffic" || shown[0].Withheld[0].Of != "AllTraffic" {
		t.Errorf("the plan is %+v, %+v", shown[0].Steps, shown[0].Withheld)
	}
	if none := shown[1]; len(none.Variants) != 1 || none.Span() != 0 || none.Variants[0].Running.Why != "DescribeEndpoint names no variant" || none.Attention {
		t.Errorf("one without variants is %+v", none)
	}
	if none := shown[2]; len(none.Variants) != 1 || none.Variants[0].Running.Why != "not described yet" || none.Attention {
		t.Errorf("one that is not described yet is %+v", none)
	}
	one := view(report.Set{Reports: []report.Report{sick()}}, at, filter{}).Scopes[0].Endpoints[0]
	if one.Variants[0].Name != "" || one.Criticals[0].Of != "" || one.Span() != 0 {
		t.Errorf("the only variant is named: %+v", one)
	}
}

func TestView_attentionIsWhatFailsOrIsPlannedOrWaitsForTooLong(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*report.Report)
		want   bool
	}{
		{"all", func(*report.Report) {}, true},
		{"a critical check", func(r *report.Report) { r.Plan, first(r).Findings = plan.Plan{}, first(r).Findings[:1] }, true},
		{"a warning", func(r *report.Report) { r.Plan, first(r).Findings = plan.Plan{}, first(r).Findings[2:] }, true},
		{"an info", func(r *report.Report) {
			r.Plan, first(r).Findings, r.Snapshot.Endpoints[0].Queue = plan.Plan{}, first(r).Findings[3:], fleet.Queue{}
		}, false},
		{"a check that passes", func(r *report.Report) {
			r.Plan, first(r).Findings, r.Snapshot.Endpoints[0].Queue = plan.Plan{}, first(r).Findings[1:2], fleet.Queue{}
		}, false},
		{"requests wait, and no check says why", func(r *report.Report) { r.Plan, first(r).Findings = plan.Plan{}, nil }, true},
		{"requests wait, not for long", func(r *report.Report) {
			r.Plan, first(r).Findings, r.Snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = plan.Plan{}, nil, 60
		}, false},
		{"a step", func(r *report.Report) { r.Plan.Withheld, first(r).Findings = nil, nil }, true},
		{"a withheld step", func(r *report.Report) { r.Plan.Steps, first(r).Findings = nil, nil }, true},
		{"nothing known", func(r *report.Report) { r.Snapshot.Endpoints[0].Expires = at }, true},
	} {
		r := sick()
		r.Orphans = nil
		test.change(&r)
		set := report.Set{Reports: []report.Report{r}}
		all, few := view(set, at, filter{}), view(set, at, filter{Attention: true})
		if all.Scopes[0].Endpoints[0].Attention != test.want || all.Shown != 1 || all.Filtered || !few.Filtered ||
			(all.Attention == 1) != test.want || few.Attention != all.Attention || (few.Shown == 1) != test.want || few.Endpoints != 1 {
			t.Errorf("%s: counted %+v, and of what needs attention %+v", test.name, all, few)
		}
		if list := triage.ListOf(set.Reports, at); list.Count() != all.Count || list.Healthy() == test.want {
			t.Errorf("%s: the page counts %+v, the command list %+v", test.name, all.Count, list.Count())
		}
	}
}

func TestView_concludesWhatIsWrongAndWhatToDo(t *testing.T) {
	row := func(change func(*report.Report)) endpointView {
		r := sick()
		change(&r)
		return view(report.Set{Reports: []report.Report{r}}, at, filter{}).Scopes[0].Endpoints[0]
	}
	for _, test := range []struct {
		name, state, class, conclusion, guide string
		change                                func(*report.Report)
	}{
		{"a check", "stuck", "critical", "15 requests wait, the oldest since 09:58 UTC (2 h 2 min), no instance runs and 2 are desired. Nothing wakes it.", "SageMakerAsyncWakePolicyMissing.md", func(*report.Report) {}},
		{"no check says why", "stuck", "critical", "transcribe lags behind: 15 requests wait", "SageMakerAsyncBacklogWithoutCapacity.md", func(r *report.Report) {
			r.Plan, first(r).Findings = plan.Plan{}, nil
		}},
		{"a warning alone", "asleep", "warning", "It never shrinks.", "SageMakerAsyncScalingSuspended.md", func(r *report.Report) {
			atRest(r)
			first(r).Findings = first(r).Findings[2:]
		}},
		{"a plan alone", "asleep", "warning", "The plan has 1 step for it.", "", func(r *report.Report) {
			atRest(r)
			first(r).Findings, r.Plan.Withheld, first(r).Withheld = nil, nil, nil
		}},
	} {
		got := row(test.change)
		if got.State.Text != test.state || got.State.Class != test.class || !strings.HasPrefix(got.Conclusion, test.conclusion) || !strings.HasSuffix(got.Guide, test.guide) {
			t.Errorf("%s: %s %s %q %s", test.name, got.State.Text, got.State.Class, got.Conclusion, got.Guide)
		}
	}
}

// atRest lets nothing wait and nothing move.
func atRest(r *report.Report) {
	zero := 0
	r.Snapshot.Endpoints[0].Variants[0].Desired = &zero
	r.Snapshot.Endpoints[0].Queue[fleet.Backlog].Value = 0
}

func TestView_anEndpointAtRestIsNotExplained(t *testing.T) {
	r := sick()
	r.Plan, first(&r).Findings = plan.Plan{}, nil
	atRest(&r)
	shown := view(report.Set{Reports: []report.Report{r}}, at, filter{}).Scopes[0].Endpoints[0]
	if explained := explain.One(&r, &r.Endpoints[0], at).Conclusion.State; shown.State.Text != "asleep" || explained != explain.Asleep || shown.State.Class != "plain" {
		t.Errorf("%+v, explained as %s", shown, explained)
	}
}

func TestView_theWorstIsFirst(t *testing.T) {
	r := sick()
	names := []string{"a-well", "b-asks-little", "c-sick", "d-sicker"}
	template := r.Snapshot.Endpoints[0]
	r.Snapshot.Endpoints, r.Endpoints, r.Orphans = nil, nil, nil
	findings := []check.Finding{failing("no_wake_policy", check.Critical, "Nothing wakes it.")}
	for i, name := range names {
		e := template
		e.Name = name
		e.Queue[fleet.OldestAge].Value = float64(60 * i)
		if i < 2 {
			e.Queue[fleet.Backlog].Value = 0
		}
		r.Snapshot.Endpoints = append(r.Snapshot.Endpoints, e)
	}
	r.Plan = plan.Plan{}
	zero := 0
	for i := range names {
		r.Snapshot.Endpoints[i].Variants = slices.Clone(template.Variants)
		r.Snapshot.Endpoints[i].Variants[0].Desired = &zero
		concluded := report.Variant{}
		switch i {
		case 1:
			concluded.Findings = []check.Finding{failing("alarm_flaps", check.Warning, "It flaps.")}
		case 2, 3:
			concluded.Findings = findings
		}
		concludes(&r, i, concluded)
	}
	for i := range names {
		r.Endpoints[i].Endpoint = &r.Snapshot.Endpoints[i]
		r.Endpoints[i].Variants[0].Variant = &r.Snapshot.Endpoints[i].Variants[0]
	}
	order := func(f filter) (got []string) {
		for _, e := range view(report.Set{Reports: []report.Report{r}}, at, f).Scopes[0].Endpoints {
			got = append(got, e.Name)
		}
		return got
	}
	if got := order(filter{}); !slices.Equal(got, []string{"d-sicker", "c-sick", "b-asks-little", "a-well"}) {
		t.Errorf("by trouble: %v", got)
	}
	if got := order(filter{Sort: byName}); !slices.Equal(got, names) {
		t.Errorf("by name: %v", got)
	}
	p := view(report.Set{Reports: []report.Report{r}}, at, filter{Text: "a-well"})
	if len(p.Worst) != 3 || p.Worst[0].Name != "d-sicker" || p.Attention != 3 || p.MoreWorst() != 0 {
		t.Errorf("the first line names %+v of %d", p.Worst, p.Attention)
	}
}

func TestView_showsWhatIsLeftOfEndpoints(t *testing.T) {
	stale := func(name fleet.SourceName) report.Report {
		r := sick()
		for i := range r.Snapshot.Sources {
			if r.Snapshot.Sources[i].Name == name {
				r.Snapshot.Sources[i].Expires = at
			}
		}
		return r
	}
	for _, test := range []struct {
		name   string
		report report.Report
		filter filter
		want   int
	}{
		{"fresh", sick(), filter{}, 1},
		{"needs attention", sick(), filter{Text: "Byg", Attention: true}, 1},
		{"other names", sick(), filter{Text: "transcribe"}, 0},
		{"endpoints are old", stale(fleet.SourceEndpoints), filter{}, 0},
		{"alarms are old", stale(fleet.SourceAlarms), filter{}, 0},
		{"the queue is old", stale(fleet.SourceQueue), filter{}, 1},
	} {
		shown := view(report.Set{Reports: []report.Report{test.report}}, at, test.filter).Scopes[0].Orphans
		if len(shown) != test.want || test.want == 1 && (shown[0].Of != "bygone" || shown[0].Sentence != "It is gone.") {
			t.Errorf("%s: %+v", test.name, shown)
		}
	}
}

func TestView_saysHowAScopeGoes(t *testing.T) {
	failed := sick()
	failed.Snapshot.Sources[0] = fleet.Source{Name: fleet.SourceActivities, Err: "throttled", LastAttempt: at, LastSuccess: at.Add(-5 * time.Minute), Expires: at.Add(5 * time.Minute)}
	hung := sick()
	hung.Snapshot.Sources[0].Expires = at
	failed.Reconcile = report.Reconcile{Enabled: true, Leader: true, LastSuccess: at.Add(-3 * time.Minute)}
	empty := report.Report{Snapshot: fleet.Snapshot{Sources: []fleet.Source{{Name: fleet.SourceEndpoints, Err: "no credentials", LastAttempt: at}}}}
	empty.Reconcile.Enabled, empty.Reconcile.Leader = true, true
	none := sick()
	none.Snapshot.Endpoints, none.Endpoints = nil, nil
	first := sick()
	first.Snapshot.Sources = append(first.Snapshot.Sources, fleet.Source{Name: fleet.SourceTags})
	scopes := view(report.Set{Reports: []report.Report{sick(), failed, empty, none, hung, first}}, at, filter{}).Scopes
	for i, want := range []struct {
		badge            string
		first            sourceView
		reconcile, empty string
	}{
		{"up", sourceView{"activities", "30 s ago", "", false}, "Plans are shown, not carried out: reconcile is off.", ""},
		{"down", sourceView{"activities", "5 min ago", "throttled", false}, "Reconcile is on; a round last ended without a failure 3 min ago. " + polledPlan, ""},
		{
			"down",
			sourceView{"endpoints", "not read yet", "no credentials", false},
			"Reconcile is on; no round has ended without a failure yet. " + polledPlan,
			"The endpoints are not known: endpoints: no credentials.",
		},
		{"up", sourceView{"activities", "30 s ago", "", false}, "Plans are shown, not carried out: reconcile is off.", "No asynchronous endpoint is observed here."},
		{"down", sourceView{"activities", "30 s ago", "", true}, "Plans are shown, not carried out: reconcile is off.", ""},
		{"first view", sourceView{"activities", "30 s ago", "", false}, "Plans are shown, not carried out: reconcile is off.", ""},
	} {
		if got := scopes[i]; got.Badge != want.badge || got.Sources[0] != want.first || got.Reconcile != want.reconcile || got.Empty != want.empty {
			t.Errorf("scope %d: %+v, want %+v", i, got, want)
		}
	}
}
