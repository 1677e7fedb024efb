package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// policyProblems checks the rules of policies and of muted checks that look at more than one value.
func (c Config) policyProblems() (found []problem) {
	for i := range c.Checks {
		found = append(found, c.Checks[i].Endpoints.problems("checks", i, "endpoints")...)
	}
	selectors := map[string]int{}
	for i := range c.Entries {
		entry := &c.Entries[i]
		for _, p := range entry.problems() {
			found = append(found, problem{append([]any{"policies", i}, p.path...), p.what})
		}
		if first, ok := selectors[entry.selector()]; ok {
			found = append(found, problem{[]any{"policies", i}, fmt.Sprintf(
				"policy %d can never match: policy %d selects the same endpoints, variants and tags before it: leave one out", i+1, first+1)})
			continue
		}
		selectors[entry.selector()] = i
	}
	return append(found, c.sharedAlarms()...)
}

// sharedAlarms finds entries of two endpoints that give their alarms the same name: one would overwrite the other.
// Variants of one endpoint may share an alarm.
func (c Config) sharedAlarms() (found []problem) {
	type owner struct {
		entry    int
		endpoint string
	}
	owners := map[string]owner{}
	for i := range c.Entries {
		name, endpoint, ok := c.Entries[i].oneAlarm()
		if !ok {
			continue
		}
		if first, taken := owners[name]; !taken {
			owners[name] = owner{i, endpoint}
		} else if first.endpoint != endpoint {
			found = append(found, problem{[]any{"policies", i, "wake", "alarmName"}, fmt.Sprintf(
				"alarmName %q is that of policy %d already, for another endpoint: alarm names are unique in an account and region: write {endpoint} into both",
				name, first.entry+1)})
		}
	}
	return found
}

// problems checks the rules that look at one entry.
func (e *Entry) problems() (found []problem) {
	found = append(e.Endpoints.problems("endpoints"), e.Variants.problems("variants")...)
	for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
		if value := e.Tags[key]; policy.OptedOut(map[string]string{key: value}) {
			found = append(found, problem{[]any{"tags", key}, fmt.Sprintf(
				"the tag %s=%s takes an endpoint out of every policy, so this entry selects nothing: leave the tag out", key, value)})
		}
	}
	wanted, _ := e.wanted()
	if low, high := wanted.MinCapacity.Value, wanted.MaxCapacity.Value; low > high {
		found = append(found, problem{[]any{"minCapacity"}, above(
			"minCapacity", low, "maxCapacity", high, e.MaxCapacity.isSet(), fmt.Sprintf("write maxCapacity: %d or more", low))})
	}
	switch points, of := wanted.Alarm.DatapointsToAlarm.Value, wanted.Alarm.EvaluationPeriods.Value; {
	case points <= of:
	case e.Wake.DatapointsToAlarm.isSet():
		found = append(found, problem{[]any{"wake", "datapointsToAlarm"}, above("datapointsToAlarm", points,
			"evaluationPeriods", of, e.Wake.EvaluationPeriods.isSet(), fmt.Sprintf("write evaluationPeriods: %d or more", points))})
	default:
		found = append(found, problem{[]any{"wake", "evaluationPeriods"}, fmt.Sprintf(
			"evaluationPeriods %d is below datapointsToAlarm, which is left out and so %d: write datapointsToAlarm: %d", of, points, of)})
	}
	if wanted.Tracking.Name == wanted.Wake.Name {
		path := []any{"tracking", "name"}
		if e.Wake.Name.isSet() {
			path = []any{"wake", "name"}
		}
		found = append(found, problem{path, fmt.Sprintf(
			"both policies of a variant are called %q, and the second would overwrite the first: write another name", wanted.Wake.Name)})
	}
	return append(found, e.alarmProblems(wanted.Alarm)...)
}

// above says that one number is above another one, which may be left out.
func above(key string, value int, limit string, most int, written bool, right string) string {
	if written {
		return fmt.Sprintf("%s %d is above %s %d: %s", key, value, limit, most, right)
	}
	return fmt.Sprintf("%s %d is above %s, which is left out and so %d: %s", key, value, limit, most, right)
}

// alarmProblems checks the name that new alarms get. Alarm names are unique in an account and region, and writing an
// alarm overwrites the one of its name.
func (e *Entry) alarmProblems(alarm policy.WantedAlarm) (found []problem) {
	path := []any{"wake", "alarmName"}
	endpoint, oneEndpoint := e.Endpoints.literal()
	variant, _ := e.Variants.literal()
	if !strings.Contains(alarm.NameTemplate, "{endpoint}") && !oneEndpoint {
		found = append(found, problem{path, fmt.Sprintf(
			"alarmName lacks {endpoint}: alarm names are unique in an account and region, so the alarm of one endpoint would overwrite that of another: write for example %s",
			policy.WakeAlarmName)})
	}
	longest := strings.Repeat("x", longestName)
	name := alarm.Name(cmp.Or(endpoint, longest), cmp.Or(variant, longest))
	if length := utf8.RuneCountInString(name); length > longestAlarmName {
		found = append(found, problem{path, fmt.Sprintf(
			"alarmName becomes %d characters long where the names of endpoint and variant are longest (%d each): the name of an alarm has %d at most: shorten it by %d",
			length, longestName, longestAlarmName, length-longestAlarmName)})
	}
	return found
}

// oneAlarm is the name of the alarm of an entry that needs no {endpoint}, because it selects one endpoint by its name.
func (e *Entry) oneAlarm() (name, endpoint string, ok bool) {
	wanted, _ := e.wanted()
	endpoint, ok = e.Endpoints.literal()
	return wanted.Alarm.NameTemplate, endpoint, ok && !strings.Contains(wanted.Alarm.NameTemplate, "{endpoint}")
}

// selector is the same for two entries that select the same in the same words.
func (e *Entry) selector() string {
	return fmt.Sprintf("%q %q %q", e.Endpoints.orAll(), e.Variants.orAll(), e.Tags) // a map is printed in the order of its keys
}

// problems says why a pattern of the file selects nothing, if it is easy to see.
func (p Pattern) problems(path ...any) []problem {
	if err := p.matchesNothing(); err != nil {
		return []problem{{path, err.Error()}}
	}
	return nil
}
