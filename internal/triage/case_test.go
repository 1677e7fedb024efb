package triage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// An idle alarm that is left in ALARM takes away an instance that has work. The check for that is a warning, and so is the case: nothing
// waits for good.
func TestCase_busyInstancesThatAreTakenAwayAreAWarning(t *testing.T) {
	c, one := cases.Named("82c-idle-three-of-ten"), 1
	value := func(v float64) fleet.Reading {
		return fleet.Reading{At: c.Snapshot.At.Add(-2 * time.Minute), Value: v, Expires: c.Snapshot.At.Add(time.Minute)}
	}
	e := &c.Snapshot.Endpoints[0]
	e.Variants[0].Current, e.Variants[0].Desired = &one, &one
	e.Queue[fleet.Backlog], e.Queue[fleet.BacklogPerInstance], e.Queue[fleet.OldestAge], e.Queue[fleet.WithoutCapacity] = value(1), value(1), value(120), value(0)
	for i := range c.Snapshot.Alarms {
		if a := &c.Snapshot.Alarms[i]; a.Name == "idle" {
			a.State, a.StateSince, a.Read = "ALARM", c.Snapshot.At.Add(-25*time.Minute), c.Snapshot.At
		}
	}
	c.Snapshot.Rejoin()
	r := report.Build(c.Snapshot, report.Rules{}, report.NewPast())
	got := triage.Of(&r, c.Snapshot.At).Case(&r.Endpoints[0])
	if got.State != explain.ScalingIn || got.Word() != "scaling in" || got.Severity() != check.Warning || got.Waiting != 1 ||
		!strings.HasPrefix(got.Conclusion, "1 request waits or is in service") || !strings.Contains(got.Short, "removes the instances") {
		t.Errorf("%+v", got)
	}
}
