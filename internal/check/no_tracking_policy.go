package check

import (
	"fmt"
	"slices"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

var noTrackingPolicy = &Check{
	Name: "no_tracking_policy", Severities: []Severity{Critical, Warning}, Needs: wiring, run: runNoTrackingPolicy,
	Stage: StagePolicy, Holds: Out, Remedy: []plan.Kind{plan.TrackingPolicy},
}

// runNoTrackingPolicy judges by whether a queue adds instances, by target tracking or otherwise.
func runNoTrackingPolicy(s *Subject) verdict {
	if !s.scaled() || s.Variant.Target.Suspended.ScaleOut || s.followsNothing() || s.Behavior.ScalesOut.Silenced {
		return verdict{} // another check says it
	}
	out := &s.Behavior.ScalesOut
	switch out.Level {
	case behavior.LevelOpen:
		return verdict{}
	case behavior.BurstOnly:
		return fail(Warning, "Variant %q scales out in a burst only, through %s: requests that just miss the latency objective add no instance.",
			s.Variant.Name, via(out.By)).advise("%s", s.toTrack())
	case behavior.Never:
		idle, cause := "", "A"
		if s.Behavior.ScalesIn.Verdict == behavior.No {
			idle = ", and nothing removes idle ones"
		}
		if _, gone := s.lost(fleet.TrackingHigh); gone != "" {
			cause = gone + ", so a"
		}
		return fail(Critical, "%s queue adds no instance to those of variant %q (now %s, at most %d)%s: requests wait longer the more arrive.",
			cause, s.Variant.Name, s.instances(), s.Variant.Target.MaxCapacity, idle).advise("%s", s.toTrack())
	}
	return pass(Critical)
}

// toTrack says how a queue adds instances.
func (s *Subject) toTrack() string {
	if p, _ := s.lost(fleet.TrackingHigh); p != nil {
		return again(p)
	}
	if tracker := s.Behavior.Tracker(); tracker != nil {
		if p := s.policy(tracker.Name); p != nil && p.Tracking != nil {
			return fmt.Sprintf("Lower the target value of the policy %q, %g, or see why its alarms do nothing.", p.Name, p.Tracking.TargetValue)
		}
	}
	return "Put target tracking on ApproximateBacklogSizePerInstance."
}

// followsNothing tells whether some tracking policy follows a metric that has no value, or another endpoint's.
func (s *Subject) followsNothing() bool {
	return slices.ContainsFunc(s.Behavior.Policies, func(p behavior.Policy) bool { return p.Unpublished != "" || p.Elsewhere != "" })
}
