package behavior_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// An alarm of long periods takes as long as behaviour says: of a maximum or a sum the first minute counts, of an average the share.
func TestAgreement_longPeriods(t *testing.T) {
	seen := map[string]int{}
	for seed := range seeds(max(20, *rounds/3)) {
		r := rand.New(rand.NewPCG(seed, 17))
		a := newAccount(t, seed, begin{bare: true})
		bound := 0.
		stored, err := a.PutScalingPolicy(fleet.Policy{ResourceID: resource, Name: "wake", Type: fleet.StepScaling, Step: &fleet.Step{
			AdjustmentType: "ChangeInCapacity", Adjustments: []fleet.StepAdjustment{{Lower: &bound, Adjustment: 1}},
		}})
		a.no(err)
		periods := 1 + r.IntN(3)
		alarm := fleet.Alarm{
			Name: "wake", Metric: queueMetric(pick(r, fleet.WithoutCapacity, fleet.Backlog)), Statistic: pick(r, "Average", "Maximum", "Minimum", "Sum"),
			Period: pick(r, 2*time.Minute, 5*time.Minute, time.Hour, 6*time.Hour), EvaluationPeriods: periods, DatapointsToAlarm: 1 + r.IntN(periods),
			Threshold: pick(r, .5, 1), Comparison: above, TreatMissingData: pick(r, "missing", "notBreaching", "breaching", "ignore"),
			ActionsEnabled: true, AlarmActions: []string{stored.ARN},
		}
		a.no(a.PutMetricAlarm(alarm))
		a.read()
		a.watch(time.Hour + time.Duration(periods+2)*alarm.Period)
		w := a.b.Wakes
		if len(a.b.WakesForNothing) > 0 || w.Verdict != behavior.Yes || w.From > 1 || a.desired() > 0 {
			seen[w.Verdict.String()]++ // without data it wakes at once
			continue
		}
		a.no(a.Invoke(endpointName, 1))
		if alarm.Statistic == "Maximum" || alarm.Statistic == "Sum" { // of the others it depends on whether minutes are 0 or missing
			seen[alarm.Statistic]++
			if early := w.After - slack; early > 0 {
				if _, most := a.watch(early); most > 0 {
					a.complain("wakes after %s, and has before", w.After)
				}
			}
		}
		if _, most := a.watch(w.After + slack); most == 0 {
			a.complain("wakes after %s, and does not", w.After)
		}
	}
	t.Log(seen)
	if seen["Maximum"] == 0 || seen["Sum"] == 0 {
		t.Errorf("too few of one kind: %v", seen)
	}
}
