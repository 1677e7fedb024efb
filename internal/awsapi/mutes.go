package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MuteRules lists the alarm mute rules that have not expired, sorted by name (cloudwatch:ListAlarmMuteRules, 100 a page).
// Of each it knows the name, when it was changed, and whether it is active; MuteRule knows the rest. It fails with
// fleet.ErrNotOffered where the permission is missing or the server has no mute rules.
func (c *Client) MuteRules(ctx context.Context) ([]fleet.MuteRule, error) {
	var list []fleet.MuteRule
	err := pages(ctx, "ListAlarmMuteRules", 0, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.listAlarmMuteRules(ctx, &cloudwatch.ListAlarmMuteRulesInput{
			MaxRecords: aws.Int32(100), NextToken: token,
			Statuses: []types.AlarmMuteRuleStatus{types.AlarmMuteRuleStatusScheduled, types.AlarmMuteRuleStatusActive},
		})
		if err != nil {
			return nil, err
		}
		for _, row := range out.AlarmMuteRuleSummaries {
			name := muteRuleName(aws.ToString(row.AlarmMuteRuleArn))
			if name == "" || row.Status == types.AlarmMuteRuleStatusExpired {
				continue
			}
			list = append(list, fleet.MuteRule{
				Name: name, Updated: moment(row.LastUpdatedTimestamp), Active: row.Status == types.AlarmMuteRuleStatusActive,
			})
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing alarm mute rules: %w", offered(err))
	}
	return sorted(list, func(a, b fleet.MuteRule) int { return strings.Compare(a.Name, b.Name) }), nil
}

// MuteRule reads one alarm mute rule (cloudwatch:GetAlarmMuteRule). It fails with fleet.ErrNotFound when the rule is gone,
// and with fleet.ErrNotOffered as MuteRules does.
func (c *Client) MuteRule(ctx context.Context, name string) (fleet.MuteRule, error) {
	out, err := c.getAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: &name})
	if err != nil {
		return fleet.MuteRule{}, fmt.Errorf("reading alarm mute rule %s: %w", name, missingRule(err))
	}
	rule := fleet.MuteRule{
		Name: name, Start: moment(out.StartDate), Ends: moment(out.ExpireDate), Updated: moment(out.LastUpdatedTimestamp),
		Active: out.Status == types.AlarmMuteRuleStatusActive,
	}
	if out.MuteTargets != nil {
		rule.Alarms = orNone(out.MuteTargets.AlarmNames)
		slices.Sort(rule.Alarms)
	}
	if out.Rule != nil && out.Rule.Schedule != nil {
		schedule := out.Rule.Schedule
		rule.Expression, rule.Duration = text(schedule.Expression), text(schedule.Duration)
		rule.Timezone = text(schedule.Timezone)
	}
	return rule, nil
}

// missingRule tells a rule that is gone from other errors.
func missingRule(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "ResourceNotFound") {
		return fleet.ErrNotFound
	}
	return offered(explain(err))
}

// offered adds fleet.ErrNotOffered to an error that every such question would end with.
func offered(err error) error {
	var denied *Denied
	var api smithy.APIError
	var answer interface{ HTTPStatusCode() int }
	switch {
	case errors.As(err, &denied):
	case errors.As(err, &api) && unknownOperationCodes[api.ErrorCode()]:
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotImplemented:
	default:
		return err
	}
	return &failure{err.Error(), errors.Join(fleet.ErrNotOffered, err)}
}

var unknownOperationCodes = set("InvalidAction", "NotImplemented", "UnknownOperation", "UnknownOperationException", "UnsupportedOperation")

// muteRuleName is the name at the end of a rule's ARN: arn:aws:cloudwatch:us-east-1:111122223333:alarm-mute-rule:nightly.
// The list has no other name.
func muteRuleName(of string) string {
	parsed, err := arn.Parse(of)
	if err != nil {
		return ""
	}
	cut := strings.IndexAny(parsed.Resource, ":/")
	return parsed.Resource[cut+1:]
}
