package iam

import "slices"

// The statements of a policy, by their ids. Their order in a policy is that of the alphabet.
const (
	assumeRoles    = "AssumeRoles"             // only where scopes name roles
	denyRemoval    = "DenyRemoval"             // only where asked for
	read           = "Read"                    // always
	instances      = "ReconcileInstances"      // this and the others only to enforce policies
	serviceRole    = "ReconcileServiceRole"    // Application Auto Scaling's own, once in an account
	targets        = "ReconcileTargets"        // scalable targets and scaling policies
	trackingAlarms = "ReconcileTrackingAlarms" // those that Application Auto Scaling makes of a tracking policy
	wakeAlarms     = "ReconcileWakeAlarms"     // those that the exporter makes
)

// Permission is one action that the exporter needs, with its reason.
type Permission struct {
	Action string // for example cloudwatch:GetMetricData
	For    string // what the exporter does with it, or would not do without it; empty where it never calls it

	// Checked says for which of the exporter's calls AWS checks this permission of the caller too, or uses it; empty where
	// it does not.
	Checked string

	statements []string // in which it stands
}

// Called tells whether the exporter itself calls the operation. The others AWS checks or uses on its behalf.
func (p Permission) Called() bool { return p.For != "" }

// Reconcile tells whether the permission is needed only to enforce policies, by --reconcile or apply.
func (p Permission) Reconcile() bool { return !p.in(read) && !p.in(assumeRoles) }

func (p Permission) in(statement string) bool { return slices.Contains(p.statements, statement) }

const (
	bothWrites = "RegisterScalableTarget and PutScalingPolicy"
	eachPolicy = "PutScalingPolicy"
	eachTarget = "RegisterScalableTarget"
)

// permissions are all of them, sorted by action. A test holds those that are called against the operations that package
// awsapi calls.
var permissions = []Permission{
	{
		"application-autoscaling:DescribeScalableTargets",
		"bounds and suspensions of scaling; every plan rests on it", "", []string{read},
	},
	{
		"application-autoscaling:DescribeScalingActivities",
		"what scaled, what failed, and why nothing scaled", "", []string{read},
	},
	{
		"application-autoscaling:DescribeScalingPolicies",
		"tracking and wake policies with their alarms; every plan rests on it", "", []string{read},
	},
	{
		"application-autoscaling:DescribeScheduledActions",
		"scheduled actions, beside which the plan leaves the bounds alone", "", []string{read},
	},
	{
		"application-autoscaling:PutScalingPolicy",
		"steps of the plan: tracking policy, wake policy", "", []string{targets},
	},
	{
		"application-autoscaling:RegisterScalableTarget",
		"steps of the plan: scalable target", "", []string{targets},
	},
	{"cloudwatch:DeleteAlarms", "", bothWrites, []string{trackingAlarms}},
	{
		"cloudwatch:DescribeAlarms",
		"alarms, their state and what they trigger; every plan rests on it", bothWrites, []string{read},
	},
	{
		"cloudwatch:GetMetricData",
		"queue, work done and utilisation; the one that costs money", "", []string{read},
	},
	{
		"cloudwatch:GetMetricStatistics",
		"the unit of each latency metric, once in the life of the process", "", []string{read},
	},
	{
		"cloudwatch:PutMetricAlarm",
		"steps of the plan: wake alarm", bothWrites, []string{trackingAlarms, wakeAlarms},
	},
	{"iam:CreateServiceLinkedRole", "", eachTarget, []string{serviceRole}},
	{
		"sagemaker:DescribeEndpoint",
		"status and instances of each endpoint; every plan rests on it", bothWrites, []string{read},
	},
	{
		"sagemaker:DescribeEndpointConfig",
		"whether an endpoint is asynchronous, its variants and instance types", bothWrites, []string{read},
	},
	{
		"sagemaker:ListEndpoints",
		"finding endpoints", "", []string{read},
	},
	{
		"sagemaker:ListTags",
		"selecting and labelling by tags, and the tag that opts an endpoint out of all policies", "", []string{read},
	},
	{"sagemaker:UpdateEndpointWeightsAndCapacities", "", bothWrites, []string{instances}},
	{
		"sts:AssumeRole",
		"scopes that name a role", "", []string{assumeRoles},
	},
}

// Permissions lists every permission that the exporter may need, sorted by action.
func Permissions() []Permission { return slices.Clone(permissions) }

// actions are those of a statement, sorted.
func actions(statement string) []string {
	var list []string
	for _, permission := range permissions {
		if permission.in(statement) {
			list = append(list, permission.Action)
		}
	}
	return list
}
