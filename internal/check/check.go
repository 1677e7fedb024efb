// Package check says what is wrong with the scaling of an asynchronous endpoint, how bad it is and what to do. Each check
// has a file of its own. It judges by what the scaling does (package behavior), not by what it looks like.
package check

import (
	"cmp"
	"fmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Severity says how bad it is that a check fails.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // requests wait, or will, and nothing acts
	Warning  Severity = "warning"  // it costs money or time, or will
	Info     Severity = "info"     // worth knowing; it may well be meant
)

// Stage is the link between a queued request and a working instance that a check looks at.
type Stage string

// The stages that checks look at, by the names of the links of explain.
const (
	StageAlarm     Stage = "alarm"
	StagePolicy    Stage = "policy"
	StageTarget    Stage = "scalable_target"
	StageInstances Stage = "instances"
	StageWork      Stage = "work"
)

// Scaling is a set of directions of scaling.
type Scaling uint8

// The directions.
const (
	Wake  Scaling = 1 << iota // from none to the first instance
	Out                       // more
	In                        // fewer
	Later                     // none of them now, but at another time
	Keep                      // instances that have work stay
)

// Check is one entry of the catalogue.
type Check struct {
	Name       string
	Severities []Severity         // that it can have, the worst first
	Needs      []fleet.SourceName // beside the endpoints; while one is not known the check is absent, not passed
	Stage      Stage
	Holds      Scaling     // what does not happen while it fails; a Finding may say it more exactly
	Alert      string      // the rule that it backs, and so its runbook; empty: the alerts on all checks, and its section of docs/checks.md
	Remedy     []plan.Kind // the steps by which apply fixes it where a policy selects the variant; none: somebody has to

	run func(*Subject) verdict // nil when it is no check of a variant
}

// Section is where the documentation says what it means and what to do, below docs.
func (c *Check) Section() string { return "checks.md#" + c.Name }

// Runbook is where the documentation says what to do when its alert fires, below docs; empty when it has none of its own.
func (c *Check) Runbook() string {
	if c.Alert == "" {
		return ""
	}
	return RunbookOf(c.Alert)
}

// Guide is where the documentation says what to do, below docs: its runbook, or else its section.
func (c *Check) Guide() string { return cmp.Or(c.Runbook(), c.Section()) }

// RunbookOf is the runbook of an alert, below docs.
func RunbookOf(alert string) string { return "runbooks/" + alert + ".md" }

// catalogue are the checks in the order of the documentation.
var catalogue = []*Check{
	endpointNotInService, targetNotRegistered, noWakePolicy, wakeAlarmUnwired, wakeAlarmWrongMetric, wakesLate, wakesForNothing, scalesOutForNothing,
	noTrackingPolicy, neverReachesZero, neverScalesIn, trackingWrongMetric, policyNeverActs, removesBusyInstances, alarmFlaps, maxCapacityZero,
	scalingSuspended, alarmMuted, cannotScaleToZero, scaleInDisabled, trackingAlarmNoData, alarmNameShared, wakeCooldownShort,
	orphanedScaling, backlogSharedByVariants, singleInstanceType, noFailurePath, differsFromDocumented, notJudged,
}

// aliases are names that checks had before, with the present ones. A file that mutes one mutes the check still.
var aliases = map[string]string{"target_value_removes_busy": removesBusyInstances.Name}

// Alias is the present name of a check that was renamed; ok is false for any other name.
func Alias(name string) (present string, ok bool) {
	present, ok = aliases[name]
	return present, ok
}

// All lists the checks in the order of the documentation. They are shared and never changed.
func All() []*Check { return append([]*Check(nil), catalogue...) }

// Names lists the names of the checks in the order of the documentation.
func Names() []string {
	names := make([]string, len(catalogue))
	for i, check := range catalogue {
		names[i] = check.Name
	}
	return names
}

// Of is the check of that name; nil for another.
func Of(name string) *Check {
	for _, check := range catalogue {
		if check.Name == name {
			return check
		}
	}
	return nil
}

// The sources beside the endpoints that most checks need: targets and scheduled actions alone, or with policies and alarms.
var (
	targets = []fleet.SourceName{fleet.SourceTargets}
	wiring  = []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms}
)

// verdict is what one check says of one variant. The zero verdict says that it does not apply.
type verdict struct {
	severity Severity // as it is, or would be if the check failed now
	failed   bool
	held     Scaling // what does not happen, where that is not the same of each failure; 0: what the check says
	problem  string  // what is wrong and what it costs
	advice   string  // what to do by hand
}

// pass says that the check applies and nothing is wrong.
func pass(severity Severity) verdict { return verdict{severity: severity} }

// fail says what is wrong and what it costs, in one or two sentences for people. What AWS says is not trusted, so the names
// in them are quoted.
func fail(severity Severity, format string, args ...any) verdict {
	return verdict{severity: severity, failed: true, problem: fmt.Sprintf(format, args...)}
}

// advise says what to do by hand. It holds for the objects that are there: what they are already is no advice.
func (v verdict) advise(format string, args ...any) verdict {
	v.advice = fmt.Sprintf(format, args...)
	return v
}
