package observe

import (
	"context"
	"maps"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/ledger"
)

// metricsMemory is what CloudWatch said of counters and latencies.
type metricsMemory struct {
	books     map[string]*book // by resource id
	units     units
	revisions uint64
}

// book is what one variant has done.
type book struct {
	accounts [len(fleet.Work{}.Totals)]ledger.Account
	work     *fleet.Work // as it was published last; never changed
}

// newAccount is the account of a metric of which nothing was read yet.
func newAccount(metric fleet.WorkMetric) ledger.Account {
	if (&fleet.Work{}).Lately(metric) != nil {
		return ledger.Daily()
	}
	return ledger.Account{}
}

// newBook is the book of a variant of which nothing was read yet.
func newBook() *book {
	b := &book{work: &fleet.Work{}}
	for metric := range b.accounts {
		b.accounts[metric] = newAccount(fleet.WorkMetric(metric))
	}
	return b
}

// forget drops what was read of a variant that is gone, but for the totals that one which comes under its name goes on
// from. It returns false when there are none.
func (b *book) forget(at time.Time) (goesOn bool) {
	b.work = &fleet.Work{}
	for metric := range b.accounts {
		goesOn = b.accounts[metric].Forget(at) || goesOn
	}
	return goesOn
}

// lately writes down what the metric counted in the last hours, if that is of interest.
func (b *book) lately(leaf *fleet.Work, metric fleet.WorkMetric, at, expires time.Time) {
	if of := leaf.Lately(metric); of != nil {
		if day, ok := b.accounts[metric].Day(at); ok {
			*of = fleet.Total{Since: day.Since.Time(), Sum: day.Sum, Samples: day.Samples, Expires: expires}
		}
	}
}

func (m metricsMemory) account(resource string, metric fleet.WorkMetric) ledger.Account {
	if book := m.books[resource]; book != nil {
		return book.accounts[metric]
	}
	return newAccount(metric)
}

// askMetrics reads counters, latencies and utilisation of every selected variant.
func (o *Observer) askMetrics() func(context.Context) (func(*Observer), error) {
	at := o.now() // as of the newest settled minute, whatever the interval is
	todo := o.errands(at)
	unknown := o.endpointsUnknown(len(todo.asked))
	r := &reader{
		aws: o.aws.Metrics, at: at, interval: o.options.Intervals.Metrics,
		units: maps.Clone(o.metrics.units), unitless: map[fleet.WorkMetric]bool{},
	}
	if r.units == nil {
		r.units = units{}
	}
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		for _, visits := range todo.visits {
			r.visit(ctx, visits)
		}
		return func(o *Observer) { o.learnMetrics(todo, r, at.Add(o.options.lifetime(fleet.SourceMetrics))) }, withRefused(r.err, r.refused)
	}
}

// learnMetrics takes in what a reader has found. What it was to find and did not keeps its date; what it did not have to
// look for is as good as read.
func (o *Observer) learnMetrics(todo errands, r *reader, expires time.Time) {
	o.billed += uint64(r.billed)
	o.metricsLoad = todo.load
	o.metrics.units = r.units
	works := make(map[string]*fleet.Work, len(todo.asked))
	for resource, asked := range todo.asked {
		works[resource] = o.metrics.leaf(resource, asked, r.at, expires)
	}
	for _, f := range r.findings {
		account := &o.metrics.books[f.resource].accounts[f.metric]
		o.metrics.revisions += uint64(account.Learn(r.at, f.read, f.hours, f.minutes))
		if account.Unread() {
			continue // the endpoint went away and came back while this was read
		}
		works[f.resource].Totals[f.metric] = totalOf(account, expires)
		o.metrics.books[f.resource].lately(works[f.resource], f.metric, r.at, expires)
		if perMinute, ok := account.Pace(); ok && f.metric == fleet.InvocationsProcessed {
			works[f.resource].Pace = fleet.Reading{At: account.Settled().Time(), Value: perMinute / 60, Expires: expires}
		}
		if f.longest.Known() {
			f.longest.Expires = expires
			works[f.resource].Longest[f.metric] = f.longest
		}
	}
	for _, h := range r.hosts {
		works[h.resource].Hosts[h.metric] = h.reading
	}
}

// totalOf is what an account that was read shows, whatever the month by then.
func totalOf(account *ledger.Account, expires time.Time) fleet.Total {
	month, before := account.Totals()
	total := fleet.Total{Since: month.Since.Time(), Sum: month.Sum, Samples: month.Samples, Expires: expires}
	if before.Since != 0 {
		total.Before = fleet.Count{Since: before.Since.Time(), Sum: before.Sum, Samples: before.Samples}
	}
	return total
}

// leaf opens a new leaf in the variant's book, for what is found. Totals are carried over; readings are found again or
// are the past.
func (m *metricsMemory) leaf(resource string, asked metricSet, at, expires time.Time) *fleet.Work {
	if m.books == nil {
		m.books = map[string]*book{}
	}
	b := m.books[resource]
	if b == nil {
		b = newBook()
		m.books[resource] = b
	}
	leaf := &fleet.Work{Totals: b.work.Totals, Took: b.work.Took, Waited: b.work.Waited}
	for metric := range leaf.Totals {
		if !asked[metric] && !leaf.Totals[metric].Since.IsZero() {
			leaf.Totals[metric].Expires = expires
			b.lately(leaf, fleet.WorkMetric(metric), at, expires)
		}
	}
	b.work = leaf
	return leaf
}

// of is what is known of a variant's work, nil when that is nothing.
func (m metricsMemory) of(resource string) *fleet.Work {
	if book := m.books[resource]; book != nil {
		return book.work
	}
	return nil
}
