package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// OptOutTag on an endpoint, with any other value than consent, takes it out of every policy. Capitals, small letters and
// blanks around the value make no difference, and capitals make none in the key: who writes "Off" means off.
const (
	OptOutTag   = "sagemaker-async-exporter/reconcile"
	OptOutValue = "off"
)

var (
	consent = []string{"", "on", "true"}
	refused = []string{OptOutValue, "false", "no", "disabled"}
)

// OptedOut tells whether the tags take an endpoint out of every policy.
func OptedOut(tags map[string]string) bool {
	out, unclear := refusal(tags)
	return out || unclear != ""
}

// refusal tells whether the tags take an endpoint out of every policy. A value that is neither yes nor no is a no, and
// unclear says so.
func refusal(tags map[string]string) (out bool, unclear string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !strings.EqualFold(strings.TrimSpace(key), OptOutTag) {
			continue
		}
		switch value := strings.ToLower(strings.TrimSpace(tags[key])); {
		case slices.Contains(consent, value):
		case slices.Contains(refused, value):
			out = true
		default:
			unclear = fmt.Sprintf("the tag %s is %q, which is neither on nor off, so nothing is written: set it to on or %s", key, tags[key], OptOutValue)
		}
	}
	if out {
		return true, ""
	}
	return false, unclear
}
