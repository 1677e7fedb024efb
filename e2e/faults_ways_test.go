//go:build e2e

package e2e

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
)

// way is one way in which an operation goes wrong.
type way struct {
	name   string
	fault  awssim.Fault
	passes bool // it is over with one request, which is made again
	slow   bool // it takes the exporter as long as it waits for an answer
	lasts  bool // until what was known is too old to be shown
	only   func(faulty) (reason string)
}

// refused is the way that no server can answer with: nothing listens.
const refused = "connection refused"

// The ways of the table, in its order.
var ways = []way{
	{name: "throttled once", fault: awssim.Fault{Code: "ThrottlingException", Times: 1}, passes: true},
	{name: "throttled for long", fault: awssim.Fault{Code: "ThrottlingException"}, lasts: true},
	{name: "500", fault: awssim.Fault{Code: "InternalFailure", Status: 500}},
	{name: "no answer", fault: awssim.Fault{Break: awssim.Hang}, slow: true},
	{name: refused},
	{name: "connection closed", fault: awssim.Fault{Break: awssim.CloseConnection}},
	{name: "cut in the middle", fault: awssim.Fault{Break: awssim.CutBody}, only: hasAnswer},
	{name: "malformed answer", fault: awssim.Fault{Break: awssim.MalformedBody}, only: hasAnswer},
	{name: "empty page", fault: awssim.Fault{Break: awssim.EmptyPage, Times: 1}, passes: true, only: hasPages},
	{name: "repeated NextToken", fault: awssim.Fault{Break: awssim.RepeatedToken}, only: hasPages},
	{name: "access denied", fault: awssim.Fault{Code: "AccessDeniedException"}, only: isGranted},
	{name: "expired credentials", fault: awssim.Fault{Code: "ExpiredTokenException"}},
	{name: "slow drip", fault: awssim.Fault{Break: awssim.SlowDrip, Drip: 5 * time.Second}, slow: true, only: hasAnswer},
	{name: "PartialData", fault: awssim.Fault{Results: "PartialData"}, only: hasResults},
	{name: "clock 5 minutes off", fault: awssim.Fault{Code: "InvalidSignatureException", Message: "Signature expired: the request was signed more than 5 minutes ago"}},
}

// faulty is what is known of an operation that goes wrong.
type faulty struct {
	source string // that it is asked for; empty: none, or only when a scope is reached
	paged  bool
	when   occasion
	bare   bool // its answer says nothing
	free   bool // AWS asks for no permission
}

// occasion is when an operation is called.
type occasion int

const (
	eachTurn   occasion = iota
	newConfigs          // once for each endpoint config
	newProcess          // once in the life of a process
	connecting          // when a scope is reached
	writing             // when something differs from its policy
	optional            // each turn, and nothing rests on it: no source is down
	newView             // as optional, once in the life of a process
	newRules            // as optional, once for each change of an alarm mute rule
)

// faulties has every operation. One that the program calls and that is not here fails the test.
var faulties = map[string]faulty{
	"ApplicationAutoScaling.DescribeScalableTargets":   {source: "scaling", paged: true},
	"ApplicationAutoScaling.DescribeScalingActivities": {source: "activities", paged: true},
	"ApplicationAutoScaling.DescribeScalingPolicies":   {source: "scaling", paged: true},
	"ApplicationAutoScaling.DescribeScheduledActions":  {source: "scaling", paged: true},
	"ApplicationAutoScaling.PutScalingPolicy":          {when: writing},
	"ApplicationAutoScaling.RegisterScalableTarget":    {when: writing},
	"CloudWatch.DescribeAlarms":                        {source: "alarms", paged: true},
	"CloudWatch.GetAlarmMuteRule":                      {when: newRules},
	"CloudWatch.GetMetricData":                         {source: "metrics", paged: true},
	"CloudWatch.GetMetricStatistics":                   {source: "metrics", when: newProcess},
	"CloudWatch.ListAlarmMuteRules":                    {when: optional, paged: true},
	"CloudWatch.ListMetrics":                           {when: newView, paged: true},
	"CloudWatch.PutMetricAlarm":                        {when: writing, bare: true},
	"STS.AssumeRole":                                   {when: connecting},
	"STS.GetCallerIdentity":                            {when: connecting, free: true},
	"SageMaker.DescribeEndpoint":                       {source: "endpoints"},
	"SageMaker.DescribeEndpointConfig":                 {source: "endpoints", when: newConfigs},
	"SageMaker.ListEndpoints":                          {source: "endpoints", paged: true},
	"SageMaker.ListTags":                               {source: "tags", paged: true},
}

// nameOf names an operation as the embedded AWS does.
func nameOf(o awsapi.Operation) string { return o.Service + "." + o.Name }

func hasPages(f faulty) string {
	if f.paged {
		return ""
	}
	return "its answer has no pages"
}

func hasAnswer(f faulty) string {
	if f.bare {
		return "its answer is empty: there is nothing to spoil"
	}
	return ""
}

func isGranted(f faulty) string {
	if f.free {
		return "it needs no permission"
	}
	return ""
}

func hasResults(f faulty) string {
	if f.source == "metrics" && f.when == eachTurn {
		return ""
	}
	return "only GetMetricData answers in parts"
}

// cannot is why an operation cannot go wrong in this way; empty where it can.
func (w way) cannot(f faulty) string {
	if w.only == nil {
		return ""
	}
	return w.only(f)
}

// isGround tells whether nothing is written without its source.
func (f faulty) isGround() bool {
	return slices.Contains([]string{"alarms", "endpoints", "scaling", "tags"}, f.source) // a tag may forbid it
}
