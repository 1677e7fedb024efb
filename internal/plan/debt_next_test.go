package plan

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var registered = noon.Add(-time.Hour)

// owed is a debt of a minimum of 2 that was lowered at noon.
var owed = debt{minimum: 2, kept: 2, mutes: true, at: noon, registered: registered}

// sight is what is seen of a target so long after noon.
func sight(after time.Duration, target *fleet.Target, asleep string) sighting {
	at := noon.Add(after)
	return sighting{target, asleep, moments{at: at, scaling: at, alarms: at}}
}

func bounded(least, most int) *fleet.Target {
	return &fleet.Target{MinCapacity: least, MaxCapacity: most, Created: registered}
}

// What ends a debt, and what does not. The minimum that is due is that of the same sighting.
func TestDebt_next(t *testing.T) {
	anew := bounded(0, 5)
	anew.Created = noon.Add(time.Minute)
	for name, test := range map[string]struct {
		seen sighting
		owes bool
		due  int
	}{
		"it would not wake":                            {sight(5*time.Minute, bounded(0, 5), "no alarm"), true, 2},
		"a lower maximum":                              {sight(5*time.Minute, bounded(0, 1), "no alarm"), true, 1},
		"a maximum of 0 for a while":                   {sight(5*time.Minute, bounded(0, 0), "no alarm"), true, 0},
		"it wakes":                                     {sight(5*time.Minute, bounded(0, 5), ""), false, 0},
		"it wakes by an old view":                      {sight(30*time.Second, bounded(0, 5), ""), true, 0},
		"it wakes by old alarms":                       {sighting{bounded(0, 5), "", moments{at: noon.Add(time.Hour), scaling: noon.Add(time.Hour), alarms: noon}}, true, 0},
		"it was raised":                                {sight(5*time.Minute, bounded(2, 5), "no alarm"), false, 0},
		"the minimum from before, right after":         {sight(30*time.Second, bounded(2, 5), ""), true, 0},
		"the minimum from before, by a view of before": {sight(-time.Minute, bounded(2, 5), ""), true, 0},
		"another minimum":                              {sight(5*time.Minute, bounded(1, 5), "no alarm"), false, 0},
		"another minimum, right after":                 {sight(30*time.Second, bounded(3, 5), "no alarm"), false, 0},
		"an older minimum, at once":                    {sight(3*time.Second, bounded(3, 5), "no alarm"), true, 0},
		"registered anew with the same values":         {sight(5*time.Minute, anew, "no alarm"), false, 0},
		"registered anew, right after":                 {sight(3*time.Second, anew, "no alarm"), false, 0},
		"deregistered":                                 {sight(5*time.Minute, nil, ""), false, 0},
		"not registered by an old view":                {sight(3*time.Second, nil, ""), true, 0},
	} {
		after := owed.next(test.seen)
		if (after.minimum > 0) != test.owes || after.due(test.seen) != test.due {
			t.Errorf("%s: owed %+v, due %d", name, after, after.due(test.seen))
		}
	}
	if (debt{}).next(sight(time.Hour, bounded(0, 5), "no alarm")) != (debt{}) {
		t.Error("a debt from nothing")
	}
}

// The first sighting tells which target it is, where the step could not.
func TestDebt_learnsWhichTargetItIs(t *testing.T) {
	made := owed
	made.registered = time.Time{}
	if made = made.next(sight(2*time.Second, bounded(0, 5), "no alarm")); made != owed {
		t.Fatalf("got %+v", made)
	}
}

// Whatever is seen and written in whatever order, a debt ends only when it was raised, overwritten, registered anew or wakes, and
// then it does once that is seen; and what is due is never more than the minimum from before or the maximum.
func TestDebt_properties(t *testing.T) {
	for seed := range uint64(2000) {
		d := rand.New(rand.NewPCG(seed, 17))
		now, history, target := noon, []fleet.Target{*bounded(2, 5), *bounded(0, 5)}, *bounded(0, 5)
		left, ended := owed, ""
		for step := range 30 {
			now = now.Add(time.Duration(1+d.IntN(400)) * time.Second)
			asleep, certain := "no alarm", true
			switch d.IntN(9) {
			case 0:
				target.MinCapacity, ended = 1+d.IntN(4), "overwritten"
			case 1:
				target.MaxCapacity = max(target.MinCapacity, d.IntN(6))
			case 2:
				target.Created, ended = now, "registered anew"
			case 3:
				asleep, ended = "", "it wakes"
			case 4: // our raise, whose answer may be lost
				if due := left.due(sight(now.Sub(noon), &target, asleep)); due > 0 {
					written := Step{Kind: ScalableTarget, Action: Update, Target: bounded(due, target.MaxCapacity)}
					switch d.IntN(3) {
					case 0: // carried out
						target.MinCapacity, ended = due, "raised"
						left = left.wrote(written, now)
					case 1: // carried out, and the answer was lost
						target.MinCapacity, ended = due, "raised"
					}
				}
			case 5: // we write the maximum alone
				left = left.wrote(Step{Kind: ScalableTarget, Action: Update, Target: bounded(0, 9)}, now)
			}
			seen := target
			if now.Sub(left.at) < Lag { // AWS may show any state before
				seen, certain = history[d.IntN(len(history))], false
			}
			history = append(history, target)
			s := sight(now.Sub(noon), &seen, asleep)
			if due := left.due(s); due > owed.minimum || due > seen.MaxCapacity {
				t.Fatalf("seed %d, step %d: %d is due of %+v", seed, step, due, seen)
			}
			left = left.next(s)
			switch gone := left.minimum == 0; {
			case gone && ended == "":
				t.Fatalf("seed %d, step %d: ended for nothing by %+v", seed, step, s)
			case !gone && ended != "" && certain && now.Sub(left.at) >= settles:
				t.Fatalf("seed %d, step %d: %s, and %+v is still owed", seed, step, ended, left)
			case gone:
				left, ended, target = owed, "", *bounded(0, 5) // and so on
				left.at, history = now, []fleet.Target{target}
			case !certain || now.Sub(left.at) < settles:
				if ended == "it wakes" {
					ended = ""
				}
			}
		}
	}
}
