package awsapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MetricAlarms reads all metric alarms, sorted by name (cloudwatch:DescribeAlarms, 100 a page). Composite alarms are
// left out: they watch other alarms and scale nothing.
func (c *Client) MetricAlarms(ctx context.Context) ([]fleet.Alarm, error) {
	var list []fleet.Alarm
	err := pages(ctx, "DescribeAlarms", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.MetricAlarms {
			list = append(list, alarmOf(row))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("describing alarms: %w", err)
	}
	return sorted(list, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) }), nil
}
