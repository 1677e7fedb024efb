package behavior_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// lingering puts a wake alarm and one that removes idle instances, of which each may ask for few of many periods.
func (a *account) lingering(r *rand.Rand) {
	a.Helper()
	put := func(name string, metric fleet.QueueMetric, comparison string, usual int, step fleet.Step) {
		stored, err := a.PutScalingPolicy(fleet.Policy{ResourceID: resource, Name: name, Type: fleet.StepScaling, Step: &step})
		a.no(err)
		alarm := fleet.Alarm{
			Name: name, Metric: queueMetric(metric), Statistic: pick(r, "Average", "Maximum"), Period: time.Minute, EvaluationPeriods: usual, DatapointsToAlarm: usual,
			Threshold: 1, Comparison: comparison, TreatMissingData: "missing", ActionsEnabled: true, AlarmActions: []string{stored.ARN},
		}
		if r.IntN(3) > 0 {
			alarm.EvaluationPeriods = 3 + r.IntN(40)
			alarm.DatapointsToAlarm = min(1+r.IntN(3), alarm.EvaluationPeriods)
		}
		if r.IntN(4) == 0 { // the other way round
			alarm.AlarmActions, alarm.OKActions = nil, alarm.AlarmActions
			alarm.Comparison = map[string]string{above: below, below: above}[comparison]
		}
		a.no(a.PutMetricAlarm(alarm))
	}
	zero, minute := 0., time.Duration(1+r.IntN(5))*time.Minute
	put("wake", fleet.WithoutCapacity, above, 2, fleet.Step{
		AdjustmentType: "ChangeInCapacity", Cooldown: &minute, Adjustments: []fleet.StepAdjustment{{Lower: &zero, Adjustment: 1 + r.IntN(2)}},
	})
	put("idle", fleet.Backlog, below, 10, fleet.Step{
		AdjustmentType: "ExactCapacity", Adjustments: []fleet.StepAdjustment{{Upper: &zero}},
	})
}

const (
	above = "GreaterThanOrEqualToThreshold"
	below = "LessThanThreshold"
)

// What alarms that are left in the state of the time before are said to do to instances that were just started, they do.
func TestAgreement_woken(t *testing.T) {
	removed, added := 0, 0
	for seed := range seeds(*rounds) {
		a := newAccount(t, seed, begin{lingering: true})
		for _, act := range append(a.b.RemovesBusy, a.b.ScalesOutForNothing...) {
			if act.Situation != behavior.Woken {
				continue
			}
			of := newAccount(t, seed, begin{lingering: true, provision: act.Within})
			of.watch(2 * time.Hour)
			of.no(of.Invoke(endpointName, act.Requests))
			for range 60 { // until the instances run
				if of.watch(time.Minute); of.desired() >= act.From {
					break
				}
			}
			fewest, most := of.watch(2 * time.Hour)
			switch {
			case act.To < act.From:
				if removed++; fewest > act.To {
					of.complain("removes instances that were just started, and keeps them: %+v", act)
				}
			default:
				if added++; most < act.To {
					of.complain("goes on adding instances, and has %d at most: %+v", most, act)
				}
			}
		}
	}
	t.Logf("%d removed, %d added", removed, added)
	if removed == 0 || added == 0 {
		t.Errorf("%d removed and %d added are too few to prove anything", removed, added)
	}
}

// Where nothing is said to take away what was just started, nothing does. Of a start of a minute or less it depends on where in
// the minute it begins.
func TestAgreement_wokenAndKept(t *testing.T) {
	kept := 0
	for seed := range seeds(*rounds) {
		a := newAccount(t, seed, begin{lingering: true})
		if a.b.Wakes.Verdict != behavior.Yes || len(a.b.RemovesBusy) > 0 {
			continue
		}
		for _, start := range []time.Duration{2 * time.Minute, 3 * time.Minute, 5 * time.Minute} {
			of := newAccount(t, seed, begin{lingering: true, provision: start})
			of.watch(2 * time.Hour)
			of.no(of.Invoke(endpointName, a.b.Wakes.From))
			for range 60 { // until the instances run
				if of.watch(time.Minute); of.desired() > 0 {
					break
				}
			}
			if fewest, _ := of.watch(2 * time.Hour); fewest == 0 {
				of.complain("takes away, unsaid, what started in %s", start)
			}
			kept++
		}
	}
	t.Logf("%d kept", kept)
	if kept == 0 {
		t.Error("none were kept, which proves nothing")
	}
}
