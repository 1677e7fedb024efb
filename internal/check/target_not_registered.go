package check

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var targetNotRegistered = &Check{
	Name: "target_not_registered", Severities: []Severity{Critical, Warning, Info}, Needs: targets, run: runTargetNotRegistered,
	Stage: StageTarget, Holds: Wake | Out | In, Alert: "SageMakerAsyncWakePolicyMissing", Remedy: plan.Kinds(),
}

// runTargetNotRegistered takes it as critical where requests wait at zero instances, and where scaling is meant: a policy
// says so, or there was some. Many an endpoint has a fixed number of instances on purpose.
func runTargetNotRegistered(s *Subject) verdict {
	lost := s.TargetSeen || s.left()
	meant := s.selected() || lost
	if s.scaled() {
		if meant {
			return pass(Critical)
		}
		return pass(Info)
	}
	severity := Info
	switch {
	case s.starved() && s.others() == "", meant && s.settled():
		severity = Critical
	case s.Latency > 0 && s.oldest() > s.Latency:
		severity = Warning
	}
	missing := "has no scalable target"
	if lost {
		missing = "has lost its scalable target, and its scaling policies with it"
	}
	cost := "a queue adds no instance, and idle instances are paid for"
	if s.Variant.Current != nil && *s.Variant.Current == 0 {
		cost = "queued requests wait until they expire"
		if s.others() != "" {
			cost = "queued requests are left to another variant"
		}
	}
	return fail(severity, "Variant %q %s, so it stays at %s: %s.", s.Variant.Name, missing, s.instances(), cost).
		advise("Register the target and put its policies, if it is meant to scale.")
}

// left tells whether an alarm still triggers a policy of the variant: policies go with their target, alarms stay.
func (s *Subject) left() bool {
	return slices.ContainsFunc(s.Behavior.Alarms, func(a behavior.Alarm) bool { return len(a.Dead) > 0 })
}

// settled tells whether no deployment is under way that may bring the target back.
func (s *Subject) settled() bool {
	return s.Endpoint.Status == fleet.InService && s.At.Sub(s.Endpoint.LastModified) >= s.RecreateAfter
}

// oldest is the age of the oldest queued request; 0 when it is not known.
func (s *Subject) oldest() time.Duration {
	if age := s.Endpoint.Queue[fleet.OldestAge]; s.queued() > 0 && age.Fresh(s.At) {
		return fleet.Seconds(age.Value)
	}
	return 0
}
