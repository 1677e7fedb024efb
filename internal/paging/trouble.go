package paging

import (
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// idle is how old the newest evaluation may be. Rules are evaluated every half minute by default.
const idle = 5 * time.Minute

// Troubles are what keeps alerts from being found or from reaching somebody, a sentence each; none when all is well.
func (s *State) Troubles() (all []string) {
	add := func(format string, args ...any) { all = append(all, plan.Printable(fmt.Sprintf(format, args...))) }
	if !s.Exporter.Up {
		add("The exporter at %s cannot be scraped%s: what fires rests on what was known before.", s.Exporter.URL, reason(s.Exporter.Error))
	}
	if s.Storage.Error != "" {
		add("Series cannot be stored%s since %s: nothing new is found, and alerts that fire are held.", reason(s.Storage.Error), fleet.Minute(s.Storage.Since, s.At))
	}
	switch last := s.Rules.LastEvaluation; {
	case s.Rules.Alerting == 0:
		add("There are no alerting rules: nothing will ever fire.")
	case last.IsZero():
		add("No rule has been evaluated yet.")
	case s.At.Sub(last) > idle:
		add("The rules were last evaluated %s ago.", fleet.Lapse(s.At.Sub(last)))
	}
	for _, failing := range s.Rules.Failing {
		add("Rule %s cannot be evaluated%s.", failing.Rule, reason(failing.Error))
	}
	if len(s.Alertmanagers) == 0 {
		add("No Alertmanager is known: nobody is told.")
	}
	for _, one := range s.Alertmanagers {
		if one.Error != "" { // what it did not take before is not what is wrong now
			add("Alertmanager %s does not take alerts (%s): %d of %d since the start; what still fires is sent again.", one.URL, one.Error, one.Failed, one.Sent)
		}
	}
	return all
}

func reason(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
