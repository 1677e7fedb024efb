package awssim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var sagemakerOperations = map[string]operation{
	"DescribeEndpoint":       describeEndpoint,
	"DescribeEndpointConfig": describeEndpointConfig,
	"ListEndpoints":          listEndpoints,
	"ListTags":               listTags,
}

func listEndpoints(c *call) (record, error) {
	size := 10
	if c.in.has("MaxResults") {
		if size = c.in.whole("MaxResults"); size < 1 || size > 100 {
			return nil, outOfRange("maxResults", size, 1, 100)
		}
	}
	found := keep(c.sortedEndpoints(), func(e fleet.EndpointSummary) bool {
		return strings.Contains(strings.ToLower(e.Name), strings.ToLower(c.in.text("NameContains"))) &&
			(!c.in.has("StatusEquals") || e.Status == c.in.text("StatusEquals")) &&
			c.within("CreationTime", e.Created) && c.within("LastModifiedTime", e.LastModified)
	})
	cut, next, err := page(c, found, func(e fleet.EndpointSummary) string { return e.Name }, size,
		fail("ValidationException", "Invalid pagination token."))
	if err != nil {
		return nil, err
	}
	return record{{"Endpoints", list(cut, func(e fleet.EndpointSummary) any {
		return record{}.
			with("EndpointName", e.Name).
			with("EndpointArn", e.ARN).
			with("CreationTime", e.Created).
			with("LastModifiedTime", e.LastModified).
			with("EndpointStatus", e.Status)
	})}}.with("NextToken", next), nil
}

// sortedEndpoints lists the endpoints in the order that was asked for; AWS's own is by creation, newest first.
func (c *call) sortedEndpoints() []fleet.EndpointSummary {
	by := cmp.Or(c.in.text("SortBy"), "CreationTime")
	ascending := c.in.text("SortOrder") == "Ascending"
	return listed(c.place, fmt.Sprint("endpoints by ", by, ascending), func() []fleet.EndpointSummary {
		endpoints := slices.Clone(c.world.Endpoints())
		slices.SortStableFunc(endpoints, func(a, b fleet.EndpointSummary) int {
			order := 0
			switch by {
			case "Status":
				order = strings.Compare(a.Status, b.Status)
			case "CreationTime":
				order = a.Created.Compare(b.Created)
			}
			order = cmp.Or(order, strings.Compare(a.Name, b.Name))
			if !ascending {
				order = -order
			}
			return order
		})
		return endpoints
	})
}

// within tells whether a time is inside the input's bounds: <name>After and <name>Before.
func (c *call) within(name string, t time.Time) bool {
	return (!c.in.has(name+"After") || t.After(c.in.at(name+"After"))) &&
		(!c.in.has(name+"Before") || t.Before(c.in.at(name+"Before")))
}

func describeEndpoint(c *call) (record, error) {
	e, err := c.world.DescribeEndpoint(c.in.text("EndpointName"))
	if err != nil {
		return nil, err
	}
	variants := list(e.Variants, func(v fleet.VariantDescription) any {
		out := record{{"VariantName", v.Name}, {"CurrentWeight", 1.0}, {"DesiredWeight", 1.0}}
		out = out.with("CurrentInstanceCount", leaf(v.Current)).with("DesiredInstanceCount", leaf(v.Desired))
		if len(v.Pools) == 0 {
			return out
		}
		return out.with("InstancePools", list(v.Pools, func(p fleet.PoolCount) any {
			return record{{"InstanceType", p.InstanceType}, {"CurrentInstanceCount", p.Current}}
		}))
	})
	return record{}.
		with("EndpointName", e.Name).
		with("EndpointArn", e.ARN).
		with("EndpointConfigName", e.ConfigName).
		with("ProductionVariants", variants).
		with("EndpointStatus", e.Status).
		with("FailureReason", e.FailureReason).
		with("CreationTime", e.Created).
		with("LastModifiedTime", e.LastModified).
		with("AsyncInferenceConfig", asyncRecord(e.Async)), nil
}

// someTime is the creation of what the model gives none. AWS always sends one.
var someTime = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func describeEndpointConfig(c *call) (record, error) {
	config, err := c.world.DescribeEndpointConfig(c.in.text("EndpointConfigName"))
	if err != nil {
		return nil, err
	}
	scope := c.world.Scope()
	return record{}.
		with("EndpointConfigName", config.Name).
		with("EndpointConfigArn", "arn:aws:sagemaker:"+scope.Region+":"+scope.AccountID+":endpoint-config/"+strings.ToLower(config.Name)).
		with("CreationTime", someTime).
		with("ProductionVariants", list(config.Variants, func(v fleet.VariantConfig) any { return variantConfigRecord(v) })).
		with("AsyncInferenceConfig", asyncRecord(config.Async)), nil
}

func variantConfigRecord(v fleet.VariantConfig) record {
	out := record{{"VariantName", v.Name}, {"InitialVariantWeight", 1.0}}
	out = out.with("ModelName", v.ModelName).with("InstanceType", v.InstanceType)
	if v.Serverless {
		return out.with("ServerlessConfig", record{{"MemorySizeInMB", 4096}, {"MaxConcurrency", 5}})
	}
	if len(v.Pools) > 0 {
		out = out.with("InstancePools", list(v.Pools, func(p fleet.PoolConfig) any {
			return record{{"InstanceType", p.InstanceType}, {"Priority", p.Priority}}
		}))
	}
	return out.with("InitialInstanceCount", 1)
}

func asyncRecord(config *fleet.AsyncConfig) record {
	if config == nil {
		return nil
	}
	var client record
	if limit := config.MaxConcurrentInvocationsPerInstance; limit != nil {
		client = record{{"MaxConcurrentInvocationsPerInstance", *limit}}
	}
	output := record{}.with("S3OutputPath", config.S3OutputPath).with("S3FailurePath", config.S3FailurePath)
	return record{}.with("ClientConfig", client).with("OutputConfig", output)
}

// listTags answers all tags at once unless a fault says otherwise: AWS allows 50, which is the least that a page may be.
func listTags(c *call) (record, error) {
	tags, err := c.world.ListTags(c.in.text("ResourceArn"))
	if err != nil {
		return nil, err
	}
	size := 50
	if c.in.has("MaxResults") {
		if size = c.in.whole("MaxResults"); size < 50 {
			return nil, fail("ValidationException", "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 50")
		}
	}
	cut, next, err := page(c, slices.Sorted(maps.Keys(tags)), func(key string) string { return key }, size,
		fail("ValidationException", "Invalid pagination token."))
	if err != nil {
		return nil, err
	}
	return record{{"Tags", list(cut, func(key string) any {
		return record{{"Key", key}, {"Value", tags[key]}}
	})}}.with("NextToken", next), nil
}

// keep filters a list that others also hold.
func keep[T any](items []T, wanted func(T) bool) []T {
	kept := make([]T, 0, len(items))
	for _, item := range items {
		if wanted(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// anyOf tells of a text whether it is among those that were asked for; without any, every text is.
func anyOf(wanted []string) func(string) bool {
	if len(wanted) == 0 {
		return func(string) bool { return true }
	}
	among := make(map[string]bool, len(wanted))
	for _, text := range wanted {
		among[text] = true
	}
	return func(text string) bool { return among[text] }
}

// leaf is the value of a pointer, or nothing.
func leaf[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

// outOfRange is AWS's answer to a number that its model forbids.
func outOfRange(name string, value, least, most int) *failure {
	bound := fmt.Sprintf("less than or equal to %d", most)
	if value < least {
		bound = fmt.Sprintf("greater than or equal to %d", least)
	}
	return fail("ValidationException", fmt.Sprintf("1 validation error detected: Value '%d' at '%s' failed to satisfy "+
		"constraint: Member must have value %s", value, name, bound))
}
