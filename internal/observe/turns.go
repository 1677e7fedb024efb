package observe

import (
	"cmp"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// oldest is how old a description may become. AWS does not say whether scaling shows in the list of endpoints, so
	// even one at which nothing seems to move is described once in this time.
	oldest = time.Hour
	// lap is the time in which all that can wait are described once, in turn. It is shorter than what they may wait, so
	// that a few turns that are late or fail make no burst of those that cannot wait any longer.
	lap = oldest - 6*time.Minute
)

// turns counts the turns, and remembers for each listed endpoint in which of them DescribeEndpoint was last asked for
// it. Turns are counted and not timed, because a clock that is set must not change whose turn it is.
type turns struct {
	count uint64
	asked map[string]uint64
}

// next begins another turn; of endpoints that are no longer listed nothing is remembered.
func (t turns) next(listed map[string]fleet.EndpointSummary) turns {
	next := turns{count: t.count + 1, asked: make(map[string]uint64, len(listed))}
	for name := range listed {
		next.asked[name] = t.asked[name]
	}
	return next
}

// again is the same turn, for another batch of it.
func (t turns) again() turns {
	t.asked = cloneOrMake(t.asked)
	return t
}

// unasked tells whether DescribeEndpoint was never asked for one of these.
func (t turns) unasked(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return t.asked[name] == 0 })
}

// candidate is an endpoint that may be described in this turn.
type candidate struct {
	name        string
	moves       bool      // something may have changed since it was described
	describedAt time.Time // zero if it never was
	asked       uint64    // the turn in which it was last asked for, with success or without; 0 if in none
}

// pressing tells whether the endpoint cannot wait for its turn: in the next one its description would be too old.
func (c candidate) pressing(at time.Time, interval time.Duration) bool {
	return c.moves || at.Sub(c.describedAt) > oldest-interval
}

// choose names the endpoints to describe in a turn: all that are pressing, and of the rest just as many as let each
// have its turn once in a lap. Those that were asked for longest ago come first: a turn that is cut short is made up
// for by the next one, and endpoints that fail each time hold up no other.
func choose(candidates []candidate, at time.Time, interval time.Duration) []string {
	rest := 0
	for _, c := range candidates {
		if !c.pressing(at, interval) {
			rest++
		}
	}
	share := (time.Duration(rest)*interval + lap - 1) / lap
	var chosen []string
	for _, c := range slices.SortedFunc(slices.Values(candidates), func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.asked, b.asked), cmp.Compare(a.name, b.name))
	}) {
		if !c.pressing(at, interval) {
			if share == 0 {
				continue
			}
			share--
		}
		chosen = append(chosen, c.name)
	}
	return chosen
}
