//go:build e2e

package e2e

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// vandal is another owner of the account, who changes what somebody else needs.
type vandal struct {
	rand *rand.Rand
	hits map[string]int // by resource id and deed: a third time would be a fight, which another endpoint is there for
}

// deed is one way to break the scaling of a variant. It tells whether there was anything to break.
type deed struct {
	name   string
	spares []role // for whom it would be another story
	do     func(w *sim.World, m member, resource string) bool
}

// deeds take something away that the variant needs. What still works is left as it is (a statistic that means the same, data
// that are missed in another way), disabled actions are a switch that somebody threw, and a policy by percent still adds
// to instances that run: the cases of internal/plan have those.
var deeds = []deed{
	{"dimension", nil, changeAlarm(otherDimension)},
	{"unwired", []role{tuned, foreign}, changeAlarm(func(a *fleet.Alarm) {
		a.AlarmActions = slices.DeleteFunc(slices.Clone(a.AlarmActions), fleet.IsScalingAction)
	})},
	{"threshold", nil, changeAlarm(func(a *fleet.Alarm) { a.Threshold, a.Comparison = 5, "GreaterThanThreshold" })},
	{"minimum", []role{capped}, func(w *sim.World, _ member, resource string) bool {
		one := 1
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Min: &one})
		return err == nil
	}},
	{"deregistered", []role{tuned, scheduled, paused, capped}, func(w *sim.World, _ member, resource string) bool {
		return w.DeregisterScalableTarget(resource) == nil
	}},
	{"wake policy deleted", []role{tuned}, deletePolicy(func(p fleet.Policy) bool { return p.Step != nil })},
	{"tracking policy deleted", []role{tuned, capped}, deletePolicy(func(p fleet.Policy) bool { return p.Tracking != nil })},
	{"bounds", nil, changePolicy(func(p *fleet.Policy) bool {
		if p.Step == nil {
			return false
		}
		step, far := *p.Step, 2.0
		step.Adjustments = []fleet.StepAdjustment{{Lower: &far, Adjustment: step.Adjustments[0].Adjustment}}
		p.Step = &step
		return true
	})},
}

// otherDimension lets an alarm watch a metric that nobody publishes.
func otherDimension(a *fleet.Alarm) {
	a.Metric.Dimensions = append(slices.Clone(a.Metric.Dimensions), fleet.Dimension{Name: "VariantName", Value: "AllTraffic"})
}

// changeAlarm changes the alarm that wakes the variant, or did.
func changeAlarm(change func(*fleet.Alarm)) func(*sim.World, member, string) bool {
	return func(w *sim.World, m member, resource string) bool {
		_, variant, _ := fleet.SplitResourceID(resource)
		for _, alarm := range w.Alarms() {
			endpoint, _ := alarm.Metric.Dimension("EndpointName")
			if endpoint == m.name && alarm.Metric.Name == "HasBacklogWithoutCapacity" && (m.role != pair || strings.HasSuffix(alarm.Name, variant)) {
				change(&alarm)
				return w.PutMetricAlarm(alarm) == nil
			}
		}
		return false
	}
}

func changePolicy(change func(*fleet.Policy) bool) func(*sim.World, member, string) bool {
	return func(w *sim.World, _ member, resource string) bool {
		for _, p := range w.ScalingPolicies() {
			if p.ResourceID == resource && change(&p) {
				_, err := w.PutScalingPolicy(p)
				return err == nil
			}
		}
		return false
	}
}

func deletePolicy(which func(fleet.Policy) bool) func(*sim.World, member, string) bool {
	return func(w *sim.World, _ member, resource string) bool {
		for _, p := range w.ScalingPolicies() {
			if p.ResourceID == resource && which(p) {
				return w.DeleteScalingPolicy(resource, p.Name) == nil
			}
		}
		return false
	}
}

// strike breaks something of a variant, and says what.
func (v *vandal) strike(w *sim.World, m member, variant string) (what string) {
	resource := fleet.ResourceID(m.name, variant)
	for range 10 {
		d := deeds[v.rand.IntN(len(deeds))]
		key := resource + " " + d.name
		if slices.Contains(d.spares, m.role) || m.selected() && v.hits[key] == 2 || !d.do(w, m, resource) {
			continue
		}
		v.hits[key]++
		return d.name
	}
	return ""
}
