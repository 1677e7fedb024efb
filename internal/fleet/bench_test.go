package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// BenchmarkJoin is what it costs to find the alarms of 1,000 variants with three each. Most of its memory is held as long as
// the view is.
func BenchmarkJoin(b *testing.B) {
	var policies []fleet.Policy
	var alarms []fleet.Alarm
	variants := make([]fleet.Variant, 1000)
	for i := range variants {
		resource := fleet.ResourceID(fmt.Sprint("endpoint-", i), "AllTraffic")
		policy := fleet.Policy{ResourceID: resource, Name: "policy", ARN: "arn:" + resource}
		for j := range 3 {
			alarms = append(alarms, fleet.Alarm{Name: fmt.Sprintf("alarm-%d-%d", i, j), AlarmActions: []string{policy.ARN}})
		}
		policies = append(policies, policy)
	}
	b.ReportAllocs()
	for b.Loop() {
		join := fleet.NewJoin(nil, policies, nil, alarms, time.Time{})
		for i := range variants {
			variants[i].Name = "AllTraffic"
			join.Fill(fmt.Sprint("endpoint-", i), &variants[i])
		}
	}
	if got := len(variants[999].Alarms); got != 3 {
		b.Errorf("%d alarms", got)
	}
}
