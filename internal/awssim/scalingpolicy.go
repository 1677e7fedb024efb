package awssim

import (
	"cmp"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func putScalingPolicy(c *call) (record, error) {
	if err := c.writable(); err != nil {
		return nil, err
	}
	policy := fleet.Policy{
		ResourceID: c.in.text("ResourceId"),
		Name:       c.in.text("PolicyName"),
		Type:       fleet.PolicyType(cmp.Or(c.in.text("PolicyType"), string(fleet.StepScaling))),
	}
	if config := c.in.sub("TargetTrackingScalingPolicyConfiguration"); config != nil {
		tracking, err := trackingOf(config)
		if err != nil {
			return nil, err
		}
		policy.Tracking = tracking
	}
	if config := c.in.sub("StepScalingPolicyConfiguration"); config != nil {
		policy.Step = stepOf(config)
	}
	c.wrote()
	stored, err := c.world.PutScalingPolicy(policy)
	if err != nil {
		return nil, err
	}
	return record{{"PolicyARN", stored.ARN}, {"Alarms", alarmsOf(c.world.Scope(), stored)}}, nil
}

func trackingOf(in args) (*fleet.Tracking, error) {
	tracking := &fleet.Tracking{
		TargetValue:      in.number("TargetValue"),
		ScaleInCooldown:  in.seconds("ScaleInCooldown"),
		ScaleOutCooldown: in.seconds("ScaleOutCooldown"),
		DisableScaleIn:   in.flag("DisableScaleIn", false),
	}
	predefined, custom := in.sub("PredefinedMetricSpecification"), in.sub("CustomizedMetricSpecification")
	if (predefined == nil) == (custom == nil) {
		return nil, fail("ValidationException", "Exactly one of PredefinedMetricSpecification and "+
			"CustomizedMetricSpecification must be specified in the target tracking scaling policy configuration.")
	}
	tracking.Predefined = predefined.text("PredefinedMetricType")
	tracking.ResourceLabel = predefined.text("ResourceLabel")
	if queries := custom.items("Metrics"); len(queries) > 0 {
		for _, query := range queries {
			tracking.Math = append(tracking.Math, mathOf(query))
		}
		return tracking, nil
	}
	if custom != nil {
		metric := metricOf(custom)
		tracking.Metric, tracking.Statistic, tracking.Unit = &metric, custom.text("Statistic"), custom.text("Unit")
	}
	return tracking, nil
}

func stepOf(in args) *fleet.Step {
	step := &fleet.Step{
		AdjustmentType:         in.text("AdjustmentType"),
		Cooldown:               in.seconds("Cooldown"),
		MinAdjustmentMagnitude: in.int("MinAdjustmentMagnitude"),
		Aggregation:            in.text("MetricAggregationType"),
	}
	for _, item := range in.items("StepAdjustments") {
		step.Adjustments = append(step.Adjustments, fleet.StepAdjustment{
			Lower:      item.float("MetricIntervalLowerBound"),
			Upper:      item.float("MetricIntervalUpperBound"),
			Adjustment: item.whole("ScalingAdjustment"),
		})
	}
	return step
}

func policyRecord(scope fleet.Scope, p fleet.Policy) record {
	out := variantRecord(p.ResourceID).
		with("PolicyARN", p.ARN).
		with("PolicyName", p.Name).
		with("PolicyType", string(p.Type))
	if p.Tracking != nil {
		out = out.with("TargetTrackingScalingPolicyConfiguration", trackingRecord(*p.Tracking))
	}
	if p.Step != nil {
		out = out.with("StepScalingPolicyConfiguration", stepRecord(*p.Step))
	}
	return out.with("Alarms", alarmsOf(scope, p)).with("CreationTime", p.Created)
}

// alarmsOf are the alarms that AWS lists with a policy.
func alarmsOf(scope fleet.Scope, p fleet.Policy) []any {
	return list(p.Alarms, func(name string) any {
		return record{{"AlarmName", name}, {"AlarmARN", alarmARN(scope, name)}}
	})
}

func trackingRecord(t fleet.Tracking) record {
	out := record{{"TargetValue", t.TargetValue}}
	switch {
	case t.Predefined != "":
		out = out.with("PredefinedMetricSpecification",
			record{{"PredefinedMetricType", t.Predefined}}.with("ResourceLabel", t.ResourceLabel))
	case t.Metric != nil:
		out = out.with("CustomizedMetricSpecification",
			metricRecord(*t.Metric).with("Statistic", t.Statistic).with("Unit", t.Unit))
	default:
		out = out.with("CustomizedMetricSpecification", record{{"Metrics", list(t.Math, func(q fleet.MathQuery) any {
			return mathRecord(q, 0)
		})}})
	}
	out = out.with("ScaleOutCooldown", secondsLeaf(t.ScaleOutCooldown)).with("ScaleInCooldown", secondsLeaf(t.ScaleInCooldown))
	if t.DisableScaleIn {
		out = out.with("DisableScaleIn", true)
	}
	return out
}

func stepRecord(s fleet.Step) record {
	return record{}.
		with("AdjustmentType", s.AdjustmentType).
		with("StepAdjustments", list(s.Adjustments, func(a fleet.StepAdjustment) any {
			return record{}.
				with("MetricIntervalLowerBound", leaf(a.Lower)).
				with("MetricIntervalUpperBound", leaf(a.Upper)).
				with("ScalingAdjustment", a.Adjustment)
		})).
		with("MinAdjustmentMagnitude", leaf(s.MinAdjustmentMagnitude)).
		with("Cooldown", secondsLeaf(s.Cooldown)).
		with("MetricAggregationType", s.Aggregation)
}

// secondsLeaf is a duration as AWS has it, or nothing.
func secondsLeaf(d *time.Duration) any {
	if d == nil {
		return nil
	}
	return int(*d / time.Second)
}
