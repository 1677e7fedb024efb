// Package check says what is wrong with the scaling of an asynchronous endpoint, how bad it is and what to do. Each check
// has a file of its own.
package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Severity says how bad it is that a check fails.
type Severity string

// The severities.
const (
	Critical Severity = "critical" // requests are not worked on, or nobody scales what costs money
	Warning  Severity = "warning"  // it costs money or time, or will
	Info     Severity = "info"     // worth knowing
)

// Check is one entry of the catalogue.
type Check struct {
	Name       string
	Severities []Severity         // that it can have, the worst first
	Needs      []fleet.SourceName // beside the endpoints; while one is not known the check is absent, not passed

	run func(*Subject) verdict // nil when it is no check of a variant
}

// catalogue are the checks in the order of the documentation.
var catalogue = []*Check{
	targetNotRegistered, noWakePolicy, wakeAlarmUnwired, wakeAlarmWrongMetric, noTrackingPolicy, trackingWrongMetric,
	scalingSuspended, cannotScaleToZero, scaleInDisabled, trackingAlarmNoData, alarmNameShared, wakeCooldownShort,
	orphanedScaling, targetValueRemovesBusy, backlogSharedByVariants, singleInstanceType, noFailurePath,
	differsFromDocumented,
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

// The sources beside the endpoints that most checks need: policies and their targets alone, or with their alarms.
var (
	scaling = []fleet.SourceName{fleet.SourceScaling}
	wiring  = []fleet.SourceName{fleet.SourceScaling, fleet.SourceAlarms}
)

// verdict is what one check says of one variant. The zero verdict says that it does not apply.
type verdict struct {
	severity Severity // as it is, or would be if the check failed now
	failed   bool
	sentence string
}

// pass says that the check applies and nothing is wrong.
func pass(severity Severity) verdict { return verdict{severity: severity} }

// fail says what is wrong, what it costs and what to do, in one or two sentences for people. What AWS says is not
// trusted, so the names in them are quoted.
func fail(severity Severity, format string, args ...any) verdict {
	return verdict{severity: severity, failed: true, sentence: fmt.Sprintf(format, args...)}
}
