package web

import (
	"html"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// full is the sick report with everything that the page of its endpoint shows.
func full() report.Report {
	r := sick()
	five, zero := 5, 0
	lower := 0.0
	tenMinutes := 10 * time.Minute
	e := &r.Snapshot.Endpoints[0]
	e.ConfigName, e.Created, e.Async.S3FailurePath, e.Async.MaxConcurrentInvocationsPerInstance = "transcribe-7", at.Add(-26*time.Hour), "s3://failed", &five
	e.Tags = map[string]string{"team": "speech", "env": "", "app": "x"}
	e.Queue[fleet.WithoutCapacity] = fleet.Reading{At: at, Value: 1, Expires: at.Add(time.Minute)}
	v := &e.Variants[0]
	v.Types = []string{"ml.g5.xlarge"}
	v.Target.Suspended = fleet.Suspension{ScaleIn: true, ScaleOut: true}
	backlog := fleet.BacklogPerInstance.Query("transcribe").Metric
	v.Policies = []fleet.Policy{
		{Name: "track", Type: fleet.TargetTracking, Tracking: &fleet.Tracking{
			TargetValue: 4, Metric: &backlog, Statistic: "Average", ScaleInCooldown: &tenMinutes, DisableScaleIn: true,
		}},
		{Name: "wake", Type: fleet.StepScaling, Step: &fleet.Step{
			AdjustmentType: "ChangeInCapacity", Adjustments: []fleet.StepAdjustment{{Lower: &lower, Adjustment: 1}},
		}},
		{Name: "guess", Type: fleet.Predictive},
	}
	v.Scheduled = []fleet.ScheduledAction{{Name: "night", Schedule: "cron(0 22 * * ? *)", Timezone: "Europe/Berlin", MaxCapacity: &zero, Start: at}}
	v.Alarms = []fleet.WiredAlarm{{Alarm: fleet.Alarm{
		Name: "wake-alarm", Metric: fleet.WithoutCapacity.Query("transcribe").Metric, Statistic: "Average", Period: time.Minute, EvaluationPeriods: 3,
		DatapointsToAlarm: 2, Threshold: 1, Comparison: "GreaterThanOrEqualToThreshold", TreatMissingData: "missing", State: "ALARM",
		StateReason: "Threshold crossed", StateUpdated: at.Add(-time.Hour),
		AlarmActions: []string{"arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:resource/sagemaker/" + fleet.ResourceID(e.Name, v.Name) + ":policyName/gone"},
	}}}
	r.Endpoints[0].Variants[0].Behavior = behavior.Of(e, v, behavior.Context{})
	v.Activity.Recent = []fleet.Activity{
		{Status: "InProgress", Start: at.Add(-5 * time.Minute), Description: "Setting desired instance count to 2.", Cause: "the alarm"},
		{
			Status: "Failed", Start: at.Add(-time.Hour), End: at.Add(-time.Hour), StatusMessage: "Nothing was scaled.",
			NotScaled: []fleet.NotScaledReason{{Code: "AlreadyAtMaxCapacity", Current: &five, Max: &five}, {Code: "Newer"}},
		},
		{Status: "Failed", Start: at.Add(-2 * time.Hour), End: at.Add(-2*time.Hour + time.Minute), StatusMessage: "the service limit is 1", Details: "more"},
	}
	r.Snapshot.Sources = append(r.Snapshot.Sources, fleet.Source{Name: fleet.SourceTags, LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Minute)})
	r.Endpoints[0].Latency = 30 * time.Minute
	r.Prices = map[string]float64{"ml.g5.xlarge": 1.408}
	return r
}

// all is what the page of the endpoint shows, by what it is about; what is not known is a dash with its reason.
func all(p endpointPage) map[string]string {
	facts := map[string]string{}
	text := func(f fact) string {
		if f.Text == "" {
			return "- " + f.Why
		}
		return f.Text
	}
	named := func(all []namedFact) {
		for _, f := range all {
			facts[f.Name] = text(f.fact)
		}
	}
	named(p.Facts)
	facts["no tags"] = p.NoTags
	named(p.Tags)
	facts["of target"], facts["cost"] = text(p.Endpoint.OfTarget), text(p.Endpoint.Variants[0].Cost)
	if len(p.Variants) == 0 {
		return facts
	}
	v := p.Variants[0]
	named(v.Facts)
	for name, g := range map[string]grid{"policies": v.Policies, "scheduled": v.Scheduled, "alarms": v.Alarms} {
		facts[name] = g.None
		for _, row := range g.Rows {
			var cells []string
			for _, cell := range row {
				cells = append(cells, text(cell))
			}
			facts[text(row[0])] = strings.Join(cells[1:], " | ")
		}
	}
	facts["activities"] = v.NoActivities
	return facts
}

var everythingOfOne = map[string]string{
	"Configuration": "transcribe-7", "Created": "2026-03-01 10:00 UTC, 1 d 2 h ago", "Last modified": "- AWS does not say",
	"Concurrent requests per instance": "5", "Answers of failed requests": "s3://failed", "Backlog without capacity": "yes",
	"The oldest request waits since": "09:58 UTC",
	"Longest acceptable wait":        "30 min", "Requests expire after": "- no objective says what the clients ask for (objectives)",
	"no tags": "", "team": "speech", "env": "- it has no value", "app": "x", "of target": "1.9x", "cost": "$0.00",
	"Instance types": "ml.g5.xlarge", "Scalable target": "0 to 5 instances", "Suspended": "scale-in, scale-out",
	"policies": "", "scheduled": "", "alarms": "", "activities": "",
	"track": "TargetTrackingScaling | keeps Average ApproximateBacklogSizePerInstance {EndpointName=transcribe} at 4; scale-in is disabled | in 10 min, out AWS's default (5 min)",
	"wake":  "StepScaling | ChangeInCapacity +1 from 0 to ∞ above the threshold | AWS's default (5 min)",
	"guess": "PredictiveScaling | - this type is not described | - this type has none",
	"night": "cron(0 22 * * ? *) Europe/Berlin | 2026-03-02 12:00:00 UTC | unbounded | - it leaves it alone | 0",
	"wake-alarm": "wake | - it triggers no scaling policy | Average HasBacklogWithoutCapacity {EndpointName=transcribe} ≥ 1 in 2 of 3 times 1 min; missing data: missing" +
		" | ALARM, its actions are disabled | 11:00 UTC, 1 h 0 min ago | Threshold crossed",
}

func TestViewOf_showsEachFactAsLongAsItsSourceIsFresh(t *testing.T) {
	age := func(name fleet.SourceName) func(*report.Report) {
		return func(r *report.Report) {
			for i := range r.Snapshot.Sources {
				if source := &r.Snapshot.Sources[i]; source.Name == name {
					source.Expires, source.Err = at, "denied"
				}
			}
		}
	}
	const gone = "(not there)"
	scaling := map[string]string{
		"policies": "scaling: denied", "scheduled": "scaling: denied", "alarms": "scaling: denied", "track": gone, "wake": gone, "guess": gone, "night": gone,
		"wake-alarm": gone, "Scalable target": "- scaling: denied", "Suspended": "- scaling: denied", "of target": "- scaling: denied",
	}
	for _, test := range []struct {
		name   string
		change func(*report.Report)
		want   map[string]string // what is otherwise than everything
	}{
		{"all fresh", func(*report.Report) {}, nil},
		{"scaling fails", age(fleet.SourceScaling), scaling},
		{"alarms fail", age(fleet.SourceAlarms), map[string]string{"alarms": "alarms: denied", "wake-alarm": gone}},
		{"activities fail", age(fleet.SourceActivities), map[string]string{"activities": "activities: denied"}},
		{"the queue fails", age(fleet.SourceQueue), map[string]string{
			"Backlog without capacity": "- metrics: denied", "The oldest request waits since": "- metrics: denied", "of target": "- metrics: denied",
		}},
		{"nothing waits", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = 0 }, map[string]string{
			"The oldest request waits since": "- no request waits",
		}},
		{"it waits since yesterday", func(r *report.Report) { r.Snapshot.Endpoints[0].Queue[fleet.OldestAge].Value = 100_000 }, map[string]string{
			"The oldest request waits since": "2026-03-01 08:11 UTC",
		}},
		{"tags fail", age(fleet.SourceTags), map[string]string{"no tags": "They are not known: tags: denied.", "team": gone, "env": gone, "app": gone}},
		{"tags are not asked for", func(r *report.Report) { r.Snapshot.Sources = r.Snapshot.Sources[:6] }, map[string]string{
			"no tags": "They are not asked for: nothing selects or labels by tags.", "team": gone, "env": gone, "app": gone,
		}},
		{"no tags", func(r *report.Report) { r.Snapshot.Endpoints[0].Tags = map[string]string{} }, map[string]string{
			"no tags": "There are none.", "team": gone, "env": gone, "app": gone,
		}},
		{"nothing scales it", func(r *report.Report) {
			v := &r.Snapshot.Endpoints[0].Variants[0]
			*v = fleet.Variant{Name: v.Name, Current: v.Desired, Types: v.Types}
		}, map[string]string{
			"policies": "nothing scales it", "scheduled": "none", "alarms": "no alarm acts on it", "track": gone, "wake": gone, "guess": gone, "night": gone,
			"wake-alarm": gone, "Scalable target": "- no scalable target: nothing scales it", "Suspended": "- no scalable target: nothing scales it",
			"activities": "Application Auto Scaling tells of none", "of target": "- no policy tracks the backlog per instance", "cost": "$2.82",
		}},
		{"pools", func(r *report.Report) {
			r.Snapshot.Endpoints[0].Variants[0].Pools = []fleet.Pool{{InstanceType: "ml.g5.xlarge", Priority: 1, Current: 1}, {InstanceType: "ml.x", Priority: 2}}
		}, map[string]string{"Instance types": "ml.g5.xlarge, priority 1: 1 running; ml.x, priority 2: 0 running", "cost": "$1.41"}},
	} {
		r := full()
		test.change(&r)
		page, err := viewOf(report.Set{Reports: []report.Report{sick(), r}[1:]}, at, "", "111122223333", "us-east-1", "transcribe")
		if err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(everythingOfOne)
		maps.Copy(want, test.want)
		maps.DeleteFunc(want, func(_, text string) bool { return text == gone })
		got := all(page)
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s: %s is %q, want %q", test.name, name, got[name], want[name])
			}
		}
		for name, text := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("%s: there is %s: %q", test.name, name, text)
			}
		}
	}
}

func TestViewOf_tellsWhatHappenedNewestFirst(t *testing.T) {
	page, err := viewOf(report.Set{Reports: []report.Report{full()}}, at, "", "111122223333", "us-east-1", "transcribe")
	if err != nil {
		t.Fatal(err)
	}
	want := []activityView{
		{
			Start: "2026-03-02 11:55:00 UTC", StartStamp: "2026-03-02T11:55:00Z", Status: "InProgress", Took: "for 5 min, goes on", Class: "info",
			Description: "Setting desired instance count to 2.", Cause: "the alarm",
		},
		{
			Start: "2026-03-02 11:00:00 UTC", StartStamp: "2026-03-02T11:00:00Z", Status: "Not scaled", Took: "until 2026-03-02 11:00:00 UTC, took 0 s",
			Class: "warning", Message: "Nothing was scaled.", NotScaled: []string{"AlreadyAtMaxCapacity (current 5, maximum 5)", "Newer"},
		},
		{
			Start: "2026-03-02 10:00:00 UTC", StartStamp: "2026-03-02T10:00:00Z", Status: "Failed", Took: "until 2026-03-02 10:01:00 UTC, took 1 min",
			Class: "critical", Kind: "quota", Message: "the service limit is 1", Details: "more",
		},
	}
	if got := page.Variants[0].Activities; !slices.EqualFunc(got, want, func(a, b activityView) bool {
		same := slices.Equal(a.NotScaled, b.NotScaled)
		a.NotScaled, b.NotScaled = nil, nil
		return same && a.Start == b.Start && a.StartStamp == b.StartStamp && a.Status == b.Status && a.Took == b.Took && a.Class == b.Class &&
			a.Kind == b.Kind && a.Description == b.Description && a.Message == b.Message && a.Details == b.Details && a.Cause == b.Cause
	}) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func TestViewOf_givesEachVariantItsOwnConclusions(t *testing.T) {
	r := full()
	second := r.Snapshot.Endpoints[0]
	second.Name, second.Variants = "zz", []fleet.Variant{{Name: "Blue"}, {Name: "Green"}}
	r.Snapshot.Endpoints = append(r.Snapshot.Endpoints, second)
	passed := check.Finding{Check: catalogued("no_failure_path"), Severity: check.Info}
	green := []check.Finding{failing("no_wake_policy", check.Critical, "Of green."), passed}
	concludes(&r, 1, report.Variant{}, report.Variant{Selected: true, Findings: green})
	r.Endpoints[1].RequestTTL = time.Hour
	page, err := viewOf(report.Set{Reports: []report.Report{r}}, at, "", "111122223333", "us-east-1", "zz")
	if err != nil {
		t.Fatal(err)
	}
	if found := page.Endpoint.Criticals; len(found) != 1 || found[0].Of != "Green" || found[0].Sentence != "Of green." || !strings.Contains(string(found[0].Runbook), "WakePolicyMissing.md") {
		t.Errorf("it fails %+v", found)
	}
	if len(page.Passed) != 1 || page.Passed[0].Of != "Green" || len(page.Variants) != 2 || page.Variants[1].Name != "Green" || all(page)["Requests expire after"] != "1 h 0 min" {
		t.Errorf("got %+v", page)
	}
}

func TestEndpoint_hasAPageOfItsOwn(t *testing.T) {
	s := newSite(t)
	const path = "/status/111122223333/us-east-1/transcribe"
	s.want("GET", path, 404, `account "111122223333", region "us-east-1" is not observed`)
	s.set = &report.Set{Reports: []report.Report{full()}}
	s.want("GET", "/status", 200, `<a href="status/111122223333/us-east-1/transcribe"><bdi>transcribe</bdi></a>`)
	for _, part := range []string{
		"<h1><bdi>transcribe</bdi></h1>", `<a href="../../../status">All endpoints</a>`, "<b>alarms</b> 30 s ago", "Nothing wakes it.", "Answers are lost.",
		`href="https://github.com/sagemaker-async/exporter/blob/main/docs/runbooks/SageMakerAsyncWakePolicyMissing.md"`, "1 passed", "no_tracking_policy",
		"<pre>adjustment: 1\nname: a</pre>", "<b>withheld</b> <bdi>scalable target</bdi>: suspended (<bdi>scale-out</bdi>)",
		"<dt><bdi>team</bdi></dt><dd><bdi>speech</bdi></dd>", "Variant <bdi>AllTraffic</bdi>", "11:00 UTC, 1 h 0 min ago",
		`<time datetime="2026-03-02T11:55:00Z">2026-03-02 11:55:00 UTC</time> <span class="badge info">InProgress</span>`,
		"Cause: <bdi>the alarm</bdi>", "AWS says: <bdi>the service limit is 1</bdi>", "Not scaled: <bdi>AlreadyAtMaxCapacity (current 5, maximum 5)</bdi>",
	} {
		s.want("GET", path, 200, part)
	}
	s.want("HEAD", path, 200, "")
	s.want("POST", path, 405, "")
	s.want("GET", path+"x", 404, `no asynchronous endpoint "transcribex" is observed in account 111122223333, region us-east-1`)
	s.want("GET", "/status/111122223333/us-east-1", 404, "")
	s.want("GET", "/status/111122223333/eu-west-1/transcribe", 404, "is not observed")
	s.want("GET", "/status/-/us-east-1/transcribe", 404, "is not observed")
	r := full()
	r.Snapshot.Scope.AccountID = ""
	s.set = &report.Set{Reports: []report.Report{r}}
	s.want("GET", "/status/-/us-east-1/transcribe", 200, "(account not known)")
	r.Snapshot.Sources = []fleet.Source{{Name: fleet.SourceEndpoints, Err: "denied", LastAttempt: at}}
	s.set = &report.Set{Reports: []report.Report{r}}
	s.want("GET", "/status/-/us-east-1/transcribe", 200, `title="endpoints: denied"`)
	s.want("GET", "/status/-/us-east-1/x", 404, `no endpoint "x" is known in account -, region us-east-1: endpoints: denied`)
}

func TestEndpoint_saysWhenNothingIsToBeDone(t *testing.T) {
	s := newSite(t)
	r := full()
	r.Plan = plan.Plan{}
	concludes(&r, 0, report.Variant{Selected: true})
	s.set = &report.Set{Reports: []report.Report{r}}
	s.want("GET", "/status/111122223333/us-east-1/transcribe", 200, "None of those that are known fails.")
	s.want("GET", "/status/111122223333/us-east-1/transcribe", 200, `<p class="empty">no change</p>`)
}

// What AWS and the owners of endpoints say is text here too, in the path of the page as well.
func TestEndpoint_escapesWhatIsNotTrusted(t *testing.T) {
	const evil = `"><script>alert('1')</script>&/..%2f?#`
	r := full()
	r.Snapshot.Scope = fleet.Scope{AccountID: evil, Region: evil}
	e := &r.Snapshot.Endpoints[0]
	e.Name, e.Status, e.FailureReason, e.ConfigName, e.Async.S3FailurePath, e.Tags = evil, evil, evil, evil, evil, map[string]string{evil: evil}
	v := &e.Variants[0]
	v.Name, v.Types = evil, []string{evil}
	v.Policies[0].Name, v.Policies[0].Type, v.Policies[0].Tracking.Statistic, v.Policies[1].Step.AdjustmentType = evil, evil, evil, evil
	v.Scheduled[0] = fleet.ScheduledAction{Name: evil, Schedule: evil, Timezone: evil}
	alarm := &v.Alarms[0]
	alarm.Name, alarm.Policy, alarm.State, alarm.StateReason, alarm.Comparison, alarm.Metric = evil, evil, evil, evil, evil, fleet.Metric{Name: evil}
	for i := range v.Activity.Recent {
		a := &v.Activity.Recent[i]
		a.Status, a.Description, a.StatusMessage, a.Details, a.Cause = evil, evil, evil, evil, evil
		a.NotScaled = append(a.NotScaled, fleet.NotScaledReason{Code: evil})
	}
	first(&r).Findings[0].Sentence = evil
	s := newSite(t)
	s.set = &report.Set{Reports: []report.Report{r}}
	fleetPage := s.get("/status").Body.String()
	_, rest, _ := strings.Cut(fleetPage, `<a href="status/`)
	href, _, _ := strings.Cut(rest, `"`)
	answer := s.get("/status/" + html.UnescapeString(href))
	if answer.Code != 200 {
		t.Fatalf("its link leads to %d: %s", answer.Code, href)
	}
	page := answer.Body.String()
	for _, spoiled := range []string{"<script", "</script", "'1'"} {
		if i := strings.Index(page, spoiled); i >= 0 {
			t.Errorf("%q stands on the page: %q", spoiled, page[max(i-80, 0):i+20])
		}
	}
	if n := strings.Count(page, "&lt;script&gt;"); n < 30 {
		t.Errorf("only %d of the texts are there", n)
	}
}
