package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MuteRules lists the alarm mute rules, expired ones included, sorted by name (ListAlarmMuteRules, GetAlarmMuteRule).
func (w *World) MuteRules() []fleet.MuteRule {
	rules := make([]fleet.MuteRule, 0, len(w.mutes))
	for _, name := range slices.Sorted(maps.Keys(w.mutes)) {
		rule := w.mutes[name]
		_, rule.Active = rule.Mutes(w.now)
		rules = append(rules, rule)
	}
	return rules
}

// PutAlarmMuteRule creates a mute rule or replaces the one of the name.
func (w *World) PutAlarmMuteRule(rule fleet.MuteRule) error {
	if problem := validName("name", rule.Name, longestAlarmName); problem != "" {
		return &Error{"ValidationError", problem}
	}
	if err := rule.Valid(); err != nil {
		return &Error{"ValidationError", err.Error()}
	}
	rule.Updated, rule.Read, rule.Active = w.now, time.Time{}, false
	rule.Alarms = slices.Sorted(slices.Values(rule.Alarms))
	if w.mutes == nil {
		w.mutes = map[string]fleet.MuteRule{}
	}
	w.mutes[rule.Name] = rule
	return nil
}

// DeleteAlarmMuteRule deletes a mute rule; one that is not there is no error.
func (w *World) DeleteAlarmMuteRule(name string) { delete(w.mutes, name) }

// muted tells whether a rule mutes the actions of the alarm now.
func (w *World) muted(name string) bool {
	for _, rule := range w.mutes {
		if _, mutes := rule.Mutes(w.now); mutes && slices.Contains(rule.Alarms, name) {
			return true
		}
	}
	return false
}
