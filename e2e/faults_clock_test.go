//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// ownClock is the section of the table that is about no operation.
const ownClock = "The exporter's own clock"

// wrongClocks are clocks of the exporter that are off, and by how much.
var wrongClocks = []struct {
	name string
	off  time.Duration
}{
	{"5 minutes fast", 5 * time.Minute},
	{"5 minutes slow", -5 * time.Minute},
}

// skewed is a server in front of an AWS that tells its clock wrong.
func skewed(t *testing.T, aws *awssim.Server, off time.Duration) (url string) {
	t.Helper()
	return newGate(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != awssim.ClockPath {
			aws.Handler().ServeHTTP(w, r)
			return
		}
		var clock fleet.Clock
		told := httptest.NewRecorder()
		aws.Handler().ServeHTTP(told, r)
		if err := json.Unmarshal(told.Body.Bytes(), &clock); err != nil {
			t.Error(err)
		}
		clock.Shown = clock.Shown.Add(off)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(clock) // a client that has gone needs no answer
	})).url()
}

// tryClock observes with a clock that is off, and says what was seen.
func tryClock(t *testing.T, off time.Duration) seen {
	b := newFaultWorld(t, faultSpeed)
	b.name = "a clock that is off by " + off.String()
	b.run(b.aws.URL())
	b.healthy()
	b.hold()
	must(t, b.e.stop())
	b.run(skewed(t, b.aws, off))
	whole := b.strike(deedBeside(""))
	b.until("written", whole)
	last := clockOf(b.aws).Add(10 * time.Minute)
	b.until("exact", func() error {
		switch down := b.down(); {
		case len(down) > 0:
			return fmt.Errorf("down: %v", down)
		case clockOf(b.aws).Before(last):
			return errors.New("not looked at for long enough")
		}
		return b.countEach()
	})
	return seen{what: "no source is down, counters are exact, writes go on; absent: " + listed(b.missing())}
}

// countEach compares each counter by itself with what was published. None may be behind for long.
func (b *faultBench) countEach() error {
	shown := map[string]float64{}
	for _, total := range totals {
		shown[total.series] = value(b.page, `sagemaker_async_`+total.series+`{account_id="111122223333",endpoint_name="busy",`)
	}
	if open := ofNoMinute(b.aws, "busy/AllTraffic", b.began, shown, 15); len(open) > 0 {
		return fmt.Errorf("these are of no minute of the last 15: %v", open)
	}
	return nil
}
