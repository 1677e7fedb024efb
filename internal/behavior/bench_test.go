package behavior

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// fleetOf are so many endpoints of the documented shape with AWS's own alarms, every tenth with a ladder of steps.
func fleetOf(n int) []*shape {
	shapes := make([]*shape, n)
	for i := range shapes {
		s := target(0, 10, documented)
		if i%10 == 0 {
			all(step("burst", change, between(0, 20, 2), from(20, 5)), alarm("burst-alarm", bs, ">=", 10, 3, triggers("burst")))(s)
		}
		for p := range s.variant.Policies {
			policy := &s.variant.Policies[p]
			for side, a := range autoscaling.TrackingAlarms(policy, func() string { return "id" }) {
				a.Name = fmt.Sprint(a.Name, side)
				s.variant.Alarms = append(s.variant.Alarms, fleet.WiredAlarm{Alarm: a})
			}
		}
		s.variant.Name = fmt.Sprint("v", i)
		shapes[i] = s
	}
	return shapes
}

// worktime is the time that this process has worked: on a machine that does other things too, the clock does not tell.
func worktime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkOf is what 5,000 variants cost, all anew.
func BenchmarkOf(b *testing.B) {
	shapes := fleetOf(5000)
	b.ReportAllocs()
	before := worktime(b)
	for b.Loop() {
		for _, s := range shapes {
			s.of()
		}
	}
	b.ReportMetric(float64(worktime(b)-before)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
}

// BenchmarkCache is what they cost when they were read again and nothing has changed.
func BenchmarkCache(b *testing.B) {
	shapes := fleetOf(5000)
	var cache Cache
	ask := func() {
		for _, s := range shapes {
			cache.Of(&s.endpoint, s.variant, s.context)
		}
	}
	ask()
	b.ReportAllocs()
	worked := time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		for _, s := range shapes {
			s.variant.Policies, s.variant.Alarms = slices.Clone(s.variant.Policies), slices.Clone(s.variant.Alarms)
		}
		b.StartTimer()
		before := worktime(b)
		ask()
		worked += worktime(b) - before
	}
	b.ReportMetric(float64(worked)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
}
