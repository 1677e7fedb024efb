package awssim

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var scalingOperations = map[string]operation{
	"DeregisterScalableTarget":  deregisterScalableTarget,
	"DeleteScalingPolicy":       deleteScalingPolicy,
	"DescribeScalableTargets":   describeScalableTargets,
	"DescribeScalingActivities": describeScalingActivities,
	"DescribeScalingPolicies":   describeScalingPolicies,
	"DescribeScheduledActions":  describeScheduledActions,
	"PutScalingPolicy":          putScalingPolicy,
	"PutScheduledAction":        putScheduledAction,
	"RegisterScalableTarget":    registerScalableTarget,
}

// The most rows on a page.
const (
	targetsPage    = 50
	policiesPage   = 10
	activitiesPage = 50
	scheduledPage  = 50
)

func describeScalableTargets(c *call) (record, error) {
	targets := listed(c.place, "targets", c.world.ScalableTargets)
	return describe(c, "ScalableTargets", targets, targetsPage, c.in.texts("ResourceIds"), nil,
		func(t fleet.Target) (string, string) { return t.ResourceID, t.ResourceID }, targetRecord)
}

func describeScalingPolicies(c *call) (record, error) {
	policies := listed(c.place, "policies", c.world.ScalingPolicies)
	return describe(c, "ScalingPolicies", policies, policiesPage, one(c.in.text("ResourceId")), c.in.texts("PolicyNames"),
		func(p fleet.Policy) (string, string) { return p.ResourceID, p.Name },
		func(p fleet.Policy) record { return policyRecord(c.world.Scope(), p) })
}

func describeScheduledActions(c *call) (record, error) {
	actions := listed(c.place, "scheduled actions", c.world.ScheduledActions)
	return describe(c, "ScheduledActions", actions, scheduledPage, one(c.in.text("ResourceId")), c.in.texts("ScheduledActionNames"),
		func(a fleet.ScheduledAction) (string, string) { return a.ResourceID, a.Name },
		func(a fleet.ScheduledAction) record { return scheduledRecord(c.world.Scope(), a) })
}

func describeScalingActivities(c *call) (record, error) {
	all := c.in.flag("IncludeNotScaledActivities", false)
	activities := listed(c.place, fmt.Sprint("activities", all), func() []fleet.Activity {
		return keep(c.world.ScalingActivities(), func(a fleet.Activity) bool { return all || len(a.NotScaled) == 0 })
	})
	return describe(c, "ScalingActivities", activities, activitiesPage, one(c.in.text("ResourceId")), nil,
		func(a fleet.Activity) (string, string) { return a.ResourceID, a.ID }, activityRecord)
}

// describe answers a page of a list, filtered by resource and by name; name tells both of a row.
func describe[T any](
	c *call, member string, rows []T, most int, resources, names []string,
	name func(T) (resource, own string), convert func(T) record,
) (record, error) {
	ours, err := c.namespace()
	if err != nil {
		return nil, err
	}
	if !ours {
		rows = nil
	}
	if len(resources)+len(names) > 0 {
		ofResource, ofName := anyOf(resources), anyOf(names)
		rows = keep(rows, func(row T) bool {
			resource, own := name(row)
			return ofResource(resource) && ofName(own)
		})
	}
	size := most
	if c.in.has("MaxResults") {
		if size = c.in.whole("MaxResults"); size < 1 {
			return nil, outOfRange("maxResults", size, 1, most)
		}
		size = min(size, most)
	}
	key := func(row T) string {
		resource, own := name(row)
		return resource + " " + own
	}
	cut, next, err := page(c, rows, key, size, fail("InvalidNextTokenException", "The next token is not valid."))
	if err != nil {
		return nil, err
	}
	return record{{member, list(cut, func(row T) any { return convert(row) })}}.with("NextToken", next), nil
}

// namespace tells whether the input is about endpoint variants, or about something that the model has none of.
func (c *call) namespace() (ours bool, err error) {
	if !c.in.has("ServiceNamespace") {
		return false, isNull("serviceNamespace")
	}
	dimension := c.in.text("ScalableDimension")
	return c.in.text("ServiceNamespace") == fleet.ServiceNamespace && (dimension == "" || dimension == fleet.VariantDimension), nil
}

// writable refuses to change what is no endpoint variant.
func (c *call) writable() error {
	ours, err := c.namespace()
	if err != nil {
		return err
	}
	if !ours || c.in.text("ScalableDimension") == "" {
		return fail("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
	}
	return nil
}

// one is a list of the text, if there is one.
func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// variantRecord begins every row: what it is about.
func variantRecord(resource string) record {
	return record{
		{"ServiceNamespace", fleet.ServiceNamespace},
		{"ResourceId", resource},
		{"ScalableDimension", fleet.VariantDimension},
	}
}

func targetRecord(t fleet.Target) record {
	return variantRecord(t.ResourceID).
		with("MinCapacity", t.MinCapacity).
		with("MaxCapacity", t.MaxCapacity).
		with("RoleARN", t.RoleARN).
		with("CreationTime", t.Created).
		with("SuspendedState", record{
			{"DynamicScalingInSuspended", t.Suspended.ScaleIn},
			{"DynamicScalingOutSuspended", t.Suspended.ScaleOut},
			{"ScheduledScalingSuspended", t.Suspended.Scheduled},
		}).
		with("ScalableTargetARN", t.ARN)
}

func activityRecord(a fleet.Activity) record {
	out := variantRecord(a.ResourceID).
		with("ActivityId", a.ID).
		with("Description", a.Description).
		with("Cause", a.Cause).
		with("StartTime", a.Start).
		with("EndTime", a.End).
		with("StatusCode", a.Status).
		with("StatusMessage", a.StatusMessage).
		with("Details", a.Details)
	if len(a.NotScaled) == 0 {
		return out
	}
	return out.with("NotScaledReasons", list(a.NotScaled, func(r fleet.NotScaledReason) any {
		return record{{"Code", r.Code}}.
			with("MaxCapacity", leaf(r.Max)).
			with("MinCapacity", leaf(r.Min)).
			with("CurrentCapacity", leaf(r.Current))
	}))
}

func scheduledRecord(scope fleet.Scope, a fleet.ScheduledAction) record {
	// The model gives scheduled actions no ARN, but AWS and its SDK say that there always is one.
	sum := sha256.Sum256([]byte(a.ResourceID + " " + a.Name))
	arn := fmt.Sprintf("arn:aws:autoscaling:%s:%s:scheduledAction:%x-%x-%x-%x-%x:resource/%s/%s:scheduledActionName/%s",
		scope.Region, scope.AccountID, sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16], fleet.ServiceNamespace, a.ResourceID, a.Name)
	bounds := record{}.with("MinCapacity", leaf(a.MinCapacity)).with("MaxCapacity", leaf(a.MaxCapacity))
	return variantRecord(a.ResourceID).
		with("ScheduledActionName", a.Name).
		with("ScheduledActionARN", arn).
		with("CreationTime", someTime).
		with("Schedule", a.Schedule).
		with("Timezone", a.Timezone).
		with("StartTime", a.Start).
		with("EndTime", a.End).
		with("ScalableTargetAction", bounds)
}

// alarmARN is the ARN of an alarm that only a name is known of.
func alarmARN(scope fleet.Scope, name string) string {
	return strings.Join([]string{"arn:aws:cloudwatch", scope.Region, scope.AccountID, "alarm", name}, ":")
}
