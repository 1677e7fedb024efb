package awsapi

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// EndpointsWithBacklog names the endpoints whose ApproximateBacklogSize CloudWatch has had in the last two weeks, sorted
// (cloudwatch:ListMetrics, 500 a page): asynchronous ones, some of which may be gone. AWS charges for a page what it charges
// for a metric of GetMetricData; billed is the number of pages.
func (c *Client) EndpointsWithBacklog(ctx context.Context) (names []string, billed int, err error) {
	err = pages(ctx, "ListMetrics", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.listMetrics(ctx, &cloudwatch.ListMetricsInput{
			Namespace: aws.String(fleet.Namespace), MetricName: aws.String(fleet.Backlog.String()), NextToken: token,
			Dimensions: []types.DimensionFilter{{Name: aws.String("EndpointName")}},
		})
		if err != nil {
			return nil, err
		}
		billed++
		for _, row := range out.Metrics {
			if len(row.Dimensions) == 1 && aws.ToString(row.Dimensions[0].Name) == "EndpointName" {
				names = append(names, aws.ToString(row.Dimensions[0].Value))
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, billed, fmt.Errorf("listing the backlogs: %w", err)
	}
	slices.Sort(names)
	return slices.Compact(names), billed, nil
}
