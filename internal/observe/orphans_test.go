package observe

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const goneWakeARN = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:3:resource/sagemaker/endpoint/gone/variant/w:policyName/wake"

// goneAlarm is a wake alarm of the endpoint gone.
func goneAlarm(name string, actions ...string) fleet.Alarm {
	alarm := wakeAlarm(name, actions...)
	alarm.Metric = fleet.WithoutCapacity.Query("gone").Metric
	return alarm
}

// sweep asks for scaling and alarms, then for the endpoints: only a list that is newer makes orphans.
func (w *world) sweep() []fleet.Orphan {
	w.Helper()
	w.ask(fleet.SourceScaling)
	w.ask(fleet.SourceAlarms)
	w.ask(fleet.SourceEndpoints)
	return w.Snapshot().Orphans
}

func TestOrphans_areTargetsAndWakeAlarmsOfEndpointsThatAreGone(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.add("real", fleet.EndpointConfig{Name: "r", Variants: []fleet.VariantConfig{{Name: "v", ModelName: "m"}}}, 1)
	w.targets = []fleet.Target{
		{ResourceID: resource},
		{ResourceID: "endpoint/gone/variant/v"},
		{ResourceID: "endpoint/real/variant/v"},
		{ResourceID: "inference-component/gone"},
	}
	byDimension := goneAlarm("by dimension")
	byDimension.Metric.Dimensions = fleet.VariantDimensions("gone", "v")
	backlog := goneAlarm("another metric")
	backlog.Metric.Name = fleet.Backlog.String()
	w.cloud.alarms = []fleet.Alarm{
		wakeAlarm("of a", wakeARN), goneAlarm("by action", "arn:of:a:pager", goneWakeARN), byDimension, backlog,
		goneAlarm("by nothing", wakeARN), // which acts on a
	}
	equalLists(t, "orphans", w.sweep(),
		fleet.Orphan{Endpoint: "gone", Alarm: "by nothing"},
		fleet.Orphan{Endpoint: "gone", Variant: "v", Target: true},
		fleet.Orphan{Endpoint: "gone", Variant: "v", Alarm: "by dimension"},
		fleet.Orphan{Endpoint: "gone", Variant: "w", Alarm: "by action"},
	)
}

// Between an old list and a newer sweep an endpoint may have been made.
func TestOrphans_areNotMadeByAnOlderList(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.observe()
	listing := w.Question(fleet.SourceEndpoints) // asked before the endpoint and its target are made
	answer := listing(t.Context())
	w.async("new", 1)
	w.targets = []fleet.Target{{ResourceID: "endpoint/new/variant/v"}}
	w.ask(fleet.SourceScaling)
	equal(t, "before the list is learned", len(w.Snapshot().Orphans), 0)
	w.Learn(answer)
	equal(t, "after the old list", len(w.Snapshot().Orphans), 0)
	w.ask(fleet.SourceEndpoints)
	equal(t, "after a list that has it", len(w.Snapshot().Orphans), 0)

	delete(w.cloud.endpoints, "new")
	w.ask(fleet.SourceEndpoints)
	equalLists(t, "when it has been deleted", w.Snapshot().Orphans, fleet.Orphan{Endpoint: "new", Variant: "v", Target: true})
}

func TestOrphans_areForgottenWhenALaterSweepHasThemNoMore(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	gone := fleet.Target{ResourceID: "endpoint/gone/variant/w", Created: noon}
	w.targets = []fleet.Target{gone}
	w.cloud.alarms = []fleet.Alarm{goneAlarm("wake", goneWakeARN)}
	equal(t, "at first", len(w.sweep()), 2)

	anew := gone
	anew.Created = noon.Add(time.Hour) // the endpoint is back, and only the list is too old to say so
	w.targets = []fleet.Target{anew}
	w.ask(fleet.SourceScaling)
	equalLists(t, "registered anew", w.Snapshot().Orphans, fleet.Orphan{Endpoint: "gone", Variant: "w", Alarm: "wake"})

	moved := goneAlarm("wake", wakeARN)
	moved.Metric = fleet.WithoutCapacity.Query("a").Metric
	w.cloud.alarms = []fleet.Alarm{moved}
	w.ask(fleet.SourceAlarms)
	equal(t, "the alarm put again for another endpoint", len(w.Snapshot().Orphans), 0)

	w.targets, w.cloud.alarms = []fleet.Target{gone}, []fleet.Alarm{goneAlarm("wake", goneWakeARN)}
	equal(t, "back", len(w.sweep()), 2)
	w.targets, w.cloud.alarms = nil, nil
	w.ask(fleet.SourceScaling)
	w.ask(fleet.SourceAlarms)
	equal(t, "deleted", len(w.Snapshot().Orphans), 0)
}

// A list that fails says nothing; one after which a description fails is complete nevertheless.
func TestOrphans_needACompleteList(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{"ListEndpoints": errThrottled}})
	w.async("a", 1)
	w.targets = []fleet.Target{{ResourceID: "endpoint/gone/variant/v"}, {ResourceID: resource}}
	equal(t, "no list", len(w.sweep()), 0)
	w.fail = map[string]error{"DescribeEndpoint": errThrottled}
	equal(t, "descriptions that fail", len(w.sweep()), 1)
}

// The list is looked at before anything is selected by name; what is left under names that are not selected is the
// business of others.
func TestOrphans_areThoseOfSelectedNames(t *testing.T) {
	w := newWorld(t, &cloud{}, func(o *Options) { o.Selected = func(name string) bool { return name == "gone" } })
	w.async("a", 1)
	w.targets = []fleet.Target{{ResourceID: resource}, {ResourceID: "endpoint/gone/variant/v"}, {ResourceID: "endpoint/lost/variant/v"}}
	equalLists(t, "orphans", w.sweep(), fleet.Orphan{Endpoint: "gone", Variant: "v", Target: true})
}
