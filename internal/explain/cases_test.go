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

// Every case has a conclusion, whatever shape it is.
func TestCases_areExplained(t *testing.T) {
	for _, c := range cases.All() {
		e := explained(c)
		if e.Conclusion.Sentence == "" || e.Conclusion.State == explain.NotKnown {
			t.Errorf("%s: %s %q", c.Name, e.Conclusion.State, e.Conclusion.Sentence)
		}
	}
}
