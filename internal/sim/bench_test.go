package sim

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// BenchmarkWorld_fifteenDays is one endpoint at a request a second with everything that CloudWatch would show of it.
func BenchmarkWorld_fifteenDays(b *testing.B) {
	for b.Loop() {
		w := New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began, 7)
		w.add(EndpointSpec{
			Name: "e", Config: async("e", "ml.g5.xlarge", 4), Instances: 2, Work: Work{Service: 20 * time.Second}, Rate: constant(1),
		}, scaling{max: 10})
		w.Advance(began.Add(15 * 24 * time.Hour))
	}
}

// BenchmarkReplay_fifteenDays is the same endpoint, replayed: what simulate does for each candidate and seed.
func BenchmarkReplay_fifteenDays(b *testing.B) {
	var requests []Request
	draw := rand.New(rand.NewPCG(1, 1))
	const length = 15 * 24 * time.Hour
	for at := time.Duration(0); at < length; at += time.Duration(draw.ExpFloat64() * float64(time.Second)) {
		requests = append(requests, Request{At: at, Took: 10*time.Second + time.Duration(draw.ExpFloat64()*float64(10*time.Second))})
	}
	scaling := DocumentedScaling()
	scaling.Max = 10
	for b.Loop() {
		if _, err := (Replay{Requests: requests, Length: length, Concurrency: 4, Instances: 2, Scaling: scaling}).Run(); err != nil {
			b.Fatal(err)
		}
	}
}
