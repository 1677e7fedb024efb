package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// On a terminal it is one line, which says how long the rest takes once that can be told, and which is gone in the end.
func TestProgress_saysHowFarAndHowLong(t *testing.T) {
	var screen strings.Builder
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	p := progress{what: "replay", terminal: &screen, log: log.NewNopLogger(), now: func() time.Time { return now }}
	p.begin(100)
	for range 20 {
		now = now.Add(500 * time.Millisecond)
		p.done()
	}
	p.end()
	lines := strings.Split(screen.String(), "\r\x1b[K")[1:]
	if len(lines) != 21 || lines[0] != "1 of 100 replays" || lines[9] != "10 of 100 replays, about 45 s left" || lines[19] != "20 of 100 replays, about 40 s left" || lines[20] != "" {
		t.Errorf("%q", lines)
	}
	if strings.Contains(screen.String(), "\n") {
		t.Error("it takes more than a line")
	}
}

func TestProgress_isInTheLogWithoutATerminal(t *testing.T) {
	var logged bytes.Buffer
	p := newProgress("replay", &bytes.Buffer{}, level.NewFilter(log.NewLogfmtLogger(&logged), level.AllowDebug()))
	p.begin(25)
	for range 25 {
		p.done()
	}
	p.end()
	if n := strings.Count(logged.String(), "\n"); n != 8 || !strings.Contains(logged.String(), `msg="waiting for replays" done=24 of=25`) {
		t.Errorf("%d lines\n%s", n, logged.String())
	}
}
