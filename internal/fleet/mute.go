package fleet

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// MuteRule is a CloudWatch alarm mute rule (GetAlarmMuteRule): while it is active, the alarms that it names change their
// state and trigger no actions.
type MuteRule struct {
	Name       string
	Alarms     []string  // the names of the alarms that it mutes, sorted
	Expression string    // when it begins to mute: cron(...) or at(...)
	Duration   string    // for how long each time, ISO 8601, for example PT4H
	Timezone   string    // of the expression; empty is UTC
	Start      time.Time // it mutes nothing before; zero: there is no such time
	Ends       time.Time // it mutes nothing from then on; zero: never
	Updated    time.Time // when it was last changed
	Active     bool      // AWS's own word when it was read: it mutes now
	Read       time.Time // when CloudWatch was asked for Active
}

// Mutes is what is known of the mute rules of one alarm.
type Mutes struct {
	Known bool       // false: CloudWatch or the permission lacks mute rules, or they could not be read
	Rules []MuteRule // those that name the alarm, sorted by name
}

// Mute is a rule that mutes an alarm now.
type Mute struct {
	Rule  string
	Until time.Time // zero where its schedule does not tell
}

// Muted tells whether the actions of the alarm are muted at the given moment. Of several rules it names the one that
// mutes for longest.
func (a Alarm) Muted(at time.Time) (mute Mute, muted bool) {
	for _, rule := range a.Mutes.Rules {
		until, mutes := rule.Mutes(at)
		if !mutes {
			continue
		}
		if !muted || until.IsZero() || !mute.Until.IsZero() && until.After(mute.Until) {
			mute = Mute{Rule: rule.Name, Until: until}
		}
		muted = true
	}
	return mute, muted
}

// Mutes tells whether the rule mutes at the given moment, and until when. AWS's own word decides when the rule was read; the
// schedule tells the times after that, unless it contradicts AWS or is not understood: then AWS's word stands.
func (r MuteRule) Mutes(at time.Time) (until time.Time, mutes bool) {
	schedule, err := parseMuteSchedule(r)
	if err != nil {
		return time.Time{}, r.Active && (r.Ends.IsZero() || at.Before(r.Ends))
	}
	if _, then := schedule.mutes(r.Read); !r.Read.IsZero() && then != r.Active {
		return time.Time{}, r.Active
	}
	return schedule.mutes(at)
}

// Ahead yields the times in which the rule will mute, from a moment on and for as long as mutes are followed: when each begins and
// ends, in order; one that lasts at the moment is none of them. The end is zero where it is too far away to matter. It is an
// error where nobody can tell, because the schedule is not understood or contradicts AWS's own word.
func (r MuteRule) Ahead(at time.Time) (iter.Seq2[time.Time, time.Time], error) {
	none := func(func(time.Time, time.Time) bool) {}
	if !r.Ends.IsZero() && !at.Before(r.Ends) {
		return none, nil
	}
	schedule, err := parseMuteSchedule(r)
	if err != nil {
		return none, fmt.Errorf("its schedule %s is not understood", r.Expression)
	}
	if _, then := schedule.mutes(r.Read); !r.Read.IsZero() && then != r.Active {
		return none, errContradicted
	}
	return func(yield func(time.Time, time.Time) bool) {
		last, over := at.Add(mostMuted), at
		for began := range schedule.between(at.Add(-schedule.duration), last) {
			if began.Before(schedule.start) { // it mutes nothing before, also when it has begun by then
				began = schedule.start
			}
			if !began.After(over) || began.After(last) {
				continue
			}
			until, mutes := schedule.mutes(began)
			if !mutes {
				continue
			}
			if !yield(began, until) || until.IsZero() {
				return
			}
			over = until
		}
	}, nil
}

// Once tells whether the rule mutes at one time only.
func (r MuteRule) Once() bool { return strings.HasPrefix(r.Expression, "at(") }

// Valid is an error where the schedule of the rule is none that can be evaluated.
func (r MuteRule) Valid() error {
	_, err := parseMuteSchedule(r)
	return err
}

// mostMuted is how far ahead the end of a mute is looked for; one that lasts longer has none that matters.
const mostMuted = 31 * 24 * time.Hour

// muteSchedule is when a rule mutes.
type muteSchedule struct {
	occurrences
	duration       time.Duration
	start, expires time.Time
}

// mutes tells whether an occurrence lasts at the given moment, and when the last of those that overlap ends.
func (s muteSchedule) mutes(at time.Time) (until time.Time, mutes bool) {
	if at.Before(s.start) || !s.expires.IsZero() && !at.Before(s.expires) {
		return time.Time{}, false
	}
	for began := range s.between(at.Add(-s.duration), at.Add(mostMuted)) {
		switch ends := began.Add(s.duration); {
		case began.After(at) && !mutes:
			return time.Time{}, false
		case began.After(at) && began.After(until):
			return s.end(until), true
		case ends.After(at):
			until, mutes = ends, true
		}
	}
	if !mutes {
		return time.Time{}, false
	}
	if until.Sub(at) >= mostMuted {
		until = time.Time{}
	}
	return s.end(until), true
}

// end is the end of a mute, no later than the rule's own.
func (s muteSchedule) end(until time.Time) time.Time {
	if !s.expires.IsZero() && (until.IsZero() || s.expires.Before(until)) {
		return s.expires
	}
	return until
}

// WithMutes is the alarm with the rules that name it.
func (a Alarm) WithMutes(rules []MuteRule) Alarm {
	a.Mutes = Mutes{Known: true}
	for _, rule := range rules {
		if _, found := slices.BinarySearch(rule.Alarms, a.Name); found {
			a.Mutes.Rules = append(a.Mutes.Rules, rule)
		}
	}
	return a
}
