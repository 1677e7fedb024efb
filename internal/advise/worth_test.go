package advise

import (
	"math"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// paid is how many instances ran on average, and how many seconds a request took.
func paid(t *testing.T, s story) (instances, took float64) {
	t.Helper()
	const seeds = 2
	for seed := range uint64(seeds) {
		w := s.happen(t, seed)
		sum := func(m fleet.Metric, statistic string) (sum float64) {
			for _, point := range w.Published(m, statistic, begin, w.Now()) {
				sum += point.Value
			}
			return sum
		}
		total := fleet.TotalProcessingTime.Of(fleet.VariantDimensions("e", "v"))
		took += sum(total, "Sum") / 1000 / sum(total, "SampleCount") / seeds
		each := map[time.Time]float64{}
		for _, point := range w.Published(fleet.BacklogPerInstance.Query("e").Metric, "Average", begin, w.Now()) {
			each[point.At] = point.Value
		}
		minutes, running := 0, 0.0
		for _, point := range w.Published(fleet.Backlog.Query("e").Metric, "Average", begin, w.Now()) {
			if each[point.At] > 0 {
				minutes, running = minutes+1, running+point.Value/each[point.At]
			}
		}
		instances += running / float64(minutes) / seeds
	}
	return instances, took
}

// What the constant worth says of the model.
func TestWorth_valuesThatAreALittleHigherSaveNothing(t *testing.T) {
	for _, c := range []int{1, 4, 8} {
		for _, service := range []float64{10, 60} {
			if testing.Short() && (c == 1) == (service == 10) { // half of them; make test-long has all
				continue
			}
			full := autoscaling.FullTarget(c)
			s := story{
				work: sim.Work{Service: time.Duration(service) * time.Second}, concurrency: c, instances: 2, most: 8, target: full, hours: 24,
				rate: func(at time.Duration) float64 {
					return 2.5 * float64(c) / service * (1 + .5*math.Sin(2*math.Pi*at.Hours()/6))
				},
			}
			instances, took := paid(t, s)
			for _, times := range []float64{1.5, worth - .5} {
				s.target = full * times
				if more, longer := paid(t, s); more < .9*instances || longer < 1.1*took {
					t.Errorf("%d at once for %g s, %g times: %.2f instances instead of %.2f, %.0f s instead of %.0f s", c, service, times, more, instances, longer, took)
				}
			}
		}
	}
}
