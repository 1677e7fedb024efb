package reconcile

import (
	"testing"
	"testing/synctest"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// only matches one name.
type only string

func (o only) Match(name string) bool { return name == string(o) }
func (o only) String() string         { return string(o) }

// neighboured has the endpoint e whose variant v is selected and would have its wake policy and alarm written. The alarm
// triggers another variant as well, which is not selected.
func neighboured(t *testing.T, neighbour string) (*cloud, policy.Policies) {
	t.Helper()
	c := newCloud(t, 0, "v", "w")
	other := fleet.ResourceID(neighbour, "w")
	c.Do(func(w *sim.World) {
		if neighbour != "e" {
			awstest.Add(t, w, neighbour, 0, "w")
		}
		lowest, highest := 0, 5
		for _, of := range []string{resource, other} {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: of, Min: &lowest, Max: &highest})
			awstest.Must(t, err)
		}
		stored, err := w.PutScalingPolicy(policy.Wake(neighbour, "w"))
		awstest.Must(t, err)
		awstest.Must(t, w.PutMetricAlarm(policy.WakeAlarm("e", "v", stored.ARN)))
	})
	entry := policy.ByName(only("e"))
	entry.Variants = only("v")
	return c, policy.Policies{entry}
}

// An alarm acts on more variants than those it is written for. Each of them is read again before it is written.
func TestRun_readsAgainWhateverElseItsAlarmTriggers(t *testing.T) {
	suspend := func(of string) func(t *testing.T, w *sim.World) {
		return func(t *testing.T, w *sim.World) {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: of, Suspended: &fleet.Suspension{ScaleOut: true}})
			awstest.Must(t, err)
		}
	}
	for name, test := range map[string]struct {
		neighbour string
		does      func(t *testing.T, w *sim.World)
		held      plan.Reason
	}{
		"a variant, left alone":        {"e", func(*testing.T, *sim.World) {}, ""},
		"a variant, suspended":         {"e", suspend(fleet.ResourceID("e", "w")), plan.Suspended},
		"another endpoint, left alone": {"f", func(*testing.T, *sim.World) {}, ""},
		"another endpoint, suspended":  {"f", suspend(fleet.ResourceID("f", "w")), plan.Suspended},
		"another endpoint, gone":       {"f", func(t *testing.T, w *sim.World) { awstest.Must(t, w.RemoveEndpoint("f")) }, ""},
		"another endpoint, taken out": {"f", func(t *testing.T, w *sim.World) {
			awstest.Must(t, w.SetTags("f", map[string]string{policy.OptOutTag: "off"}))
		}, plan.NameTaken},
		"another endpoint, unclear": {"f", func(t *testing.T, w *sim.World) {
			awstest.Must(t, w.SetTags("f", map[string]string{policy.OptOutTag: "nein"}))
		}, plan.NameTaken},
		"another endpoint, tagged": {"f", func(t *testing.T, w *sim.World) { awstest.Must(t, w.SetTags("f", map[string]string{"team": "speech"})) }, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, policies := neighboured(t, test.neighbour)
			before, acted := *c.alarm(), false
			c.Before = func(string, int) {
				if !acted && len(c.Steps()) == 1 { // the wake policy
					acted = true
					c.Do(func(w *sim.World) { test.does(t, w) })
				}
			}
			result := c.round(t.Context(), func(r *Round) { r.Policies = policies })
			written := !(plan.Object{Alarm: c.alarm()}).Same(plan.Object{Alarm: &before})
			if !acted || written != (test.held == "") || test.held != "" && !heldAs(result, plan.WakeAlarm, test.held) {
				t.Errorf("%s: acted %t, the alarm is written %t; written %s, withheld %+v", name, acted, written, c.Kinds(), result.Withheld)
			}
			if test.held == "" && !c.wakes("v") {
				t.Errorf("%s: %+v", name, result)
			}
		})
	}
}
