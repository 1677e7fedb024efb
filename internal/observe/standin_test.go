package observe

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func refusedItem(name string, endpoints ...string) error {
	return fmt.Errorf("describing: %w", &fleet.Refused{Items: []fleet.RefusedItem{{Name: name, What: "MaxCapacity is -3", Endpoints: endpoints}}})
}

// What is refused is not gone: what was known of it stands in, the others go on, and nothing is written to its endpoint.
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
	w.targets, w.fail["DescribeScalableTargets"] = []fleet.Target{target("b", 7)}, refusedItem("endpoint/a/variant/v", "a")
	w.cloud.alarms, w.fail["DescribeAlarms"] = w.cloud.alarms[1:], refusedItem("one", "a")
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
			equal(t, "up", source.Up(), true)
			equal(t, "fresh", source.Fresh(w.at), true)
			equal(t, "refused", source.Refused, 1)
		}
		equal(t, "why", snapshot.Endpoints[0].Refused, "scaling: refused endpoint/a/variant/v: MaxCapacity is -3")
		equal(t, "a is read", snapshot.Endpoints[0].Unread, false)
		equal(t, "b", snapshot.Endpoints[1].Refused, "")
	}
	// In the end what stands in is too old: then what scales the endpoint is not known, and nothing of the others changes.
	w.at = w.at.Add(5 * time.Minute)
	w.observe()
	w.at = w.at.Add(15 * time.Minute)
	late := w.observe()
	equal(t, "a is not read", late.Endpoints[0].Unread, true)
	equal(t, "b is", late.Endpoints[1].Unread, false)
	equal(t, "the maximum of b in the end", late.Endpoints[1].Variants[0].Target.MaxCapacity, 7)
	for _, name := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms} {
		equal(t, "fresh in the end", w.source(name).Fresh(w.at), true)
	}
	clear(w.fail)
	w.targets = append(w.targets, target("a", 6))
	w.cloud.alarms = append(w.cloud.alarms, wakeAlarm("one"))
	snapshot := w.observe()
	equal(t, "the maximum of a", snapshot.Endpoints[0].Variants[0].Target.MaxCapacity, 6)
	equal(t, "up", w.source(fleet.SourceScaling).Up() && w.source(fleet.SourceAlarms).Up(), true)
}

// Where nothing is known that could stand in, what scales the endpoint is not known, and the others go on.
func TestScaling_whatIsRefusedAtFirstHidesItsEndpointAlone(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	w.async("a", 1)
	w.async("b", 1)
	w.async("c", 1)
	w.policies = []fleet.Policy{{ResourceID: "endpoint/c/variant/v", Name: "p", Alarms: []string{"one"}}}
	w.fail["DescribeScalingPolicies"], w.fail["DescribeAlarms"] = refusedItem("endpoint/a/variant/v policy p", "a"), refusedItem("one")
	w.observe() // the alarm is that of a policy, and policies may be read later than alarms
	snapshot := w.observe()
	for i, want := range []bool{true, false, true} {
		equal(t, snapshot.Endpoints[i].Name+" is not read", snapshot.Endpoints[i].Unread, want)
	}
	for _, name := range []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms} {
		source, _ := snapshot.Source(name)
		equal(t, "up", source.Up(), true)
		equal(t, "refused", source.Refused, 1)
	}
}

// An item that may scale any endpoint is another thing: nothing is believed.
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
