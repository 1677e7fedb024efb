// Package config reads the configuration file: strictly, with a default for everything, and with errors that name file
// and line and say what would be right.
package config

import "time"

// Config is the configuration in force: the file with its defaults, under the flags that the user set.
type Config struct {
	// Scopes are the accounts and regions to observe. There is always at least one.
	Scopes    []Scope   `yaml:"scopes"`
	Discovery Discovery `yaml:"discovery"`
	Polling   Polling   `yaml:"polling"`

	// RecreateAfter is how long a scalable target has to be missing before it is created again; default 15m. AWS's way to
	// update an endpoint takes the target away and brings it back.
	RecreateAfter Delay       `yaml:"recreateAfter"`
	Objectives    []Objective `yaml:"objectives"`
	Thresholds    Thresholds  `yaml:"thresholds"`
	// Prices are dollars an hour by instance type, over the built-in ones.
	Prices  map[InstanceType]Dollars `yaml:"prices"`
	Checks  []Mute                   `yaml:"checks"`
	Entries []Entry                  `yaml:"policies"`

	byName []Pattern // --reconcile.endpoints
	former []string  // keys of the file that have another name now, as warnings
}

// Scope is one account in one region.
type Scope struct {
	Region     string  `yaml:"region"`     // empty: the SDK's own (AWS_REGION, the profile)
	RoleARN    RoleARN `yaml:"roleARN"`    // role to assume; empty: the SDK's own credentials
	ExternalID string  `yaml:"externalID"` // what the role's trust policy asks for; a secret
}

// Discovery selects the endpoints to observe.
type Discovery struct {
	Include   []Pattern         `yaml:"include"`   // names; none includes all
	Exclude   []Pattern         `yaml:"exclude"`   // names, stronger than Include
	Tags      map[string]string `yaml:"tags"`      // an endpoint must carry all of these
	TagLabels []string          `yaml:"tagLabels"` // keys of the tags copied to endpoint_info as tag_<name>
}

// Selected tells whether an endpoint of this name is observed.
func (d Discovery) Selected(endpoint string) bool {
	matches := func(patterns []Pattern) bool {
		for _, pattern := range patterns {
			if pattern.Match(endpoint) {
				return true
			}
		}
		return false
	}
	return (len(d.Include) == 0 || matches(d.Include)) && !matches(d.Exclude)
}

// Polling says how often AWS is asked. Each interval is ten seconds at least.
type Polling struct {
	Queue Interval `yaml:"queue"` // the queue metrics of endpoints with a queue, ApproximateBacklogSize of the others; default 1m
	// Idle is how often ApproximateBacklogSize is asked of endpoints at zero instances with an empty queue; 0 is Queue.
	Idle         Interval `yaml:"idle"`
	Metrics      Interval `yaml:"metrics"`      // counters, latencies and utilisation, read minute by minute; default 5m
	Instances    Interval `yaml:"instances"`    // endpoints and their instances; default 1m
	Scaling      Interval `yaml:"scaling"`      // scalable targets, policies, alarms and activities; default 5m
	Tags         Interval `yaml:"tags"`         // default 10m
	MaxStaleness Interval `yaml:"maxStaleness"` // older knowledge is no longer shown; default 10m
	// MonthlyBudgetDollars is what CloudWatch's metrics may cost in a month, over all scopes; 0 is no budget. When they
	// would cost more, they are asked less often.
	MonthlyBudgetDollars Dollars `yaml:"monthlyBudgetDollars"`

	// The former names of Metrics and Tags. They are 0 once the file is read.
	Activity  Interval `yaml:"activity" now:"metrics"`
	Discovery Interval `yaml:"discovery" now:"tags"`
}

// OfIdle is how often endpoints at zero instances with an empty queue are asked, which is never more often than the others.
func (p Polling) OfIdle() Interval { return max(p.Idle, p.Queue) }

// Default is the configuration without a file and without flags.
func Default() Config {
	return Config{
		Scopes:        []Scope{{}},
		RecreateAfter: Delay(15 * time.Minute),
		Polling: Polling{
			Queue:        Interval(time.Minute),
			Metrics:      Interval(5 * time.Minute),
			Instances:    Interval(time.Minute),
			Scaling:      Interval(5 * time.Minute),
			Tags:         Interval(10 * time.Minute),
			MaxStaleness: Interval(10 * time.Minute),
		},
		Thresholds: Thresholds{
			NearExpiryRatio: 0.5, DrainRatio: 0.05, IdleRatio: 0.5, FlappingWakes: 4, FlappingQueuedRatio: 0.5, ThrottledRatio: 0.05,
		},
	}
}
