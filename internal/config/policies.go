package config

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// Entry is one policy of the file with the variants that it selects. A key left out selects all, and is not enforced.
type Entry struct {
	Endpoints   Pattern           `yaml:"endpoints"`
	Variants    Pattern           `yaml:"variants"`
	Tags        map[string]string `yaml:"tags"`
	MinCapacity minimum           `yaml:"minCapacity"`
	MaxCapacity maximum           `yaml:"maxCapacity"`
	Tracking    tracking          `yaml:"tracking"`
	Wake        wake              `yaml:"wake"`
	Strict      bool              `yaml:"strict"` // the documented values are enforced for everything that is left out
}

// tracking is the target-tracking policy; the name is for one that is created.
type tracking struct {
	Name             policyName  `yaml:"name"`
	TargetValue      targetValue `yaml:"targetValue"`
	ScaleInCooldown  cooldown    `yaml:"scaleInCooldown"`
	ScaleOutCooldown cooldown    `yaml:"scaleOutCooldown"`
}

// wake is the step policy that adds the first instance, and its alarm; the names are for those that are created.
type wake struct {
	Name              policyName  `yaml:"name"`
	Adjustment        adjustment  `yaml:"adjustment"`
	Cooldown          cooldown    `yaml:"cooldown"`
	Aggregation       aggregation `yaml:"aggregation"`
	AlarmName         alarmName   `yaml:"alarmName"`
	EvaluationPeriods periods     `yaml:"evaluationPeriods"`
	DatapointsToAlarm periods     `yaml:"datapointsToAlarm"`
	TreatMissingData  missingData `yaml:"treatMissingData"`
}

// Policies are the policies in force: the entries of the file first, then those of --reconcile.endpoints.
func (c Config) Policies() policy.Policies {
	var policies policy.Policies
	for _, entry := range c.Entries {
		wanted, _ := entry.wanted()
		policies = append(policies, policy.Entry{
			Endpoints: entry.Endpoints.orAll(), Variants: entry.Variants.orAll(), Tags: entry.Tags, Wanted: wanted,
		})
	}
	for _, pattern := range c.byName {
		policies = append(policies, policy.ByName(pattern))
	}
	return policies
}

// Named are the endpoints that patterns name: of policies, and of the names to include. A name is a pattern that matches nothing else.
// Who names them needs no list of endpoints.
func (c Config) Named() (names []string) {
	patterns := append(slices.Clone(c.Discovery.Include), c.byName...)
	for _, entry := range c.Entries {
		patterns = append(patterns, entry.Endpoints)
	}
	for _, pattern := range patterns {
		if name, ok := pattern.literal(); ok && !slices.Contains(names, name) && c.Discovery.Selected(name) {
			names = append(names, name)
		}
	}
	return names
}

// Enforces says in the words of the file what the entry enforces beside the structure of the policies.
func (e Entry) Enforces() string {
	_, written := e.wanted()
	switch text := strings.Join(written, ", "); {
	case e.Strict && text == "":
		return "strict: the documented values, but for the capacity"
	case e.Strict:
		return text + "; strict: the documented values for the rest, but for the capacity"
	case text == "":
		return "the structure alone, no value"
	default:
		return text
	}
}

// wanted is what the entry asks for, and in the words of the file the values that it enforces.
func (e Entry) wanted() (policy.Wanted, []string) {
	w := policy.Documented()
	if e.Strict {
		w = w.Strict()
	}
	if e.Tracking.Name.isSet() {
		w.Tracking.Name = e.Tracking.Name.value
	}
	if e.Wake.Name.isSet() {
		w.Wake.Name = e.Wake.Name.value
	}
	if e.Wake.AlarmName.isSet() {
		w.Alarm.NameTemplate = e.Wake.AlarmName.value
	}
	w.KeepMinimum, w.SetsWake = e.MinCapacity.keep, e.Wake != wake{}
	written := []string{
		e.MinCapacity.enforce("minCapacity", &w.MinCapacity),
		e.MaxCapacity.enforce("maxCapacity", &w.MaxCapacity),
		e.Tracking.TargetValue.enforce("targetValue", &w.Tracking.TargetValue),
		e.Tracking.ScaleInCooldown.enforce("scaleInCooldown", &w.Tracking.ScaleInCooldown),
		e.Tracking.ScaleOutCooldown.enforce("scaleOutCooldown", &w.Tracking.ScaleOutCooldown),
		e.Wake.Adjustment.enforce("adjustment", &w.Wake.Adjustment),
		e.Wake.Cooldown.enforce("cooldown", &w.Wake.Cooldown),
		e.Wake.Aggregation.enforce("aggregation", &w.Wake.Aggregation),
		e.Wake.EvaluationPeriods.enforce("evaluationPeriods", &w.Alarm.EvaluationPeriods),
		e.Wake.DatapointsToAlarm.enforce("datapointsToAlarm", &w.Alarm.DatapointsToAlarm),
		e.Wake.TreatMissingData.enforce("treatMissingData", &w.Alarm.TreatMissingData),
	}
	return w, slices.DeleteFunc(written, func(text string) bool { return text == "" })
}
