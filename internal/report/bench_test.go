package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// everything is a pattern that matches every name.
type everything struct{}

func (everything) Match(string) bool { return true }

func (everything) String() string { return ".*" }

// documented is a fleet whose endpoints have the documented objects.
func documented(endpoints int) fleet.Snapshot {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	snapshot := fleet.Snapshot{At: at}
	for _, name := range []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceTags, fleet.SourceWork,
	} {
		snapshot.Sources = append(snapshot.Sources, fleet.Source{Name: name, LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Hour)})
	}
	for i := range endpoints {
		name, n := fmt.Sprintf("endpoint-%05d", i), 1
		target, track, wake := policy.Target(name, "v"), policy.Tracking(name, "v"), policy.Wake(name, "v")
		track.ARN, wake.ARN = name+"/track", name+"/wake"
		alarm := policy.WakeAlarm(name, "v", wake.ARN)
		snapshot.Endpoints = append(snapshot.Endpoints, fleet.Endpoint{
			EndpointSummary: fleet.EndpointSummary{Name: name, Status: "InService"}, Tags: map[string]string{}, Expires: at.Add(time.Hour),
			Variants: []fleet.Variant{{
				Name: "v", Current: &n, Desired: &n, Types: []string{"ml.g5.xlarge"}, Target: &target, Policies: []fleet.Policy{track, wake},
				Alarms: []fleet.WiredAlarm{{Policy: wake.Name, Role: fleet.RoleWake, Alarm: alarm}},
			}},
		})
		snapshot.Alarms = append(snapshot.Alarms, alarm)
	}
	return snapshot
}

// BenchmarkBuild is what each publication costs: the checks and the plan of a whole fleet.
func BenchmarkBuild(b *testing.B) {
	for _, endpoints := range []int{500, 5000} {
		b.Run(fmt.Sprint(endpoints), func(b *testing.B) {
			snapshot, past := documented(endpoints), NewPast()
			rules := Rules{Policies: policy.Policies{policy.ByName(everything{})}}
			past.Observe(&snapshot)
			b.ReportAllocs()
			for b.Loop() {
				if r := Build(snapshot, rules, past); len(r.Plan.Selected) != endpoints || !r.Plan.Empty() {
					b.Fatalf("the plan is %+v", r.Plan)
				}
			}
		})
	}
}
