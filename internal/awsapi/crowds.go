package awsapi

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The most that is taken of what acts on one resource: what is evaluated together is compared with each other, which costs
// its square. AWS allows 50 scaling policies and 200 scheduled actions of a scalable target, and has no bound for the alarms
// of an endpoint.
const (
	mostPolicies  = 100
	mostScheduled = 400
	mostAlarms    = 500
)

// crowds count the items of each resource, and hold who has which ARN.
type crowds[T any] struct {
	of   func(T) []string // the resources that an item acts on
	arn  func(T) string   // which it has alone; nil: it has none
	most int              // of one resource
	what string           // what they are, for example "scaling policies"

	seen  map[string]int
	known map[string]bool   // items by their names
	arns  map[string]string // and their names by ARN
}

// add counts an item of that name. It says why it is too much; such a one is not counted. AWS lists one twice where the list
// moves between two pages: that is the same one.
func (c *crowds[T]) add(item T, name string) string {
	if c.seen == nil {
		c.seen, c.known, c.arns = map[string]int{}, map[string]bool{}, map[string]string{}
	}
	if c.known[name] {
		return ""
	}
	resources := c.of(item)
	for _, resource := range resources {
		if c.seen[resource] == c.most {
			return fmt.Sprintf("%s has more than %d %s", oneLine(resource), c.most, c.what)
		}
	}
	if c.arn != nil && c.arn(item) != "" {
		arn := c.arn(item)
		if c.arns[arn] != "" {
			return fmt.Sprintf("%s has its ARN %s", oneLine(c.arns[arn]), oneLine(arn))
		}
		c.arns[arn] = name
	}
	c.known[name] = true
	for _, resource := range resources {
		c.seen[resource]++
	}
	return ""
}

func crowdsOfPolicies() *crowds[fleet.Policy] {
	return &crowds[fleet.Policy]{
		of:  func(p fleet.Policy) []string { return []string{p.ResourceID} },
		arn: func(p fleet.Policy) string { return p.ARN }, most: mostPolicies, what: "scaling policies",
	}
}

func crowdsOfScheduled() *crowds[fleet.ScheduledAction] {
	return &crowds[fleet.ScheduledAction]{
		of: func(a fleet.ScheduledAction) []string { return []string{a.ResourceID} }, most: mostScheduled, what: "scheduled actions",
	}
}

func crowdsOfAlarms() *crowds[fleet.Alarm] {
	return &crowds[fleet.Alarm]{
		of: func(a fleet.Alarm) []string { return a.Scales() }, most: mostAlarms, what: "alarms",
	}
}
