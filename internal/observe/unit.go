package observe

import (
	"context"
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// units are how many microseconds a unit of each metric has that times events, as far as it is known. AWS's own pages
// contradict each other, so CloudWatch is asked, once for each metric.
type units map[fleet.WorkMetric]int64

// learn asks for the unit of a metric, of which there is a datapoint in the period that begins at from.
func (u units) learn(
	ctx context.Context, aws Metrics, metric fleet.WorkMetric, dimensions []fleet.Dimension, from time.Time, period time.Duration,
) error {
	unit, err := aws.MetricUnit(ctx, metric.Of(dimensions), from, period)
	if err != nil {
		return err
	}
	one, ok := fleet.UnitOfTime(unit)
	if !ok {
		return &strange{"unit", fmt.Sprintf("CloudWatch gives %s in the unit %.80q, which is no unit of time", metric, unit)}
	}
	u[metric] = one.Microseconds()
	return nil
}
