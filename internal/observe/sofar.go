package observe

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// soFar is what a question about endpoints has brought so far. The question adds to it, and meanwhile the observer may take it in.
type soFar struct {
	mu    sync.Mutex
	at    time.Time // when the batch began
	pass  *pass     // nil before the list is there
	known endpointMemory
	turn  turns
	asked map[string]time.Time // since when those are asked for that have not answered
	found map[string]*knownEndpoint
	news  bool // not taken in yet
}

// begin says what the descriptions belong to. From now on the map of the turn is changed by add alone.
func (s *soFar) begin(at time.Time, p *pass, known endpointMemory, turn turns) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.pass, s.known, s.turn, s.news = at, p, known, turn, true
	s.asked, s.found = map[string]time.Time{}, map[string]*knownEndpoint{}
}

// ask takes in that an endpoint is asked for.
func (s *soFar) ask(name string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[name] = at
}

// straggles tells whether a description has taken for so long.
func (s *soFar) straggles(at time.Time, long time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, since := range s.asked {
		if at.Sub(since) >= long {
			return true
		}
	}
	return false
}

// add takes in that an endpoint was asked for; nil is one that is gone.
func (s *soFar) add(name string, endpoint *knownEndpoint, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, name)
	s.turn.asked[name] = s.turn.count
	if err == nil {
		s.found[name] = endpoint
	}
	s.news = true
}

// with is what is known of endpoints after these descriptions.
func (m endpointMemory) with(found map[string]*knownEndpoint) endpointMemory {
	next := maps.Clone(m)
	for name, endpoint := range found {
		if endpoint == nil {
			delete(next, name)
		} else {
			next[name] = *endpoint
		}
	}
	return next
}

// Glance takes in the endpoints that the question about them, which is still being asked, has described so far. It is false when
// there is nothing new. A batch lasts as long as its slowest description.
func (o *Observer) Glance() bool {
	s := o.soFar
	if s == nil || !bool(o.inBatches) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.news {
		return false
	}
	s.news = false
	p, turn := *s.pass, s.turn.again()
	p.rest = slices.DeleteFunc(slices.Clone(p.rest), func(name string) bool { return turn.asked[name] == turn.count })
	next := s.known.with(s.found)
	if most := o.options.MostVariants; most > 0 {
		next.limit(most)
	}
	o.learnEndpoints(s.at, &p, next, turn, s.found)
	return true
}

// learnEndpoints takes in descriptions. Some may have been taken in by a glance already.
func (o *Observer) learnEndpoints(at time.Time, p *pass, next endpointMemory, turn turns, found map[string]*knownEndpoint) {
	fresh := make(map[string]*knownEndpoint, len(found))
	for name, endpoint := range found {
		if endpoint != nil && o.endpoints[name].turn != endpoint.turn {
			fresh[name] = endpoint
		}
	}
	o.endpoints, o.turns, o.orphans, o.passBegan, o.pass = next, turn, p.orphans, p.began, nil
	if len(p.rest) > 0 {
		o.pass = p
	}
	o.heard(fleet.SourceEndpoints, at)
	o.watchInstances(fresh)
	o.served(fresh)
	o.watchVariants()
	o.forget()
}
