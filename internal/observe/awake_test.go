package observe

import (
	"fmt"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const atZero = "ExpiredRequests NotificationFailures"

// sleeper is a world of one endpoint that has slept for long, polled every so often.
func sleeper(t *testing.T, interval time.Duration) *world {
	t.Helper()
	w := newWorld(t, &cloud{fail: map[string]error{}}, func(o *Options) { o.Intervals.Instances = interval })
	w.async("a", 0)
	w.observe()
	for range 3 {
		w.later(max(interval, 5*time.Minute))
	}
	equal(t, "asked of one that sleeps", w.namesAsked(), atZero)
	return w
}

// Instances that come and go while nothing can be polled are not waited for: what they did is counted at once.
func TestAwake_afterAnOutageWorkIsLookedFor(t *testing.T) {
	w := sleeper(t, time.Minute)
	w.fail["ListEndpoints"], w.fail["GetMetricData"] = errThrottled, errThrottled
	w.event("a", fleet.InvocationsProcessed, w.at.Add(time.Hour), 7)
	for range 12 {
		w.later(10 * time.Minute)
	}
	clear(w.fail)
	w.later(5 * time.Minute)
	equal(t, "counted", w.total(fleet.InvocationsProcessed).Sum, 7)
	w.later(10 * time.Minute)
	w.later(time.Minute)
	equal(t, "and then not asked any more", w.namesAsked(), atZero)
}

// One poll that fails, and another that is late, is no outage that would cost anything.
func TestAwake_aShortPauseCostsNothing(t *testing.T) {
	w := sleeper(t, time.Minute)
	w.later(10 * time.Minute)
	equal(t, "asked", w.namesAsked(), atZero)
}

// However seldom instances are polled, no work between two polls is lost, and a variant that sleeps costs its two metrics.
func TestAwake_seldomPollsLoseNothing(t *testing.T) {
	scaled := func(w *world, ago time.Duration) {
		w.activities = append(w.activities, fleet.Activity{
			ID: fmt.Sprint(len(w.activities)), ResourceID: "endpoint/a/variant/v", Status: "Successful", Start: w.at.Add(-ago - time.Minute),
			End: w.at.Add(-ago),
		})
	}
	for name, change := range map[string]func(*world){
		"an activity": func(w *world) { scaled(w, 10*time.Minute) },
		"an activity that is known late": func(w *world) {
			w.later(20 * time.Minute)
			scaled(w, 30*time.Minute)
		},
		"an update": func(w *world) {
			w.change("a", func(e *fleet.EndpointDescription) { e.LastModified = w.at.Add(-10 * time.Minute) })
		},
	} {
		w := sleeper(t, 2*time.Hour)
		w.event("a", fleet.InvocationsProcessed, w.at.Add(time.Hour), 7)
		w.at = w.at.Add(90 * time.Minute)
		change(w)
		w.ask(fleet.SourceActivities)
		w.later(10 * time.Minute)
		equal(t, name, w.total(fleet.InvocationsProcessed).Sum, 7)
		w.later(2 * time.Hour)
		equal(t, name+": then", w.namesAsked(), atZero)
	}
}

// The last description before the turn of the month says that it sleeps, and the next one comes when the old total is shown
// no more: the last read of the month does not rest on it.
func TestAwake_theLastReadOfAMonthRestsOnNoDescriptionFromBeforeItsEnd(t *testing.T) {
	w := sleeper(t, 2*time.Hour)
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for w.at = april.Add(-50*time.Hour - 25*time.Minute); w.at.Before(april.Add(-2 * time.Hour)); {
		w.later(2 * time.Hour)
	}
	equal(t, "asked of one that sleeps", w.namesAsked(), atZero)
	w.event("a", fleet.InvocationsProcessed, april.Add(-20*time.Minute), 7) // and it sleeps again
	for _, minute := range []int{0, 15} {
		w.at = april.Add(time.Duration(minute) * time.Minute)
		w.ask(fleet.SourceMetrics)
	}
	equal(t, "shown", w.total(fleet.InvocationsProcessed).At(april.Add(19*time.Minute)).Sum, 7)
	w.at = april.Add(16 * time.Minute)
	w.ask(fleet.SourceMetrics)
	equal(t, "and then not asked any more", w.namesAsked(), atZero)
}

// What comes late of a variant that has gone to sleep is in the old month's total, if it comes before the last read of that.
func TestAwake_lateDataIsInTheLastReadOfAMonth(t *testing.T) {
	w := newWorld(t, &cloud{}, func(o *Options) { o.Intervals.Instances = time.Minute })
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	w.at = april.Add(-12 * time.Hour)
	w.async("a", 1)
	w.observe()
	w.async("a", 0)
	for w.at.Before(april.Add(14 * time.Minute)) {
		w.later(time.Minute)
	}
	equal(t, "asked of one that sleeps", w.namesAsked(), atZero)
	w.event("a", fleet.InvocationsProcessed, april.Add(-13*time.Hour), 5) // it comes now
	w.later(time.Minute)
	equal(t, "shown", w.total(fleet.InvocationsProcessed).At(april.Add(19*time.Minute)).Sum, 5)
	w.later(time.Minute)
	equal(t, "and then not asked any more", w.namesAsked(), atZero)
}
