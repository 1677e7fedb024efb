package sim

import (
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Revise changes from now on what CloudWatch has of a minute that is over: it adds so much to the sum, and so many
// samples. A minute of which nothing was published comes into being, later than it should; one that loses its last
// sample is gone. World.At puts it off to a later moment. It fails when the minute is not kept any more or not over yet,
// when the metric was never published, and when it would leave a sum without samples.
func (w *World) Revise(m fleet.Metric, minute time.Time, sum float64, samples int) error {
	s, i, err := w.over(m, minute)
	if err != nil {
		return fmt.Errorf("revising %s: %w", m.Name, err)
	}
	revised, ok := revised(s.at(i), sum, samples)
	if !ok {
		return fmt.Errorf("revising %s: %s would have %d samples", m.Name, minute.Format(time.RFC3339), int(s.at(i).N)+samples)
	}
	*s.minutes.slot(i) = revised
	return nil
}

// revised is the sample with more in it. The extremes cannot be known exactly, unless there is one sample.
func revised(s autoscaling.Sample, sum float64, samples int) (all autoscaling.Sample, ok bool) {
	n := int(s.N) + samples
	switch {
	case n < 0 || n == 0 && s.Sum+sum != 0:
		return s, false
	case n == 0:
		return autoscaling.Sample{}, true
	case n == 1:
		return autoscaling.Sample{Sum: s.Sum + sum, Min: s.Sum + sum, Max: s.Sum + sum, N: 1}, true
	}
	all = s
	if samples > 0 {
		mean := sum / float64(samples)
		all.Merge(autoscaling.Sample{Min: mean, Max: mean, N: uint32(samples)})
	}
	all.Sum, all.N = s.Sum+sum, uint32(n)
	return all, true
}

// Withhold makes CloudWatch late: it does not show a minute that is over before the given moment, a day later at most.
func (w *World) Withhold(m fleet.Metric, minute, until time.Time) error {
	s, i, err := w.over(m, minute)
	if err != nil {
		return fmt.Errorf("withholding %s: %w", m.Name, err)
	}
	if until.Sub(minute) > 24*time.Hour {
		return fmt.Errorf("withholding %s: %s is more than a day after the minute", m.Name, until.Format(time.RFC3339))
	}
	if s.withheld == nil {
		s.withheld = map[int]time.Duration{}
	}
	s.withheld[i] = until.Sub(w.epoch)
	return nil
}

// over finds a minute that is over and still kept.
func (w *World) over(m fleet.Metric, minute time.Time) (s *series, i int, err error) {
	s = w.metrics[keyOf(m)]
	if s == nil {
		return nil, 0, fmt.Errorf("nothing was ever published of it under these dimensions")
	}
	i = w.minuteAt(minute)
	if minute.Before(w.epoch) || i < s.kept(w.minuteAt(w.now), false) || i >= w.ended {
		return nil, 0, fmt.Errorf("the minute %s is not among those that are over and kept", minute.Format(time.RFC3339))
	}
	return s, i, nil
}
