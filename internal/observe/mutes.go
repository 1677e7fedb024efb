package observe

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// mutePatience bounds the reading of mute rules beside the alarms, so that a service that does not answer holds up no alarm.
const mutePatience = 10 * time.Second

// muteMemory is what is known of the alarm mute rules. Nothing rests on them alone: they cannot be read where the
// permission is missing or the server does not know them, and no source is down for that.
type muteMemory struct {
	read  time.Time                 // when they were last read whole; zero: not known
	rules map[string]fleet.MuteRule // by name
}

// list is what is known at the given moment, and whether anything is.
func (m muteMemory) list(at time.Time, lifetime time.Duration) (rules []fleet.MuteRule, known bool) {
	if m.read.IsZero() || !at.Before(m.read.Add(lifetime)) {
		return nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(m.rules)) {
		rules = append(rules, m.rules[name])
	}
	return rules, true
}

// askMutes reads the mute rules: the list each time, and of the rules those that have changed since. The caller bounds its time,
// in which it may not read all of them: then the next one goes on with the others. Together they take a part of the memory.
func askMutes(ctx context.Context, aws Mutes, before muteMemory, at time.Time, memory int64) (muteMemory, error) {
	listed, err := aws.MuteRules(ctx)
	if err != nil {
		return before, err
	}
	room := newRoom(memory, muteShare, "cloudwatch GetAlarmMuteRule", "the alarm mute rules")
	next := muteMemory{read: at, rules: make(map[string]fleet.MuteRule, len(listed))}
	var changed []string
	for _, row := range listed {
		rule, known := before.rules[row.Name]
		if !known || row.Updated.IsZero() || !row.Updated.Equal(rule.Updated) {
			changed = append(changed, row.Name)
			continue
		}
		room.take(ruleBytes(&rule))
		rule.Active, rule.Read = row.Active, at
		next.rules[row.Name] = rule
	}
	read, err := each(ctx, changed, within(room, ruleBytes, func(ctx context.Context, name string) (*fleet.MuteRule, error) {
		rule, err := aws.MuteRule(ctx, name)
		if errors.Is(err, fleet.ErrNotFound) {
			return nil, nil //nolint:nilnil // deleted since it was listed
		}
		rule.Read = at
		return &rule, err
	}))
	for name, rule := range read {
		if rule != nil {
			next.rules[name] = *rule
		}
	}
	if err != nil {
		next.read = before.read
		for _, name := range changed {
			rule, known := before.rules[name]
			if _, answered := read[name]; known && !answered && room.take(ruleBytes(&rule)) {
				next.rules[name] = rule
			}
		}
	}
	return next, err
}
