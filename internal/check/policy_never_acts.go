package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var policyNeverActs = &Check{
	Name: "policy_never_acts", Severities: []Severity{Warning}, Needs: wiring, run: runPolicyNeverActs, Stage: StagePolicy,
}

// runPolicyNeverActs looks at what an alarm triggers. A policy that no alarm triggers may be called by hand, and what keeps
// the variant from waking is another check's.
func runPolicyNeverActs(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	found, wakes := false, s.Behavior.WakePath()
	for i := range s.Behavior.Paths {
		path := &s.Behavior.Paths[i]
		p, alarm := s.policy(path.Policy), s.Behavior.Alarm(path.Alarm)
		if p == nil || p.Step == nil || alarm == nil {
			continue
		}
		found = true
		if path.Acts()|path.May == 0 && !alarm.Disabled && !alarm.Muted && path.Path != wakes && !s.blamed(alarm.Name) {
			if why := s.unpublished(s.alarm(alarm.Name)); why != "" {
				return fail(Warning, "The alarm %q triggers the policy %q of variant %q in vain: %s.", path.Alarm, path.Policy, s.Variant.Name, why).
					advise("%s; or %s.", toPublish(s.alarm(alarm.Name)), s.without(path.Path))
			}
			return fail(Warning, "The alarm %q triggers the policy %q of variant %q in vain: in no situation does one of its steps change the "+
				"number of instances.", path.Alarm, path.Policy, s.Variant.Name).
				advise("Correct the bounds of its steps, which are distances from the threshold of the alarm, and below 0 for an alarm on "+
					"small values; or %s.", s.without(path.Path))
		}
	}
	for i := range s.Behavior.Alarms {
		alarm := &s.Behavior.Alarms[i]
		if len(alarm.Dead) == 0 || len(alarm.Triggers) > 0 || alarm.Name == wakes.Alarm || s.blamed(alarm.Name) {
			continue
		}
		return fail(Warning, "The alarm %q triggers a policy of variant %q that does not exist any more, so it does nothing.", alarm.Name, s.Variant.Name).
			advise("Make the ARN of a policy that exists its action, or %s.", s.without(behavior.Path{Alarm: alarm.Name}))
	}
	for i := range s.Behavior.Policies {
		known := &s.Behavior.Policies[i]
		p := s.policy(known.Name)
		if p == nil || len(p.Lost) == 0 {
			continue
		}
		found = true
		if known.Acts|known.May != 0 || known.Unpublished != "" || runNoTrackingPolicy(s).failed || runNeverReachesZero(s).failed {
			continue // or another check says it
		}
		return fail(Warning, "AWS's own alarms of the tracking policy %q of variant %q are gone, so it does nothing, and AWS scales in only when all "+
			"tracking policies would.", p.Name, s.Variant.Name).advise("%s Or delete the policy %q, if the others do its work.", again(p), p.Name)
	}
	if !found {
		return verdict{}
	}
	return pass(Warning)
}

// toPublish says how an alarm watches a metric that there is.
func toPublish(alarm *fleet.Alarm) string {
	right := autoscaling.Dimensions(alarm.Metric)
	_, ok, _ := autoscaling.Published(alarm.Metric)
	switch {
	case ok:
		return "Leave out its unit"
	case len(right) == 1:
		return "Let it watch the dimension EndpointName alone"
	case len(right) > 1:
		return "Let it watch the dimensions " + strings.Join(right, " and ")
	}
	return "Let it watch a metric that AWS publishes for asynchronous endpoints"
}

// without says how to do away with an alarm and a policy that do nothing, without taking away what uses either of them.
func (s *Subject) without(path behavior.Path) string {
	alarm, known := s.alarm(path.Alarm), s.Behavior.Alarm(path.Alarm)
	p, others := s.Behavior.Policy(path.Policy), len(alarm.Actions())-len(known.Dead)
	if path.Policy != "" {
		others--
	}
	switch {
	case others > 0 && path.Policy != "":
		return "take the policy out of the actions of the alarm, which has others"
	case others > 0:
		return "take that action out of the alarm, which has others"
	case p != nil && p.Acts|p.May == 0 && len(p.Alarms) == 1:
		return fmt.Sprintf("delete the alarm %q and the policy %q", path.Alarm, path.Policy)
	case p != nil:
		return fmt.Sprintf("delete the alarm %q alone: another alarm uses the policy", path.Alarm)
	}
	return fmt.Sprintf("delete the alarm %q", path.Alarm)
}

// blamed tells whether an alarm is among the causes why the variant does not wake.
func (s *Subject) blamed(alarm string) bool {
	if !s.sleeps() {
		return false
	}
	for _, fault := range []*behavior.Fault{s.Behavior.Wakes.Fault, s.Behavior.Joins.Fault} {
		if fault != nil && (fault.Alarm == alarm || slices.ContainsFunc(fault.Others, func(p behavior.Path) bool { return p.Alarm == alarm })) {
			return true
		}
	}
	return false
}
