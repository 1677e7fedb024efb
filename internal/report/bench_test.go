package report

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/behavior"
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
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceTags, fleet.SourceMetrics,
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
				Alarms: []fleet.WiredAlarm{{Policy: wake.Name, Alarm: alarm}},
			}},
		})
		snapshot.Alarms = append(snapshot.Alarms, alarm)
	}
	return snapshot
}

// BenchmarkBuild is what each publication costs: the checks and the plan of a whole fleet, that was read again. Where nothing
// has changed nothing is evaluated again. On a machine that does other things too, the processor's time tells.
func BenchmarkBuild(b *testing.B) {
	for _, endpoints := range []int{500, 5000} {
		for _, anew := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/anew=%t", endpoints, anew), func(b *testing.B) {
				snapshot, past := documented(endpoints), NewPast()
				rules := Rules{Policies: policy.Policies{policy.ByName(everything{})}}
				past = past.Observe(&snapshot)
				Build(snapshot, rules, past)
				worked := time.Duration(0)
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					readAgain(&snapshot)
					if anew {
						past = NewPast().Observe(&snapshot)
					}
					b.StartTimer()
					before := worktime(b)
					if r := Build(snapshot, rules, past); len(r.Plan.Selected) != endpoints || !r.Plan.Empty() {
						b.Fatalf("the plan is %+v", r.Plan)
					}
					worked += worktime(b) - before
				}
				b.ReportMetric(float64(worked)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

// BenchmarkBehavior is what the evaluations alone cost: of 5,000 variants anew, and when they were read again and nothing has
// changed; as documented, and with a step policy beside it that removes idle instances, of which more has to be asked.
func BenchmarkBehavior(b *testing.B) {
	for _, steps := range []bool{false, true} {
		snapshot := documented(5000)
		for i := range snapshot.Endpoints {
			wire(&snapshot.Endpoints[i], steps)
		}
		for _, anew := range []bool{false, true} {
			b.Run(fmt.Sprintf("5000/steps=%t/anew=%t", steps, anew), func(b *testing.B) { benchmarkBehavior(b, &snapshot, anew) })
		}
	}
}

// wire adds AWS's own alarms, and perhaps what removes idle instances.
func wire(e *fleet.Endpoint, steps bool) {
	v := &e.Variants[0]
	for side, a := range autoscaling.TrackingAlarms(&v.Policies[0], func() string { return "id" }) {
		a.Name = fmt.Sprint(a.Name, side)
		v.Alarms = append(v.Alarms, fleet.WiredAlarm{Policy: v.Policies[0].Name, Alarm: a})
	}
	if !steps {
		return
	}
	idle := policy.Wake(e.Name, "v")
	idle.Name, idle.ARN = "idle", e.Name+"/idle"
	idle.Step.AdjustmentType, idle.Step.Adjustments = policy.ExactCapacity, []fleet.StepAdjustment{{Upper: new(float64)}}
	alarm := policy.WakeAlarm(e.Name, "v", idle.ARN)
	alarm.Name, alarm.Metric, alarm.Comparison = e.Name+"-idle", fleet.Backlog.Query(e.Name).Metric, "LessThanThreshold"
	v.Policies = append(v.Policies, idle)
	v.Alarms = append(v.Alarms, fleet.WiredAlarm{Policy: idle.Name, Alarm: alarm})
}

func benchmarkBehavior(b *testing.B, snapshot *fleet.Snapshot, anew bool) {
	var cache behavior.Cache
	worked := time.Duration(0)
	ask := func() {
		for i := range snapshot.Endpoints {
			e := &snapshot.Endpoints[i]
			cache.Of(e, &e.Variants[0], behavior.Context{})
		}
	}
	ask()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		readAgain(snapshot)
		if anew {
			cache = behavior.Cache{}
		}
		b.StartTimer()
		before := worktime(b)
		ask()
		worked += worktime(b) - before
	}
	b.ReportMetric(float64(worked)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
}

// readAgain puts equal values in place of those that were read before.
func readAgain(s *fleet.Snapshot) {
	s.Endpoints = slices.Clone(s.Endpoints)
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		e.Variants = slices.Clone(e.Variants)
		v := &e.Variants[0]
		target := *v.Target
		v.Target, v.Policies, v.Alarms = &target, slices.Clone(v.Policies), slices.Clone(v.Alarms)
	}
}

// worktime is the time that this process has worked.
func worktime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// What is read again and has not changed is not evaluated again, neither for the checks nor for the plan: an evaluation is
// most of the work.
func TestBuild_evaluatesOnlyWhatHasChanged(t *testing.T) {
	snapshot, past := documented(20), NewPast()
	rules := Rules{Policies: policy.Policies{policy.ByName(everything{})}}
	before := Build(snapshot, rules, past)
	anew := testing.AllocsPerRun(5, func() { Build(snapshot, rules, NewPast()) })
	unchanged := testing.AllocsPerRun(5, func() {
		readAgain(&snapshot)
		Build(snapshot, rules, past)
	})
	if unchanged > anew/4 { // a half if either of the two evaluated again
		t.Errorf("unchanged input costs %v allocations, all anew %v", unchanged, anew)
	}
	readAgain(&snapshot)
	snapshot.Endpoints[1].Variants[0].Alarms[0].Threshold = 5
	after := Build(snapshot, rules, past)
	for i := range after.Endpoints {
		if again := after.Endpoints[i].Variants[0].Behavior != before.Endpoints[i].Variants[0].Behavior; again != (i == 1) {
			t.Errorf("endpoint %d is evaluated again: %t", i, again)
		}
	}
	if len(after.Plan.Steps) == 0 {
		t.Error("the plan is that of the endpoints before")
	}
}
