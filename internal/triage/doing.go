package triage

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Waits is what an endpoint does at which requests wait and nothing will process them by itself.
const Waits explain.State = "stuck"

// Word is what the endpoint does, for people. How bad that is says Severity.
func (c *Case) Word() string { return strings.ReplaceAll(string(c.Doing), "_", " ") }

// doing is what an endpoint does, whatever is wrong with it: the state that explain concludes, or, where that is Failing, the state that
// its queue and its instances show.
func (v *View) doing(e *report.Endpoint, state explain.State) explain.State {
	if state != explain.Failing {
		return state
	}
	backlog, wants := e.Queue[fleet.Backlog], 0
	running, known := e.Instances()
	for i := range e.Variants {
		if e.Variants[i].Desired == nil {
			return explain.NotKnown
		}
		wants += *e.Variants[i].Desired
	}
	if v.NoQueue != "" || Hidden(backlog, v.At) != "" || !known {
		return explain.NotKnown
	}
	switch waits := backlog.Value > 0; {
	case waits && (running == 0 || dead(e)):
		return Waits
	case wants < running:
		return explain.ScalingIn
	case wants > running && running == 0:
		return explain.Waking
	case wants > running:
		return explain.ScalingOut
	case waits && v.full(e):
		return explain.AtMaximum
	case waits:
		return explain.Working
	case running > 0:
		return explain.Idle
	}
	return explain.Asleep
}

// dead tells whether AWS says that the endpoint works on nothing until somebody does something.
func dead(e *report.Endpoint) bool {
	return e.Status != fleet.RollbackFailed && slices.Contains(fleet.Lasting, e.Status)
}

// full tells whether all instances allowed run and more waits than is tracked; where nothing tracks the backlog, whether they all run.
func (v *View) full(e *report.Endpoint) bool {
	if v.Why(fleet.SourceScaling) != "" {
		return false
	}
	for i := range e.Variants {
		of := &e.Variants[i]
		if of.Target == nil || *of.Desired < of.Target.MaxCapacity {
			return false
		}
	}
	target, tracked := Target(e)
	return !tracked || v.value(e, fleet.BacklogPerInstance) > target
}

// Target is the backlog per instance at which the tracking policies aim, the highest of them; ok is false where none tracks it.
func Target(e *report.Endpoint) (target float64, ok bool) {
	for i := range e.Variants {
		for _, p := range e.Variants[i].Policies {
			if t := p.Tracking; t != nil && t.Metric != nil && t.Metric.Name == fleet.BacklogPerInstance.String() {
				target = max(target, t.TargetValue)
			}
		}
	}
	return target, target > 0
}
