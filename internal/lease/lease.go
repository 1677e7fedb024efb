// Package lease holds a Kubernetes Lease, so that of several exporters one alone writes. The rules are those of client-go's
// leader election, and both get along with each other: a term is decided in term.go on values, cluster.go speaks HTTP.
package lease

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Name says which Lease is held.
type Name struct{ Namespace, Name string }

// ParseName reads NAMESPACE/NAME.
func ParseName(text string) (Name, error) {
	namespace, name, ok := strings.Cut(text, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return Name{}, fmt.Errorf("%q is not NAMESPACE/NAME of a Lease: write for example monitoring/sagemaker-async-exporter", text)
	}
	return Name{namespace, name}, nil
}

// Identity is one that no other process has: the name of the machine, which in a cluster is that of the pod, and a number.
func Identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s_%d_%x", host, os.Getpid(), rand.Uint64())
}

// store keeps the Lease. A Cluster does.
type store interface {
	get(context.Context, Name) (object, error)
	create(context.Context, Name, object) (object, error)
	update(context.Context, Name, object) (object, error)
}

// Lease is held by this process at some times and not at others.
type Lease struct {
	store  store
	name   Name
	notice Notice

	last object // as last read or written; only Run touches it

	mu   sync.Mutex
	term term
	held context.Context // ends when the Lease is lost; nil while it is not held
	end  context.CancelFunc
}

// Notice is what the holder of a Lease hears of it. Both functions are called by Run.
type Notice struct {
	Changed func(held bool) // it was won (true) or lost (false)
	Failed  func(error)     // a request failed for another reason than the one before it
}

// New prepares to hold a Lease, under an identity that no other process has.
func New(cluster *Cluster, name Name, identity string, notice Notice) *Lease {
	return newLease(cluster, name, identity, usual, notice)
}

func newLease(s store, name Name, identity string, t times, notice Notice) *Lease {
	return &Lease{store: s, name: name, notice: notice, term: term{times: t, me: identity}}
}

// Held is a context that ends when the Lease is lost, or nil while it is not held.
func (l *Lease) Held() context.Context {
	l.mu.Lock()
	held := l.held
	l.mu.Unlock()
	if held == nil || held.Err() != nil {
		return nil
	}
	return held
}

// under is the context of a term. Its error goes by the clock: in a process that stood still for a while the Lease has run
// out before Run can notice it.
type under struct {
	context.Context
	lease *Lease
	end   context.CancelFunc
}

// Err is why nothing may be done under the Lease any more.
func (u *under) Err() error {
	u.lease.mu.Lock()
	holds := u.lease.term.holds(time.Now())
	u.lease.mu.Unlock()
	if !holds {
		u.end()
	}
	return u.Context.Err()
}

// Run tries to hold the Lease until the context ends, and then gives it back: whoever waits for it has it at once. What
// is written under it has to be over by then.
func (l *Lease) Run(ctx context.Context) {
	var failure string
	for ctx.Err() == nil {
		began := time.Now()
		err := l.try(ctx, began)
		l.settle(ctx)
		switch {
		case err == nil:
			failure = ""
		case ctx.Err() == nil && err.Error() != failure:
			failure = err.Error()
			l.notice.Failed(err)
		}
		pause := time.NewTimer(l.term.pause(began, time.Now(), rand.Float64()))
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
		l.settle(ctx)
	}
	before := l.drop()
	if before || l.term.doubt { // of a write without an answer nobody else may have to wait for the end
		l.release()
	}
	if before {
		l.notice.Changed(false)
	}
}

// try sends the requests that are due: a holder renews what it wrote last, everybody else reads first.
func (l *Lease) try(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, l.deadline(now))
	defer cancel()
	if l.term.holds(now) && !l.term.doubt {
		err := l.write(ctx, now, renew)
		if err == nil || !is(err, http.StatusConflict) && !is(err, http.StatusNotFound) {
			return err
		}
	}
	if err := l.read(ctx); err != nil {
		return err
	}
	now = time.Now()
	due := l.term.next(now)
	if due == wait {
		return nil
	}
	err := l.write(ctx, now, due)
	if is(err, http.StatusConflict) { // another process was faster
		return nil
	}
	return err
}

// deadline is when the requests that begin now have to be over.
func (l *Lease) deadline(now time.Time) time.Time {
	end := now.Add(l.term.answerWithin)
	if l.term.holds(now) && l.term.until.Before(end) {
		end = l.term.until
	}
	return end
}

func (l *Lease) read(ctx context.Context) error {
	found, err := l.store.get(ctx, l.name)
	if is(err, http.StatusNotFound) {
		l.last = object{}
		l.note(func(t term) term { return t.read(time.Now(), nil) })
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the Lease %s/%s: %w", l.name.Namespace, l.name.Name, err)
	}
	r, err := found.record()
	if err != nil {
		return err
	}
	l.last = found
	l.note(func(t term) term { return t.read(time.Now(), &r) })
	return nil
}

// write makes or renews the Lease. A write that fails may still have reached the API server, or reach it later: it ends no
// term and begins none, and the next request reads.
func (l *Lease) write(ctx context.Context, began time.Time, how move) error {
	var written object
	var err error
	if how == create {
		written, err = l.store.create(ctx, l.name, fresh(l.name).heldBy(l.term.me, l.term.lasts, began))
	} else {
		written, err = l.store.update(ctx, l.name, l.last.heldBy(l.term.me, l.term.lasts, began))
	}
	var r record
	if err == nil {
		r, err = written.record()
	}
	if err != nil {
		l.note(term.failed)
		return fmt.Errorf("writing the Lease %s/%s: %w", l.name.Namespace, l.name.Name, err)
	}
	l.last = written
	l.note(func(t term) term { return t.wrote(began, time.Now(), r) })
	return nil
}

// note changes the term, for Held to see.
func (l *Lease) note(change func(term) term) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.term = change(l.term)
}

// settle begins and ends what is done under the Lease as its term does.
func (l *Lease) settle(ctx context.Context) {
	l.mu.Lock()
	holds := l.term.holds(time.Now())
	won := holds && l.held == nil
	if won {
		u := &under{lease: l}
		u.Context, u.end = context.WithCancel(ctx)
		l.held, l.end = u, u.end
	}
	l.mu.Unlock()
	switch {
	case won:
		l.notice.Changed(true)
	case !holds && l.drop():
		l.notice.Changed(false)
	}
}

// drop ends what is done under the Lease, and tells whether it was held.
func (l *Lease) drop() (before bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		return false
	}
	l.end()
	l.held, l.end = nil, nil
	return true
}

// release gives the Lease back, unless somebody else has it by now. Without an answer others wait until it is over.
func (l *Lease) release() {
	ctx, cancel := context.WithTimeout(context.Background(), l.term.answerWithin)
	defer cancel()
	for range 3 { // a renewal that was under way may have changed its version
		err := l.read(ctx)
		if err == nil && (l.term.seen == nil || l.term.seen.holder != l.term.me) {
			return
		}
		if err == nil {
			_, err = l.store.update(ctx, l.name, l.last.released(time.Now()))
		}
		if err == nil {
			return
		}
	}
}
