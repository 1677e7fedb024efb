package awsapi

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MetricUnit is the unit in which CloudWatch has the datapoints of a metric in the period that begins at from, for
// example Milliseconds (cloudwatch:GetMetricStatistics). GetMetricData, which answers many metrics at once, does not say
// it. It fails with fleet.ErrNotFound when there is no datapoint.
func (c *Client) MetricUnit(ctx context.Context, metric fleet.Metric, from time.Time, period time.Duration) (string, error) {
	input := &cloudwatch.GetMetricStatisticsInput{
		Namespace:  aws.String(metric.Namespace),
		MetricName: aws.String(metric.Name),
		StartTime:  aws.Time(from),
		EndTime:    aws.Time(from.Add(period)),
		Period:     aws.Int32(int32(period / time.Second)),
		Statistics: []types.Statistic{types.StatisticSampleCount},
	}
	for i := range metric.Dimensions {
		dimension := &metric.Dimensions[i]
		input.Dimensions = append(input.Dimensions, types.Dimension{Name: &dimension.Name, Value: &dimension.Value})
	}
	out, err := c.getMetricStatistics(ctx, input)
	switch {
	case err != nil:
		err = explain(err)
	case len(out.Datapoints) == 0:
		err = fleet.ErrNotFound
	default:
		return string(out.Datapoints[0].Unit), nil
	}
	return "", fmt.Errorf("asking for the unit of %s: %w", metric.Name, err)
}
