package iam

import (
	"cmp"
	"slices"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// Options say what the policy has to allow. The zero value is a policy for reading.
type Options struct {
	Reconcile   bool            // enforcing policies too
	Policies    policy.Policies // whose new wake alarms may be written; none: those of the documented name
	AlarmNames  []string        // further wake alarms that may be written, by name; * stands for any text, ? for a character
	Roles       []string        // ARNs of roles to assume; none: no such statement
	DenyRemoval bool            // deny what would end the scaling of an endpoint, whatever else allows it
	Partition   string          // of AWS, as in ARNs; empty: aws
}

// removals end the scaling of an endpoint. The exporter calls none of them.
var removals = []string{
	"application-autoscaling:DeleteScalingPolicy",
	"application-autoscaling:DeregisterScalableTarget",
}

// scaler is Application Auto Scaling as a service that calls others on behalf of its caller.
const scaler = "application-autoscaling.amazonaws.com"

// linked is Application Auto Scaling as the owner of its service-linked role for SageMaker.
const linked = "sagemaker." + scaler

// Build makes the least policy for the options.
func Build(o Options) Policy {
	everything := []string{"*"}
	arn := func(rest string) string { return "arn:" + cmp.Or(o.Partition, "aws") + ":" + rest }
	list := []Statement{{Sid: read, Effect: allow, Action: actions(read), Resource: everything}}
	if len(o.Roles) > 0 {
		list = append(list, Statement{Sid: assumeRoles, Effect: allow, Action: actions(assumeRoles), Resource: sorted(o.Roles)})
	}
	if o.DenyRemoval {
		list = append(list, Statement{Sid: denyRemoval, Effect: deny, Action: removals, Resource: everything})
	}
	if o.Reconcile {
		list = append(list,
			Statement{
				Sid: targets, Effect: allow, Action: actions(targets),
				Resource: []string{arn("application-autoscaling:*:*:scalable-target/*")},
				Condition: equals(map[string]string{
					"application-autoscaling:service-namespace":  "sagemaker",
					"application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
				}),
			},
			Statement{
				Sid: instances, Effect: allow, Action: actions(instances),
				Resource: []string{arn("sagemaker:*:*:endpoint/*")},
			},
			Statement{
				Sid: serviceRole, Effect: allow, Action: actions(serviceRole),
				Resource:  []string{arn("iam::*:role/aws-service-role/" + linked + "/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")},
				Condition: equals(map[string]string{"iam:AWSServiceName": linked}),
			},
			// The first has no name at all: so Application Auto Scaling tries whether the caller may put and delete alarms.
			Statement{
				Sid: trackingAlarms, Effect: allow, Action: actions(trackingAlarms),
				Resource:  sorted([]string{arn(anyAlarm), arn(anyAlarm + "TargetTracking-endpoint/*")}),
				Condition: equals(map[string]string{"aws:CalledViaLast": scaler}),
			},
			Statement{Sid: wakeAlarms, Effect: allow, Action: actions(wakeAlarms), Resource: o.alarms(arn)},
		)
	}
	slices.SortFunc(list, func(a, b Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	return Policy{Version: version, Statement: list}
}

// sorted is the list in its order, each value once.
func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
