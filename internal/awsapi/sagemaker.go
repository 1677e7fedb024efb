package awsapi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/smithy-go"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// ListEndpoints reads all endpoints of every kind, sorted by name (sagemaker:ListEndpoints, 100 a page).
func (c *Client) ListEndpoints(ctx context.Context) ([]fleet.EndpointSummary, error) {
	var list []fleet.EndpointSummary
	err := pages(ctx, "ListEndpoints", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.listEndpoints(ctx, &sagemaker.ListEndpointsInput{
			MaxResults: aws.Int32(100),
			// By name, because names do not move between two pages as times do.
			SortBy:    types.EndpointSortKeyName,
			SortOrder: types.OrderKeyAscending,
			NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.Endpoints {
			if what := badName("Endpoints.EndpointName", row.EndpointName); what != "" {
				return nil, &badAnswer{serviceSageMaker, "ListEndpoints", what, true}
			}
			list = append(list, summaryOf(row))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing endpoints: %w", err)
	}
	return sorted(list, func(a, b fleet.EndpointSummary) int { return strings.Compare(a.Name, b.Name) }), nil
}

// DescribeEndpoint describes one endpoint, its variants sorted by name (sagemaker:DescribeEndpoint). It fails with
// fleet.ErrNotFound when the endpoint is gone.
func (c *Client) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	out, err := c.describeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)})
	if err != nil {
		return fleet.EndpointDescription{}, fmt.Errorf("describing endpoint %s: %w", name, missing(err))
	}
	if err := badVariants("DescribeEndpoint", name, out.EndpointName, out.ProductionVariants, func(v types.ProductionVariantSummary) (*string, int) {
		return v.VariantName, len(v.InstancePools)
	}); err != nil {
		return fleet.EndpointDescription{}, fmt.Errorf("describing endpoint %s: %w", name, err)
	}
	return descriptionOf(out), nil
}

// DescribeEndpointConfig describes one endpoint configuration, its variants sorted by name
// (sagemaker:DescribeEndpointConfig). It fails with fleet.ErrNotFound when the configuration is gone, which does not
// stop the endpoint that was made from it.
func (c *Client) DescribeEndpointConfig(ctx context.Context, name string) (fleet.EndpointConfig, error) {
	out, err := c.describeEndpointConfig(ctx, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: aws.String(name)})
	if err != nil {
		return fleet.EndpointConfig{}, fmt.Errorf("describing endpoint config %s: %w", name, missing(err))
	}
	if err := badVariants("DescribeEndpointConfig", name, out.EndpointConfigName, out.ProductionVariants, func(v types.ProductionVariant) (*string, int) {
		return v.VariantName, len(v.InstancePools)
	}); err != nil {
		return fleet.EndpointConfig{}, fmt.Errorf("describing endpoint config %s: %w", name, err)
	}
	return configOf(out), nil
}

// ListTags reads the tags of one endpoint (sagemaker:ListTags, 100 a page). An endpoint without tags has an empty map.
// It fails with fleet.ErrNotFound when the endpoint is gone.
func (c *Client) ListTags(ctx context.Context, arn string) (map[string]string, error) {
	tags := map[string]string{}
	err := pages(ctx, "ListTags", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.listTags(ctx, &sagemaker.ListTagsInput{
			ResourceArn: aws.String(arn), MaxResults: aws.Int32(100), NextToken: token,
		})
		if err != nil {
			return nil, missing(err)
		}
		for _, tag := range out.Tags {
			tags[text(tag.Key)] = text(tag.Value)
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the tags of %s: %w", arn, err)
	}
	return tags, nil
}

// missing tells a thing that is gone from other errors. SageMaker has no code for it, only words in a
// ValidationException: Could not find endpoint "arn:...".
func missing(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		gone := api.ErrorCode() == "ValidationException" && strings.Contains(api.ErrorMessage(), "Could not find")
		if gone || api.ErrorCode() == "ResourceNotFound" || api.ErrorCode() == "ResourceNotFoundException" {
			return fleet.ErrNotFound
		}
	}
	return explain(err)
}
