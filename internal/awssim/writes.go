package awssim

import (
	"slices"
	"strings"
)

// Write is one request to change something, whether or not it was done.
type Write struct {
	Operation string // as in Calls, for example ApplicationAutoScaling.PutScalingPolicy
	Resource  string // the resource id of the scalable target; empty of an alarm
	Name      string // of the policy, the scheduled action or the alarms; empty of a scalable target
	Done      bool   // the world has changed, even if a fault broke the answer
}

// keepWrites is how many of the newest writes are kept, at least.
const keepWrites = 10_000

// Writes lists the requests to change something since the start or ResetCalls, oldest first: those that were refused, that
// a fault failed and that the server does not know are among them. Of very many, the newest are listed.
func (s *Server) Writes() []Write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes)
}

// writes tells whether the operation changes something. A name that says nothing does.
func (c *call) writes() bool {
	return c.service != sts && !slices.ContainsFunc([]string{"Describe", "Get", "List"}, func(verb string) bool {
		return strings.HasPrefix(c.operation, verb)
	})
}

// record keeps a write; of a body that cannot be read the names are not known.
func (s *Server) record(c *call, name string, body []byte, done bool) {
	write := Write{Operation: name, Done: done}
	if in, err := c.protocol.decode(body); err == nil {
		write.Resource = in.text("ResourceId")
		for _, member := range []string{"PolicyName", "ScheduledActionName", "AlarmName"} {
			write.Name += in.text(member)
		}
		write.Name += strings.Join(in.texts("AlarmNames"), " ")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.writes) >= 2*keepWrites {
		s.writes = slices.Clone(s.writes[keepWrites:])
	}
	s.writes = append(s.writes, write)
}
