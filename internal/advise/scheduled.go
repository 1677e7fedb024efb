package advise

import (
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// spare is how much earlier than provisioning needs instances are asked for.
const spare = 5 * time.Minute

// lead is how long before the first beginning the instances are asked for.
func lead(provision time.Duration) time.Duration { return provision + spare }

// Scheduled are the scheduled actions of a variant that have so many instances ready when work begins, which takes them so long,
// and that give the minimum back when all beginnings are over. The suffix tells their names from those of other patterns.
func (p Pattern) Scheduled(resource, suffix string, instances, minimum int, provision time.Duration) []fleet.ScheduledAction {
	ready, back := p.First-lead(provision), p.First+p.Spread+afterBegins
	return []fleet.ScheduledAction{
		{ResourceID: resource, Name: "instances-ready" + suffix, Schedule: p.cron(ready), Timezone: "UTC", MinCapacity: &instances},
		{ResourceID: resource, Name: "instances-on-demand" + suffix, Schedule: p.cron(back), Timezone: "UTC", MinCapacity: &minimum},
	}
}

// Meets tells whether the scheduled actions of two patterns would undo each other: the instances of one are asked for before
// those of the other are given back.
func (p Pattern) Meets(other Pattern, provision time.Duration) bool {
	const week = 7 * day
	long := func(p Pattern) time.Duration { return lead(provision) + p.Spread + afterBegins }
	for _, a := range p.Weekdays {
		for _, b := range other.Weekdays {
			after := (time.Duration(b-a)*day + other.First - p.First + week) % week
			if after <= long(p) || week-after <= long(other) {
				return true
			}
		}
	}
	return false
}

// cron is the expression of a moment on the days of the pattern, so long after midnight.
func (p Pattern) cron(since time.Duration) string {
	var days weekdays
	for _, weekday := range p.Weekdays {
		days[weekday] = true
	}
	moved := Pattern{}
	moved.on(days, since)
	minute, hour := int(moved.First%time.Hour/time.Minute), int(moved.First/time.Hour)
	if len(p.Weekdays) == 7 {
		return fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
	}
	return fmt.Sprintf("cron(%d %d ? * %s *)", minute, hour, moved.cronDays())
}
