package check

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var endpointNotInService = &Check{
	Name: "endpoint_not_in_service", Severities: []Severity{Critical, Warning}, run: runEndpointNotInService,
	Stage: StageInstances, Holds: Wake | Out | In, Alert: "SageMakerAsyncEndpointNotInService",
}

// StuckAfter is how long an update may take: longer than instances need to start.
const StuckAfter = 30 * time.Minute

// Stuck tells whether something is done to an endpoint for so long that it does not end by itself, as far as anybody knows, and since
// when it is. SageMaker refuses every change of the number of instances meanwhile. That Application Auto Scaling has asked for
// instances which do not come is another matter.
func Stuck(e *fleet.Endpoint, at time.Time) (since time.Time, stuck bool) {
	if e.Status == "" || e.Status == fleet.InService || slices.Contains(fleet.Lasting, e.Status) || e.LastModified.IsZero() {
		return time.Time{}, false
	}
	since = e.LastModified
	for i := range e.Variants {
		v := &e.Variants[i]
		goes := slices.IndexFunc(v.Activity.Recent, fleet.Activity.InProgress)
		if goes < 0 {
			continue
		}
		if v.Current == nil || v.Desired == nil || *v.Current != *v.Desired {
			return time.Time{}, false
		}
		if start := v.Activity.Recent[goes].Start; start.After(since) {
			since = start
		}
	}
	return since, at.Sub(since) >= StuckAfter
}

// runEndpointNotInService looks at the endpoint as a whole: each of its variants has the finding.
func runEndpointNotInService(s *Subject) verdict {
	severity, cost := Warning, "nothing scales"
	if s.starved() {
		severity, cost = Critical, "no instance starts for the requests that are queued"
	}
	if s.Endpoint.Status == fleet.RollbackFailed {
		return fail(Warning, "The endpoint is %s: its instances work on, with a mix of the old and the new configuration, and AWS does not say "+
			"whether anything scales until it is InService.", fleet.RollbackFailed).advise("AWS's FailureReason says why; its owner has to deploy it again.")
	}
	if status := s.Endpoint.Status; slices.Contains(fleet.Lasting, status) {
		return fail(severity, "The endpoint is %s, so it works on nothing and %s.", status, cost).
			advise("AWS's FailureReason says why; its owner has to deploy it again.")
	}
	if since, stuck := Stuck(s.Endpoint, s.At); stuck {
		return fail(severity, "The endpoint has been %s for %s, and SageMaker refuses every change of the number of instances until that ends, so "+
			"%s.", s.Endpoint.Status, fleet.Lapse(s.At.Sub(since)), cost).advise("Ask the owner of the deployment, and look at its log.")
	}
	return pass(severity)
}
