//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// role is what an endpoint of the long day is there for. Names begin with it.
type role string

const (
	plain     role = "plain"     // scaled as documented
	bare      role = "bare"      // not scaled at all
	foreign   role = "foreign"   // by Terraform: other names, and an alarm that means the same in other words
	tuned     role = "tuned"     // somebody has set values, and hears of the alarm
	pair      role = "pair"      // two variants
	paused    role = "paused"    // suspended for some hours
	scheduled role = "scheduled" // scheduled actions move its bounds
	capped    role = "capped"    // more instances than its policy allows at most
	fought    role = "fought"    // somebody changes one field back, for ever
	other     role = "other"     // not selected
	optedOut  role = "optedout"  // selected by name, and its tag says no
)

const (
	herdSize = 200
	// cappedAt is the maximum that the policy of the capped endpoints asks for. They need eight instances.
	cappedAt = 3
	pager    = "arn:aws:sns:us-east-1:111122223333:pager"
)

// herdPolicies is the config file, beside which herdSelection selects. Intervals are AWS's side of the story: metrics
// are not what is tested, and tags do not change.
const herdPolicies = `policies: [{endpoints: "capped-.*", minCapacity: 0, maxCapacity: 3}]
polling: {queue: 10m, metrics: 12h, instances: 5m, scaling: 5m, tags: 1h, maxStaleness: 6h}
`

const herdSelection = "--reconcile.endpoints=(plain|bare|foreign|tuned|pair|paused|scheduled|fought|optedout)-.*"

// member is one endpoint of the herd.
type member struct {
	role
	name     string
	variants []string
}

func (m member) selected() bool { return m.role != other && m.role != optedOut }

// is tells whether it is the endpoint of that name.
func (m member) is(endpoint string) bool { return m.name == endpoint }

// herd lists the endpoints: about one in ten is not selected.
func herd() (members []member) {
	few := map[int]role{0: other, 1: optedOut, 2: bare, 3: bare, 4: bare, 5: foreign, 6: foreign, 7: foreign, 8: tuned, 9: tuned, 10: other, 11: pair, 12: pair, 13: paused, 14: scheduled, 15: capped, 16: fought}
	most := map[role]int{optedOut: 4, paused: 5, scheduled: 3, capped: 3, fought: 1}
	have := map[role]int{}
	for i := range herdSize {
		is := few[i%20]
		if is == "" || most[is] > 0 && have[is] == most[is] {
			is = plain
		}
		have[is]++
		m := member{role: is, name: fmt.Sprintf("%s-%03d", is, i), variants: []string{"AllTraffic"}}
		if is == pair {
			m.variants = []string{"blue", "green"}
		}
		members = append(members, m)
	}
	return members
}

// settle makes the endpoints with what scales them.
func settle(t *testing.T, w *sim.World, members []member) {
	t.Helper()
	for i, m := range members {
		concurrency := 4
		spec := sim.EndpointSpec{
			Name: m.name, Tags: map[string]string{"team": "simulated"}, Work: sim.Work{Service: 20 * time.Second},
			Config: fleet.EndpointConfig{Name: m.name + "-config", Async: &fleet.AsyncConfig{
				MaxConcurrentInvocationsPerInstance: &concurrency, S3OutputPath: "s3://results/", S3FailurePath: "s3://failed/",
			}},
		}
		for _, variant := range m.variants {
			spec.Config.Variants = append(spec.Config.Variants, fleet.VariantConfig{Name: variant, InstanceType: "ml.g5.xlarge", ModelName: "model"})
		}
		every := func(d time.Duration) func(time.Duration) float64 {
			return func(time.Duration) float64 { return 1 / d.Seconds() }
		}
		switch {
		case m.role == capped:
			spec.Instances, spec.Rate, spec.Work.Service = 10, every(time.Second), 40*time.Second
		case m.role == optedOut:
			spec.Tags[policy.OptOutTag] = policy.OptOutValue
		case i%7 == 0:
			spec.Rate = every(time.Hour)
		case i%11 == 0:
			spec.Instances, spec.Rate = 1, every(10*time.Second)
		}
		must(t, w.AddEndpoint(spec))
		if m.role == bare || !m.selected() && i%3 == 0 {
			continue
		}
		for _, variant := range m.variants {
			m.scale(t, w, variant)
		}
	}
}

// scale gives a variant the objects of its endpoint's role.
func (m member) scale(t *testing.T, w *sim.World, variant string) {
	t.Helper()
	target, tracking, wake := policy.Target(m.name, variant), policy.Tracking(m.name, variant), policy.Wake(m.name, variant)
	lowest, highest := target.MinCapacity, target.MaxCapacity
	switch m.role {
	case tuned:
		in, out := 2*time.Minute, time.Minute
		highest, tracking.Tracking.TargetValue = 20, 12
		tracking.Tracking.ScaleInCooldown, tracking.Tracking.ScaleOutCooldown = &in, &out
	case foreign:
		tracking.Name, wake.Name = "tf-tracking", "tf-wake"
	case scheduled:
		lowest = 1
	case capped:
		highest = 12
	}
	_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: target.ResourceID, Min: &lowest, Max: &highest})
	must(t, err)
	_, err = w.PutScalingPolicy(tracking)
	must(t, err)
	stored, err := w.PutScalingPolicy(wake)
	must(t, err)
	alarm := policy.WakeAlarm(m.name, variant, stored.ARN)
	switch m.role {
	case tuned:
		alarm.EvaluationPeriods, alarm.DatapointsToAlarm, alarm.Description = 3, 3, "ask the speech team"
		alarm.AlarmActions, alarm.OKActions = []string{pager, stored.ARN}, []string{pager}
	case foreign:
		alarm.Name = "tf-" + m.name
		alarm.Threshold, alarm.Comparison, alarm.Statistic, alarm.TreatMissingData = 0, "GreaterThanThreshold", "Maximum", "notBreaching"
	}
	must(t, w.PutMetricAlarm(alarm))
	if m.role == scheduled {
		least, peak := 1, 6 // before eight and after, the minimum is not that of the policy
		must(t, w.PutScheduledAction(fleet.ScheduledAction{
			ResourceID: target.ResourceID, Name: "office-hours", Schedule: "cron(0 8 * * ? *)", MinCapacity: &least, MaxCapacity: &peak,
		}))
	}
}

// outlived tells whether beside the documented wake policy there is one of another name: while no alarm triggers it,
// nothing tells what it is for, and what is not known is left alone.
func (m member) outlived(o objects) bool {
	resource := fleet.ResourceID(m.name, m.variants[0])
	_, theirs := o.Policies[resource+" tf-wake"]
	_, ours := o.Policies[resource+" "+policy.WakeName]
	return m.role == foreign && theirs && ours && len(o.Policies) == 3
}
