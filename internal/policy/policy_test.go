package policy

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestDocumented_objectsBelongToEachOther(t *testing.T) {
	target, tracking, wake := Target("e", "v"), Tracking("e", "v"), Wake("e", "v")
	alarm := WakeAlarm("e", "v", "arn:wake")
	for _, resource := range []string{target.ResourceID, tracking.ResourceID, wake.ResourceID} {
		if resource != "endpoint/e/variant/v" {
			t.Errorf("resource %q", resource)
		}
	}
	if alarm.Name != "HasBacklogWithoutCapacity-Alarm-e-v" || alarm.AlarmActions[0] != "arn:wake" {
		t.Errorf("alarm %+v", alarm)
	}
	if target.MinCapacity != 0 || tracking.Tracking.Metric.Name != "ApproximateBacklogSizePerInstance" {
		t.Errorf("target %+v, tracking %+v", target, tracking.Tracking)
	}
	if dimensions := tracking.Tracking.Metric.Dimensions; len(dimensions) != 1 || dimensions[0] != (fleet.Dimension{Name: "EndpointName", Value: "e"}) {
		t.Errorf("tracking has dimensions %v", dimensions)
	}
}
