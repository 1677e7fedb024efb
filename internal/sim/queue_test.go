package sim

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// done are the sums and the numbers of samples of what an endpoint with one variant has done.
func (s *story) done(endpoint string) (sums, samples map[string]float64) {
	sums, samples = map[string]float64{}, map[string]float64{}
	for _, metric := range s.Metrics(fleet.Namespace) {
		if of, _ := metric.Dimension("EndpointName"); of == endpoint && len(metric.Dimensions) == 2 {
			sums[metric.Name] = sumOf(s.Published(metric, "Sum", time.Time{}, s.Now()))
			samples[metric.Name] = sumOf(s.Published(metric, "SampleCount", time.Time{}, s.Now()))
		}
	}
	return sums, samples
}

func TestQueue_eachFailureIsCountedAndCostsItsLatencies(t *testing.T) {
	s := working(t, Work{
		Service: 2 * time.Second, Download: time.Second, Upload: time.Second, ErrorRate: .1, ClientRate: .05,
		DownloadFailureRate: .2, UploadFailureRate: .1, NotificationFailureRate: .3,
	}, .4)
	s.after(10 * time.Hour)
	sums, samples := s.done("e")
	processed := sums["InvocationsProcessed"]
	if processed < 10_000 {
		t.Fatalf("only %v requests", processed)
	}
	for name, rate := range map[string]float64{
		"Invocation5XXErrors": .1, "Invocation4XXErrors": .05, "RequestDownloadFailures": .2, "ResponseUploadFailures": .1,
		"NotificationFailures": .3, "InvocationFailures": .45,
	} {
		if share := sums[name] / processed; share < rate*.9 || share > rate*1.1 {
			t.Errorf("%s: a share of %.3f, want %.3f", name, share, rate)
		}
	}
	downloads, uploads := sums["RequestDownloadFailures"], sums["ResponseUploadFailures"]
	for name, want := range map[string]float64{
		"TimeInBacklog": processed, "TotalProcessingTime": processed, "ModelLatency": processed - downloads,
		"RequestDownloadLatency": processed - downloads, "ResponseUploadLatency": processed - downloads - uploads,
	} {
		if samples[name] != want {
			t.Errorf("%s has %v samples, want %v", name, samples[name], want)
		}
	}
	failed := sums["Invocation5XXErrors"] + sums["Invocation4XXErrors"] + downloads + uploads
	if sums["InvocationFailures"] != failed {
		t.Errorf("%v failures, want %v", sums["InvocationFailures"], failed)
	}
	for _, name := range []string{"RequestDownloadFailures", "ResponseUploadFailures", "NotificationFailures"} {
		if unit := s.Unit(workOf("e", name)); unit != "Count" {
			t.Errorf("the unit of %s is %s", name, unit)
		}
	}
}

func TestNotifications_failWithoutInstances(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 1), Work: Work{Service: time.Second, TTL: time.Hour, NotificationFailureRate: 1},
	}))
	s.no(s.Invoke("e", 4))
	s.after(2 * time.Hour)
	expired := s.Published(workOf("e", "ExpiredRequests"), "Sum", began, s.Now())
	untold := s.Published(workOf("e", "NotificationFailures"), "Sum", began, s.Now())
	if len(expired) != 1 || expired[0].Value != 4 || len(untold) != 1 || untold[0].Value != 4 {
		t.Fatalf("expired %v, not told %v", expired, untold)
	}
	if lag := untold[0].At.Sub(expired[0].At); lag != time.Minute {
		t.Errorf("given up after %s", lag)
	}
	s.wantInstances("expired", "e", 0, 0)
}

func TestNotifications_failAfterTheLastInstanceHasGone(t *testing.T) {
	s := newStory(t)
	s.no(s.AddEndpoint(EndpointSpec{
		Name: "e", Config: async("e", "ml.g5.xlarge", 1), Instances: 1, Work: Work{Service: 10 * time.Second, NotificationFailureRate: 1},
	}))
	_, err := s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Min: ptr(0), Max: ptr(1)})
	s.no(err)
	s.no(s.Invoke("e", 1))
	s.until("done", 5*time.Minute, func() bool { return s.endpoints["e"].station.backlog() == 0 })
	_, err = s.RegisterScalableTarget(TargetChange{ResourceID: fleet.ResourceID("e", allTraffic), Max: ptr(0)})
	s.no(err)
	gone := s.Now()
	s.after(10 * time.Minute)
	untold := s.Published(workOf("e", "NotificationFailures"), "Sum", gone, s.Now())
	if len(untold) != 1 || len(s.Published(workOf("e", "InvocationsProcessed"), "Sum", gone, s.Now())) > 0 {
		t.Errorf("not told %v", untold)
	}
}

func TestDemo_hasEveryKindOfFailure(t *testing.T) {
	w := Demo(began)
	w.Advance(began.Add(DemoHistory))
	s := &story{t, w}
	for endpoint, names := range map[string][]string{
		"transcribe-live": {"Invocation4XXErrors", "Invocation5XXErrors", "RequestDownloadFailures", "ResponseUploadFailures", "NotificationFailures"},
		"diffusion":       {"Invocation5XXErrors", "ResponseUploadFailures"},
	} {
		sums, _ := s.done(endpoint)
		for _, name := range names {
			if sums[name] == 0 || sums[name] > sums["InvocationsProcessed"]/10 {
				t.Errorf("%s: %v %s of %v requests", endpoint, sums[name], name, sums["InvocationsProcessed"])
			}
		}
	}
	s.after(5 * time.Hour)
	sums, _ := s.done("translate-paused")
	if sums["ExpiredRequests"] == 0 || sums["NotificationFailures"] == 0 || sums["InvocationsProcessed"] > 0 {
		t.Errorf("translate-paused: %v", sums)
	}
}
