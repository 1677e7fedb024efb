package daemon

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	slogkit "github.com/tjhop/slog-gokit"
)

// Loggers are the same log in two forms.
type Loggers struct {
	Kit  log.Logger   // the commands' own
	Slog *slog.Logger // the one that exporter-toolkit and Prometheus take
}

// NewLoggers logs to out from the given level on, as logfmt or json.
func NewLoggers(out io.Writer, lowest, format string) (Loggers, error) {
	var base log.Logger
	switch format {
	case "logfmt":
		base = log.NewLogfmtLogger(log.NewSyncWriter(out))
	case "json":
		base = log.NewJSONLogger(log.NewSyncWriter(out))
	default:
		return Loggers{}, fmt.Errorf("--log.format: %q is neither logfmt nor json", format)
	}
	parsed, err := level.Parse(lowest)
	if err != nil {
		return Loggers{}, fmt.Errorf("--log.level: %q is none of debug, info, warn, error", lowest)
	}
	base = level.NewFilter(shortened(base), level.Allow(parsed))
	utc := log.TimestampFormat(func() time.Time { return time.Now().UTC() }, "2006-01-02T15:04:05.000Z07:00")

	// The bridge brings a time and a caller of its own: with the others they would stand on each line twice.
	bridged := &slog.LevelVar{}
	_ = bridged.UnmarshalText([]byte(strings.ToUpper(lowest))) // the four levels are slog's too
	return Loggers{
		Kit:  log.With(base, "ts", utc, "caller", log.DefaultCaller),
		Slog: slog.New(slogkit.NewGoKitHandler(renameTime(base, utc), bridged)),
	}, nil
}

// longestValue is how many bytes of a value are logged. What others answer may be in it, for example a status line.
const longestValue = 4 << 10

// shortened cuts texts and errors that are too long.
func shortened(to log.Logger) log.Logger {
	return log.LoggerFunc(func(pairs ...any) error {
		for i := 1; i < len(pairs); i += 2 {
			text := ""
			switch value := pairs[i].(type) {
			case string:
				text = value
			case error, slog.Value:
				text = fmt.Sprint(value) // which survives an error that is nil inside
			}
			if len(text) > longestValue {
				pairs[i] = strings.ToValidUTF8(text[:longestValue], "") + "..."
			}
		}
		return to.Log(pairs...)
	})
}

// renameTime lets the bridge's lines tell the time as all others do.
func renameTime(to log.Logger, now log.Valuer) log.Logger {
	return log.LoggerFunc(func(pairs ...any) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == slog.TimeKey {
				pairs[i], pairs[i+1] = "ts", now()
			}
		}
		return to.Log(pairs...)
	})
}
