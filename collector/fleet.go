package collector

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var fromEndpoints = []fleet.SourceName{fleet.SourceEndpoints}

const (
	describeEndpoint       = "DescribeEndpoint"
	describeEndpointConfig = "DescribeEndpointConfig"
)

// infoName is the one metric whose labels the configuration extends, by those of tags.
const infoName = "endpoint_info"

// stateName is the one metric that rests on all sources.
const stateName = "endpoint_state"

// states are the words of endpoint_state.
func states() string {
	var words []string
	for _, state := range explain.States() {
		words = append(words, string(state))
	}
	return strings.Join(words, ", ")
}

var fleetMetrics = []Metric{
	{
		Name: infoName, Type: Gauge, Level: Endpoint, Labels: []string{"endpoint_config_name"}, Needs: fromEndpoints,
		Help: "Always 1; names the endpoint config in force and the tags that discovery.tagLabels copies as tag_<name> (DescribeEndpoint, ListTags).",
		From: "DescribeEndpoint, ListTags",
		endpoint: func(e *report.Endpoint, _ time.Time, put put) {
			if e.ConfigName != "" { // in a first view it is listed, and described a little later
				put.value(1, append([]string{e.ConfigName}, put.tags()...)...)
			}
		},
	},
	{
		Name: "endpoint_status", Type: Gauge, Level: Endpoint, Labels: []string{"status"}, Needs: fromEndpoints,
		Help: "1 for the status that the endpoint has, 0 for each other (DescribeEndpoint EndpointStatus).", From: describeEndpoint,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) {
			for _, status := range fleet.Statuses {
				put.flag(e.Status == status, status)
			}
			if e.Status != "" && !slices.Contains(fleet.Statuses, e.Status) {
				put.flag(true, e.Status) // newer than this program
			}
		},
	},
	{
		Name: stateName, Type: Gauge, Level: Endpoint, Labels: []string{"state"}, Needs: fromEndpoints,
		Help: "Always 1; state is what the endpoint does now, in the word of explain: " + states() + " (from all sources; unknown where one that matters is not known).",
		From: "all of them",
		endpoint: func(e *report.Endpoint, at time.Time, put put) {
			put.value(1, string(explain.StateOf(put.report, e, at)))
		},
	},
	{
		Name: "endpoint_created_timestamp_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "When the endpoint was created, in Unix seconds (DescribeEndpoint CreationTime).", From: describeEndpoint,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.when(e.Created) },
	},
	{
		Name: "endpoint_last_modified_timestamp_seconds", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "When the endpoint was last modified, in Unix seconds (DescribeEndpoint LastModifiedTime).", From: describeEndpoint,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) { put.when(e.LastModified) },
	},
	{
		Name: "max_concurrent_invocations_per_instance", Type: Gauge, Level: Endpoint, Needs: fromEndpoints,
		Help: "Requests that one instance serves at the same time; absent where the config leaves it to SageMaker (DescribeEndpointConfig MaxConcurrentInvocationsPerInstance).",
		From: describeEndpointConfig,
		endpoint: func(e *report.Endpoint, _ time.Time, put put) {
			put.count(e.Async.MaxConcurrentInvocationsPerInstance)
		},
	},
	{
		Name: "variant_info", Type: Gauge, Level: Variant, Labels: []string{"instance_type"}, Needs: fromEndpoints,
		Help: "Always 1, one series for each instance type of the variant (DescribeEndpointConfig InstanceType, InstancePools).",
		From: describeEndpointConfig,
		variant: func(v *report.Variant, put put) {
			for _, instanceType := range v.Types {
				put.value(1, instanceType)
			}
		},
	},
	{
		Name: "instances_current", Type: Gauge, Level: Variant, Needs: fromEndpoints,
		Help: "Instances running (DescribeEndpoint CurrentInstanceCount).", From: describeEndpoint,
		variant: func(v *report.Variant, put put) { put.count(v.Current) },
	},
	{
		Name: "instances_desired", Type: Gauge, Level: Variant, Needs: fromEndpoints,
		Help: "Desired instances (DescribeEndpoint DesiredInstanceCount).", From: describeEndpoint,
		variant: func(v *report.Variant, put put) { put.count(v.Desired) },
	},
	{
		Name: "pool_instances_current", Type: Gauge, Level: Variant, Labels: []string{"instance_type", "priority"}, Needs: fromEndpoints,
		Help: "Instances running in an instance pool; priority 1 is tried first (DescribeEndpoint InstancePools).", From: describeEndpoint,
		variant: func(v *report.Variant, put put) {
			for _, pool := range v.Pools {
				put.value(float64(pool.Current), pool.InstanceType, strconv.Itoa(pool.Priority))
			}
		},
	},
}
