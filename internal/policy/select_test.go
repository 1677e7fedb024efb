package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// prefix matches names that begin so.
type prefix string

func (p prefix) Match(name string) bool { return len(name) >= len(p) && name[:len(p)] == string(p) }

func (p prefix) String() string { return string(p) + ".*" }

func TestSelect_theFirstThatMatchesCounts(t *testing.T) {
	policies := Policies{
		{Endpoints: prefix("live"), Variants: prefix("blue"), Wanted: Documented()},
		{Endpoints: prefix("live"), Tags: map[string]string{"team": "speech"}, Wanted: Documented()},
		{Endpoints: prefix(""), Wanted: Documented()},
	}
	for _, test := range []struct {
		name, endpoint, variant string
		tags                    map[string]string
		want                    int
		unknown, optedOut       bool
	}{
		{"by variant", "live-1", "blue", map[string]string{}, 0, false, false},
		{"by tag", "live-1", "green", map[string]string{"team": "speech", "env": "prod"}, 1, false, false},
		{"by another value of the tag", "live-1", "green", map[string]string{"team": "search"}, 2, false, false},
		{"by neither", "other", "blue", map[string]string{}, 2, false, false},
		{"the tags decide and are unknown", "live-1", "green", nil, 1, true, false},
		{"the tags may take it out and are unknown", "other", "v", nil, 2, true, false},
		{"taken out", "live-1", "blue", map[string]string{OptOutTag: OptOutValue}, -1, false, true},
		{"another value takes nothing out", "live-1", "blue", map[string]string{OptOutTag: "on"}, 0, false, false},
	} {
		got := policies.Select(test.endpoint, test.variant, test.tags)
		if got.Entry != test.want || (got.TagsUnknown != "") != test.unknown || got.OptedOut != test.optedOut || got.Selected() != (test.want >= 0) {
			t.Errorf("%s: got %+v", test.name, got)
		}
	}
	if got := policies[:2].Select("other", "v", nil); got.Entry != -1 || got.Selected() || got.TagsUnknown != "" {
		t.Errorf("what no name matches: got %+v", got)
	}
	if !policies[:2].Reads("live-9") || policies[:2].Reads("other") {
		t.Error("tags are read of the wrong endpoints")
	}
	if name := policies.Name(1); name != "2 live.*" {
		t.Errorf("the second is called %q", name)
	}
}

func TestSurvey_looksAtTagsWhileTheyMayBeShown(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	snapshot := fleet.Snapshot{
		At: at,
		Sources: []fleet.Source{{
			Name: fleet.SourceTags, LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Minute),
		}},
		Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{Name: "e"}, Tags: map[string]string{},
			Variants: []fleet.Variant{{Name: "v"}, {Name: "w"}},
		}},
	}
	policies := Policies{{Endpoints: prefix("e"), Variants: prefix("w"), Wanted: Documented().Strict()}}
	subjects := Survey(policies, &snapshot)
	if len(subjects) != 2 || subjects[0].Selection.Selected() || !subjects[1].Selection.Selected() ||
		*subjects[0].Wanted != Documented() || *subjects[1].Wanted != Documented().Strict() || subjects[1].Resource != "endpoint/e/variant/w" {
		t.Errorf("got %+v", subjects)
	}
	snapshot.At = at.Add(time.Minute)
	if subjects := Survey(policies, &snapshot); subjects[1].Selection.TagsUnknown == "" {
		t.Errorf("with tags that are too old: got %+v", subjects[1].Selection)
	}
}

func TestStrict_leavesTheBoundsOfTheCapacity(t *testing.T) {
	strict := Documented().Strict()
	if strict.MinCapacity.Enforced || strict.MaxCapacity.Enforced || !strict.Tracking.TargetValue.Enforced || !strict.Alarm.TreatMissingData.Enforced {
		t.Errorf("got %+v", strict)
	}
	if by := ByName(prefix("")); !by.Wanted.MinCapacity.Enforced || by.Wanted.MaxCapacity.Enforced {
		t.Errorf("by name: %+v", by.Wanted)
	}
}

// variant has the documented objects, changed.
func variant(change ...func(*fleet.Variant)) *fleet.Variant {
	track, wake := Tracking("e", "v"), Wake("e", "v")
	track.ARN, wake.ARN = "arn:track", "arn:aws:autoscaling:::scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:policyName/w"
	v := &fleet.Variant{Name: "v", Policies: []fleet.Policy{track, wake}}
	v.Alarms = []fleet.WiredAlarm{{Policy: wake.Name, Alarm: WakeAlarm("e", "v", wake.ARN)}}
	for _, do := range change {
		do(v)
	}
	return v
}

// named are the names of what was matched.
func named(m Match) []string {
	names := []string{"", "", ""}
	if m.Tracking != nil {
		names[0] = m.Tracking.Name
	}
	if m.Wake != nil {
		names[1] = m.Wake.Name
	}
	if m.Alarm != nil {
		names[2] = m.Alarm.Name
	}
	return names
}

func TestFind_matchesByMeaning(t *testing.T) {
	const alarm = "HasBacklogWithoutCapacity-Alarm-e-v"
	dead := "arn:aws:autoscaling:::scalingPolicy:0:resource/sagemaker/endpoint/e/variant/v:policyName/gone"
	other := "arn:aws:autoscaling:::scalingPolicy:0:resource/sagemaker/endpoint/f/variant/v:policyName/w"
	loose := func(v *fleet.Variant, action ...string) {
		v.Alarms[0].Policy, v.Alarms[0].AlarmActions = "", action
	}
	for _, test := range []struct {
		name   string
		change func(*fleet.Variant)
		want   []string
	}{
		{"documented", func(*fleet.Variant) {}, []string{TrackingName, WakeName, alarm}},
		{"nothing", func(v *fleet.Variant) { v.Policies, v.Alarms = nil, nil }, []string{"", "", ""}},
		{
			"other names", func(v *fleet.Variant) {
				v.Policies[0].Name, v.Policies[1].Name, v.Alarms[0].Policy, v.Alarms[0].Name = "tf-track", "tf-wake", "tf-wake", "tf-alarm"
			}, []string{"tf-track", "tf-wake", "tf-alarm"},
		},
		{
			"tracking the wrong dimensions beside one that is right", func(v *fleet.Variant) {
				right := v.Policies[0]
				right.Name = "right"
				wrong := *v.Policies[0].Tracking
				wrong.Metric = &fleet.Metric{Namespace: fleet.Namespace, Name: "ApproximateBacklogSizePerInstance"}
				v.Policies[0].Tracking = &wrong
				v.Policies = append(v.Policies, right)
			}, []string{"right", WakeName, alarm},
		},
		{
			"tracking something else", func(v *fleet.Variant) { v.Policies[0].Tracking.Metric = &fleet.Metric{Name: "GPUUtilization"} },
			[]string{"", WakeName, alarm},
		},
		{
			"a wake policy that an alarm on the backlog triggers", func(v *fleet.Variant) {
				v.Policies[1].Name, v.Alarms[0].Policy = "mine", "mine"
				v.Alarms[0].Metric.Name = "ApproximateBacklogSize"
			}, []string{TrackingName, "mine", alarm},
		},
		{
			"a step policy of another name that nothing triggers", func(v *fleet.Variant) {
				v.Policies[1].Name = "mine"
				loose(v)
			}, []string{TrackingName, "", alarm},
		},
		{"the wanted name, which nothing triggers", func(v *fleet.Variant) { loose(v) }, []string{TrackingName, WakeName, alarm}},
		{
			"one that scales in", func(v *fleet.Variant) {
				v.Policies[1].Step.Adjustments[0].Adjustment = -1
			},
			[]string{TrackingName, "", ""},
		},
		{"an alarm at a dead policy", func(v *fleet.Variant) { loose(v, dead); v.Alarms[0].Name = "old" }, []string{TrackingName, WakeName, "old"}},
		{"an alarm at a pager alone", func(v *fleet.Variant) { loose(v, "arn:aws:sns:pager"); v.Alarms[0].Name = "old" }, []string{TrackingName, WakeName, "old"}},
		{"an alarm at another endpoint's policy", func(v *fleet.Variant) { loose(v, other); v.Alarms[0].Name = "old" }, []string{TrackingName, WakeName, ""}},
		{
			"an alarm on another endpoint", func(v *fleet.Variant) { v.Alarms[0].Metric = fleet.WithoutCapacity.Query("f").Metric },
			[]string{TrackingName, WakeName, ""},
		},
		{
			"an alarm on no endpoint that wakes another one too", func(v *fleet.Variant) {
				v.Alarms[0].Metric.Dimensions, v.Alarms[0].AlarmActions = nil, append(v.Alarms[0].AlarmActions, other)
			}, []string{TrackingName, WakeName, ""},
		},
		{"an alarm on no endpoint", func(v *fleet.Variant) { v.Alarms[0].Metric.Dimensions = nil }, []string{TrackingName, WakeName, alarm}},
		{
			"two alarms, of which one is right", func(v *fleet.Variant) {
				right := v.Alarms[0]
				right.Name = "right"
				v.Alarms[0].Metric.Dimensions = fleet.VariantDimensions("e", "v")
				v.Alarms = append(v.Alarms, right)
			}, []string{TrackingName, WakeName, "right"},
		},
	} {
		v, wanted := variant(test.change), Documented()
		if got := named(Find(&fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: "e"}}, v, &wanted)); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFind_aNameAloneIsNoMatch(t *testing.T) {
	wanted := Documented()
	v := variant(func(v *fleet.Variant) {
		v.Policies[0].Tracking.Metric = &fleet.Metric{Name: "GPUUtilization"}
		v.Policies[1].Step.Adjustments[0].Adjustment = -1
	})
	m := Find(&fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: "e"}}, v, &wanted)
	if m.Tracking != nil || m.Wake != nil {
		t.Errorf("got %+v", m)
	}
}
