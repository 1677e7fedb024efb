package config

import "fmt"

// problem is a rule that a configuration breaks although each of its values is good by itself.
type problem struct {
	path []any // keys and indices of the value
	what string
}

// problems checks the rules that look at more than one value.
func (c Config) problems() (found []problem) {
	if len(c.Scopes) > mostScopes {
		return []problem{{[]any{"scopes"}, fmt.Sprintf("more than %d scopes: observe the others by another exporter", mostScopes)}}
	}
	type identity struct{ region, account string }
	seen := map[identity]int{}
	for i, scope := range c.Scopes {
		id := identity{scope.Region, scope.RoleARN.AccountID()}
		if first, ok := seen[id]; ok {
			found = append(found, problem{[]any{"scopes", i}, fmt.Sprintf(
				"scope %d is the same account and region as scope %d: remove one of the two", i+1, first+1)})
			continue
		}
		seen[id] = i
		if scope.ExternalID != "" && scope.RoleARN == "" {
			found = append(found, problem{[]any{"scopes", i, "externalID"}, "an externalID needs a roleARN beside it"})
		}
	}
	labels := map[string]string{}
	for i, key := range c.Discovery.TagLabels {
		label := TagLabel(key)
		if other, ok := labels[label]; ok {
			found = append(found, problem{[]any{"discovery", "tagLabels", i}, fmt.Sprintf(
				"tags %q and %q would both become the label %s: leave one out", other, key, label)})
		}
		labels[label] = key
	}
	if idle, queue := c.Polling.Idle, c.Polling.Queue; idle != 0 && idle < queue {
		found = append(found, problem{[]any{"polling", "idle"}, fmt.Sprintf(
			"idle %s is below queue %s, but endpoints without a queue need not be asked more often than those with one: write idle: %s or more", idle, queue, queue)})
	}
	found = append(found, c.objectiveProblems()...)
	return append(found, c.policyProblems()...)
}
