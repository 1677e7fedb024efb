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

var deeds = []deed{
	{"dimension", nil, changeAlarm(func(a *fleet.Alarm) {
		a.Metric.Dimensions = append(slices.Clone(a.Metric.Dimensions), fleet.Dimension{Name: "VariantName", Value: "AllTraffic"})
	})},
	{"unwired", nil, changeAlarm(func(a *fleet.Alarm) {
		a.AlarmActions = slices.DeleteFunc(slices.Clone(a.AlarmActions), fleet.IsScalingAction)
	})},
	{"disabled", nil, changeAlarm(func(a *fleet.Alarm) { a.ActionsEnabled = false })},
	{"missing data", nil, changeAlarm(func(a *fleet.Alarm) { a.TreatMissingData = "ignore" })},
	{"threshold", nil, changeAlarm(func(a *fleet.Alarm) { a.Threshold, a.Comparison = 5, "GreaterThanThreshold" })},
	{"statistic", nil, changeAlarm(func(a *fleet.Alarm) { a.Statistic = "Sum" })},
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
	{"tracked statistic", nil, changePolicy(func(p *fleet.Policy) bool {
		if p.Tracking == nil {
			return false
		}
		tracking := *p.Tracking
		tracking.Statistic = "Sum"
		p.Tracking = &tracking
		return true
	})},
	{"percent", nil, changePolicy(func(p *fleet.Policy) bool {
		if p.Step == nil {
			return false
		}
		step := *p.Step
		step.AdjustmentType = "PercentChangeInCapacity"
		p.Step = &step
		return true
	})},
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
