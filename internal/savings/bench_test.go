package savings

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// BenchmarkJudge_fifteenDays is what recommend computes for an endpoint at a request a second by day, once its history is there.
func BenchmarkJudge_fifteenDays(b *testing.B) {
	present := sim.DocumentedScaling()
	present.Max = 10
	s := subject(advise.MostDays, 0, present)
	s.Advice.History.Concurrency = 4
	for i := range s.Advice.History.Minutes {
		m := &s.Advice.History.Minutes[i]
		if n := 30 + 30*(i/60%24)/12; n > 0 {
			m.Processed, m.Backlog.Value = n, float64(n)/3
			m.Total = advise.Timed{Sum: time.Duration(n) * 25 * time.Second, Count: n}
			m.Waited = advise.Timed{Sum: time.Duration(n) * 5 * time.Second, Count: n}
		}
	}
	for b.Loop() {
		if row, err := s.Judge(func() error { return nil }); err != nil || len(row.Alternatives) < 4 {
			b.Fatal(row.Why, err)
		}
	}
}
