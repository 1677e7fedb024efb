package check

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// Finding is what a check says of a variant.
type Finding struct {
	Check    *Check
	Severity Severity // of a finding that passed: the one that it would have if it failed now
	Failed   bool
	Holds    Scaling // what does not happen while it fails
	advice   uint16  // where in the sentence the advice begins; 0: there is none
	Sentence string  // for people: what is wrong, what it costs and what to do; empty unless Failed
}

// Problem is the sentence without what to do.
func (f *Finding) Problem() string {
	if f.advice == 0 {
		return f.Sentence
	}
	return f.Sentence[:f.advice-1]
}

// Advice is what to do; empty where nothing is known to help.
func (f *Finding) Advice() string {
	if f.advice == 0 {
		return ""
	}
	return f.Sentence[f.advice:]
}

// Run is what every check says that applies to the variant, in the order of the documentation. Checks whose sources are
// not known and those that are muted are left out; muted may be nil.
func Run(s *Subject, muted func(check string) bool) []Finding {
	findings := make([]Finding, 0, len(catalogue))
	for _, check := range catalogue {
		if check.run == nil || muted != nil && muted(check.Name) || !s.knows(check) {
			continue
		}
		if v := check.run(s); v.severity != "" {
			findings = append(findings, v.finding(s, check))
		}
	}
	return findings
}

// finding is the verdict with what to do. Of a variant that a policy selects the plan decides what it fixes.
func (v verdict) finding(s *Subject, check *Check) Finding {
	f := Finding{Check: check, Severity: v.severity, Failed: v.failed, Holds: v.holds(check), Sentence: v.problem}
	if !v.failed {
		return f
	}
	if advice := s.advice(check, v.advice); advice != "" {
		f.Sentence += " " + advice
		f.advice = uint16(len(v.problem) + 1) // a problem is a sentence or two
	}
	return f
}

// advice is what to do about a failing check: what the plan of the variant does, else what there is to do by hand.
func (s *Subject) advice(check *Check, byHand string) string {
	fixes := func(kind plan.Kind) bool { return slices.Contains(check.Remedy, kind) }
	switch {
	case !s.selected(), check.Holds == Wake && s.runs() != "": // the documented wake alarm is for a queue that nothing works on
	case slices.ContainsFunc(s.Steps, func(step plan.Step) bool { return fixes(step.Kind) }):
		if s.Reconciled {
			return "Reconcile fixes it in one of its next rounds."
		}
		return "To fix it, run plan and then apply, or serve with --reconcile."
	}
	for _, held := range s.Withheld {
		if fixes(held.Kind) {
			return strings.TrimSpace(byHand + " The plan withholds the step that would fix it (" + held.Title() + ": " + string(held.Reason) + ").")
		}
	}
	return byHand
}

func (s *Subject) knows(check *Check) bool {
	for _, source := range check.Needs {
		if !s.Knows(source) {
			return false
		}
	}
	return true
}

// holds is what does not happen while the check fails.
func (v verdict) holds(check *Check) Scaling {
	if v.held != 0 {
		return v.held
	}
	return check.Holds
}
