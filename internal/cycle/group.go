package cycle

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-kit/log"
)

// Group runs the cycles of all scopes.
type Group struct {
	clock  Clock
	board  *Board
	logger log.Logger

	mu      sync.Mutex
	ctx     context.Context // ends all cycles; nil before Start is done
	ended   bool            // no cycle is started any more
	running map[string]member
}

type member struct {
	cycle *Cycle
	stop  context.CancelFunc
	done  chan struct{}
}

// NewGroup returns a group that publishes on the board.
func NewGroup(clock Clock, board *Board, logger log.Logger) *Group {
	return &Group{clock: clock, board: board, logger: logger, running: map[string]member{}}
}

// Start tries to reach every scope, at the same time, and begins to observe each as soon as it is reached. Where no
// scope at all can be reached it starts nothing and returns why; one that fails beside a working one keeps trying. The
// cycles end with the context.
func (g *Group) Start(ctx context.Context, scopes []Scope, options Options) error {
	var (
		cycles   = make([]*Cycle, len(scopes))
		failures = make([]error, len(scopes))
		attempts sync.WaitGroup
	)
	for i, scope := range scopes {
		cycles[i] = New(scope, g.clock, options, g.board, g.logger)
		attempts.Go(func() {
			if failures[i] = cycles[i].Connect(ctx); failures[i] == nil {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.run(ctx, cycles[i])
			}
		})
	}
	attempts.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.running) == 0 {
		for i := range failures {
			failures[i] = fmt.Errorf("%s: %w", scopes[i].Name, failures[i])
		}
		return errors.Join(failures...)
	}
	g.ctx = ctx
	for i, cycle := range cycles {
		if failures[i] != nil {
			cycle.complain("connecting", failures[i])
			g.run(ctx, cycle)
		}
	}
	return nil
}

// Reload observes other scopes, or the same by other options. Scopes that stay keep everything they know; no series
// vanishes because of a reload alone.
//
// It is an error before Start has succeeded.
func (g *Group) Reload(scopes []Scope, options Options) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.ctx == nil:
		return errors.New("the exporter is still starting: try again in a moment")
	case g.ended || g.ctx.Err() != nil:
		return errors.New("the exporter is stopping")
	}
	wanted := map[string]bool{}
	for _, scope := range scopes {
		wanted[scope.Key] = true
	}
	var gone, came []string
	for key, member := range g.running {
		if !wanted[key] {
			member.stop()
			gone = append(gone, key)
		}
	}
	for _, key := range gone {
		<-g.running[key].done
		delete(g.running, key)
	}
	for _, scope := range scopes {
		if _, ok := g.running[scope.Key]; !ok {
			came = append(came, scope.Key)
		}
	}
	g.board.retire(gone, came)
	for _, scope := range scopes {
		if member, ok := g.running[scope.Key]; ok {
			member.cycle.Configure(options)
			continue
		}
		g.run(g.ctx, New(scope, g.clock, options, g.board, g.logger))
	}
	return nil
}

// run starts the loop of a cycle. The caller holds the lock.
func (g *Group) run(ctx context.Context, cycle *Cycle) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	g.running[cycle.scope.Key] = member{cycle: cycle, stop: stop, done: done}
	go func() {
		defer close(done)
		cycle.Loop(ctx)
	}()
}

// Wait returns when the context of Start has ended and every cycle with it. A reload may replace all of them meanwhile, so
// that none runs for a moment: only the context says that it is over. After that none is started any more. Where Start has failed there is
// nothing to wait for.
func (g *Group) Wait() {
	g.mu.Lock()
	ctx := g.ctx
	g.mu.Unlock()
	if ctx != nil {
		<-ctx.Done()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	for _, member := range g.running {
		<-member.done
	}
}
