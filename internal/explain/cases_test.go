package explain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

func explained(c cases.Case) explain.Explanation {
	r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
	return explain.Of(&r, cases.Endpoint, c.Snapshot.At)
}

// Without a target everything else is a symptom.
func TestCases_noScalableTargetIsTheCause(t *testing.T) {
	for name, stays := range map[string]string{"30a-no-target": "the number of instances stays at 1", "30b-no-target-at-zero": "nothing starts an instance"} {
		c := explained(cases.Named(name)).Conclusion
		for _, want := range []string{
			"asr cannot scale: no scalable target", stays, "120 requests", "the oldest",
			"Preview the fix by sagemaker-async-exporter plan asr",
		} {
			if !strings.Contains(c.Sentence, want) {
				t.Errorf("%s: %q does not say %q", name, c.Sentence, want)
			}
		}
		if c.Link != explain.Target || !c.Attention {
			t.Errorf("%s: link %s", name, c.Link)
		}
	}
}

// asleepWithQueue is the documented set with a queue that waits since some time.
func asleepWithQueue(t *testing.T, waits time.Duration) cases.Case {
	t.Helper()
	c := cases.Named("22-tracking-maximum")
	e := &c.Snapshot.Endpoints[0]
	e.Queue[fleet.Backlog].Value, e.Queue[fleet.WithoutCapacity].Value = 3, 1
	e.Queue[fleet.OldestAge] = fleet.Reading{At: c.Snapshot.At.Add(-2 * time.Minute), Value: (waits - 2*time.Minute).Seconds(), Expires: c.Snapshot.At.Add(time.Minute)}
	return c
}

func TestCases_anAlarmThatWasChangedIsNotOverdue(t *testing.T) {
	c := asleepWithQueue(t, 25*time.Minute)
	alarm := func(e explain.Explanation) explain.Link {
		for _, link := range e.Links {
			if link.Name == explain.Alarm {
				return link
			}
		}
		return explain.Link{}
	}
	if link := alarm(explained(c)); link.Verdict != explain.Broken || !strings.Contains(link.Sentence, "by 08:") {
		t.Errorf("unchanged: %s %q", link.Verdict, link.Sentence)
	}
	for i := range c.Snapshot.Alarms {
		c.Snapshot.Alarms[i].ConfigurationUpdated = c.Snapshot.At.Add(-time.Minute)
	}
	c.Snapshot.Rejoin()
	link := alarm(explained(c))
	if link.Verdict != explain.Waits || !strings.Contains(link.Sentence, "was changed 1 min ago and is in state OK; it should go into ALARM by 09:05 UTC") {
		t.Errorf("changed: %s %q", link.Verdict, link.Sentence)
	}
}

func TestCases_aStuckUpdateIsSaidAndNoAlarmIsBroken(t *testing.T) {
	c := asleepWithQueue(t, 25*time.Minute)
	e := &c.Snapshot.Endpoints[0]
	e.Status, e.LastModified = fleet.Updating, c.Snapshot.At.Add(-2*time.Hour)
	got := explained(c)
	if c := got.Conclusion; c.Link != explain.Instances || !strings.Contains(c.Sentence, "The endpoint has been Updating for 2 h 0 min") {
		t.Errorf("it says %q of %s", c.Sentence, c.Link)
	}
	for _, link := range got.Links {
		if link.Name == explain.Alarm && link.Verdict == explain.Broken {
			t.Errorf("the alarm is called broken: %q", link.Sentence)
		}
	}
}

// What is said of a case is about what is wrong with it.
func TestCases_adviceIsAboutWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ name, check, says, not string }{
		// While an instance runs HasBacklogWithoutCapacity is 0: who watches it does not start beside one.
		{"28b-overflow-on-no-capacity", "wake_alarm_wrong_metric", "Put a step policy with an alarm on ApproximateBacklogSize, from as many", "on HasBacklogWithoutCapacity"},
		{"28d-overflow-switched-off", "wake_alarm_unwired", "aws cloudwatch enable-alarm-actions --alarm-names overflow", "HasBacklogWithoutCapacity"},
		{"28e-overflow-muted", "alarm_muted", "Leave this alarm out of the mute rule", "HasBacklogWithoutCapacity"},
		{"28f-overflow-at-a-dead-action", "wake_alarm_unwired", `the policy "overflow" has another ARN`, "HasBacklogWithoutCapacity"},
		{"28h-overflow-switched-off-beside-one-that-wakes", "wake_alarm_unwired", "enable-alarm-actions --alarm-names overflow", "HasBacklogWithoutCapacity"},
		{"28i-overflow-on-a-misspelt-metric", "wake_alarm_wrong_metric", "Let it watch ApproximateBacklogSize with the dimension EndpointName alone, from as many", "HasBacklogWithoutCapacity"},
		{"73a-another-always-runs", "no_wake_policy", `from as many requests as variant "B" is not to work on alone`, "HasBacklogWithoutCapacity"},
		{"58c-misspelt-namespace", "wake_alarm_wrong_metric", "Let it watch HasBacklogWithoutCapacity in the namespace AWS/SageMaker.", "dimension EndpointName"},
		{"61b-exact-ladder", "removes_busy_instances", "Let the step for that many requests set as many instances as they need: each works on 5.", "ChangeInCapacity"},
		{"64a-schedule-not-understood", "no_wake_policy", `Requests wait for the scheduled action "morning", whose schedule is not understood.`, "expire"},
		{"64b-maximum-not-understood", "max_capacity_zero", `queued requests wait for the scheduled action "morning", whose schedule is not understood.`, "expire"},
		{"64e-none-until-ten", "max_capacity_zero", `queued requests wait up to 1h for the scheduled action "morning".`, "expire"},
		{"64f-none-at-weekends", "max_capacity_zero", `queued requests wait up to 1h for the scheduled action "morning".`, "expire"},
		{"28j-none-allowed-beside-one-that-wakes", "max_capacity_zero", "queued requests are left to another variant.", "expire"},
		{"30c-no-target-beside-one-that-wakes", "target_not_registered", "queued requests are left to another variant.", "expire"},
		{"79a-work-of-the-whole-endpoint", "wake_alarm_wrong_metric", `InvocationsProcessed has no data under "EndpointName" = "asr", only under EndpointName and VariantName.`, "do not publish"},
		{"79b-host-load-of-the-whole-endpoint", "tracking_wrong_metric", `CPUUtilization has no data under "EndpointName" = "asr", only under EndpointName and VariantName: `, "do not publish"},
		{"79c-steps-on-the-work-of-the-endpoint", "policy_never_acts", "Let it watch the dimensions EndpointName and VariantName; or delete", "do not publish"},
		{"72e-work-wakes", "wake_alarm_wrong_metric", "is not met then", "do not publish"},
		{"80-wakes-by-math-up-to-a-hundred", "wakes_late", `at most 100 requests are queued, because the alarm "w" does not stay in ALARM with more`, "step for more"},
		{"39-steps-that-end", "wakes_late", `because the policy "wake" has no step for more`, "does not stay"},
		{"82-idle-by-the-minimum", "removes_busy_instances", "the minimum of a period is low", "average"},
		{"65-tracking-nothing-filled", "tracking_wrong_metric", "does not follow the queue, because its metric math rests on", "never acts"},
		{"66a-high-alarm-muted", "alarm_muted", `The mute rule "release" silences`, ""},
		{"67-rollback-failed", "endpoint_not_in_service", "its instances work on, with a mix of the old and the new configuration", "works on nothing"},
		{"68-scale-in-by-ok", "removes_busy_instances", "Take that policy out of the actions of the alarm for OK, and let another alarm trigger it", "Let it watch"},
	} {
		c := cases.Named(test.name)
		r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
		found := false
		for _, f := range r.Endpoint(cases.Endpoint).Variants[0].Findings {
			if !f.Failed || f.Check.Name != test.check {
				continue
			}
			found = true
			if !strings.Contains(f.Sentence, test.says) || test.not != "" && strings.Contains(f.Sentence, test.not) {
				t.Errorf("%s: %q; want %q and not %q", test.name, f.Sentence, test.says, test.not)
			}
		}
		if !found {
			t.Errorf("%s: %s does not fail", test.name, test.check)
		}
	}
}

// Who cannot start beside a variant that wakes holds nothing up, and a schedule says when it lets instances start.
func TestCases_whoWaitsAtAMaximumOfNone(t *testing.T) {
	for name, want := range map[string]struct {
		state explain.State
		words string
	}{
		"28j-none-allowed-beside-one-that-wakes": {explain.Waking, "asr wakes: 3 requests wait"},
		"30c-no-target-beside-one-that-wakes":    {explain.Waking, "asr wakes: 3 requests wait"},
		"64e-none-until-ten":                     {explain.Failing, `The maximum is 0 until the scheduled action "morning" raises it, at 10:00 UTC`},
	} {
		if c := at(name, moment{0, 3, nil}).Conclusion; c.State != want.state || !strings.Contains(c.Sentence, want.words) {
			t.Errorf("%s: %s %q", name, c.State, c.Sentence)
		}
	}
}

// At the maximum a lower minimum is no remedy.
func TestCases_atTheMaximumTheMaximumIsWhatHelps(t *testing.T) {
	e := explained(cases.Named("63-busy-at-the-maximum"))
	if c := e.Conclusion; c.Link != explain.Target || !strings.Contains(c.Sentence, "Raise the maximum of 3") || c.Command != "" || c.Preview != "" {
		t.Errorf("%s: %q", c.Link, c.Sentence)
	}
}

// Whoever is to do something is told where to read: no sentence has a gap for a page that there is not.
func TestCases_everyConclusionThatNeedsAttentionHasAPage(t *testing.T) {
	for _, c := range cases.All() {
		for _, m := range []moment{{0, 3, nil}, {2, 40, nil}, {2, 0, nil}} {
			e := at(c.Name, m)
			if e.Conclusion.Attention != (e.Conclusion.Page != "") {
				t.Errorf("%s %+v: %q has the page %q", c.Name, m, e.Conclusion.Sentence, e.Conclusion.Page)
			}
			for about, sentence := range sentences(e) {
				if strings.Contains(sentence, "See .") {
					t.Errorf("%s %+v: %s: %q", c.Name, m, about, sentence)
				}
			}
		}
	}
}

// Every case has a conclusion, whatever shape it is.
func TestCases_areExplained(t *testing.T) {
	for _, c := range cases.All() {
		e := explained(c)
		if e.Conclusion.Sentence == "" || e.Conclusion.State == explain.NotKnown {
			t.Errorf("%s: %s %q", c.Name, e.Conclusion.State, e.Conclusion.Sentence)
		}
	}
}

// AWS's cooldowns are those of the policy that scaled, and let a larger scale-out pass.
func TestCases_cooldownsAreThoseOfThePolicyThatScaled(t *testing.T) {
	for _, test := range []struct {
		policy  string // that set 2 instances, until two minutes ago
		backlog float64
		words   string // of the activity
		next    string
	}{
		{"more", 11, `The policy "more" cools down until 09:03 UTC.`, "cooldown_ends"},
		{"first", 11, "Application Auto Scaling acts on it each minute: it should have by 08:59 UTC.", "auto_scaling_acts"},
	} {
		c := moved(cases.Named("42-steps-per-instance"), moment{2, test.backlog, map[string]string{"more": "ALARM"}})
		now := c.Snapshot.At
		c.Snapshot.Endpoints[0].Variants[0].Activity.Recent = []fleet.Activity{{
			ID: "a", Status: "Successful", Start: now.Add(-8 * time.Minute), End: now.Add(-2 * time.Minute),
			Description: "Setting desired instance count to 2.", Cause: "monitor alarm " + test.policy + " in state ALARM triggered policy " + test.policy,
		}, {
			ID: "b", Status: "Successful", Start: now.Add(-20 * time.Minute), End: now.Add(-16 * time.Minute),
			Description: "Setting desired instance count to 1.", Cause: "monitor alarm first in state ALARM triggered policy first",
		}}
		e := explained(c)
		for _, link := range e.Links {
			if link.Name == explain.Activity && !strings.Contains(link.Sentence, test.words) {
				t.Errorf("%s: %q does not say %q", test.policy, link.Sentence, test.words)
			}
		}
		if e.Conclusion.Next != test.next || e.Conclusion.State != explain.ScalingOut {
			t.Errorf("%s: %s, %s: %s", test.policy, e.Conclusion.State, e.Conclusion.Next, e.Conclusion.Sentence)
		}
	}
}

// An overflow variant that the queue asks for is what happens next, or what is wrong, and not that the other one has all its instances.
func TestCases_anOverflowVariantIsFollowed(t *testing.T) {
	for _, test := range []struct {
		name     string
		backlog  float64
		overflow string // the state of its alarm
		so       time.Duration
		state    explain.State
		words    string // of the conclusion
	}{
		{"28c-overflow-on-the-backlog", 60, "OK", time.Hour, explain.ScalingOut, "asr scales out: 60 requests wait or are in service, the oldest 2 min old at 08:58 UTC, 5 instances run; unless that changes, the alarm for it should go into ALARM by 09:04 UTC."},
		{"28c-overflow-on-the-backlog", 60, "ALARM", 3 * time.Minute, explain.ScalingOut, "its alarm is in ALARM, and Application Auto Scaling acts on it each minute."},
		{"28c-overflow-on-the-backlog", 60, "ALARM", 20 * time.Minute, explain.Failing, "Variant AllTraffic: The alarm has been in ALARM for 20 min, and Application Auto Scaling does nothing."},
		{"28c-overflow-on-the-backlog", 15, "OK", time.Hour, explain.ScalingIn, "asr scales in: "}, // fewer than its alarm asks for
		{"28d-overflow-switched-off", 60, "ALARM", 3 * time.Minute, explain.Failing, `The alarm "overflow" should start this variant, but its actions are disabled. The command aws cloudwatch enable-alarm-actions --alarm-names overflow enables them.`},
		{"28d-overflow-switched-off", 15, "OK", time.Hour, explain.ScalingIn, "asr scales in: "},
		{"28e-overflow-muted", 60, "ALARM", 3 * time.Minute, explain.Failing, `The alarm "overflow" should start this variant, but a mute rule silences its actions. Leave this alarm out of the mute rule`},
		{"28f-overflow-at-a-dead-action", 60, "ALARM", 3 * time.Minute, explain.Failing, `but it triggers a policy that does not exist any more. Make its ARN an action of the alarm.`},
	} {
		c := cases.Named(test.name)
		e, five, now := &c.Snapshot.Endpoints[0], 5, c.Snapshot.At
		e.Variants[1].Current, e.Variants[1].Desired = &five, &five
		reading := func(v float64) fleet.Reading {
			return fleet.Reading{At: now.Add(-2 * time.Minute), Value: v, Expires: now.Add(time.Minute)}
		}
		e.Queue[fleet.Backlog], e.Queue[fleet.BacklogPerInstance], e.Queue[fleet.OldestAge] = reading(test.backlog), reading(test.backlog/5), reading(120)
		for i := range c.Snapshot.Alarms {
			switch a := &c.Snapshot.Alarms[i]; {
			case a.Name == "overflow":
				a.State, a.StateSince = test.overflow, now.Add(-test.so)
			case strings.Contains(a.Name, "B-AlarmHigh") && test.backlog > 25:
				a.State, a.StateSince = "ALARM", now.Add(-40*time.Minute)
			default:
				a.State = "OK"
			}
		}
		c.Snapshot.Rejoin()
		got := explained(c)
		if got.Conclusion.State != test.state || !strings.Contains(got.Conclusion.Sentence, test.words) {
			t.Errorf("%s, %g, %s: %s %q; want %s %q", test.name, test.backlog, test.overflow, got.Conclusion.State, got.Conclusion.Sentence, test.state, test.words)
		}
	}
}
