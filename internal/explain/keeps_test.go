package explain_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// An alarm that removes idle instances and is left in ALARM takes away one that has work, whatever its metric is worth now.
func TestShapes_busyInstancesAreTakenAway(t *testing.T) {
	for _, test := range []struct {
		name   string
		moment moment
		since  time.Duration // that the alarms were read
		broken bool
	}{
		{"82c-idle-three-of-ten", moment{1, 1, map[string]string{"idle": "ALARM"}}, 0, true},
		{"82c-idle-three-of-ten", moment{1, 1, map[string]string{"idle": "ALARM"}}, 4 * time.Minute, true},
		{"82c-idle-three-of-ten", moment{1, 1, map[string]string{"idle": "ALARM"}}, 9 * time.Minute, false}, // it has left it since
		{"82c-idle-three-of-ten", moment{1, 1, nil}, 0, false},
		{"82c-idle-three-of-ten", moment{1, 0, map[string]string{"idle": "ALARM"}}, 0, false},
		{"82c-idle-three-of-ten", moment{1, 9, map[string]string{"idle": "ALARM", "HasBacklogWithoutCapacity-Alarm-asr-AllTraffic": "ALARM"}}, 0, false},
		{"82d-idle-seven-of-ten", moment{1, 1, map[string]string{"idle": "ALARM"}}, time.Minute, true},
		{"82e-idle-nine-of-ten", moment{1, 1, map[string]string{"idle": "ALARM"}}, 0, false}, // no start is as quick as that
		{"74c-idle-fifteen-of-fifteen", moment{1, 1, map[string]string{"idle": "ALARM"}}, 0, false},
		{"57a-to-zero-below-ten", moment{1, 3, map[string]string{"idle": "ALARM"}}, 0, true},
		{"57a-to-zero-below-ten", moment{1, 3, nil}, 0, false},
	} {
		c := moved(cases.Named(test.name), test.moment)
		for i := range c.Snapshot.Alarms {
			c.Snapshot.Alarms[i].Read = c.Snapshot.At.Add(-test.since)
		}
		c.Snapshot.Rejoin()
		e := explained(c)
		if e.Healthy() == test.broken {
			t.Errorf("%s %+v %s: %s %q", test.name, test.moment, test.since, e.Conclusion.State, e.Conclusion.Sentence)
		}
		if test.broken && (e.Conclusion.Check != "removes_busy_instances" || !strings.Contains(e.Conclusion.Sentence, "loses instances that have work")) {
			t.Errorf("%s %+v: %s %q", test.name, test.moment, e.Conclusion.Check, e.Conclusion.Sentence)
		}
		if c := e.Conclusion; test.broken && (c.State != explain.ScalingIn || c.Doing != explain.ScalingIn) { // the check is a warning
			t.Errorf("%s %+v: %s, %s", test.name, test.moment, c.State, c.Doing)
		}
	}
}

// An instance that stops although requests waited before that was decided is one that was taken away.
func TestShapes_aBusyInstanceStops(t *testing.T) {
	for _, test := range []struct {
		policy string
		ago    time.Duration // that it was decided; the oldest request waits for 4 minutes
		broken bool
	}{
		{"in", time.Minute, true},
		{"in", 5 * time.Minute, false}, // it came later
		{"AsyncBacklogTargetTracking", time.Minute, false},
	} {
		c := moved(cases.Named("82c-idle-three-of-ten"), moment{1, 1, nil})
		v := &c.Snapshot.Endpoints[0].Variants[0]
		v.Desired = new(int)
		began := c.Snapshot.At.Add(-test.ago)
		v.Activity.Recent = []fleet.Activity{{
			ID: "1", Start: began, Status: "InProgress", Description: "Setting desired instance count to 0.",
			Cause: "monitor alarm idle in state ALARM triggered policy " + test.policy,
		}}
		c.Snapshot.Rejoin()
		if e := explained(c); e.Healthy() == test.broken || e.Conclusion.State != explain.ScalingIn {
			t.Errorf("%+v: %s %q", test, e.Conclusion.State, e.Conclusion.Sentence)
		}
	}
}

// Where requests take longer than the removal does none of them is ever done: the check is critical, and the link broken for good.
func TestShapes_busyInstancesOfLongRequestsAreTakenAway(t *testing.T) {
	c := moved(cases.Named("82c-idle-three-of-ten"), moment{1, 1, map[string]string{"idle": "ALARM"}})
	for i := range c.Snapshot.Alarms {
		c.Snapshot.Alarms[i].Read = c.Snapshot.At
	}
	c.Snapshot.Rejoin()
	r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
	findings := r.Endpoints[0].Variants[0].Findings
	for i := range findings {
		if findings[i].Check.Name == "removes_busy_instances" {
			findings[i].Severity = check.Critical
		}
	}
	if got := explain.Of(&r, cases.Endpoint, c.Snapshot.At).Conclusion; got.State != explain.Failing || got.Doing != explain.ScalingIn {
		t.Errorf("%s, %s: %q", got.State, got.Doing, got.Sentence)
	}
}

// Whatever the check says that a path does to busy instances, explain says of the moment in which its alarm acts.
func TestCases_checkAndExplainAgreeOnBusyInstances(t *testing.T) {
	agreed := 0
	for _, c := range cases.All() {
		e := &c.Snapshot.Endpoints[0]
		b := behavior.Of(e, &e.Variants[0], behavior.Context{At: c.Snapshot.At})
		for _, act := range b.RemovesBusy {
			if !b.Harms(act.Path) || act.Requests == 0 || act.Alarm == "" || act.Situation == behavior.BusyAtTimes || act.Situation == behavior.LongRequests {
				continue
			}
			m := moment{act.From, float64(act.Requests), map[string]string{act.Alarm: cmp.Or(act.State, "ALARM")}}
			if got := at(c.Name, m).Conclusion; got.Check != "removes_busy_instances" && !got.Attention {
				t.Errorf("%s: the check says %+v; explain says %s %q", c.Name, act, got.State, got.Sentence)
			}
			agreed++
		}
	}
	if agreed < 10 {
		t.Errorf("%d paths are too few to prove anything", agreed)
	}
}
