package explain

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestExplanation_repeatsWhatAWSSaysOfWhatIsWrongNow(t *testing.T) {
	const quota = "The account-level service limit is 2."
	failed := func(began int, words string) func(*scene) {
		return func(s *scene) { s.did("Failed", 3, began, 1, words) }
	}
	notScaled := func(s *scene) {
		s.did("Failed", 3, 5, 0, "Nothing was scaled.")
		newest := &s.v.Activity.Recent[len(s.v.Activity.Recent)-1]
		newest.NotScaled = []fleet.NotScaledReason{{Code: "AlreadyAtMaxCapacity"}}
	}
	for _, test := range []struct {
		name   string
		scene  *scene
		change []func(*scene)
		want   string
	}{
		{"nothing", running(2, 4), nil, ""},
		{"a refused scale-out", running(2, 20), []func(*scene){failed(10, quota)}, quota},
		{"of it the details too", running(2, 20), []func(*scene){failed(10, quota), func(s *scene) { s.v.Activity.Recent[0].Details = "Ask for more." }}, quota + " Ask for more."},
		{"it is tried again right now", running(2, 20), []func(*scene){func(s *scene) { s.did("InProgress", 3, 1, 0, "Trying.") }, failed(10, quota)}, quota},
		{"a scale-out has worked since", running(2, 20), []func(*scene){func(s *scene) { s.did("Successful", 3, 5, 1, "Done.") }, failed(10, quota)}, ""},
		{"not scaled, and something is wrong", running(2, 20), []func(*scene){notScaled, func(s *scene) { s.v.Target.MaxCapacity = 2 }, func(s *scene) { s.oldest(60) }}, "Nothing was scaled."},
		{"it is long ago", running(2, 20), []func(*scene){failed(60, quota)}, ""},
		{"nothing waits any more", asleep(0), []func(*scene){failed(10, quota)}, ""},
		{"the activities are not known", running(2, 20), []func(*scene){failed(10, quota), func(s *scene) { s.source(fleet.SourceActivities).Expires = noon }}, ""},
		{"the endpoint failed", running(2, 20), []func(*scene){failed(10, quota), func(s *scene) { s.e.Status, s.e.FailureReason = "Failed", "No image." }}, "No image."},
		{"the endpoint failed without words", running(2, 20), []func(*scene){failed(10, quota), func(s *scene) { s.e.Status = "Failed" }}, quota},
		{"an update failed and was rolled back", running(2, 4), []func(*scene){func(s *scene) { s.e.FailureReason = "No image." }}, ""},
		{"the endpoint is not known any more", running(2, 20), []func(*scene){failed(10, quota), func(s *scene) { s.e.Expires = noon }}, ""},
		{"it would obey a terminal", running(2, 20), []func(*scene){failed(10, "\n\x1b[2Jtwo\nlines\u202e")}, "[2Jtwo lines"},
		{"as long as may be", running(2, 20), []func(*scene){failed(10, strings.Repeat("é", 500))}, strings.Repeat("é", 500)},
		{"longer", running(2, 20), []func(*scene){failed(10, strings.Repeat("é", 501))}, strings.Repeat("é", 499) + "…"},
	} {
		for _, change := range test.change {
			change(test.scene)
		}
		if got := test.scene.explain(); got.AWSSays != test.want {
			t.Errorf("%s: %q, want %q (%s)", test.name, got.AWSSays, test.want, got.Conclusion.Sentence)
		}
	}
}

func TestOne_isTheSameAsByName(t *testing.T) {
	s := running(2, 20)
	other := *s.e
	other.Name = "f"
	s.Endpoints = append(s.Endpoints, other)
	r := report.Build(*s.Snapshot, s.rules, report.NewPast())
	for i := range r.Endpoints {
		got, want := One(&r, &r.Endpoints[i], noon), Of(&r, s.Endpoints[i].Name, noon)
		if got.Conclusion != want.Conclusion || len(got.Links) != len(want.Links) || got.Endpoint != s.Endpoints[i].Name {
			t.Errorf("%d: got %+v, want %+v", i, got.Conclusion, want.Conclusion)
		}
	}
}
