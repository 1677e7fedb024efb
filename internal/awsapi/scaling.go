package awsapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// SageMaker's other scalable dimensions, those of inference components and provisioned concurrency, are dropped from
// every list: they share the namespace, but they are no asynchronous endpoints.
const (
	namespace = types.ServiceNamespaceSagemaker
	dimension = types.ScalableDimension(fleet.VariantDimension)
)

// ScalableTargets reads all scalable targets of endpoint variants, sorted by resource id
// (application-autoscaling:DescribeScalableTargets, 50 a page).
func (c *Client) ScalableTargets(ctx context.Context) ([]fleet.Target, error) {
	return c.TargetsOf(ctx, nil)
}

// TargetsOf reads the scalable targets of these resources, or of all where none is named, sorted by resource id. If the
// error is a fleet.Refused, the targets beside those that it names are good; so it is with the other lists.
func (c *Client) TargetsOf(ctx context.Context, resources []string) ([]fleet.Target, error) {
	read := rows[types.ScalableTarget, fleet.Target]{
		operation: "DescribeScalableTargets", of: targetOf, name: func(t fleet.Target) string { return t.ResourceID },
		scales: func(t fleet.Target) []string { return endpointOf(t.ResourceID) },
	}
	err := pages(ctx, "DescribeScalableTargets", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: namespace, ResourceIds: resources, MaxResults: aws.Int32(50), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.ScalableTargets {
			if row.ScalableDimension == dimension {
				read.add(row)
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("describing scalable targets: %w", err)
	}
	return sorted(read.list, func(a, b fleet.Target) int { return strings.Compare(a.ResourceID, b.ResourceID) }), read.err("describing scalable targets")
}

// ScalingPolicies reads all scaling policies of endpoint variants, sorted by resource id, then name
// (application-autoscaling:DescribeScalingPolicies, 10 a page: AWS allows no more).
func (c *Client) ScalingPolicies(ctx context.Context) ([]fleet.Policy, error) {
	return c.PoliciesOf(ctx, "")
}

// PoliciesOf reads the scaling policies of one resource, or of all where none is named, sorted as ScalingPolicies.
func (c *Client) PoliciesOf(ctx context.Context, resource string) ([]fleet.Policy, error) {
	read := rows[types.ScalingPolicy, fleet.Policy]{
		operation: "DescribeScalingPolicies", of: policyOf, name: fleet.Policy.Key,
		scales: func(p fleet.Policy) []string { return endpointOf(p.ResourceID) }, crowds: crowdsOfPolicies(),
	}
	err := pages(ctx, "DescribeScalingPolicies", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeScalingPolicies(ctx, &applicationautoscaling.DescribeScalingPoliciesInput{
			ServiceNamespace: namespace, ResourceId: named(resource), MaxResults: aws.Int32(10), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.ScalingPolicies {
			if row.ScalableDimension == dimension {
				read.add(row)
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("describing scaling policies: %w", err)
	}
	return sorted(read.list, func(a, b fleet.Policy) int {
		return cmp.Or(strings.Compare(a.ResourceID, b.ResourceID), strings.Compare(a.Name, b.Name))
	}), read.err("describing scaling policies")
}

// ScheduledActions reads all scheduled actions of endpoint variants, sorted by resource id, then name
// (application-autoscaling:DescribeScheduledActions, 50 a page).
func (c *Client) ScheduledActions(ctx context.Context) ([]fleet.ScheduledAction, error) {
	return c.ScheduledActionsOf(ctx, "")
}

// ScheduledActionsOf reads the scheduled actions of one resource, or of all where none is named, sorted as
// ScheduledActions.
func (c *Client) ScheduledActionsOf(ctx context.Context, resource string) ([]fleet.ScheduledAction, error) {
	read := rows[types.ScheduledAction, fleet.ScheduledAction]{
		operation: "DescribeScheduledActions", of: scheduledOf, name: fleet.ScheduledAction.Key,
		scales: func(a fleet.ScheduledAction) []string { return endpointOf(a.ResourceID) }, crowds: crowdsOfScheduled(),
	}
	err := pages(ctx, "DescribeScheduledActions", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeScheduledActions(ctx, &applicationautoscaling.DescribeScheduledActionsInput{
			ServiceNamespace: namespace, ResourceId: named(resource), MaxResults: aws.Int32(50), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.ScheduledActions {
			if row.ScalableDimension == dimension {
				read.add(row)
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("describing scheduled actions: %w", err)
	}
	return sorted(read.list, func(a, b fleet.ScheduledAction) int {
		return cmp.Or(strings.Compare(a.ResourceID, b.ResourceID), strings.Compare(a.Name, b.Name))
	}), read.err("describing scheduled actions")
}

// named is a filter by name; nil filters nothing.
func named(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

// ScalingActivities reads the scaling activities of endpoint variants, not-scaled ones included, until AWS has no more
// or enough, asked after each page with everything read so far in AWS's order, says so
// (application-autoscaling:DescribeScalingActivities, 50 a page, six weeks back). The answer is sorted newest first;
// with an error it holds what was read before it.
func (c *Client) ScalingActivities(
	ctx context.Context, enough func(read []fleet.Activity, pages int) bool,
) ([]fleet.Activity, error) {
	read := rows[types.ScalingActivity, fleet.Activity]{
		operation: "DescribeScalingActivities", of: activityOf, name: func(a fleet.Activity) string { return a.ID },
	}
	count, seen := 0, map[string]bool{}
	err := pages(ctx, "DescribeScalingActivities", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.describeScalingActivities(ctx, &applicationautoscaling.DescribeScalingActivitiesInput{
			ServiceNamespace: namespace, MaxResults: aws.Int32(50), NextToken: token,
			IncludeNotScaledActivities: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.ScalingActivities {
			// A new activity moves the old ones one place on, and so onto the next page once more.
			if id := aws.ToString(row.ActivityId); row.ScalableDimension == dimension && !seen[id] {
				seen[id] = true
				read.add(row)
			}
		}
		count++
		if enough != nil && enough(read.list, count) {
			return nil, nil
		}
		return out.NextToken, nil
	})
	list := read.list
	slices.SortStableFunc(list, func(a, b fleet.Activity) int { return b.Start.Compare(a.Start) })
	if err != nil {
		return list, fmt.Errorf("describing scaling activities: %w", err)
	}
	return list, read.err("describing scaling activities")
}
