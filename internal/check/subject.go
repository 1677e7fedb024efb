package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Subject is one variant with everything that the checks look at.
type Subject struct {
	At            time.Time
	Endpoint      *fleet.Endpoint
	Variant       *fleet.Variant // of the endpoint
	Behavior      *behavior.Behavior
	Others        []*behavior.Behavior // of the other variants of the endpoint
	Wanted        *policy.Wanted       // nil when no policy selects the variant
	Steps         []plan.Step          // of the plan, those of the variant
	Withheld      []plan.Withheld      // of the plan, what is withheld of the variant
	Reconciled    bool                 // the plan is carried out by itself
	TargetSeen    bool                 // the process has seen a scalable target of the variant before
	RecreateAfter time.Duration        // how long a scalable target may be missing during a deployment
	Latency       time.Duration        // the longest acceptable wait in the queue; 0: not known
	Defaulted     bool                 // nobody has set Latency
	RequestTTL    time.Duration        // after which a request expires; 0: AWS's default
	Service       time.Duration        // that a request takes on average; 0: not known
	Knows         func(fleet.SourceName) bool
}

// defaultTTL is after how long SageMaker drops a request that says nothing itself.
const defaultTTL = 6 * time.Hour

// metricLag is the longest that CloudWatch usually takes to show a datapoint.
const metricLag = 3 * time.Minute

func (s *Subject) ttl() time.Duration { return cmp.Or(s.RequestTTL, defaultTTL) }

// objective names Latency, and says how to have another where nobody has set it.
func (s *Subject) objective() string {
	if s.Defaulted {
		return "the default objective of " + short(s.Latency) + " (set objectives: to have another)"
	}
	return "the latency objective of " + short(s.Latency)
}

// selected tells whether a policy selects the variant.
func (s *Subject) selected() bool { return s.Wanted != nil }

// scaled tells whether the variant has a scalable target: without one nothing scales.
func (s *Subject) scaled() bool { return s.Variant.Target != nil }

// sleeps tells whether the minimum is 0, now or at some time of a schedule: then something has to wake the variant.
func (s *Subject) sleeps() bool { return s.scaled() && s.Behavior.Sleeps }

// atZero is how the variant behaves while its minimum is 0.
func (s *Subject) atZero() *behavior.Behavior {
	if next := s.Behavior.Scheduled; s.Variant.Target.MinCapacity > 0 && next != nil && next.After != nil {
		return next.After
	}
	return s.Behavior
}

// reachesZero tells whether the variant is at 0, or some path brings it there for certain.
func (s *Subject) reachesZero() bool {
	if s.Variant.Current != nil && *s.Variant.Current == 0 {
		return true
	}
	in := s.atZero().ScalesIn
	return in.Verdict == behavior.Yes && in.To == 0
}

// others says in words that another variant of the endpoint works the shared queue off: one that wakes, or always runs. It is
// empty where none does.
func (s *Subject) others() string {
	if slices.ContainsFunc(s.Others, func(b *behavior.Behavior) bool { return b.Wakes.Verdict == behavior.Yes && b.Wakes.From <= 1 }) {
		return "Another variant wakes and works the shared queue off"
	}
	if other := s.runs(); other != "" {
		return fmt.Sprintf("Variant %q always runs and works the shared queue off", other)
	}
	return ""
}

// runs is another variant of the endpoint that always runs; empty where none does.
func (s *Subject) runs() string {
	for i := range s.Endpoint.Variants {
		if other := &s.Endpoint.Variants[i]; other.Name != s.Variant.Name && alwaysRuns(other) {
			return other.Name
		}
	}
	return ""
}

// alwaysRuns tells whether a variant has instances at any time: it runs some and has no target, or its minimum is never 0.
func alwaysRuns(v *fleet.Variant) bool {
	if v.Target == nil {
		return v.Current != nil && *v.Current > 0
	}
	return v.Target.MinCapacity > 0 && !slices.ContainsFunc(v.Scheduled, func(a fleet.ScheduledAction) bool {
		return a.MinCapacity != nil && *a.MinCapacity == 0 || a.MaxCapacity != nil && *a.MaxCapacity == 0
	})
}

// alarm is an alarm of the variant by its name; nil when there is none.
func (s *Subject) alarm(name string) *fleet.Alarm {
	for i := range s.Variant.Alarms {
		if s.Variant.Alarms[i].Name == name && name != "" {
			return &s.Variant.Alarms[i].Alarm
		}
	}
	return nil
}

// policy is a policy of the variant by its name; nil when there is none.
func (s *Subject) policy(name string) *fleet.Policy { return s.Variant.Policy(name) }

// lost is the tracking policy of which AWS's own alarm of a side is gone, and that in words; nil where none is.
func (s *Subject) lost(side string) (of *fleet.Policy, gone string) {
	for i := range s.Variant.Policies {
		p := &s.Variant.Policies[i]
		if at := slices.IndexFunc(p.Lost, func(name string) bool { return strings.Contains(name, side) }); at >= 0 {
			return p, fmt.Sprintf("AWS's own alarm %q of the tracking policy %q is gone", p.Lost[at], p.Name)
		}
	}
	return nil, ""
}

// again says how AWS makes its own alarms of a policy anew.
func again(p *fleet.Policy) string {
	return fmt.Sprintf("Put the policy %q again as it is: AWS then makes its alarms anew.", p.Name)
}

// running tells whether instances are known to run.
func (s *Subject) running() bool { return s.Variant.Current != nil && *s.Variant.Current > 0 }

// queued is how many requests are known to wait or to be in service.
func (s *Subject) queued() float64 {
	if backlog := s.Endpoint.Queue[fleet.Backlog]; backlog.Fresh(s.At) {
		return backlog.Value
	}
	return 0
}

// starved tells whether requests are queued and no instance of the endpoint runs.
func (s *Subject) starved() bool {
	n, known := s.Endpoint.Instances()
	return known && n == 0 && s.queued() > 0
}

// instances says in words how many run.
func (s *Subject) instances() string {
	if s.Variant.Current == nil {
		return "the instances it has"
	}
	return instances(*s.Variant.Current)
}

func instances(n int) string { return fleet.Plural(n, "instance") }

// via names a path in words.
func via(path behavior.Path) string {
	switch {
	case path.Alarm == "" && path.Policy == "":
		return "nothing"
	case path.Alarm == "":
		return fmt.Sprintf("the policy %q", path.Policy)
	case path.Policy == "":
		return fmt.Sprintf("the alarm %q", path.Alarm)
	}
	return fmt.Sprintf("the alarm %q with the policy %q", path.Alarm, path.Policy)
}

// capital begins a sentence.

// short is a duration to the second.
func short(d time.Duration) string { return fleet.Short(d.Round(time.Second)) }

// dimensions says in words which dimensions a metric has.
func dimensions(metric *fleet.Metric) string {
	if len(metric.Dimensions) == 0 {
		return "no dimension"
	}
	words := make([]string, len(metric.Dimensions))
	for i, dimension := range metric.Dimensions {
		words[i] = fmt.Sprintf("%q = %q", dimension.Name, dimension.Value)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
