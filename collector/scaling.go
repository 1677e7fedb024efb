package collector

import (
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var (
	fromTargets = []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceTargets}
	fromScaling = []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceScaling}
	fromAlarms  = []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceAlarms}
)

const (
	describeTargets  = "DescribeScalableTargets"
	describePolicies = "DescribeScalingPolicies"
	describeAlarms   = "DescribeAlarms"
)

var alarmLabels = []string{"policy_name", "alarm_name", "role"}

var scalingMetrics = []Metric{
	{
		Name: "scalable_target_registered", Type: Gauge, Level: Variant, Needs: fromTargets,
		Help: "1 if the variant is a scalable target, 0 if nothing scales it (DescribeScalableTargets).", From: describeTargets,
		variant: func(v *report.Variant, put put) { put.flag(v.Target != nil) },
	},
	{
		Name: "scalable_target_min_capacity", Type: Gauge, Level: Variant, Needs: fromTargets,
		Help: "Fewest instances that scaling leaves (DescribeScalableTargets MinCapacity).", From: describeTargets,
		variant: ofTarget(func(t *fleet.Target, put put) { put.value(float64(t.MinCapacity)) }),
	},
	{
		Name: "scalable_target_max_capacity", Type: Gauge, Level: Variant, Needs: fromTargets,
		Help: "Most instances that scaling wants (DescribeScalableTargets MaxCapacity).", From: describeTargets,
		variant: ofTarget(func(t *fleet.Target, put put) { put.value(float64(t.MaxCapacity)) }),
	},
	{
		Name: "scaling_suspended", Type: Gauge, Level: Variant, Labels: []string{"activity"}, Needs: fromTargets,
		Help: "1 while this kind of scaling is suspended on the scalable target (DescribeScalableTargets SuspendedState).", From: describeTargets,
		variant: ofTarget(func(t *fleet.Target, put put) {
			put.flag(t.Suspended.ScaleIn, "scale_in")
			put.flag(t.Suspended.ScaleOut, "scale_out")
			put.flag(t.Suspended.Scheduled, "scheduled")
		}),
	},
	{
		Name: "scaling_policy_info", Type: Gauge, Level: Variant, Labels: []string{"policy_name", "policy_type", "metric_name"}, Needs: fromScaling,
		Help:    "Always 1, one series for each scaling policy; a step policy has the metrics of its alarms, as long as these are known (DescribeScalingPolicies).",
		From:    describePolicies,
		variant: policyInfo,
	},
	{
		Name: "scaling_policy_target_value", Type: Gauge, Level: Variant, Labels: []string{"policy_name"}, Needs: fromScaling,
		Help: "Target value of a target-tracking policy, in the unit of its metric (DescribeScalingPolicies TargetValue).", From: describePolicies,
		variant: ofPolicies(func(p fleet.Policy, put put) {
			if p.Tracking != nil {
				put.value(p.Tracking.TargetValue, p.Name)
			}
		}),
	},
	{
		Name: "scaling_policy_cooldown_seconds", Type: Gauge, Level: Variant, Labels: []string{"policy_name", "direction"}, Needs: fromScaling,
		Help: "Cooldown of a scaling policy in seconds; AWS's default of 300 where the policy names none (DescribeScalingPolicies).", From: describePolicies,
		variant: ofPolicies(func(p fleet.Policy, put put) {
			cooldown := func(named *time.Duration, direction string) {
				put.value(fleet.Cooldown(named).Seconds(), p.Name, direction)
			}
			if p.Tracking != nil {
				cooldown(p.Tracking.ScaleInCooldown, "in")
				cooldown(p.Tracking.ScaleOutCooldown, "out")
			}
			if p.Step != nil {
				cooldown(p.Step.Cooldown, "step")
			}
		}),
	},
	{
		Name: "scaling_alarm_state", Type: Gauge, Level: Variant, Labels: append(slices.Clone(alarmLabels), "state"), Needs: fromAlarms,
		Help: "1 for the state that the alarm is in, 0 for each other; policy_name is empty for an alarm that triggers no policy (DescribeAlarms StateValue).", From: describeAlarms,
		variant: ofAlarms(func(a fleet.WiredAlarm, put put, labels ...string) {
			for _, state := range fleet.AlarmStates {
				put.flag(a.State == state, append(slices.Clone(labels), state)...)
			}
		}),
	},
	{
		Name: "scaling_alarm_triggering", Type: Gauge, Level: Variant, Labels: alarmLabels, Needs: fromAlarms,
		Help: "1 while the alarm is in the state in which it wakes, adds or removes instances by its role, which is ALARM for most; absent for the role other (DescribeAlarms StateValue, AlarmActions, OKActions, InsufficientDataActions).", From: describeAlarms,
		variant: func(v *report.Variant, put put) {
			for i := range v.Alarms {
				a := &v.Alarms[i]
				if role := v.Role(a); role != fleet.RoleOther {
					put.flag(a.State == v.Behavior.Acting(a.Name, a.Policy), a.Policy, a.Name, string(role))
				}
			}
		},
	},
	{
		Name: "scaling_alarm_threshold", Type: Gauge, Level: Variant, Labels: alarmLabels, Needs: fromAlarms,
		Help: "Threshold of the alarm, in the unit of its metric (DescribeAlarms Threshold).", From: describeAlarms,
		variant: ofAlarms(func(a fleet.WiredAlarm, put put, labels ...string) { put.value(a.Threshold, labels...) }),
	},
	{
		Name: "scaling_alarm_actions_enabled", Type: Gauge, Level: Variant, Labels: alarmLabels, Needs: fromAlarms,
		Help: "1 if the alarm may act, 0 if its actions are disabled (DescribeAlarms ActionsEnabled).", From: describeAlarms,
		variant: ofAlarms(func(a fleet.WiredAlarm, put put, labels ...string) { put.flag(a.ActionsEnabled, labels...) }),
	},
	{
		Name: "scaling_alarm_state_updated_timestamp_seconds", Type: Gauge, Level: Variant, Labels: alarmLabels, Needs: fromAlarms,
		Help: "When the alarm's state was last updated, in Unix seconds (DescribeAlarms StateUpdatedTimestamp).", From: describeAlarms,
		variant: ofAlarms(func(a fleet.WiredAlarm, put put, labels ...string) { put.when(a.StateUpdated, labels...) }),
	},
	{
		Name: "scheduled_actions", Type: Gauge, Level: Variant, Needs: fromTargets,
		Help: "Scheduled actions on the scalable target; they move its bounds on purpose (DescribeScheduledActions).", From: "DescribeScheduledActions",
		variant: func(v *report.Variant, put put) { put.value(float64(len(v.Scheduled))) },
	},
	{
		Name: "scalable_targets", Type: Gauge, Level: Scope, Needs: []fleet.SourceName{fleet.SourceTargets},
		Help: "Scalable targets of endpoint variants in the region, against AWS's default quota of 500 (DescribeScalableTargets).", From: describeTargets,
		scope: func(r report.Report, _ time.Time, put put) { put.value(float64(len(r.Snapshot.Targets))) },
	},
}

func ofTarget(show func(*fleet.Target, put)) func(*report.Variant, put) {
	return func(v *report.Variant, put put) {
		if v.Target != nil {
			show(v.Target, put)
		}
	}
}

func ofPolicies(show func(fleet.Policy, put)) func(*report.Variant, put) {
	return func(v *report.Variant, put put) {
		for _, policy := range v.Policies {
			show(policy, put)
		}
	}
}

func ofAlarms(show func(fleet.WiredAlarm, put, ...string)) func(*report.Variant, put) {
	return func(v *report.Variant, put put) {
		for _, alarm := range v.Alarms {
			show(alarm, put, alarm.Policy, alarm.Name, string(v.Role(&alarm)))
		}
	}
}

// policyInfo names the metrics that a policy follows. Those of a step policy are known by its alarms alone.
func policyInfo(v *report.Variant, put put) {
	alarms := v.Alarms
	if !put.knows(fleet.SourceAlarms) {
		alarms = nil
	}
	for _, policy := range v.Policies {
		metrics := policy.MetricNames()
		if policy.Type == fleet.StepScaling {
			for _, alarm := range alarms {
				if alarm.Policy == policy.Name {
					metrics = append(metrics, alarmMetrics(alarm.Alarm)...)
				}
			}
		}
		slices.Sort(metrics)
		put.value(1, policy.Name, string(policy.Type), strings.Join(slices.Compact(metrics), ","))
	}
}

// alarmMetrics names the metrics that an alarm watches: one, or those of its metric math.
func alarmMetrics(alarm fleet.Alarm) (names []string) {
	if alarm.Metric.Name != "" {
		return []string{alarm.Metric.Name}
	}
	for _, query := range alarm.Math {
		if query.Metric != nil {
			names = append(names, query.Metric.Name)
		}
	}
	return names
}
