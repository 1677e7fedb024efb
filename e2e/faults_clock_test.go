//go:build e2e

package e2e

import (
	"encoding/json"
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
	right := b.families
	must(t, b.e.stop())
	b.run(skewed(t, b.aws, off))
	b.counted = time.Time{}
	for range 4 {
		b.healthy()
	}
	whole := b.strike(deedBeside(""))
	b.until("written", whole)
	b.healthy()
	b.families = right
	return seen{what: "no source is down, counters are exact, writes go on; absent: " + listed(b.missing())}
}
