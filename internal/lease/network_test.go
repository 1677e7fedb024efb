package lease

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// fate is what happens to one request. The times are virtual.
type fate struct {
	there time.Duration // until it arrives; it is applied then even if its sender has given up
	back  time.Duration // until the answer is there
	lost  bool          // it never arrives
	mute  bool          // it is applied, and the answer is lost
	deaf  time.Duration // the sender does nothing for so long, as a process that is stopped
	error int           // the API server fails with this status
}

// network is a store behind a network: fates decide.
type network struct {
	server *server
	mu     sync.Mutex
	fates  func(method string) fate
}

func (n *network) set(fates func(method string) fate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fates = fates
}

func (n *network) get(ctx context.Context, name Name) (object, error) {
	return n.ask(ctx, http.MethodGet, path(name)+"/"+name.Name, nil)
}

func (n *network) create(ctx context.Context, name Name, o object) (object, error) {
	return n.ask(ctx, http.MethodPost, path(name), o.encode())
}

func (n *network) update(ctx context.Context, name Name, o object) (object, error) {
	return n.ask(ctx, http.MethodPut, path(name)+"/"+name.Name, o.encode())
}

var errCut = errors.New("the connection was cut")

func (n *network) ask(ctx context.Context, method, path string, body []byte) (object, error) {
	n.mu.Lock()
	f := n.fates(method)
	n.mu.Unlock()
	type reply struct {
		status int
		answer []byte
	}
	replies := make(chan reply, 1)
	go func() {
		if f.lost {
			return
		}
		time.Sleep(f.there)
		r := reply{}
		if f.error != 0 {
			r.status, r.answer = refused(f.error, "")
		} else {
			r.status, r.answer = n.server.apply(method, path, body)
		}
		time.Sleep(f.back)
		if !f.mute {
			replies <- r
		}
	}()
	defer func() { time.Sleep(f.deaf) }()
	select {
	case <-ctx.Done():
		return object{}, errors.Join(errCut, ctx.Err())
	case r := <-replies:
		if r.status >= 300 {
			return object{}, refusal{r.status, reason(r.answer)}
		}
		return parse(r.answer)
	}
}

// process is one that wants the Lease.
type process struct {
	*Lease
	*network
	recorded
	stop func()
}

// start runs a process on a network that is good until it is set otherwise.
func start(t *testing.T, s *server, identity string) *process {
	t.Helper()
	p := &process{network: &network{server: s, fates: func(string) fate { return fate{there: time.Millisecond, back: time.Millisecond} }}}
	p.Lease = newLease(p.network, exporter, identity, usual, p.recorded.notice(t))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	p.stop = func() { stop(); running.Wait() }
	t.Cleanup(p.stop)
	return p
}
