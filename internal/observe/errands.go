package observe

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/ledger"
)

// errands are what to read of counters, latencies and utilisation, and of which variants nothing is known to have changed.
type errands struct {
	visits [readKinds][]visit
	asked  map[string]metricSet // of every selected variant by resource id: what the visits read of it
	load   int                  // metrics, as AWS counts those of an ordinary refresh
}

// visit is what is read of one variant: the metrics that need the same kind of read.
type visit struct {
	resource   string
	dimensions []fleet.Dimension
	metrics    []fleet.WorkMetric
	hosts      bool // the utilisation too
	read       ledger.Read
}

// metricSet is a set of metrics.
type metricSet [len(fleet.Work{}.Totals)]bool

// readKind tells reads apart that cannot share a call: all queries of a call have the same window, and what one variant
// has missed must not be read of all.
type readKind int

const (
	readNew   readKind = iota // what came since the last read
	readHours                 // hours of single minutes: late reads, and after a pause
	readBack                  // whole hours from the epoch on, and the minutes since
	readKinds
)

// overdue is the length of a read beyond which it does not share its call with those that missed nothing.
const overdue = 30 * time.Minute

func kindOf(read ledger.Read) readKind {
	switch {
	case read.Whole:
		return readBack
	case read.Minutes.To.Time().Sub(read.Minutes.From.Time()) > overdue:
		return readHours
	}
	return readNew
}

// errands says what to read at the given moment.
//
// Metrics that cannot have counted anything are not read: while no instance runs nothing is invoked, and there are no
// latencies; while nothing waits either, nothing expires and no notification fails. Nothing is lost: an account that was
// left out reads on from where it stopped, whenever it is read again, and late data of a variant that has scaled to zero is
// found by the daily read of the day after. The last read of a month leaves out no variant that was last described before
// the month ended: it may have woken since.
func (o *Observer) errands(at time.Time) errands {
	list := errands{asked: map[string]metricSet{}}
	for _, name := range o.selected() {
		known, spread := o.endpoints[name], ledger.Spread(name)
		waited := o.gates[name].waited(at, o.options.Intervals.of(o.gates[name].idle))
		for _, variant := range known.description.Variants {
			resource := fleet.ResourceID(name, variant.Name)
			var wanted [readKinds]visit
			var asked, always metricSet
			for _, metric := range fleet.WorkMetrics() {
				account := o.metrics.account(resource, metric)
				read := account.Next(at, spread)
				awake := o.awake[resource]
				if metric.AtZero() {
					awake.last = later(awake.last, waited.Add(settles))
				}
				always[metric] = !awake.rests(&account)
				late := account.BackDue(at, spread) && (awake.worked(&account) || awake.seenAt.Before(fleet.Epoch(at)))
				if read.Minutes.Empty() || !always[metric] && !late {
					continue
				}
				v := &wanted[kindOf(read)]
				v.metrics, v.read = append(v.metrics, metric), v.read.With(read)
				asked[metric] = true
			}
			hosts := !o.awake[resource].asleep
			list.asked[resource] = asked
			list.load += fleet.VariantLoad(func(m fleet.WorkMetric) bool { return always[m] }, hosts)
			list.add(wanted, visit{resource: resource, dimensions: fleet.VariantDimensions(name, variant.Name), hosts: hosts})
		}
	}
	return list
}

// add takes in the visits of one variant; the utilisation is read with the first of them.
func (e *errands) add(wanted [readKinds]visit, of visit) {
	for kind, v := range wanted {
		if len(v.metrics) > 0 {
			of.metrics, of.read = v.metrics, v.read
			e.visits[kind] = append(e.visits[kind], of)
			of.hosts = false
		}
	}
}

// rests tells whether a metric cannot have counted anything since its account was read: no instance has run since, and
// where it counts without one, nothing has waited.
func (a awake) rests(account *ledger.Account) bool {
	return a.asleep && account.Settled().Time().After(a.last)
}

// worked tells whether late data of the time when the variant worked may still come: it has not been read back since a day
// after.
func (a awake) worked(account *ledger.Account) bool {
	return account.Back().Time().Before(a.last.Add(lateBy))
}

// lateBy is how late CloudWatch may show a minute for it to be counted in any case.
const lateBy = 24 * time.Hour
