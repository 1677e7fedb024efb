package observe

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// muting is the mute rules of a cloud.
type muting struct {
	c     *cloud
	rules []fleet.MuteRule
	hang  bool
}

func (m *muting) MuteRules(ctx context.Context) (list []fleet.MuteRule, _ error) {
	if m.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, rule := range m.rules {
		list = append(list, fleet.MuteRule{Name: rule.Name, Updated: rule.Updated, Active: rule.Active})
	}
	return list, m.c.call("ListAlarmMuteRules", "")
}

func (m *muting) MuteRule(_ context.Context, name string) (fleet.MuteRule, error) {
	for _, rule := range m.rules {
		if rule.Name == name {
			return rule, m.c.call("GetAlarmMuteRule", name)
		}
	}
	return fleet.MuteRule{}, m.c.fail["gone"]
}

// mutingWorld is a world with one alarm and one rule that mutes it by night.
func mutingWorld(t *testing.T) (*world, *muting) {
	t.Helper()
	c := &cloud{
		alarms: []fleet.Alarm{{Name: "page"}, {Name: "wake", Metric: fleet.WithoutCapacity.Query("a").Metric}},
		fail:   map[string]error{},
	}
	w := newWorld(t, c)
	m := &muting{c: c, rules: []fleet.MuteRule{{
		Name: "nightly", Alarms: []string{"page", "wake"}, Expression: "cron(0 10 * * *)", Duration: "PT4H", Updated: noon, Active: true,
	}}}
	w.aws.Mutes = m
	return w, m
}

func (w *world) wake() fleet.Alarm {
	w.Helper()
	alarms := w.Snapshot().Alarms
	if len(alarms) != 1 || alarms[0].Name != "wake" || !alarms[0].Read.Equal(w.at) {
		w.Fatalf("alarms %+v", alarms)
	}
	return alarms[0]
}

func TestMutes_areReadWithTheAlarmsAndRuleByRuleOnlyOnChange(t *testing.T) {
	w, m := mutingWorld(t)
	w.ask(fleet.SourceAlarms)
	mute, muted := w.wake().Muted(w.at)
	equal(t, "muted", muted, true)
	equal(t, "until", mute, fleet.Mute{Rule: "nightly", Until: noon.Truncate(time.Hour).Add(2 * time.Hour)})
	w.at = w.at.Add(5 * time.Minute)
	w.ask(fleet.SourceAlarms)
	equal(t, "lists", w.asked["ListAlarmMuteRules"], 2)
	equal(t, "rules read", w.asked["GetAlarmMuteRule"], 1)
	m.rules[0].Duration, m.rules[0].Updated, m.rules[0].Active = "PT1H", w.at, false
	w.at = w.at.Add(5 * time.Minute)
	w.ask(fleet.SourceAlarms)
	_, muted = w.wake().Muted(w.at)
	equal(t, "muted after the rule was changed", muted, false)
	equal(t, "rules read", w.asked["GetAlarmMuteRule"], 2)
	m.rules = nil
	w.ask(fleet.SourceAlarms)
	if mutes := w.wake().Mutes; !mutes.Known || len(mutes.Rules) > 0 {
		t.Errorf("without rules: %+v", mutes)
	}
}

func TestMutes_thatCannotBeReadTakeNothingDown(t *testing.T) {
	denied := errors.New("access denied: the role lacks cloudwatch:ListAlarmMuteRules")
	for _, operation := range []string{"ListAlarmMuteRules", "GetAlarmMuteRule"} {
		w, _ := mutingWorld(t)
		w.fail[operation] = denied
		w.ask(fleet.SourceAlarms)
		source := w.source(fleet.SourceAlarms)
		if !source.Up() || !strings.Contains(source.Lacks, denied.Error()) || w.wake().Mutes.Known {
			t.Errorf("%s: source %+v, alarm %+v", operation, source, w.wake())
		}
		delete(w.fail, operation)
		w.ask(fleet.SourceAlarms)
		if source := w.source(fleet.SourceAlarms); source.Lacks != "" || !w.wake().Mutes.Known {
			t.Errorf("%s again: source %+v, alarm %+v", operation, source, w.wake())
		}
	}
}

func TestMutes_thatWereKnownStandForAWhile(t *testing.T) {
	w, _ := mutingWorld(t)
	w.ask(fleet.SourceAlarms)
	w.fail["ListAlarmMuteRules"] = errThrottled
	w.at = w.at.Add(14 * time.Minute)
	w.ask(fleet.SourceAlarms)
	if _, muted := w.wake().Muted(w.at); !muted {
		t.Error("one failure forgets the rules")
	}
	w.at = w.at.Add(2 * time.Minute)
	w.ask(fleet.SourceAlarms)
	equal(t, "known when it is too old", w.wake().Mutes.Known, false)
}

func TestMutes_aRuleDeletedSinceItWasListedIsNone(t *testing.T) {
	w, m := mutingWorld(t)
	w.fail["gone"] = fleet.ErrNotFound
	w.aws.Mutes = listedOnly{m}
	w.ask(fleet.SourceAlarms)
	if mutes := w.wake().Mutes; !mutes.Known || len(mutes.Rules) > 0 {
		t.Errorf("mutes %+v", mutes)
	}
}

// listedOnly lists a rule that cannot be read any more.
type listedOnly struct{ *muting }

func (l listedOnly) MuteRules(context.Context) ([]fleet.MuteRule, error) {
	return []fleet.MuteRule{{Name: "gone"}}, nil
}

func TestMutes_aHungServiceHoldsTheAlarmsUpForSecondsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := mutingWorld(t)
		m.hang = true
		began := time.Now()
		w.ask(fleet.SourceAlarms)
		equal(t, "held up", time.Since(began), mutePatience)
		equal(t, "up", w.source(fleet.SourceAlarms).Up(), true)
		equal(t, "known", w.wake().Mutes.Known, false)
	})
}
