package awssim

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Options are what a Server needs beside its worlds.
type Options struct {
	// Clock is the clock that is shared with the exporters; those in other processes read it at ClockPath. Its zero
	// value is the machine's.
	Clock fleet.Clock
	// Now is a clock instead of Clock that cannot be shared with other processes, for tests.
	Now func() time.Time
	// Latency is added to each answer.
	Latency time.Duration
	// ExternalIDs are the external ids that roles require, by the role's ARN; a role that is not among them requires none.
	ExternalIDs map[string]string
	// Days gives the demo an endpoint with 15 days of history.
	Days bool
}

// clocks are the clock that other processes may join, zero when they may not, and the same as a function.
func (o Options) clocks() (shared fleet.Clock, now func() time.Time) {
	if o.Now != nil {
		return fleet.Clock{}, o.Now
	}
	if shared = o.Clock; shared.Speed == 0 {
		at := time.Now()
		shared = fleet.Clock{Machine: at, Shown: at, Speed: 1}
	}
	return shared, func() time.Time { return shared.At(time.Now()) }
}

// Server answers as AWS does, for the accounts and regions of its worlds. Its methods may be called at any time from
// any goroutine.
type Server struct {
	now         func() time.Time
	clock       fleet.Clock   // zero when it cannot be shared with other processes
	scopes      []fleet.Scope // of the worlds; the first is that of the static credentials
	externalIDs map[string]string
	listener    net.Listener
	http        *http.Server
	done        chan struct{}
	running     sync.WaitGroup // the accept loop and the connections
	closing     sync.Once
	closeErr    error

	mu      sync.Mutex // everything below
	latency time.Duration
	places  map[fleet.Scope]*place
	keys    map[string]identity
	calls   map[string]int
	writes  []Write
	faults  map[string]*Fault
	chance  *rand.Rand // of faults that do not affect every request
	served  uint64
}

// Start serves the worlds on a free port of the loopback interface, until Close. It fails when New does, or when it
// cannot listen.
func Start(o Options, worlds ...*sim.World) (*Server, error) {
	s, err := New(o, worlds...)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w", err)
	}
	s.listener = listener
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute, ConnState: s.connection}
	s.running.Go(func() { _ = s.http.Serve(listener) }) // it ends with ErrServerClosed, and only by Close
	return s, nil
}

// New serves the worlds to those that use its Transport or its Handler, without a network. The account of the first world
// is the one that the static credentials of Env belong to; others are reached by assuming a role. It fails when two worlds
// have the same account and region.
func New(o Options, worlds ...*sim.World) (*Server, error) {
	if len(worlds) == 0 {
		return nil, fmt.Errorf("starting the embedded AWS: there is no world to serve")
	}
	shared, now := o.clocks()
	s := &Server{
		now:         now,
		clock:       shared,
		externalIDs: maps.Clone(o.ExternalIDs),
		done:        make(chan struct{}),
		latency:     o.Latency,
		places:      map[fleet.Scope]*place{},
		calls:       map[string]int{},
		faults:      map[string]*Fault{},
		chance:      rand.New(rand.NewPCG(1, 2)), // the same each time, so that a run with one client repeats itself
	}
	for _, world := range worlds {
		if s.places[world.Scope()] != nil {
			return nil, fmt.Errorf("starting the embedded AWS: two worlds are %s in %s",
				world.Scope().AccountID, world.Scope().Region)
		}
		s.scopes = append(s.scopes, world.Scope())
		s.places[world.Scope()] = &place{world: world}
	}
	s.keys = map[string]identity{staticKey: {
		account: s.scopes[0].AccountID,
		arn:     "arn:aws:iam::" + s.scopes[0].AccountID + ":user/simulated",
		id:      "AIDASIMULATEDUSER000",
	}}
	return s, nil
}

// StartDemo serves the demo's world with sim.DemoHistory behind it. It fails when it cannot listen.
func StartDemo(o Options) (*Server, error) {
	_, now := o.clocks()
	at := now()
	begin := sim.Demo
	if o.Days {
		begin = sim.DemoOfDays
	}
	world := begin(at.Add(-sim.DemoHistory))
	world.Advance(at)
	return Start(o, world)
}

// connection counts the connections, each of which has a goroutine that Close waits for.
func (s *Server) connection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	}
}

// Close stops the server: open connections are closed, requests in hand are given up, and all goroutines have ended
// when it returns. Closing again does nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		close(s.done)
		if s.http != nil {
			s.closeErr = s.http.Close()
		}
		s.running.Wait()
	})
	return s.closeErr
}

// Handler answers the requests, for a server of one's own, for example one with TLS. It panics with
// http.ErrAbortHandler where a fault has the connection closed.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// URL is the address of the server, for an SDK's BaseEndpoint. Without a network it is one that leads nowhere.
func (s *Server) URL() string {
	if s.listener == nil {
		return "http://embedded.invalid"
	}
	return "http://" + s.listener.Addr().String()
}

// Env is the environment, in the form KEY=VALUE, with which an AWS SDK or the AWS CLI talks to the server: its URL, the
// first world's region, and credentials for the first world's account. The user's own AWS files are out of sight.
func (s *Server) Env() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + staticKey,
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_DEFAULT_REGION=" + s.scopes[0].Region,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_PAGER=",
		"AWS_REGION=" + s.scopes[0].Region,
		"AWS_SECRET_ACCESS_KEY=" + staticSecret,
		"AWS_SESSION_TOKEN=",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"NO_PROXY=127.0.0.1",
	}
}

// Calls counts the requests since the start or ResetCalls, failed ones included, by service and operation, for example
// CloudWatch.GetMetricData. The services are SageMaker, ApplicationAutoScaling, CloudWatch and STS.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// ResetCalls begins to count anew and forgets Writes.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
	s.writes = nil
}

// SetLatency changes the time that is added to each answer.
func (s *Server) SetLatency(latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = latency
}

// Do runs a function on the first world of a region, advanced to now, while nothing else touches it. A region without
// one has an empty world in the first account.
func (s *Server) Do(region string, do func(*sim.World)) {
	p := s.place(fleet.Scope{AccountID: s.accountIn(region), Region: region})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.world.Advance(s.now())
	do(p.world)
	p.forget()
}

// wait sleeps unless the client goes away or the server closes first; then it is false.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}
