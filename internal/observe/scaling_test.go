package observe

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	resource = "endpoint/a/variant/v"
	wakeARN  = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/a/variant/v:policyName/wake"
	trackARN = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:2:resource/sagemaker/endpoint/a/variant/v:policyName/track"
)

func wakePolicy() fleet.Policy {
	return fleet.Policy{
		ResourceID: resource, Name: "wake", ARN: wakeARN, Type: fleet.StepScaling,
		Step: &fleet.Step{Adjustments: []fleet.StepAdjustment{{Adjustment: 1}}},
	}
}

func wakeAlarm(name string, actions ...string) fleet.Alarm {
	return fleet.Alarm{
		Name: name, Comparison: "GreaterThanOrEqualToThreshold", AlarmActions: actions,
		Metric: fleet.WithoutCapacity.Query("a").Metric,
	}
}

func (w *world) alarmsOf(endpoint int) (found []string) {
	for _, alarm := range w.Snapshot().Endpoints[endpoint].Variants[0].Alarms {
		found = append(found, alarm.Name+"->"+alarm.Policy)
	}
	return found
}

func TestAlarms_areFoundFromBothSides(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.async("b", 1)
	tracking := fleet.Policy{
		ResourceID: resource, Name: "track", ARN: trackARN, Type: fleet.TargetTracking,
		Tracking: &fleet.Tracking{}, Alarms: []string{"high", "low"},
	}
	w.policies = []fleet.Policy{tracking, wakePolicy()}
	w.cloud.alarms = []fleet.Alarm{
		{Name: "cpu of a database", Metric: fleet.Metric{Namespace: "AWS/RDS", Name: "CPUUtilization"}},
		{Name: "high", Comparison: "GreaterThanThreshold", Metric: fleet.Metric{Namespace: fleet.Namespace}, AlarmActions: []string{trackARN}},
		{Name: "low", Comparison: "LessThanThreshold", Metric: fleet.Metric{Namespace: fleet.Namespace}},
		wakeAlarm("wired", wakeARN),
		wakeAlarm("unwired", "arn:of:a:pager"),
		wakeAlarm("dead", "arn:aws:autoscaling:us-east-1:1:scalingPolicy:9:resource/sagemaker/endpoint/a/variant/v:policyName/wake"),
	}
	snapshot := w.observe()
	equalLists(t, "alarms of a", w.alarmsOf(0),
		"dead->", "unwired->", "high->track", "low->track", "wired->wake")
	equalLists(t, "alarms of b", w.alarmsOf(1))
	equal(t, "alarms that concern endpoints", len(snapshot.Alarms), 5)
}

// What was joined for one snapshot is not what the next sweep has found.
func TestAlarms_andPoliciesFollowTheNextSweep(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.policies = []fleet.Policy{wakePolicy()}
	w.cloud.alarms = []fleet.Alarm{wakeAlarm("wake", wakeARN)}
	w.observe()
	equalLists(t, "at first", w.alarmsOf(0), "wake->wake")
	w.cloud.alarms = []fleet.Alarm{wakeAlarm("other", wakeARN)}
	w.Learn(w.Question(fleet.SourceAlarms)(t.Context()))
	equalLists(t, "after the alarms have changed", w.alarmsOf(0), "other->wake")
	w.policies = nil
	w.Learn(w.Question(fleet.SourceScaling)(t.Context()))
	equalLists(t, "after the policy was deleted", w.alarmsOf(0), "other->")
}

func TestAlarms_onAnotherVariantAreItsOwn(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	mine, other := wakeAlarm("mine"), wakeAlarm("other")
	mine.Metric.Dimensions = append(mine.Metric.Dimensions[:1:1], fleet.Dimension{Name: "VariantName", Value: "v"})
	other.Metric.Dimensions = append(other.Metric.Dimensions[:1:1], fleet.Dimension{Name: "VariantName", Value: "w"})
	w.cloud.alarms = []fleet.Alarm{mine, other}
	w.observe()
	equalLists(t, "alarms", w.alarmsOf(0), "mine->")
}

func TestScaling_isJoinedByVariant(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.targets = []fleet.Target{{ResourceID: "endpoint/gone/variant/v"}, {ResourceID: resource, MaxCapacity: 3}}
	w.policies = []fleet.Policy{wakePolicy()}
	w.scheduled = []fleet.ScheduledAction{{ResourceID: resource, Name: "night"}, {ResourceID: "endpoint/gone/variant/v"}}
	snapshot := w.observe()
	variant := snapshot.Endpoints[0].Variants[0]
	equal(t, "max", variant.Target.MaxCapacity, 3)
	equal(t, "policies", len(variant.Policies), 1)
	equal(t, "scheduled actions", len(variant.Scheduled), 1)
	equal(t, "targets in the region", len(snapshot.Targets), 2)
}

func TestScaling_poolsAreInTheOrderInWhichTheyAreTried(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.add("a", fleet.EndpointConfig{Name: "c", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{
		Name: "v", Pools: []fleet.PoolConfig{{InstanceType: "ml.g6.xlarge", Priority: 2}, {InstanceType: "ml.g5.xlarge", Priority: 1}},
	}}}, 3)
	described := w.cloud.endpoints["a"]
	described.Variants[0].Pools = []fleet.PoolCount{{InstanceType: "ml.g6.xlarge", Current: 3}}
	variant := w.observe().Endpoints[0].Variants[0]
	equalLists(t, "types", variant.Types, "ml.g5.xlarge", "ml.g6.xlarge")
	equalLists(t, "pools", variant.Pools, fleet.Pool{InstanceType: "ml.g5.xlarge", Priority: 1},
		fleet.Pool{InstanceType: "ml.g6.xlarge", Priority: 2, Current: 3})
}

func activity(id string, start time.Time, status, set string) fleet.Activity {
	a := fleet.Activity{ID: id, ResourceID: resource, Start: start, Status: status}
	if set != "" {
		a.Description = "Setting desired instance count to " + set + "."
	}
	if a.Terminal() {
		a.End = start.Add(4 * time.Minute)
	}
	return a
}

func (w *world) activity() fleet.ActivityState {
	return w.Snapshot().Endpoints[0].Variants[0].Activity
}

func TestActivities_countOnceFromTheStartOfTheProcess(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.activities = []fleet.Activity{activity("before", noon.Add(-time.Hour), "Successful", "1")}
	w.observe()
	equal(t, "ended before the start", w.activity().Ended["Successful"], 0)
	equal(t, "no scale-out yet", w.activity().ScaleOuts.Begun, false)
	equal(t, "shown nevertheless", len(w.activity().Recent), 1)

	w.activities = append([]fleet.Activity{activity("out", noon.Add(time.Minute), "InProgress", "3")}, w.activities...)
	w.ask(fleet.SourceActivities)
	equal(t, "while in progress", len(w.activity().Ended), 0)
	equal(t, "the scale-out under way", w.activity().ScaleOuts, fleet.Histogram{Begun: true})

	w.activities[0] = activity("out", noon.Add(time.Minute), "Successful", "3")
	for range 3 {
		w.ask(fleet.SourceActivities)
	}
	equal(t, "ended", w.activity().Ended["Successful"], 1)
	equal(t, "scale-outs", w.activity().ScaleOuts.Count, 1)
	equal(t, "duration", w.activity().ScaleOuts.Sum, 4*time.Minute)

	w.activities = append([]fleet.Activity{activity("in", noon.Add(9*time.Minute), "Successful", "1")}, w.activities...)
	w.ask(fleet.SourceActivities)
	equal(t, "a scale-in is no scale-out", w.activity().ScaleOuts.Count, 1)
}

func TestActivities_notScaledIsNoFailure(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	atMax, odd := activity("1", noon, "Failed", ""), activity("2", noon, "Failed", "")
	atMax.NotScaled = []fleet.NotScaledReason{{Code: "AlreadyAtMaxCapacity"}}
	odd.NotScaled = []fleet.NotScaledReason{{Code: "SomethingNew"}}
	quota := activity("3", noon, "Failed", "9")
	quota.StatusMessage = "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 4 Instances"
	w.activities = []fleet.Activity{atMax, odd, quota}
	w.observe()
	state := w.activity()
	equal(t, "reasons begin at 0", fmt.Sprint(state.NotScaled), "map[AlreadyAtMaxCapacity:0 other:0]")
	equal(t, "failed", state.Ended["Failed"], 1)
	equal(t, "quota", state.Failures["quota"], 1)

	again := activity("4", noon.Add(time.Minute), "Failed", "")
	again.NotScaled = atMax.NotScaled
	for range 3 {
		w.activities = append([]fleet.Activity{again}, w.activities[:3]...)
		w.ask(fleet.SourceActivities)
		equal(t, "each is counted once", fmt.Sprint(w.activity().NotScaled), "map[AlreadyAtMaxCapacity:2 other:1]")
	}
	equal(t, "what was published is never changed", fmt.Sprint(state.NotScaled), "map[AlreadyAtMaxCapacity:0 other:0]")
}

func TestActivities_anOldOneIsNeverCountedTwice(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.activities = []fleet.Activity{activity("only", noon.Add(time.Minute), "Successful", "1")}
	w.observe()
	for range 10 { // in a quiet account the first page holds it for weeks
		w.at = w.at.Add(12 * time.Hour)
		w.observe()
	}
	equal(t, "ended", w.activity().Ended["Successful"], 1)
}

func TestActivities_readingStopsAtWhatIsKnown(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	for i := range 400 {
		w.activities = append(w.activities, activity(fmt.Sprint("id", i), noon.Add(-time.Duration(i)*time.Minute), "Successful", "1"))
	}
	w.observe()
	equal(t, "pages at first", w.asked["DescribeScalingActivities"], 8)
	w.ask(fleet.SourceActivities)
	equal(t, "pages when nothing is new", w.asked["DescribeScalingActivities"], 9)
	equal(t, "activities shown", len(w.activity().Recent), keep)
}

func TestActivities_pagesAreBounded(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	for i := range 3000 {
		w.activities = append(w.activities, activity(fmt.Sprint("id", i), noon.Add(-time.Duration(i)*time.Second), "Successful", "1"))
	}
	w.observe()
	equal(t, "pages", w.asked["DescribeScalingActivities"], maxPages)
}

func TestActivities_oneThatIsOpenIsReadUntilItEnds(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	for i := range 100 {
		w.activities = append(w.activities, activity(fmt.Sprint("id", i), noon.Add(-time.Duration(i)*time.Minute), "Successful", "1"))
	}
	w.activities = append(w.activities, activity("slow", noon.Add(-2*time.Hour), "InProgress", "2"))
	w.observe()
	slow := activity("slow", noon.Add(-2*time.Hour), "Failed", "2")
	slow.End = noon.Add(time.Minute)
	w.activities[100] = slow
	w.ask(fleet.SourceActivities)
	equal(t, "failed", w.activity().Ended["Failed"], 1)
}
