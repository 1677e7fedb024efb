package check

// Finding is what a check says of a variant.
type Finding struct {
	Check    *Check
	Severity Severity // of a finding that passed: the one that it would have if it failed now
	Failed   bool
	Holds    Scaling // what does not happen while it fails
	Sentence string  // for people: what is wrong, what it costs and what to do; empty unless Failed
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
			findings = append(findings, Finding{Check: check, Severity: v.severity, Failed: v.failed, Holds: v.holds(check), Sentence: v.sentence})
		}
	}
	return findings
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
