package cycle

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// A read of the work that fails at a quarter past, before the old month's totals go, is repeated in time.
func TestRetryAfter_theEndOfAMonthIsReadAgainEachMinute(t *testing.T) {
	slow := observe.Intervals{Queue: 5 * time.Minute, Work: 50 * time.Minute, Scaling: time.Hour}
	fast := observe.Intervals{Queue: 30 * time.Second, Work: 5 * time.Minute, Scaling: 5 * time.Minute}
	month := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		source fleet.SourceName
		at     time.Duration // since the month began
		every  observe.Intervals
		want   time.Duration
	}{
		{"the old total stands", fleet.SourceWork, 15 * time.Minute, slow, time.Minute},
		{"the last moment of it", fleet.SourceWork, 20*time.Minute - time.Second, slow, time.Minute},
		{"it is gone", fleet.SourceWork, 20 * time.Minute, slow, 5 * time.Minute},
		{"another day", fleet.SourceWork, 50 * time.Hour, slow, 5 * time.Minute},
		{"another source", fleet.SourceScaling, 15 * time.Minute, slow, 5 * time.Minute},
		{"a faster loop", fleet.SourceWork, 15 * time.Minute, fast, 30 * time.Second},
	} {
		if got := retryAfter(test.source, month.Add(test.at), test.every); got != test.want {
			t.Errorf("%s: due again after %s, want %s", test.name, got, test.want)
		}
	}
}
