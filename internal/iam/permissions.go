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
	eachTarget = "RegisterScalableTarget"
)

// permissions are all of them, sorted by action. A test holds those that are called against the operations that package
// awsapi calls.
var permissions = []Permission{
	{
		Action: "application-autoscaling:DescribeScalableTargets", statements: []string{read},
		For: "bounds and suspensions of scaling; every plan rests on it",
	},
	{
		Action: "application-autoscaling:DescribeScalingActivities", statements: []string{read},
		For: "what scaled, what failed, and why nothing scaled",
	},
	{
		Action: "application-autoscaling:DescribeScalingPolicies", statements: []string{read},
		For: "tracking and wake policies with their alarms; every plan rests on it",
	},
	{
		Action: "application-autoscaling:DescribeScheduledActions", statements: []string{read},
		For: "scheduled actions, beside which the plan leaves the bounds alone",
	},
	{
		Action: "application-autoscaling:PutScalingPolicy", statements: []string{targets},
		For: "steps of the plan: tracking policy, wake policy",
	},
	{
		Action: "application-autoscaling:RegisterScalableTarget", statements: []string{targets},
		For: "steps of the plan: scalable target",
	},
	{Action: "cloudwatch:DeleteAlarms", Checked: bothWrites, statements: []string{trackingAlarms}},
	{
		Action: "cloudwatch:DescribeAlarms", Checked: bothWrites, statements: []string{read},
		For: "alarms, their state and what they trigger; every plan rests on it",
	},
	{
		Action: "cloudwatch:GetAlarmMuteRule", statements: []string{read},
		For: "which alarms a mute rule silences, and when; without it nothing else is missing",
	},
	{
		Action: "cloudwatch:GetMetricData", statements: []string{read},
		For: "queue, work done and utilisation; the one that costs money",
	},
	{
		Action: "cloudwatch:GetMetricStatistics", statements: []string{read},
		For: "the unit of each latency metric, once in the life of the process",
	},
	{
		Action: "cloudwatch:ListAlarmMuteRules", statements: []string{read},
		For: "whether an alarm's actions are muted now; without it nothing else is missing",
	},
	{
		Action: "cloudwatch:ListMetrics", statements: []string{read},
		For: "the endpoints with a queue are the first to be described after a start; without it they come in no order",
	},
	{
		Action: "cloudwatch:PutMetricAlarm", Checked: bothWrites, statements: []string{trackingAlarms, wakeAlarms},
		For: "steps of the plan: wake alarm",
	},
	{Action: "iam:CreateServiceLinkedRole", Checked: eachTarget, statements: []string{serviceRole}},
	{
		Action: "sagemaker:DescribeEndpoint", Checked: bothWrites, statements: []string{read},
		For: "status and instances of each endpoint; every plan rests on it",
	},
	{
		Action: "sagemaker:DescribeEndpointConfig", Checked: bothWrites, statements: []string{read},
		For: "whether an endpoint is asynchronous, its variants and instance types",
	},
	{
		Action: "sagemaker:ListEndpoints", statements: []string{read},
		For: "finding endpoints",
	},
	{
		Action: "sagemaker:ListTags", statements: []string{read},
		For: "selecting and labelling by tags, and the tag that opts an endpoint out of all policies",
	},
	{Action: "sagemaker:UpdateEndpointWeightsAndCapacities", Checked: bothWrites, statements: []string{instances}},
	{
		Action: "sts:AssumeRole", statements: []string{assumeRoles},
		For: "scopes that name a role",
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
