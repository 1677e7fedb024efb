package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Subject is one variant with everything that the checks look at.
type Subject struct {
	At         time.Time
	Endpoint   *fleet.Endpoint
	Variant    *fleet.Variant // of the endpoint
	Wanted     *policy.Wanted // nil when no policy selects the variant
	Match      policy.Match   // found with Wanted, or with the documented values
	TargetSeen bool           // the process has seen a scalable target of the variant before
	Knows      func(fleet.SourceName) bool
}

// resource is the name by which Application Auto Scaling knows the variant.
func (s *Subject) resource() string { return fleet.ResourceID(s.Endpoint.Name, s.Variant.Name) }

// selected tells whether a policy selects the variant.
func (s *Subject) selected() bool { return s.Wanted != nil }

// sleeps tells whether scaling may bring the variant to zero, from where something has to wake it.
func (s *Subject) sleeps() bool { return s.Variant.Target != nil && s.Variant.Target.MinCapacity == 0 }

// wakeAlarm is the alarm that triggers the wake policy, or the one that should; nil when there is none.
func (s *Subject) wakeAlarm() *fleet.Alarm { return s.Match.WakeAlarm(s.Variant) }

// threshold is that of the wake alarm, or of the one that would be made.
func (s *Subject) threshold() float64 {
	if alarm := s.wakeAlarm(); alarm != nil {
		return alarm.Threshold
	}
	return policy.WakeThreshold
}

// tracking is the policy that tracks the backlog; nil when there is none. One that only bears the name is none.
func (s *Subject) tracking() *fleet.Policy {
	if found := s.Match.Tracking; found != nil && policy.TracksBacklog(found) {
		return found
	}
	return nil
}

// running tells whether instances are known to run.
func (s *Subject) running() bool { return s.Variant.Current != nil && *s.Variant.Current > 0 }

// instances says in words how many run.
func (s *Subject) instances() string {
	if s.Variant.Current == nil {
		return "the instances it has"
	}
	return instances(*s.Variant.Current)
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

// mend says in words what to do: what reconcile does for a variant that a policy selects, else by hand.
func (s *Subject) mend(byHand string) string {
	if s.selected() {
		return "Run apply, or serve with --reconcile, to put it right"
	}
	return byHand + ", or select the endpoint with a policy and run apply"
}

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
