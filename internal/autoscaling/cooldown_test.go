package autoscaling

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestCoolsUntil(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	at := func(from, to int) Done {
		d := Done{Start: noon.Add(time.Duration(from) * time.Minute)}
		if to != 0 {
			d.End = noon.Add(time.Duration(to) * time.Minute)
		}
		return d
	}
	out, in, step := 2*time.Minute, 7*time.Minute, 3*time.Minute
	tracks := &fleet.Policy{Tracking: &fleet.Tracking{ScaleOutCooldown: &out, ScaleInCooldown: &in}}
	steps := &fleet.Policy{Step: &fleet.Step{Cooldown: &step}}
	for what, test := range map[string]struct {
		p        *fleet.Policy
		scaleOut bool
		out, in  Done
		want     int // minutes after noon; 0: it does not
	}{
		"nothing was done":                          {tracks, true, Done{}, Done{}, 0},
		"a scale-out after a scale-out":             {tracks, true, at(1, 4), Done{}, 6},
		"a scale-out after a scale-in":              {tracks, true, Done{}, at(1, 4), 0},
		"a scale-in after a scale-in":               {tracks, false, Done{}, at(1, 4), 11},
		"a scale-in after a scale-out":              {tracks, false, at(1, 4), Done{}, 0},
		"a scale-out came after the scale-in":       {tracks, false, at(5, 6), at(1, 4), 0},
		"a scale-out goes on since the scale-in":    {tracks, false, at(5, 0), at(1, 4), 0},
		"a scale-out came before the scale-in":      {tracks, false, at(1, 2), at(3, 4), 11},
		"what goes on has not begun to cool down":   {tracks, true, at(1, 0), Done{}, 0},
		"a step policy has one cooldown, out":       {steps, true, at(1, 4), Done{}, 7},
		"a step policy has one cooldown, in":        {steps, false, Done{}, at(1, 4), 7},
		"without a policy nothing holds still long": {nil, true, at(1, 4), Done{}, 4},
	} {
		want := time.Time{}
		if test.want != 0 {
			want = noon.Add(time.Duration(test.want) * time.Minute)
		}
		if got := CoolsUntil(test.p, test.scaleOut, test.out, test.in); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
}
