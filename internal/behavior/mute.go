package behavior

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Silence is a time to come in which mute rules silence what wakes the variant, so that queued requests start no instance.
type Silence struct {
	Rule, Alarm string
	From, Until time.Time // From is zero where nobody can tell when it will be, Until where it is too long to matter
	Reason      string    // why nobody can tell
}

// String says it in words, with moments as seen from one.
func (s *Silence) String(at time.Time) string {
	if s.From.IsZero() {
		return fmt.Sprintf("nobody can tell when the mute rule %q will silence the wake alarm %q: %s", s.Rule, s.Alarm, s.Reason)
	}
	until := ""
	if !s.Until.IsZero() {
		until = " until " + fleet.Minute(s.Until, at)
	}
	return fmt.Sprintf("the mute rule %q will silence the wake alarm %q from %s%s", s.Rule, s.Alarm, fleet.Minute(s.From, at), until)
}

// mostSets is how many different sets of muted alarms are asked about; people write one or two rules.
const mostSets = 16

// silence follows the mute rules from now on to the first time at which the variant would not wake as it does now. While one
// rule begins after another, more is silent, so that only the beginnings are asked about.
func (j *judge) silence() *Silence {
	if j.context.At.IsZero() || j.b.Wakes.Verdict != Yes {
		return nil
	}
	var all []Silence
	for i := range j.variant.Alarms {
		alarm := &j.variant.Alarms[i].Alarm
		for _, rule := range alarm.Mutes.Rules {
			ahead, err := rule.Ahead(j.context.At)
			if err != nil {
				all = append(all, Silence{Rule: rule.Name, Alarm: alarm.Name, Reason: err.Error()})
				continue
			}
			for from, until := range ahead {
				if all = append(all, Silence{rule.Name, alarm.Name, from, until, ""}); len(all) > mostChanges {
					break
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Silence) int {
		return cmp.Or(a.From.Compare(b.From), b.Until.Compare(a.Until), cmp.Compare(a.Alarm, b.Alarm), cmp.Compare(a.Rule, b.Rule))
	})
	var asked [][]string
	for i := range all {
		silent := j.silentAt(&all[i])
		if len(asked) == mostSets || slices.ContainsFunc(asked, func(set []string) bool { return slices.Equal(set, silent) }) {
			continue
		}
		if asked = append(asked, silent); !j.wakesWithout(silent) {
			return j.of(&all[i])
		}
	}
	return nil
}

// of is the silence of the alarm that wakes the variant, where that is silent as well.
func (j *judge) of(s *Silence) *Silence {
	for i := range j.variant.Alarms {
		alarm := &j.variant.Alarms[i].Alarm
		if alarm.Name != j.b.Wakes.By.Alarm || alarm.Name == s.Alarm || s.From.IsZero() {
			continue
		}
		if mute, muted := alarm.Muted(s.From); muted {
			return &Silence{mute.Rule, alarm.Name, s.From, mute.Until, ""}
		}
	}
	return s
}

// silentAt names the alarms that are muted when a silence begins, sorted.
func (j *judge) silentAt(s *Silence) (names []string) {
	for i := range j.variant.Alarms {
		alarm := &j.variant.Alarms[i].Alarm
		if alarm.Name == s.Alarm || !s.From.IsZero() && silenced(alarm, s.From) {
			names = append(names, alarm.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// wakesWithout tells whether the variant wakes as it does now, from as few requests, while alarms are silent.
func (j *judge) wakesWithout(silent []string) bool {
	variant := *j.variant
	variant.Alarms = slices.Clone(variant.Alarms)
	for i := range variant.Alarms {
		if alarm := &variant.Alarms[i].Alarm; slices.Contains(silent, alarm.Name) {
			alarm.ActionsEnabled = false
		}
	}
	then := newJudge(j.endpoint, &variant, Context{Latency: j.context.Latency, Service: j.context.Service})
	then.describe()
	then.separate()
	then.wakes()
	is, was := &then.b.Wakes, &j.b.Wakes
	return is.Verdict == Yes && is.From <= was.From && (is.UpTo == 0 || was.UpTo > 0 && is.UpTo >= was.UpTo)
}
