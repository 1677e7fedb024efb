package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// told is what is explained of an endpoint of the demo.
type told struct {
	healthy bool
	states  string       // those that there may be; what scales is now here, now there
	link    explain.Name // to look at; empty when it is healthy
	words   []string     // of the conclusion
}

func sick(link explain.Name, words ...string) told { return told{false, "broken", link, words} }

// scenarios are the endpoints of the demo as e2e/paging_test.go has them: what pages needs attention, and what scales,
// sleeps or wakes by itself is healthy.
var scenarios = map[string]told{
	"transcribe-live": {true, "working scaling_out scaling_in", "", nil},
	"ocr-nightly":     {true, "asleep", "", []string{"nothing waits, no instance runs; an instance should run 3 min to 18 min after the next request comes."}},
	"whisper-batch":   {true, "waking", "", []string{"8 requests wait", "no instance runs", "the first instance should run between"}},
	"moderate":        {true, "working", "", []string{"2 instances run, and nothing has to change."}},
	"caption-pools":   {true, "working scaling_out scaling_in at_maximum", "", nil},
	"align-new":       {true, "fixed", "", []string{"Nothing scales align-new", "apply align-new"}},
	"summarize": sick(explain.Alarm, "summarize does not wake", `does not go into ALARM when requests are queued at 0 instances: HasBacklogWithoutCapacity has no data with the dimension "VariantName", only with EndpointName alone`,
		"apply it by sagemaker-async-exporter apply summarize (update wake alarm HasBacklogWithoutCapacity-Alarm-summarize-AllTraffic)"),
	"diffusion": sick(explain.Target, "diffusion has all the instances that it may", "2 instances run", "SageMakerAsyncAtMaxNotDraining.md"),
	"embed": sick(explain.Policy, "embed needs a fix", `The policy "invocations-target-tracking" of variant "AllTraffic" never acts`,
		"apply embed (create tracking policy AsyncBacklogTargetTracking; with 3 other steps of the plan)"),
	"translate-paused": sick(explain.Policy, "translate-paused does not wake", "Somebody has suspended scale-in, scale-out, scheduled scaling", "SageMakerAsyncSuspendedWithBacklog.md"),
	"llm-capacity":     sick(explain.Instances, "llm-capacity does not wake", "AWS has not provided 1 desired instance for", "AWS has no capacity of the type", "SageMakerAsyncCapacityMissing.md"),
	"tts-redeployed":   sick(explain.Target, "tts-redeployed", "no scalable target", "create scalable target, create wake policy"),
	"upscale-quota":    sick(explain.Activity, "upscale-quota does not scale", "AWS refused the scale-out of", "a quota of the account", "SageMakerAsyncScaleOutRefused.md"),
}

func TestOf_explainsEachScenarioOfTheDemo(t *testing.T) {
	d := newDemo()
	for _, later := range []time.Duration{0, 90 * time.Minute, 3 * time.Hour} {
		r := d.look(t, sim.DemoHistory+later)
		if len(r.Snapshot.Endpoints) != len(scenarios) {
			t.Fatalf("the demo has %d endpoints, %d are told of", len(r.Snapshot.Endpoints), len(scenarios))
		}
		for name, want := range scenarios {
			explained := explain.Of(&r, name, r.Snapshot.At)
			c := explained.Conclusion
			if explained.Healthy() != want.healthy || !slices.Contains(strings.Fields(want.states), string(c.State)) || c.Link != want.link {
				t.Errorf("%s after %s: healthy %t, %s, look at %q: %s", name, later, explained.Healthy(), c.State, c.Link, c.Sentence)
			}
			for _, words := range want.words {
				if !strings.Contains(c.Sentence, words) {
					t.Errorf("%s after %s: %q does not say %q", name, later, c.Sentence, words)
				}
			}
			if !want.healthy && c.Page == "" {
				t.Errorf("%s after %s: nothing says what to do", name, later)
			}
		}
	}
}

// The same scenarios where policies select the endpoints: the plan is theirs, and what is missing is critical.
func TestOf_namesTheStepsOfThePlan(t *testing.T) {
	d := newDemo()
	r := d.look(t, sim.DemoHistory, ".*")
	for name, words := range map[string]string{
		"align-new":        "Preview the fix by sagemaker-async-exporter plan align-new, then apply it by sagemaker-async-exporter apply align-new (create scalable target, create wake policy HasBacklogWithoutCapacity-ScalingPolicy",
		"summarize":        "apply it by sagemaker-async-exporter apply summarize (update wake alarm",
		"embed":            "apply embed (create tracking policy AsyncBacklogTargetTracking; with 3 other steps of the plan)",
		"translate-paused": "SageMakerAsyncSuspendedWithBacklog.md",
	} {
		if c := explain.Of(&r, name, r.Snapshot.At).Conclusion; !c.Attention || !strings.Contains(c.Sentence, words) {
			t.Errorf("%s: %q does not say %q", name, c.Sentence, words)
		}
	}
	r.Reconcile.Enabled = true
	if c := explain.Of(&r, "summarize", r.Snapshot.At).Conclusion; !strings.Contains(c.Sentence, "Reconcile will fix it in one of its next rounds. Preview the fix by sagemaker-async-exporter plan summarize, or apply it now by sagemaker-async-exporter apply summarize") {
		t.Errorf("with reconcile: %q", c.Sentence)
	}
}

// The alerts that name a cause, by the state of one moment: their expressions without what a time has to tell. What they
// would page for needs attention, at each moment of the demo's story.
func TestOf_agreesWithTheAlertsThatNameACause(t *testing.T) {
	d := newDemo()
	pages := map[string]int{}
	for story := 15 * time.Minute; story < 8*time.Hour; story += 11 * time.Minute {
		r := d.look(t, story)
		for i := range r.Endpoints {
			e := &r.Endpoints[i]
			explained := explain.Of(&r, e.Name, r.Snapshot.At)
			for _, alert := range causes(e, r.Snapshot.At) {
				pages[alert]++
				if explained.Healthy() {
					t.Errorf("%s into the story %s would page for %s: %s", story, alert, e.Name, explained.Conclusion.Sentence)
				}
			}
			if want, ok := scenarios[e.Name]; ok && want.healthy && !explained.Healthy() {
				t.Errorf("%s into the story %s needs attention: %s", story, e.Name, explained.Conclusion.Sentence)
			}
		}
	}
	for _, alert := range []string{"WakeAlarmBroken", "CapacityMissing", "ScaleOutRefused", "SuspendedWithBacklog"} {
		if pages[alert] == 0 {
			t.Errorf("nothing of the demo pages by %s: %v", alert, pages)
		}
	}
}

// causes are the alerts of the cause layer that would fire by the state of the moment, without the prefix of their names.
func causes(e *report.Endpoint, at time.Time) (alerts []string) {
	running, known := e.Instances()
	backlog := e.Queue[fleet.Backlog]
	if !known || !backlog.Fresh(at) || backlog.Value <= 0 {
		return nil
	}
	all := func(is func(i int) bool) bool {
		for i := range e.Variants {
			if !is(i) {
				return false
			}
		}
		return true
	}
	fails := func(checks ...string) func(int) bool {
		return func(i int) bool {
			for _, f := range e.Variants[i].Findings {
				if f.Failed && slices.Contains(checks, f.Check.Name) && (f.Severity == "critical" || f.Check.Name == "target_not_registered") {
					return true
				}
			}
			return false
		}
	}
	for i := range e.Variants {
		v := &e.Variants[i]
		for _, a := range v.Activity.Recent {
			if reason := a.FailureReason(); (reason == fleet.ReasonQuota || reason == fleet.ReasonNoCapacity) && at.Sub(a.Start) < time.Hour {
				alerts = append(alerts, "ScaleOutRefused")
			}
		}
		if len(v.Activity.Recent) > 0 && running == 0 && *v.Desired > *v.Current {
			for _, a := range v.Activity.Recent {
				if a.InProgress() && at.Sub(a.Start) >= 20*time.Minute {
					alerts = append(alerts, "CapacityMissing")
				}
			}
		}
	}
	if running > 0 {
		return alerts
	}
	if all(fails("no_wake_policy", "target_not_registered")) {
		alerts = append(alerts, "WakePolicyMissing")
	}
	if all(fails("wake_alarm_unwired", "wake_alarm_wrong_metric")) {
		alerts = append(alerts, "WakeAlarmBroken")
	}
	if all(func(i int) bool { return e.Variants[i].Target != nil && e.Variants[i].Target.Suspended.ScaleOut }) {
		alerts = append(alerts, "SuspendedWithBacklog")
	}
	return alerts
}

// What is said of the future comes true: an endpoint that wakes each 45 minutes is watched minute by minute.
func TestOf_expectsWhatThenHappens(t *testing.T) {
	d := newDemo()
	d.only = "whisper-batch"
	type expectation struct {
		said     time.Time
		from, to time.Time
	}
	var open, idle []expectation
	wakes, rests := 0, 0
	for story := sim.DemoHistory; story < 8*time.Hour; story += time.Minute {
		r := d.look(t, story)
		at := r.Snapshot.At
		for _, alarm := range r.Snapshot.Endpoints[0].Variants[0].Alarms {
			if r.Endpoints[0].Variants[0].Role(&alarm) != fleet.RoleLow || alarm.State != "ALARM" {
				continue
			}
			for _, e := range idle {
				if at.After(e.to.Add(time.Minute)) {
					t.Errorf("at %s the low alarm was to go into ALARM by %s, and did at %s", clock(e.said), clock(e.to), clock(at))
				}
			}
			rests += len(idle)
			idle = nil
		}
		if c := explain.Of(&r, "whisper-batch", at).Conclusion; c.State == explain.ScalingIn && c.Next == "goes_into_alarm" {
			idle = append(idle, expectation{at, c.Earliest, c.Latest})
		}
		if running, _ := r.Snapshot.Endpoints[0].Instances(); running > 0 {
			for _, e := range open {
				if at.Before(e.from) || at.After(e.to.Add(time.Minute)) {
					t.Errorf("at %s it was to run between %s and %s, and ran at %s", clock(e.said), clock(e.from), clock(e.to), clock(at))
				}
			}
			if len(open) > 0 {
				wakes++
			}
			open = nil
			continue
		}
		if c := explain.Of(&r, "whisper-batch", at).Conclusion; c.Next == "instance_runs" && !c.Latest.IsZero() {
			open = append(open, expectation{at, c.Earliest, c.Latest})
		}
	}
	if wakes < 5 || rests < 20 {
		t.Errorf("only %d wakes were seen, and %d looks at an idle endpoint", wakes, rests)
	}
}

func clock(t time.Time) string { return t.Format("15:04:05") }

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 200 || !bytes.Equal(got, want) {
		t.Errorf("%s is not what is explained now; go test ./internal/explain -update rewrites it. Now:\n%s", file, got)
	}
}

// summarize's wake alarm is broken, llm-capacity is short of capacity, and whisper-batch wakes.
func TestText_isAsInTheGoldenFiles(t *testing.T) {
	r := newDemo().look(t, sim.DemoHistory)
	for _, name := range []string{"summarize", "llm-capacity", "whisper-batch", "moderate"} {
		var page, short bytes.Buffer
		if err := errors.Join(explain.Of(&r, name, r.Snapshot.At).Text(&page, true), explain.Of(&r, name, r.Snapshot.At).Text(&short, false)); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".verbose.txt", page.Bytes())
		golden(t, name+".txt", short.Bytes())
	}
}

func TestJSON_isAsInTheGoldenFile(t *testing.T) {
	r := newDemo().look(t, sim.DemoHistory)
	var page bytes.Buffer
	if err := explain.Of(&r, "summarize", r.Snapshot.At).JSON(&page); err != nil {
		t.Fatal(err)
	}
	golden(t, "summarize.json", page.Bytes())
	var document struct {
		Links []struct {
			Facts []struct {
				Name  string
				Value any
			}
		}
	}
	if err := json.Unmarshal(page.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if age := document.Links[0].Facts[1]; age.Name != "oldest_request_age" || fmt.Sprintf("%T", age.Value) != "float64" {
		t.Errorf("a duration is %+v", age)
	}
}

// docs/explain.md shows what the program prints.
func TestPage_showsTheExamplesAsTheyAre(t *testing.T) {
	const file, name = "../../docs/explain.md", "summarize"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(page, []byte("\n```\n"+name))
	_, tail, found := bytes.Cut(rest, []byte("\n```\n"))
	if !found {
		t.Fatalf("%s has no example that begins with %s", file, name)
	}
	shown := slices.Concat(head, []byte("\n```\n"), example, []byte("```\n"), tail)
	if *update {
		if err := os.WriteFile(file, shown, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(page, shown) {
		t.Errorf("%s does not show what is explained now; go test ./internal/explain -update rewrites it", file)
	}
	for _, name := range explain.Names() {
		if !bytes.Contains(page, []byte("`"+string(name)+"`")) {
			t.Errorf("docs/explain.md does not tell of the link %s", name)
		}
	}
	for _, word := range []string{
		string(explain.OK), string(explain.Waits), string(explain.Broken), string(explain.Unknown), string(explain.Unused),
		string(explain.Asleep), string(explain.Waking), string(explain.Working), string(explain.ScalingOut), string(explain.AtMaximum),
		string(explain.ScalingIn), string(explain.Idle), string(explain.Fixed),
	} {
		if !bytes.Contains(page, []byte("`"+word+"`")) {
			t.Errorf("docs/explain.md does not tell of %s", word)
		}
	}
}

// What was not read is never taken for good.
func TestOf_saysWhatIsNotKnown(t *testing.T) {
	for _, test := range []struct {
		source   fleet.SourceName
		endpoint string
		healthy  bool
		link     explain.Name
		words    string
	}{
		{fleet.SourceQueue, "ocr-nightly", false, explain.Queue, "whether ocr-nightly scales is not known: what waits is not known: metrics: denied"},
		{fleet.SourceScaling, "ocr-nightly", false, explain.Alarm, "scaling: denied"},
		{fleet.SourceAlarms, "transcribe-live", false, explain.Alarm, "alarms: denied"},
		{fleet.SourceActivities, "whisper-batch", false, explain.Activity, "activities: denied"},
		{fleet.SourceActivities, "ocr-nightly", true, "", "ocr-nightly sleeps"}, // it does not matter
		{fleet.SourceMetrics, "moderate", false, explain.Work, "metrics: denied"},
		{fleet.SourceMetrics, "ocr-nightly", true, "", "ocr-nightly sleeps"},
		{fleet.SourceAlarms, "translate-paused", false, explain.Policy, "somebody has suspended"}, // what is known to be broken comes first
		{fleet.SourceEndpoints, "moderate", false, "", "endpoints: denied"},
	} {
		d := newDemo()
		d.fail[test.source] = errors.New("denied")
		r := d.look(t, sim.DemoHistory)
		c := explain.Of(&r, test.endpoint, r.Snapshot.At).Conclusion
		if c.Attention == test.healthy || c.Link != test.link || !strings.Contains(strings.ToLower(c.Sentence), strings.ToLower(test.words)) {
			t.Errorf("%s without %s: attention %t, look at %q: %s", test.endpoint, test.source, c.Attention, c.Link, c.Sentence)
		}
	}
}

// A page is looked at later than it was made: what has grown old since is not known any more.
func TestOf_forgetsWhatIsTooOld(t *testing.T) {
	r := newDemo().look(t, sim.DemoHistory)
	for after, want := range map[time.Duration]bool{2 * time.Minute: true, 20 * time.Minute: false} {
		if explained := explain.Of(&r, "moderate", r.Snapshot.At.Add(after)); explained.Healthy() != want {
			t.Errorf("after %s: %s", after, explained.Conclusion.Sentence)
		}
	}
	if c := explain.Of(&r, "nobody", r.Snapshot.At).Conclusion; !c.Attention || c.State != explain.NotKnown || !strings.Contains(c.Sentence, "no asynchronous endpoint") {
		t.Errorf("nobody: %+v", c)
	}
}
