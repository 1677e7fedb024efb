package config

import (
	"errors"
	"fmt"
	"slices"
)

// Overrides are what the user set by flags or environment variables; a zero value is one that was not set. They win
// over the file, after each reload too.
type Overrides struct {
	Regions            []string // --aws.region
	RoleARN            string   // --aws.role-arn
	ExternalID         string   // --aws.external-id
	Include            []string // --endpoints.include
	Exclude            []string // --endpoints.exclude
	Poll               string   // --poll.interval: Queue and Instances
	PollScaling        string   // --poll.scaling-interval: Scaling
	MaxStaleness       string   // --poll.max-staleness
	ReconcileEndpoints []string // --reconcile.endpoints: they get the documented policy, after the entries of the file
}

// With is the configuration under the overrides. Every value that is not good is an error that names its flag.
func (c Config) With(o Overrides) (Config, error) {
	var failures []error
	check := func(flag string, err error) {
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", flag, err))
		}
	}
	interval := func(flag, text string, into ...*Interval) {
		if text == "" {
			return
		}
		parsed, err := ParseInterval(text)
		check(flag, err)
		for _, target := range into {
			*target = parsed
		}
	}
	patterns := func(flag string, texts []string, into *[]Pattern) {
		if len(texts) == 0 {
			return
		}
		if len(texts) > mostPatterns {
			check(flag, fmt.Errorf("more than %d patterns: select endpoints by fewer", mostPatterns))
			return
		}
		*into = nil
		for _, text := range texts {
			pattern, err := ParsePattern(text)
			check(flag, err)
			*into = append(*into, pattern)
		}
	}
	interval("--poll.interval", o.Poll, &c.Polling.Queue, &c.Polling.Instances)
	interval("--poll.scaling-interval", o.PollScaling, &c.Polling.Scaling)
	interval("--poll.max-staleness", o.MaxStaleness, &c.Polling.MaxStaleness)
	patterns("--endpoints.include", o.Include, &c.Discovery.Include)
	patterns("--endpoints.exclude", o.Exclude, &c.Discovery.Exclude)
	patterns("--reconcile.endpoints", o.ReconcileEndpoints, &c.byName)
	for i, pattern := range c.byName {
		check("--reconcile.endpoints", pattern.matchesNothing())
		if slices.Contains(o.ReconcileEndpoints[:i], o.ReconcileEndpoints[i]) {
			check("--reconcile.endpoints", fmt.Errorf("%s is given twice: leave one out", o.ReconcileEndpoints[i]))
		}
	}
	if scopes := o.scopes(check); scopes != nil {
		c.Scopes = scopes
	}
	if err := errors.Join(failures...); err != nil {
		return Config{}, err
	}
	return c, nil
}

// scopes are those that the flags name: the role, or the SDK's own credentials, in each region. Without such a flag
// there are none.
func (o Overrides) scopes(check func(flag string, err error)) []Scope {
	if len(o.Regions) == 0 && o.RoleARN == "" && o.ExternalID == "" {
		return nil
	}
	if len(o.Regions) > mostScopes {
		check("--aws.region", fmt.Errorf("more than %d regions: observe the others by another exporter", mostScopes))
		return nil
	}
	var role RoleARN
	if o.RoleARN != "" {
		var err error
		role, err = ParseRoleARN(o.RoleARN)
		check("--aws.role-arn", err)
	} else if o.ExternalID != "" {
		check("--aws.external-id", errors.New("an external id needs --aws.role-arn beside it"))
	}
	if len(o.Regions) == 0 {
		return []Scope{{RoleARN: role, ExternalID: o.ExternalID}}
	}
	var scopes []Scope
	for i, region := range o.Regions {
		switch {
		case region == "":
			check("--aws.region", errors.New("a region is empty: write for example us-east-1"))
		case slices.Contains(o.Regions[:i], region):
			check("--aws.region", fmt.Errorf("%s is given twice: leave one out", region))
		}
		scopes = append(scopes, Scope{Region: region, RoleARN: role, ExternalID: o.ExternalID})
	}
	return scopes
}
