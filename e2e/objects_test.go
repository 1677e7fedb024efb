//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// objects are everything that scales, by names that are the same in each run.
type objects struct {
	Targets  map[string]fleet.Target // by resource id
	Policies map[string]fleet.Policy // by resource id and name
	Alarms   map[string]fleet.Alarm  // by name; those that AWS makes for tracking policies are left out
}

// objectsOf copies the objects of the endpoints that are wanted, without what AWS gives them: ids, times, states. An
// action that is the ARN of a living policy is written as its name, one of a policy that is gone as "gone".
func objectsOf(w *sim.World, wanted func(endpoint string) bool) objects {
	o := objects{map[string]fleet.Target{}, map[string]fleet.Policy{}, map[string]fleet.Alarm{}}
	of := func(resource string) bool {
		endpoint, _, ok := fleet.SplitResourceID(resource)
		return ok && wanted(endpoint)
	}
	for _, target := range w.ScalableTargets() {
		if target.ARN, target.Created = "", (time.Time{}); of(target.ResourceID) {
			o.Targets[target.ResourceID] = target
		}
	}
	living := map[string]string{}
	for _, p := range w.ScalingPolicies() {
		key := p.ResourceID + " " + p.Name
		living[p.ARN] = key
		if p.ARN, p.Created, p.Alarms = "", (time.Time{}), nil; of(p.ResourceID) {
			o.Policies[key] = p
		}
	}
	for _, alarm := range w.Alarms() {
		if endpoint, ok := alarm.Metric.Dimension("EndpointName"); strings.HasPrefix(alarm.Name, "TargetTracking-") || !ok || !wanted(endpoint) {
			continue
		}
		alarm.ARN, alarm.State, alarm.StateReason, alarm.StateUpdated, alarm.StateSince = "", "", "", time.Time{}, time.Time{}
		alarm.ConfigurationUpdated, alarm.Read, alarm.Mutes = time.Time{}, time.Time{}, fleet.Mutes{}
		alarm.AlarmActions = slices.Clone(alarm.AlarmActions)
		for i, action := range alarm.AlarmActions {
			if name, ok := living[action]; ok {
				alarm.AlarmActions[i] = name
			} else if fleet.IsScalingAction(action) {
				alarm.AlarmActions[i] = "gone"
			}
		}
		o.Alarms[alarm.Name] = alarm
	}
	return o
}

// text is what two sets of objects are compared by, for people too: nil and none are the same to AWS.
func (o objects) text() string {
	text, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		panic(err) // these values have a form in JSON
	}
	return strings.ReplaceAll(string(text), ": null", ": []")
}

// scalingOf are the objects of some endpoints, now.
func scalingOf(aws *awssim.Server, endpoints ...string) (o objects) {
	aws.Do(region, func(w *sim.World) {
		o = objectsOf(w, func(endpoint string) bool { return slices.Contains(endpoints, endpoint) })
	})
	return o
}

// documented are the four objects of the document for a variant.
func documented(endpoint, variant string) objects {
	resource := fleet.ResourceID(endpoint, variant)
	alarm := policy.WakeAlarm(endpoint, variant, resource+" "+policy.WakeName)
	target := policy.Target(endpoint, variant)
	target.RoleARN = "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/" +
		"AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint" // AWS's own
	return objects{
		map[string]fleet.Target{resource: target},
		map[string]fleet.Policy{
			resource + " " + policy.TrackingName: policy.Tracking(endpoint, variant),
			resource + " " + policy.WakeName:     policy.Wake(endpoint, variant),
		},
		map[string]fleet.Alarm{alarm.Name: alarm},
	}
}

// same compares objects.
func same(t *testing.T, what string, got, want objects) {
	t.Helper()
	if got.text() != want.text() {
		t.Errorf("%s: these objects stand there:\n%s\nwant:\n%s", what, got.text(), want.text())
	}
}

// operationsOf lists the operations of writes.
func operationsOf(writes []awssim.Write) []string {
	seen := map[string]bool{}
	for _, write := range writes {
		seen[write.Operation] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
