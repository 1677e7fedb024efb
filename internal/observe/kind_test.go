package observe

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// throttle is an error of AWS: it knows its kind.
type throttle struct{ of string }

func (t throttle) Error() string { return "describing endpoint " + t.of + ": throttled" }

func (t throttle) Kind() string { return "throttled" }

func TestKind_hasNoNamesAndFigures(t *testing.T) {
	fails := func(names ...string) error {
		_, err := each(t.Context(), names, func(_ context.Context, name string) (int, error) { return 0, fmt.Errorf("asking: %w", throttle{name}) })
		return err
	}
	first, second := fails("a", "b"), fails("c", "d", "e")
	if first.Error() == second.Error() || Kind(first) != "throttled" || Kind(second) != "throttled" {
		t.Errorf("%v is %s, %v is %s", first, Kind(first), second, Kind(second))
	}
	if one, other := Kind(&Partial{2, 3, fmt.Errorf("no service for a")}), Kind(fmt.Errorf("no service for b")); one != other {
		t.Errorf("got %s and %s", one, other)
	}
	if got := Kind(&Partial{2, 3, context.DeadlineExceeded}); got != "unavailable" {
		t.Errorf("got %s", got)
	}
}

// A datapoint that is refused takes nothing away: not the source, not its own counter, and not the others.
func TestMetrics_aRefusedDatapointTakesNothingAway(t *testing.T) {
	w := newWorld(t, &cloud{})
	w.async("a", 1)
	w.observe()
	queries := []fleet.Query{fleet.Backlog.Query("a"), fleet.Backlog.Query("b")}
	err := refusedIn(queries, []fleet.Series{{Complete: true, Refused: 2}, {Complete: true}})
	if err == nil || !strings.Contains(err.Error(), "(ApproximateBacklogSize of a)") || Kind(err) != "refused datapoints" {
		t.Errorf("got %v", err)
	}
	if err := refusedIn(queries, make([]fleet.Series, 2)); err != nil {
		t.Errorf("got %v", err)
	}
	w.refuse = true
	w.at = w.at.Add(time.Minute)
	answer := w.Question(fleet.SourceQueue)(t.Context())
	if answer.Err != nil || answer.Refused == nil {
		t.Errorf("got %v, refused %v", answer.Err, answer.Refused)
	}
	w.Learn(answer)
	if source := w.source(fleet.SourceQueue); !source.Up() {
		t.Errorf("the source is down: %s", source.Err)
	}
}
