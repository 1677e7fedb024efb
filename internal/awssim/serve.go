package awssim

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// call is one request on its way through the server.
type call struct {
	server    *Server
	service   *service
	operation string
	protocol  protocol
	requestID string
	caller    identity
	region    string
	fault     Fault
	in        args

	place *place // only while its world is locked
	world *sim.World
}

// reply is an answer that is ready to be written.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// mostBody is how long a request may be: a GetMetricData with 500 queries has a tenth of it.
const mostBody = 4 << 20

// serve answers one request: it reads it, waits the latency, lets the operation answer, and spoils the answer when a
// fault says so. No lock is held while it reads, waits or writes.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == ClockPath {
		s.tellClock(w, r)
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c := &call{server: s}
	c.service, c.operation, c.protocol = route(r, body)
	name := "Unknown." + c.operation
	if c.service != nil {
		name = c.service.name + "." + c.operation
	}
	latency := s.count(c, name)
	c.fault = s.fault(name)
	if !s.wait(r.Context(), latency+c.fault.Delay) {
		panic(http.ErrAbortHandler)
	}
	answer := s.answer(c, r, body)
	if c.writes() {
		s.record(c, name, body, answer.status == http.StatusOK)
	}
	s.write(w, r, c, answer)
}

// readBody reads a request, unpacked when the client packed it.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var from io.Reader = http.MaxBytesReader(w, r.Body, mostBody)
	if strings.Contains(r.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, fmt.Errorf("unpacking the request: %w", err)
		}
		from = io.LimitReader(unpacked, mostBody)
	}
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	return body, nil
}

// count counts the request and gives it its id, which says in which order requests came.
func (s *Server) count(c *call, name string) (latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[name]++
	s.served++
	c.requestID = fmt.Sprintf("00000000-0000-4000-8000-%012x", s.served)
	return s.latency
}

// answer makes the whole answer, as AWS would, or as the fault's error has it.
func (s *Server) answer(c *call, r *http.Request, body []byte) reply {
	if f := c.admit(r); f != nil {
		return c.failed(f)
	}
	if f := c.fault.error(c); f != nil {
		return c.failed(f)
	}
	if c.fault.Status != 0 {
		return gatewayPage(c.fault.Status)
	}
	output, err := c.run(body)
	if err != nil {
		return c.failed(failureOf(err))
	}
	header := http.Header{}
	return reply{http.StatusOK, header, c.protocol.answer(header, c.operation, c.requestID, output)}
}

// admit finds out who asks for what.
func (c *call) admit(r *http.Request) *failure {
	if c.service == sts && unsigned[c.operation] {
		home := c.server.scopes[0]
		c.caller, c.region = identity{account: home.AccountID}, home.Region
		return nil
	}
	scope, refused := credentialOf(r)
	if refused != nil {
		return refused
	}
	caller, known := c.server.identify(scope.key)
	if !known {
		return fail("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	c.caller, c.region = caller, scope.region
	if c.service == nil || c.service.operations[c.operation] == nil {
		return fail("UnknownOperationException", fmt.Sprintf("Could not find operation %s.", c.operation))
	}
	return nil
}

// run lets the operation answer, with the world locked and brought to the present.
func (c *call) run(body []byte) (record, error) {
	in, err := c.protocol.decode(body)
	if err != nil {
		return nil, err
	}
	c.in = in
	c.place = c.server.place(fleet.Scope{AccountID: c.caller.account, Region: c.region})
	c.place.mu.Lock()
	defer c.place.mu.Unlock()
	c.place.advance(c.server.now())
	c.world = c.place.world
	return c.service.operations[c.operation](c)
}

// wrote is called by the operations that change the world.
func (c *call) wrote() { c.place.forget() }

func (c *call) failed(f *failure) reply {
	answer := *f
	if answer.status == 0 {
		answer.status = c.protocol.status(f.code)
	}
	header := http.Header{}
	return reply{answer.status, header, c.protocol.failure(header, c.requestID, &answer)}
}

// gatewayPage is the answer of what stands between a client and AWS when it gives up.
func gatewayPage(status int) reply {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	return reply{status, http.Header{"Content-Type": {"text/html"}}, []byte("<html><body><b>Http/1.1 " + text + "</b></body></html>\n")}
}

// write sends the answer, spoilt if the fault says so. A handler that panics with ErrAbortHandler closes its connection.
func (s *Server) write(w http.ResponseWriter, r *http.Request, c *call, answer reply) {
	switch c.fault.Break {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
		panic(http.ErrAbortHandler)
	case CloseConnection:
		panic(http.ErrAbortHandler)
	case MalformedBody:
		// Not JSON, not XML, and as CBOR a map with a key of a reserved kind.
		answer.status, answer.body = http.StatusOK, []byte("\xa3<malformed")
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	switch c.fault.Break {
	case CutBody:
		_, _ = w.Write(answer.body[:len(answer.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case SlowDrip:
		s.drip(w, r, c, answer.body)
	default:
		_, _ = w.Write(answer.body) // a client that has gone needs no answer
	}
}

// drip sends a body byte by byte.
func (s *Server) drip(w http.ResponseWriter, r *http.Request, c *call, body []byte) {
	pause := c.fault.Drip
	if pause == 0 {
		pause = 10 * time.Millisecond
	}
	flush := http.NewResponseController(w).Flush
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil {
			return
		}
		_ = flush()
		if !s.wait(r.Context(), pause) {
			panic(http.ErrAbortHandler)
		}
	}
}
