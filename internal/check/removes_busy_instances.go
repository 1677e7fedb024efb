package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var removesBusyInstances = &Check{
	Name: "removes_busy_instances", Severities: []Severity{Critical, Warning, Info}, Needs: wiring, run: runRemovesBusyInstances,
	Stage: StagePolicy, Holds: Keep,
}

// runRemovesBusyInstances tells the worst of them.
func runRemovesBusyInstances(s *Subject) verdict {
	if !s.scaled() {
		return verdict{}
	}
	worst := pass(Warning)
	for i := range s.Behavior.RemovesBusy {
		act := &s.Behavior.RemovesBusy[i]
		if found := s.removes(act); !worst.failed || worse(found.severity, worst.severity) {
			worst = found
		}
	}
	return worst
}

func (s *Subject) removes(act *behavior.Act) verdict {
	p := s.policy(act.Policy)
	switch {
	case p != nil && s.Behavior.Consolidates(act):
		value := p.Tracking.TargetValue
		return fail(Info, "The policy %q of variant %q removes instances that are all busy: with an empty queue they read the requests that each "+
			"works on%s, and it scales in below nine tenths of its target value %g.", act.Policy, s.Variant.Name, s.each(", %d"), value).
			advise("A lower target value%s, or more concurrent invocations, avoids it.", s.full())
	case act.Situation == behavior.JustStarted:
		return fail(Info, "HasBacklogWithoutCapacity stays 1 for up to 3 minutes after a start, so %s of variant %q may set %s again where more "+
			"run by then. It does no lasting harm.", via(act.Path), s.Variant.Name, instances(act.To))
	case act.Situation == behavior.Woken:
		quick := ""
		if act.Within < usualStart {
			quick = ", where the start takes " + short(act.Within) + " or less"
		}
		return fail(Warning, "%s removes the instances of variant %q that a request has just started%s: the alarm still counts the minutes before "+
			"the request came. It then waits for a second start.", fleet.Capital(via(act.Path)), s.Variant.Name, quick).advise("%s", s.toLeave(act.Alarm))
	case act.Situation == behavior.BusyAtTimes:
		return fail(Warning, "%s removes instances of variant %q that are working: the %s of a period is low although a request was in "+
			"service for part of it.", fleet.Capital(via(act.Path)), s.Variant.Name, s.statistic(act.Alarm)).advise("Set its statistic to Maximum.")
	}
	severity, than, after := Warning, "", ""
	if act.After > 0 {
		after = ", after " + short(act.After)
	}
	if s.Service > act.After {
		severity, than = Critical, fmt.Sprintf(" Requests take %s, longer than that.", short(s.Service))
	}
	at := fmt.Sprintf("while %s and all of them have work", count(act.From, "instance runs", "instances run"))
	if act.Requests > 0 {
		at = fmt.Sprintf("with %s at %s", count(act.Requests, "request", "requests"), instances(act.From))
	}
	return fail(severity, "%s removes instances of variant %q that have requests in service: %s it leaves %d%s.%s", fleet.Capital(via(act.Path)),
		s.Variant.Name, at, act.To, after, than).advise("%s", s.spares(act))
}

// usualStart is how long an instance takes to start, mostly.
const usualStart = 5 * time.Minute

// statistic is that of an alarm in words.
func (s *Subject) statistic(alarm string) string {
	if a := s.alarm(alarm); a != nil && behavior.Lowest(a) == "Minimum" {
		return "minimum"
	}
	return "average"
}

// toLeave says how an alarm leaves a state as soon as there is no reason for it.
func (s *Subject) toLeave(name string) string {
	alarm := s.alarm(name)
	switch {
	case alarm == nil:
		return "Change the condition of the alarm."
	case alarm.DatapointsToAlarm > 0 && alarm.DatapointsToAlarm < alarm.EvaluationPeriods:
		return fmt.Sprintf("Let the alarm ask for all of its %d datapoints, not for %d.", alarm.EvaluationPeriods, alarm.DatapointsToAlarm)
	case alarm.Period > time.Minute:
		return "Set its period to 1m."
	}
	return "Change the condition of the alarm, so that one minute is enough to leave the state in which it acts."
}

// spares says what to do about a path that removes instances at work.
func (s *Subject) spares(act *behavior.Act) string {
	p := s.policy(act.Policy)
	if act.Tracking {
		return "Let it track ApproximateBacklogSizePerInstance, at a target value that is no more than an instance works on."
	}
	exact := p != nil && p.Step != nil && p.Step.AdjustmentType == policy.ExactCapacity
	if exact && slices.ContainsFunc(p.Step.Adjustments, func(step fleet.StepAdjustment) bool { return step.Adjustment >= act.From }) {
		return fmt.Sprintf("Let the step for that many requests set as many instances as they need%s.", s.each(": each works on %d"))
	}
	if i := slices.IndexFunc(s.Behavior.Paths, func(w behavior.Wire) bool { return w.Path == act.Path }); exact && i >= 0 && s.Behavior.Paths[i].WakesFrom > 0 {
		return "Let the policy change the capacity by a number (ChangeInCapacity): an exact one takes back what others have added."
	}
	if act.State != autoscaling.Alarm.String() && act.State != "" {
		return fmt.Sprintf("Take that policy out of the actions of the alarm for %s, and let another alarm trigger it: one on ApproximateBacklogSize "+
			"below 1, which counts requests in service.", act.State)
	}
	return s.toCount(act.Alarm)
}

// toCount says what an alarm that scales in has to watch.
func (s *Subject) toCount(name string) string {
	if a := s.alarm(name); a != nil && len(a.Math) == 0 && a.Metric.Name == fleet.Backlog.String() {
		return "Let it go into ALARM below 1 alone: ApproximateBacklogSize counts requests in service."
	}
	return "Let it watch ApproximateBacklogSize below 1, which counts requests in service."
}

// count is a number of things in words.
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// each puts the concurrency into words where it is known.
func (s *Subject) each(format string) string {
	if c := s.Endpoint.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		return fmt.Sprintf(format, *c)
	}
	return ""
}

// full is the highest target value that removes no busy instance, in words.
func (s *Subject) full() string {
	if c := s.Endpoint.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		return fmt.Sprintf(", %g at most", autoscaling.FullTarget(*c))
	}
	return ""
}

// worse compares severities.
func worse(a, b Severity) bool {
	rank := map[Severity]int{Critical: 3, Warning: 2, Info: 1}
	return rank[a] > rank[b]
}
