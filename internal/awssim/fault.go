package awssim

import (
	"fmt"
	"strings"
	"time"
)

// Fault is something that goes wrong with the answers of an operation. Its parts combine: a Delay comes first, then an
// error (Code, Status), else the operation's answer, whose Results and Break are spoilt. With an error the operation has
// not happened; a Break comes behind it, so that a write is done and its client does not learn of it.
type Fault struct {
	// Code answers an AWS error, by the name that the JSON protocols give it, for example ThrottlingException,
	// AccessDeniedException or ExpiredTokenException; each protocol renders it in its own way.
	Code string
	// Message is the error's text. Without one, the well-known codes speak in AWS's words, about this caller and call.
	Message string
	// Status is the HTTP status of the error: AWS's for the code when it is 0. A Status without a Code answers like a
	// proxy in front of AWS: a page of HTML.
	Status int
	// Delay is waited before the answer, beside the server's latency.
	Delay time.Duration
	// Break spoils the answer.
	Break Break
	// Drip is the pause between two bytes of a SlowDrip; 10 ms when it is 0.
	Drip time.Duration
	// Results is the StatusCode of every result of a GetMetricData answer: PartialData keeps the first half of each
	// result's datapoints, InternalError and Forbidden keep none.
	Results string
	// Messages are put on a GetMetricData answer, by code: on each result when Results is set, else on the whole.
	Messages map[string]string
	// Times is how many requests are affected, after which the fault clears itself; 0 is without end.
	Times int
	// Probability is the share of requests that are affected, by a die whose throws are the same in each run; 0 is all.
	Probability float64
}

// Break is a way in which an answer is spoilt.
type Break string

// The ways in which an answer is spoilt.
const (
	Hang            Break = "hang"             // no answer until the client goes away
	CloseConnection Break = "close connection" // closed instead of an answer
	CutBody         Break = "cut body"         // closed in the middle of the body
	MalformedBody   Break = "malformed body"   // a body that no protocol can read, with status 200
	SlowDrip        Break = "slow drip"        // one byte at a time
	EmptyPage       Break = "empty page"       // nothing on this page, but a NextToken that leads to what should be here
	RepeatedToken   Break = "repeated token"   // the NextToken is that of the page itself
)

func (f Fault) isZero() bool {
	return f.Code == "" && f.Status == 0 && f.Delay == 0 && f.Break == "" && f.Results == "" && len(f.Messages) == 0
}

// error is the failure that the fault answers, nil when it answers none that AWS could.
func (f Fault) error(c *call) *failure {
	if f.Code == "" {
		return nil
	}
	answer := fail(f.Code, f.Message)
	if f.Message == "" {
		answer.message = c.words(f.Code)
	}
	if f.Status != 0 {
		answer.status = f.Status
	}
	return answer
}

// words are what AWS says of an error, where they matter to those who read them.
func (c *call) words(code string) string {
	switch queryCode(code) {
	case "AccessDenied":
		action := c.service.iam + ":" + c.operation
		resource := "arn:aws:" + c.service.iam + ":" + c.region + ":" + c.caller.account + ":*"
		return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy "+
			"allows the %s action", c.caller.arn, action, resource, action)
	case "Throttling":
		return "Rate exceeded"
	case "ExpiredToken":
		return "The security token included in the request is expired"
	case "InvalidClientTokenId":
		return "The security token included in the request is invalid."
	}
	return "The request could not be processed: " + code + "."
}

// SetFault makes an operation go wrong, in every world, until the fault is cleared or used up. The operation is one of
// the names that Calls has, or a pattern: "CloudWatch.*" is every operation of a service, "*" every operation. The most
// exact one counts. The zero Fault clears.
func (s *Server) SetFault(operation string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.isZero() {
		delete(s.faults, operation)
		return
	}
	s.faults[operation] = &f
}

// HasFault tells whether a fault that was set for exactly this operation or pattern is neither cleared nor used up.
func (s *Server) HasFault(operation string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[operation] != nil
}

// fault takes the fault of one request, zero when there is none.
func (s *Server) fault(operation string) Fault {
	service, _, _ := strings.Cut(operation, ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pattern := range []string{operation, service + ".*", "*"} {
		f := s.faults[pattern]
		if f == nil {
			continue
		}
		if f.Probability > 0 && s.chance.Float64() >= f.Probability {
			return Fault{}
		}
		taken := *f
		switch {
		case f.Times == 1:
			delete(s.faults, pattern)
		case f.Times > 1:
			f.Times--
		}
		return taken
	}
	return Fault{}
}
