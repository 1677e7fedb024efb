package behavior_test

import (
	"testing"
	"time"
)

// What behaviour says of scheduled actions is held against the bounds that they set in the simulator.
func TestAgreement_scheduledActions(t *testing.T) {
	stops, forGood, none := 0, 0, 0
	for seed := range seeds(max(10, *rounds/5)) {
		a := newAccount(t, seed, begin{instances: 1, least: 1, actions: true})
		s := a.b.Scheduled
		sleeps, longest, since := false, time.Duration(0), time.Time{}
		for end := a.Now().Add(72 * time.Hour); a.Now().Before(end); {
			a.Advance(a.Now().Add(30 * time.Minute)) // the schedules are of whole and half hours
			target := a.ScalableTargets()[0]
			sleeps = sleeps || target.MinCapacity == 0
			switch {
			case target.MaxCapacity > 0:
				since = time.Time{}
			case since.IsZero():
				since = a.Now()
			}
			if target.MaxCapacity == 0 {
				longest = max(longest, a.Now().Add(30*time.Minute).Sub(since))
				if n := a.desired(); n > 0 {
					a.complain("%d instances at a maximum of 0", n)
				}
			}
		}
		switch {
		case s.Sleeps != sleeps:
			a.complain("sleeps %t, and does %t: %+v", s.Sleeps, sleeps, a.variant.Scheduled)
		case s.Stops.For == 0:
			none++
			if longest > 0 {
				a.complain("never has a maximum of 0, and has for %s: %+v", longest, a.variant.Scheduled)
			}
		case s.Stops.Ends == "":
			forGood++
			if since.IsZero() {
				a.complain("keeps a maximum of 0, and has another: %+v", a.variant.Scheduled)
			}
		default:
			stops++
			if s.Stops.For != longest {
				a.complain("has a maximum of 0 for %s, and it is %s: %+v", s.Stops.For, longest, a.variant.Scheduled)
			}
		}
	}
	if stops == 0 || forGood == 0 || none == 0 {
		t.Errorf("%d end, %d do not, %d have none", stops, forGood, none)
	}
}
