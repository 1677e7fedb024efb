package awssim

import (
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// place is one world with its lock.
type place struct {
	mu    sync.Mutex
	world *sim.World
	lists map[string]any // what listed has read
	read  time.Time      // when the first of lists was read
}

// listAge is for how long lists are kept. A full look at thousands of policies, ten to a page, would otherwise read all
// of them for each page. AWS's own lists are no more consistent than that.
const listAge = time.Second

// tick is how far the world may lag behind the clock. Bringing thousands of endpoints to the present takes half a
// millisecond, which each request of a sweep would have to wait for.
const tick = 100 * time.Millisecond

// advance brings the world's clock to now, or nearly so; the model's clock does not go back.
func (p *place) advance(now time.Time) {
	if now.Sub(p.world.Now()) >= tick {
		p.world.Advance(now)
	}
	if age := p.world.Now().Sub(p.read); age >= listAge {
		p.forget()
		p.read = p.world.Now()
	}
}

// forget drops the lists, because something was changed.
func (p *place) forget() { p.lists = nil }

// listed reads a list of the world, or returns the one that was read for the page before. Nobody changes it.
func listed[T any](p *place, name string, read func() []T) []T {
	if kept, ok := p.lists[name].([]T); ok {
		return kept
	}
	fresh := read()
	if p.lists == nil {
		p.lists = map[string]any{}
	}
	p.lists[name] = fresh
	return fresh
}

// place finds the world of a scope, or makes an empty one: AWS has all regions, most of them empty.
func (s *Server) place(scope fleet.Scope) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.places[scope]; p != nil {
		return p
	}
	p := &place{world: sim.New(scope, s.now(), 0)}
	s.places[scope] = p
	return p
}

// accountIn is the account that Do means: that of the first world in the region, else the first of all.
func (s *Server) accountIn(region string) string {
	for _, scope := range s.scopes {
		if scope.Region == region {
			return scope.AccountID
		}
	}
	return s.scopes[0].AccountID
}
