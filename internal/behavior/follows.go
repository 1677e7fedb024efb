package behavior

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Follows says how a tracking policy follows the backlog.
type Follows uint8

// The ways to follow it.
const (
	NotBacklog Follows = iota // it tracks something else, or is no tracking policy
	ByMath                    // metric math over the backlog: AWS's own advice for instance pools
	Roughly                   // the backlog per instance under other dimensions or another statistic
	Exactly                   // the documented metric: the backlog per instance of the whole endpoint
)

// Follow says how a policy of an endpoint follows the backlog, whether or not it ever acts.
func Follow(endpoint string, p *fleet.Policy) Follows {
	documented := fleet.BacklogPerInstance.Query(endpoint)
	switch t := p.Tracking; {
	case t == nil:
		return NotBacklog
	case slices.ContainsFunc(t.Math, onBacklog):
		return ByMath
	case t.Metric == nil || t.Metric.Name != documented.Metric.Name:
		return NotBacklog
	case t.Metric.Equal(documented.Metric) && cmp.Or(t.Statistic, documented.Statistic) == documented.Statistic:
		return Exactly
	}
	return Roughly
}

// Consolidates tells whether a path that removes busy instances leaves as many as the queue needs, but for a fraction of one: it tracks the
// backlog per instance.
func (b *Behavior) Consolidates(a *Act) bool {
	p := b.Policy(a.Policy)
	return a.Tracking && p != nil && p.Follows >= Roughly
}

// Harms tells whether a path takes away instances that have work, and not only for a moment.
func (b *Behavior) Harms(p Path) bool {
	return slices.ContainsFunc(b.RemovesBusy, func(a Act) bool {
		return a.Path == p && a.Situation != JustStarted && !b.Consolidates(&a)
	})
}

func onBacklog(query fleet.MathQuery) bool {
	return query.Metric != nil && (query.Metric.Name == fleet.BacklogPerInstance.String() || query.Metric.Name == fleet.Backlog.String())
}

// Tracker is the policy that tracks the backlog and may act, the one on the documented metric first; nil when none does.
func (b *Behavior) Tracker() (found *Policy) {
	for i := range b.Policies {
		if p := &b.Policies[i]; p.Follows != NotBacklog && p.Unpublished == "" && p.Elsewhere == "" && (found == nil || p.Follows > found.Follows) {
			found = p
		}
	}
	return found
}

// WakePath is the path that wakes the variant, or the one that is nearest to it; either name may be empty.
func (b *Behavior) WakePath() Path {
	if b.Wakes.Fault != nil {
		return b.Wakes.Fault.Path
	}
	return b.Wakes.By
}
