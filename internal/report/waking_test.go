package report

import (
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The alarm by which a variant wakes is among those of its endpoint; one that does not wake has none that is known to wake it.
func TestWakeAlarms_areThoseThatStartTheFirstInstance(t *testing.T) {
	waking := 0
	for _, c := range cases.All() {
		r := Build(c.Snapshot, Rules{}, NewPast())
		alarms := r.WakeAlarms()[cases.Endpoint]
		wakes := false
		for _, v := range r.Endpoint(cases.Endpoint).Variants {
			if v.Behavior.Wakes.Verdict != behavior.Yes {
				continue
			}
			if by := v.Behavior.Wakes.By.Alarm; by != "" {
				wakes = true
				if !slices.Contains(alarms, fleet.Trigger{Alarm: by, State: v.Behavior.Wakes.State}) {
					t.Errorf("%s: %s wakes variant %s and is not among %v", c.Name, by, v.Name, alarms)
				}
			}
		}
		if wakes {
			waking++
		}
		for _, of := range alarms {
			if !slices.ContainsFunc(c.Snapshot.Alarms, func(a fleet.Alarm) bool { return a.Name == of.Alarm }) {
				t.Errorf("%s: there is no alarm %s", c.Name, of.Alarm)
			}
		}
	}
	if waking < 10 {
		t.Errorf("only %d of the shapes wake", waking)
	}
}
