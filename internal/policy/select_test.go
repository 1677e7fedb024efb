package policy

import (
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
