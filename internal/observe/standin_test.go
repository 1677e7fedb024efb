package observe

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func refusedItem(name string) error {
	return fmt.Errorf("describing: %w", &fleet.Refused{Items: []fleet.RefusedItem{{Name: name, What: "MaxCapacity is -3"}}})
}

// What is refused is not gone: what was known of it stands in, the others go on, and the source is down and says why.
func TestScaling_whatIsRefusedIsNotGone(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 1)
	w.async("b", 1)
	target := func(endpoint string, most int) fleet.Target {
		return fleet.Target{ResourceID: "endpoint/" + endpoint + "/variant/v", MaxCapacity: most}
	}
	w.targets = []fleet.Target{target("a", 5), target("b", 5)}
	w.cloud.alarms = []fleet.Alarm{wakeAlarm("one"), wakeAlarm("two")}
	w.observe()
	w.targets, w.fail["DescribeScalableTargets"] = []fleet.Target{target("b", 7)}, refusedItem("endpoint/a/variant/v")
	w.cloud.alarms, w.fail["DescribeAlarms"] = w.cloud.alarms[1:], refusedItem("one")
	for range 3 {
		w.at = w.at.Add(5 * time.Minute)
		snapshot := w.observe()
		equal(t, "the maximum of a", snapshot.Endpoints[0].Variants[0].Target.MaxCapacity, 5)
		equal(t, "the maximum of b", snapshot.Endpoints[1].Variants[0].Target.MaxCapacity, 7)
		equalLists(t, "alarms", w.alarmsOf(0), "one->", "two->")
		equal(t, "the older alarm is dated", snapshot.Alarms[0].Read, noon)
		equal(t, "the newer alarm is dated", snapshot.Alarms[1].Read, w.at)
		for _, name := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms} {
			source := w.source(name)
			equal(t, "up", source.Up(), false)
			equal(t, "fresh", source.Fresh(w.at), true)
		}
		equal(t, "why", w.source(fleet.SourceAlarms).Err, "describing: refused one: MaxCapacity is -3")
	}
	// In the end what stands in is too old, and then nothing of the answer is shown: not that it is gone.
	w.at = w.at.Add(5 * time.Minute)
	w.observe()
	w.at = w.at.Add(15 * time.Minute)
	w.observe()
	for _, name := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms} {
		equal(t, "fresh in the end", w.source(name).Fresh(w.at), false)
	}
	clear(w.fail)
	w.targets = append(w.targets, target("a", 6))
	w.cloud.alarms = append(w.cloud.alarms, wakeAlarm("one"))
	snapshot := w.observe()
	equal(t, "the maximum of a", snapshot.Endpoints[0].Variants[0].Target.MaxCapacity, 6)
	equal(t, "up", w.source(fleet.SourceScaling).Up() && w.source(fleet.SourceAlarms).Up(), true)
}

// Where nothing is known that could stand in, nothing is believed.
func TestScaling_whatIsRefusedAtFirstIsNotTakenForGone(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 1)
	w.fail["DescribeScalingPolicies"], w.fail["DescribeAlarms"] = refusedItem("endpoint/a/variant/v policy p"), refusedItem("one")
	snapshot := w.observe()
	for _, name := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms} {
		source, _ := snapshot.Source(name)
		equal(t, "up", source.Up(), false)
		equal(t, "answered", source.LastAnswer.IsZero(), true)
	}
}
