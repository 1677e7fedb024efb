package explain

import (
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// work is what the instances have done.
func (v *variant) work() Link {
	link := v.checked(Work)
	noWork := v.why(fleet.SourceMetrics)
	if w := v.Work; w != nil && noWork == "" {
		v.totals(&link, w)
		if w.Pace.Fresh(v.at) {
			link.fact("processed_per_second", w.Pace.Value, w.Pace.At)
		}
	}
	switch {
	case v.missing != "" || !v.counted:
		return link.is(Unknown, "What has been done is not known: %s.", v.uncounted())
	case v.current == 0 && v.goes == wake && !v.held:
		if takes, ok := v.service(); ok && noWork == "" {
			link.fact("usual_service_time", takes)
			if runs := v.runsAt(); runs.known() {
				link.next = next{nextCompletion, runs.after(takes, takes)}
				return link.is(Waits, "Nothing is worked on until the first instance runs; a request takes %s on average, so the first should be "+
					"done %s.", fleet.Lapse(takes), link.next.when.words(v.at))
			}
		}
		return link.is(Waits, "Nothing is worked on until the first instance runs.")
	case v.current == 0 && v.goes == wake:
		return link.is(Waits, "Nothing is worked on.")
	case v.current == 0 && v.goes == out:
		return link.is(Waits, "Another variant works on the queue until the first instance of this one runs.")
	case v.current == 0 || v.empty:
		return link.is(Unused, "There is nothing to work on.")
	case noWork != "":
		return link.is(Unknown, "What has been done is not known: %s.", noWork)
	case v.Work == nil || !v.Work.Pace.Fresh(v.at):
		return link.is(Waits, "Nothing settled of CloudWatch tells yet what has been done lately.")
	case v.Work.Pace.Value <= 0:
		return link.is(Waits, "In the settled minutes before %s nothing was completed. Figures come ten minutes late.", fleet.Minute(v.Work.Pace.At, v.at))
	}
	return link.is(OK, "%s requests a minute are processed.%s", fleet.Number(v.Work.Pace.Value*60), v.drains())
}

// service is how long the work on a request takes; ok is false when nothing tells.
func (v *variant) service() (mean time.Duration, ok bool) { return v.Work.ServiceTime(v.at) }

// drains says how long what waits takes if nothing more comes.
func (v *variant) drains() string {
	takes, ok := v.endpoint.DrainTime(v.at)
	if !v.waiting || !ok {
		return ""
	}
	return " The queue drains in " + fleet.Lapse(takes) + " if nothing more comes."
}

// totals are what was counted since the epoch.
func (v *variant) totals(link *Link, w *fleet.Work) {
	for _, metric := range []fleet.WorkMetric{fleet.InvocationsProcessed, fleet.InvocationFailures, fleet.ExpiredRequests} {
		if total := w.Totals[metric].At(v.at); total.Fresh(v.at) {
			link.fact(snake(metric.String()), int(total.Sum), total.Since)
		}
	}
}

// snake is the name of a metric as facts are named.
func snake(name string) string {
	var words strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				words.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		words.WriteRune(r)
	}
	return words.String()
}
