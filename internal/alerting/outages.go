package alerting

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	// quietFor is how long nothing of an outage is logged before it counts as over. Prometheus' parts try again each minute,
	// or each second interval where that is longer, which is four minutes at most.
	quietFor = 10 * time.Minute
	// mostOutages is how many are told apart at a time.
	mostOutages = 1000
)

// outages is a log in which one outage is one line: a warning or an error is left out while it repeats. It is logged again
// once its component has had something better to say, or nothing for a while.
type outages struct {
	slog.Handler
	of   string // the component that logs, and the Alertmanager that it speaks of
	open *openOutages
}

// openOutages are when each outage was last heard of, by component and kind.
type openOutages struct {
	mu    sync.Mutex
	heard map[outage]time.Time
}

type outage struct{ of, kind string }

func oncePerOutage(to slog.Handler) *outages {
	return &outages{Handler: to, open: &openOutages{heard: map[outage]time.Time{}}}
}

// WithAttrs notes who logs. The group and the rule are left out: one outage fails all of them.
func (o *outages) WithAttrs(attrs []slog.Attr) slog.Handler {
	of := o.of
	for _, attr := range attrs {
		if attr.Key == "component" || attr.Key == "alertmanager" {
			of += " " + attr.Value.String()
		}
	}
	return &outages{Handler: o.Handler.WithAttrs(attrs), of: of, open: o.open}
}

// WithGroup is that of the log.
func (o *outages) WithGroup(name string) slog.Handler {
	return &outages{Handler: o.Handler.WithGroup(name), of: o.of, open: o.open}
}

// Handle logs what is no repetition.
func (o *outages) Handle(ctx context.Context, record slog.Record) error {
	if o.open.repeats(o.of, record) {
		return nil
	}
	return o.Handler.Handle(ctx, record)
}

// repeats tells whether a record says of its outage what was logged before.
func (o *openOutages) repeats(of string, record slog.Record) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case record.Level < slog.LevelInfo:
		return false
	case record.Level < slog.LevelWarn:
		maps.DeleteFunc(o.heard, func(known outage, _ time.Time) bool { return known.of == of })
		return false
	}
	one := outage{of, kindOf(record)}
	last, known := o.heard[one]
	if !known && len(o.heard) >= mostOutages {
		clear(o.heard)
	}
	o.heard[one] = record.Time
	return known && record.Time.Sub(last) < quietFor
}

// numbers differ between two reports of one outage: ports, times, how many were lost.
var numbers = regexp.MustCompile(`[0-9]+`)

// kindOf is the message and its error without numbers, of bounded length.
func kindOf(record slog.Record) string {
	kind := []string{record.Message}
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key == "err" {
			kind = append(kind, numbers.ReplaceAllString(printable(attr.Value.String()), "#"))
		}
		return true
	})
	return strings.Join(kind, ": ")
}
