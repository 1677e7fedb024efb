package alerting

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestOutages_areOneLineEach(t *testing.T) {
	var log bytes.Buffer
	text := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	all := oncePerOutage(text)
	first := all.WithAttrs([]slog.Attr{slog.String("component", "notifier")}).WithAttrs([]slog.Attr{slog.String("alertmanager", "http://a")})
	second := all.WithAttrs([]slog.Attr{slog.String("component", "notifier")}).WithAttrs([]slog.Attr{slog.String("alertmanager", "http://b")})
	rules := all.WithAttrs([]slog.Attr{slog.String("component", "rules")}).WithAttrs([]slog.Attr{slog.String("group", "one")})
	others := all.WithAttrs([]slog.Attr{slog.String("component", "rules")}).WithAttrs([]slog.Attr{slog.String("group", "two")})
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	say := func(to slog.Handler, minute int, level slog.Level, msg string, attrs ...slog.Attr) {
		t.Helper()
		record := slog.NewRecord(noon.Add(time.Duration(minute)*time.Minute), level, msg, 0)
		record.AddAttrs(attrs...)
		if err := to.Handle(context.Background(), record); err != nil {
			t.Fatal(err)
		}
	}
	err := func(text string) slog.Attr { return slog.Any("err", errors.New(text)) }
	logged := func(what string, want int) {
		t.Helper()
		if got := strings.Count(log.String(), "\n"); got != want {
			t.Errorf("%s: %d lines, want %d:\n%s", what, got, want, log.String())
		}
		log.Reset()
	}

	for minute := range 120 {
		say(first, minute, slog.LevelError, "Error sending alerts", slog.Int("count", minute), err("read tcp 127.0.0.1:"+strings.Repeat("4", 1+minute%5)+": reset"))
	}
	logged("two hours", 1)
	say(second, 60, slog.LevelError, "Error sending alerts", err("read tcp 127.0.0.1:4: reset"))
	say(first, 120, slog.LevelError, "Error sending alerts", err("certificate has expired"))
	logged("another Alertmanager, and another reason", 2)
	say(first, 121, slog.LevelDebug, "trying")
	say(first, 121, slog.LevelError, "Error sending alerts", err("certificate has expired"))
	logged("details end nothing", 1)
	say(first, 122, slog.LevelInfo, "the Alertmanager takes alerts again")
	say(first, 123, slog.LevelError, "Error sending alerts", err("certificate has expired"))
	logged("a second outage", 2)
	say(second, 61, slog.LevelError, "Error sending alerts", err("read tcp 127.0.0.1:4: reset"))
	logged("what is good of one is not good of another", 0)
	say(first, 200, slog.LevelError, "Error sending alerts", err("certificate has expired"))
	logged("after an hour without a word", 1)
	for minute := range 3 {
		say(rules, minute, slog.LevelWarn, "Evaluating rule failed", slog.String("rule", "a"), err("no space left"))
		say(others, minute, slog.LevelWarn, "Evaluating rule failed", slog.String("rule", "b"), err("no space left"))
	}
	logged("the rules of all groups", 1)
}

func TestOutages_areBounded(t *testing.T) {
	all := oncePerOutage(slog.DiscardHandler)
	for i := range 3 * mostOutages {
		all.open.repeats("", slog.NewRecord(time.Time{}, slog.LevelWarn, strings.Repeat("x", i), 0))
	}
	if got := len(all.open.heard); got > mostOutages {
		t.Errorf("%d are remembered, want %d at most", got, mostOutages)
	}
	long := slog.NewRecord(time.Time{}, slog.LevelWarn, "refused", 0)
	long.AddAttrs(slog.Any("err", errors.New("503 "+strings.Repeat("x", 5<<20))))
	if got := len(kindOf(long)); got > 4*longest {
		t.Errorf("of one %d bytes are remembered", got)
	}
}
