package autoscaling

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What Application Auto Scaling waits for is told by its activities: a scale-out by that of the same policy, a scale-in by any.
func TestRecall_tellsUntilWhenPoliciesCoolDown(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	did := func(policy string, to, from, end int) fleet.Activity {
		a := fleet.Activity{
			Status: "Successful", Start: noon.Add(time.Duration(from) * time.Minute), End: noon.Add(time.Duration(end) * time.Minute),
			Description: fmt.Sprintf("Setting desired instance count to %d.", to),
			Cause:       "monitor alarm x in state ALARM triggered policy " + policy,
		}
		if end == 0 {
			a.Status, a.End = "InProgress", time.Time{}
		}
		return a
	}
	scheduled := did("", 1, 1, 4)
	scheduled.Cause = "scheduled action name morning was triggered"
	failed := did("tracks", 2, 1, 4)
	failed.Status = "Failed"
	out, in, step := 2*time.Minute, 7*time.Minute, 3*time.Minute
	tracks := &fleet.Policy{Name: "tracks", Tracking: &fleet.Tracking{ScaleOutCooldown: &out, ScaleInCooldown: &in}}
	steps := &fleet.Policy{Name: "steps", Step: &fleet.Step{Cooldown: &step}}
	for what, test := range map[string]struct {
		p        *fleet.Policy
		scaleOut bool
		newest   []fleet.Activity
		want     int // minutes after noon; 0: it does not
	}{
		"nothing was done":                             {tracks, true, nil, 0},
		"a scale-out after a scale-out":                {tracks, true, []fleet.Activity{did("tracks", 1, 1, 4)}, 6},
		"a scale-out after that of another policy":     {tracks, true, []fleet.Activity{did("steps", 1, 1, 4)}, 0},
		"a scale-out after a scheduled one":            {tracks, true, []fleet.Activity{scheduled}, 0},
		"a scale-out after one that failed":            {tracks, true, []fleet.Activity{failed}, 0},
		"a scale-out after a scale-in":                 {tracks, true, []fleet.Activity{did("tracks", 1, 1, 4), did("tracks", 2, -90, -80)}, -78},
		"a scale-in after a scale-in":                  {tracks, false, []fleet.Activity{did("tracks", 0, 1, 4)}, 11},
		"a scale-in after that of another policy":      {tracks, false, []fleet.Activity{did("steps", 0, 1, 4)}, 11},
		"a scale-in after a scale-out":                 {tracks, false, []fleet.Activity{did("tracks", 1, 1, 4)}, 0},
		"a scale-out came after the scale-in":          {tracks, false, []fleet.Activity{did("steps", 1, 5, 6), did("tracks", 0, 1, 4)}, 0},
		"a scale-out goes on since the scale-in":       {tracks, false, []fleet.Activity{did("steps", 1, 5, 0), did("tracks", 0, 1, 4)}, 0},
		"a scale-out came before the scale-in":         {tracks, false, []fleet.Activity{did("tracks", 0, 3, 4), did("steps", 1, 1, 2)}, 11},
		"a scale-out that goes on does not cool down":  {tracks, true, []fleet.Activity{did("tracks", 1, 1, 0)}, 0},
		"a step policy has one cooldown for both, out": {steps, true, []fleet.Activity{did("steps", 1, 1, 4)}, 7},
		"a step policy has one cooldown for both, in":  {steps, false, []fleet.Activity{did("steps", 0, 1, 4)}, 7},
	} {
		want := time.Time{}
		if test.want != 0 {
			want = noon.Add(time.Duration(test.want) * time.Minute)
		}
		if got := Recall(test.newest).CoolsUntil(test.p, test.scaleOut); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
}
