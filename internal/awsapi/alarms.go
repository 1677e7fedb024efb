package awsapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MetricAlarms reads all metric alarms, sorted by name (cloudwatch:DescribeAlarms, 100 a page). Composite alarms are
// left out: they watch other alarms and scale nothing.
func (c *Client) MetricAlarms(ctx context.Context) ([]fleet.Alarm, error) { return c.alarms(ctx, nil) }

// alarmNames is how many names CloudWatch takes in one call.
const alarmNames = 100

// AlarmsNamed reads the metric alarms of these names, as far as they exist, sorted by name (cloudwatch:DescribeAlarms).
// They are one question, however many calls it takes.
func (c *Client) AlarmsNamed(ctx context.Context, names []string) (list []fleet.Alarm, _ error) {
	ctx = withQuestion(ctx)
	for some := range slices.Chunk(names, alarmNames) {
		read, err := c.alarms(ctx, some)
		if err != nil {
			return nil, err
		}
		list = append(list, read...)
	}
	return sorted(list, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) }), nil
}

// alarms reads the metric alarms of these names; nil is all.
func (c *Client) alarms(ctx context.Context, names []string) ([]fleet.Alarm, error) {
	read := rows[types.MetricAlarm, fleet.Alarm]{
		operation: "DescribeAlarms", of: alarmOf,
		name:   func(a fleet.Alarm) string { return a.Name },
		scales: func(a fleet.Alarm) []string { return a.Scales() },
		unread: func(a fleet.Alarm) bool { return !a.Concerns() },
		crowds: crowdsOfAlarms(),
	}
	err := pages(ctx, "DescribeAlarms", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: names, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.MetricAlarms {
			if name := aws.ToString(row.AlarmName); names != nil && !slices.Contains(names, name) {
				return nil, &badAnswer{serviceCloudWatch, "DescribeAlarms", fmt.Sprintf("answer is about %.80q", name), true}
			}
			read.add(row)
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("describing alarms: %w", err)
	}
	return sorted(read.list, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) }), read.err("describing alarms")
}
