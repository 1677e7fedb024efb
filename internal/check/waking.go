package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Three checks say that a variant does not wake, each with another nearest cause: nothing is there that could wake it, an
// alarm triggers nothing, or an alarm does not go into ALARM. One of them fails at a time.

// asleep tells whether the variant certainly does not wake, and by which nearest cause; applies is false where it never
// sleeps, or where its waking is not judged.
func (s *Subject) asleep() (fault behavior.Fault, wakes, applies bool) {
	if !s.sleeps() || s.Behavior.Wakes.Verdict == behavior.NotJudged {
		return fault, false, false
	}
	found, wakes := s.Behavior.Wakes.Fault, s.Behavior.Wakes.Verdict == behavior.Yes
	if joins := s.Behavior.Joins.Fault; joins != nil && (s.runs() != "" || !wakes && s.others() != "") {
		return *joins, false, true
	}
	if wakes || found == nil {
		return fault, true, true
	}
	return *found, false, true
}

// causes are the kinds of faults that one of the three checks is about.
func (s *Subject) cause(of ...behavior.FaultKind) (fault behavior.Fault, v verdict, fails bool) {
	fault, wakes, applies := s.asleep()
	switch {
	case !applies:
		return fault, verdict{}, false
	case wakes:
		return fault, pass(Critical), false
	case fault.Kind == behavior.Nothing && s.loose() != "":
		fault.Kind, fault.Policy = unwired, s.loose()
	}
	return fault, verdict{}, slices.Contains(of, fault.Kind)
}

// unwired stands for a policy that no alarm triggers. Behaviour knows no names, so that it is found here.
const unwired behavior.FaultKind = 255

// loose is the policy of the configured or the document's name that would wake, if only an alarm triggered it.
func (s *Subject) loose() string {
	names := []string{policy.WakeName}
	if s.Wanted != nil {
		names = []string{s.Wanted.Wake.Name, policy.WakeName}
	}
	for _, name := range names {
		if known := s.Behavior.Policy(name); known != nil && known.Adds && len(known.Alarms) == 0 {
			return name
		}
	}
	return ""
}

// toWake says in words what has to be put so that the variant starts. While an instance of another variant works on the queue,
// HasBacklogWithoutCapacity is 0.
func (s *Subject) toWake() string {
	put := "Put a step policy with an alarm on " + s.wakeMetric()
	if other := s.runs(); other != "" {
		return fmt.Sprintf("%s, from as many requests as variant %q is not to work on alone; or remove the variant.", put, other)
	}
	return put + "."
}

// wakeMetric is what an alarm that starts the variant has to watch.
func (s *Subject) wakeMetric() string {
	if s.runs() != "" {
		return fleet.Backlog.String()
	}
	return fleet.WithoutCapacity.String()
}

// weight is how bad it is that the variant does not wake, and what it costs.
func (s *Subject) weight() (severity Severity, cost string) {
	night := s.Behavior.Scheduled
	switch {
	case s.woke():
		return Info, "It has woken since they were last changed, so something that is not understood wakes it"
	case s.others() != "":
		return Warning, s.others() + ", and this one never starts"
	case night != nil && night.Wakes > 0:
		severity = Warning
		if night.Wakes > s.ttl() {
			severity = Critical
		}
		return severity, "Requests wait up to " + short(night.Wakes) + " for a scheduled action"
	case night != nil && night.Open.Wakes != "":
		return Warning, fmt.Sprintf("Requests wait for the scheduled action %q, whose schedule is not understood", night.Open.Wakes)
	case !s.reachesZero():
		return Warning, "Once it is at 0 instances, requests wait until they expire"
	}
	return Critical, "Requests that arrive at 0 instances wait until they expire"
}

// woke tells whether Auto Scaling was seen to start the first instance, by an alarm that is there and as it was then.
func (s *Subject) woke() bool {
	recent := s.Variant.Activity.Recent
	for i := range recent {
		to, ok := recent[i].Desired()
		if !ok || to == 0 || recent[i].Status != "Successful" {
			continue
		}
		before := fleet.Earlier(recent[i+1:])
		if before == nil {
			return false
		}
		if from, _ := before.Desired(); from == 0 && s.since(&recent[i]) {
			return true
		}
	}
	return false
}

// since tells whether an alarm that caused an activity is there, and neither it nor the policies were changed after it.
func (s *Subject) since(activity *fleet.Activity) bool {
	for i := range s.Variant.Policies {
		if s.Variant.Policies[i].Created.After(activity.Start) {
			return false
		}
	}
	return slices.ContainsFunc(s.Variant.Alarms, func(a fleet.WiredAlarm) bool {
		written := a.ConfigurationUpdated
		return strings.Contains(activity.Cause, "alarm "+a.Name+" in state") && !written.IsZero() && written.Before(activity.Start)
	})
}
