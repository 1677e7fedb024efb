package daemon

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-kit/log/level"
)

func TestNewLoggers_aLineIsNotAsLongAsWhatOthersAnswer(t *testing.T) {
	for _, format := range []string{"logfmt", "json"} {
		var out strings.Builder
		loggers, err := NewLoggers(&out, "info", format)
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("\u00e9", 5<<20)
		_ = level.Warn(loggers.Kit).Log("msg", "down", "err", errors.New(long), "text", long)
		loggers.Slog.With("before", long).Warn("down", "err", errors.New(long), "text", long)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("%s: %d lines", format, len(lines))
		}
		for _, line := range lines {
			if len(line) > 4*longestValue || !strings.Contains(line, "...") || !strings.Contains(line, "down") {
				t.Errorf("%s: a line of %d bytes: %.300s", format, len(line), line)
			}
		}
	}
}
