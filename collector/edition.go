package collector

import (
	"sync"
	"time"
	"weak"

	"github.com/prometheus/common/expfmt"

	"github.com/sagemaker-async/exporter/internal/report"
)

// edition is what the reports show from one change to the next: one published set, from one moment until the first at
// which something in it is too old. A call to AWS that hangs publishes nothing new, so the set alone is not enough. All
// pages of an edition are of the same moment.
type edition struct {
	reports     *Collector
	set         weak.Pointer[report.Set] // once a newer set is published, nothing here keeps this one in memory until the next scrape
	from, until time.Time                // until is zero if time alone changes nothing any more

	mu    sync.Mutex
	pages map[expfmt.Format]*pending
}

// pending is a page that is rendered by the first who asks for it, while others wait.
type pending struct {
	mu   sync.Mutex // held while it is rendered
	page *page      // nil before
}

func newEdition(reports *Collector, set *report.Set, at time.Time) *edition {
	return &edition{
		reports: reports, set: weak.Make(set), from: at, until: set.ChangesAt(at), pages: map[expfmt.Format]*pending{},
	}
}

// shows tells whether the edition shows the set as it is at the given moment. A clock that was put back makes another
// edition: what had become too old may be young again.
func (e *edition) shows(set *report.Set, at time.Time) bool {
	return e != nil && e.set == weak.Make(set) && !at.Before(e.from) && (e.until.IsZero() || at.Before(e.until))
}

// look is a look at the edition, for one rendering; set is the one that it shows.
func (e *edition) look(set *report.Set) *look { return e.reports.lookAt(set, e.from) }

// page is the page in a format. It is rendered once, and for nobody in particular: a client that goes away or reads
// slowly takes nothing from the others.
func (e *edition) page(format expfmt.Format, render func() *page) *page {
	e.mu.Lock()
	p, ok := e.pages[format]
	if !ok {
		p = &pending{}
		e.pages[format] = p
	}
	e.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page == nil {
		p.page = render()
	}
	return p.page
}
