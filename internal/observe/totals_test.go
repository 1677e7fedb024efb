package observe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// tagWorld has endpoints with ten tags of a kilobyte each, and room for so many of them.
func tagWorld(t *testing.T, endpoints, room int) *world {
	t.Helper()
	c := &cloud{fail: map[string]error{}, tags: map[string]map[string]string{}}
	for i := range endpoints {
		name := fmt.Sprintf("e%02d", i)
		c.async(name, 1)
		tags := map[string]string{}
		for j := range 10 {
			tags[fmt.Sprint("key", j)] = strings.Repeat("x", 1_000-4-tagCost)
		}
		c.tags["arn:"+name] = tags
	}
	return newWorld(t, c, func(o *Options) {
		o.TagLabels = []fleet.TagLabel{{Key: "key0", Label: "tag_key0"}}
		o.Memory = int64(room) * 10_000 * tagShare
	})
}

func (w *world) tagBytes() (endpoints, bytes int) {
	for _, tags := range w.Observer.tags {
		bytes += tagBytes(tags)
	}
	return len(w.Observer.tags), bytes
}

func TestTags_ofAllEndpointsAreBoundedTogether(t *testing.T) {
	w := tagWorld(t, 20, 5)
	w.observe()
	known, bytes := w.tagBytes()
	equal(t, "endpoints with tags", known, 5)
	equal(t, "bytes", bytes, 50_000)
	source := w.source(fleet.SourceTags)
	if !strings.Contains(source.Err, "sagemaker ListTags: the tags of all endpoints take more than") {
		t.Errorf("it says %q", source.Err)
	}
	if asked := w.asked["ListTags"]; asked > 5+fanOut {
		t.Errorf("it asked %d times, with room for five answers", asked)
	}
	w.ask(fleet.SourceTags)
	w.Learn(w.NewTags()(t.Context()))
	if _, bytes := w.tagBytes(); bytes > 50_000 {
		t.Errorf("%d bytes after new endpoints", bytes)
	}
}

// What stands in for tags that cannot be read needs room as well: else each turn adds its share.
func TestTags_thatStandInAreCounted(t *testing.T) {
	w := tagWorld(t, 20, 5)
	w.observe()
	for turn := range 4 {
		for i := range 20 {
			failed := error(nil)
			if i/5 != turn {
				failed = errThrottled
			}
			w.fail["ListTags arn:"+fmt.Sprintf("e%02d", i)] = failed
		}
		w.ask(fleet.SourceTags)
		if _, bytes := w.tagBytes(); bytes > 50_000 {
			t.Fatalf("turn %d: %d bytes", turn, bytes)
		}
	}
}

func TestTags_withRoomForAllAreAllRead(t *testing.T) {
	w := tagWorld(t, 20, 20)
	w.observe()
	known, _ := w.tagBytes()
	equal(t, "endpoints with tags", known, 20)
	equal(t, "up", w.source(fleet.SourceTags).Up(), true)
}

func TestMutes_ofAllRulesAreBoundedTogether(t *testing.T) {
	w, m := mutingWorld(t)
	for i := range 200 {
		rule := m.rules[0]
		rule.Name, rule.Alarms = fmt.Sprint("rule", i), make([]string, 100)
		for j := range rule.Alarms {
			rule.Alarms[j] = strings.Repeat("a", 100)
		}
		m.rules = append(m.rules, rule)
	}
	options := w.options
	options.Memory = 10 * 100 * (mutedCost + 100) * muteShare // of ten such rules
	w.Configure(options)
	for range 3 {
		w.ask(fleet.SourceAlarms)
		source := w.source(fleet.SourceAlarms)
		if !source.Up() || !strings.Contains(source.Lacks, "cloudwatch GetAlarmMuteRule: the alarm mute rules take more than") || w.wake().Mutes.Known {
			t.Fatalf("source %+v", source)
		}
		bytes := 0
		for _, rule := range w.mutes.rules {
			bytes += ruleBytes(&rule)
		}
		if int64(bytes) > options.Memory/muteShare {
			t.Errorf("%d rules have %d bytes", len(w.mutes.rules), bytes)
		}
	}
}

// More rules than can be read in the time that there is are read one turn after the other.
func TestMutes_areReadOnWhereTimeEnded(t *testing.T) {
	w, m := mutingWorld(t)
	m.rules = append(m.rules, m.rules[0])
	m.rules[1].Name = "weekly"
	w.fail["GetAlarmMuteRule weekly"] = errors.New("context deadline exceeded")
	w.ask(fleet.SourceAlarms)
	equal(t, "known while one is missing", w.wake().Mutes.Known, false)
	delete(w.fail, "GetAlarmMuteRule weekly")
	w.ask(fleet.SourceAlarms)
	equal(t, "known", w.wake().Mutes.Known, true)
	equal(t, "rules", len(w.wake().Mutes.Rules), 2)
	equal(t, "reads", w.asked["GetAlarmMuteRule"], 3)
}

// A new answer each turn, each within its bounds, takes no more than its part of the memory; what was counted stays counted.
func TestActivities_ofManyTurnsAreBounded(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	options := w.options
	options.Memory = 1 << 20 * activityShare
	w.Configure(options)
	answer := func(turn, resources int) {
		w.at = w.at.Add(5 * time.Minute)
		w.activities = nil
		for i := range resources {
			w.activities = append(w.activities, fleet.Activity{
				ID: fmt.Sprintf("%d-%d", turn, i), ResourceID: fmt.Sprintf("endpoint/e%d/variant/v", i), Status: "Successful",
				Cause: strings.Repeat("c", 10_000), Start: w.at.Add(-time.Minute), End: w.at,
			})
		}
		w.ask(fleet.SourceActivities)
	}
	for turn := range 20 {
		answer(turn, 50)
		if bytes := w.Observer.activity.bytes(); bytes > 1<<20 {
			t.Fatalf("turn %d: %d bytes", turn, bytes)
		}
	}
	equal(t, "counted", w.Observer.activity.states["endpoint/e7/variant/v"].Ended["Successful"], 20)
	answer(20, 200)
	source := w.source(fleet.SourceActivities)
	if !strings.Contains(source.Err, "DescribeScalingActivities: the scaling activities of a day take more than 1 MiB together") {
		t.Errorf("it says %q", source.Err)
	}
	answer(21, 50)
	equal(t, "up again", w.source(fleet.SourceActivities).Up(), true)
	equal(t, "counted in the end", w.Observer.activity.states["endpoint/e7/variant/v"].Ended["Successful"], 21)
}

// An endpoint that is being made, or has failed, has no variants yet.
func TestEndpoints_withoutVariantsAreBoundedToo(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	for _, name := range []string{"a", "b", "c"} {
		w.async(name, 1)
		endpoint := w.cloud.endpoints[name]
		endpoint.Variants = nil
		w.cloud.endpoints[name] = endpoint
	}
	options := w.options
	options.MostVariants = 2
	w.Configure(options)
	equal(t, "endpoints", len(w.observe().Endpoints), 2)
}
