package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/model/value"
	prom "github.com/prometheus/prometheus/storage"

	"github.com/sagemaker-async/exporter/internal/paging"
)

var (
	// errCut is of a page that was answered well and is not whole.
	errCut = errors.New("its page lacks its end, " + paging.PageEnd + ": it was cut, or it is not the page of this version of the exporter")
	// errTwice is of a page on which series stand twice: Prometheus' scraper takes the first and drops the other.
	errTwice = errors.New("a series stands on it twice")
)

// dropped is the error of samples that the storage did not take. Prometheus' scraper only counts them, and calls the scrape
// good.
type dropped struct {
	lost, offered int
	why           error // of the first
}

// add counts a sample that was offered.
func (d *dropped) add(err error) {
	if d.offered++; err != nil {
		d.lost, d.why = d.lost+1, cmp.Or(d.why, err)
	}
}

func (d *dropped) Error() string {
	text := fmt.Sprintf("%d of %d samples were dropped: %s", d.lost, d.offered, d.why)
	if outOfOrder(d.why) {
		text += ": newer ones are stored already, so the clock was set back"
	}
	return text
}

func (d *dropped) Unwrap() error { return d.why }

// outOfOrder tells whether a sample was refused because the storage has newer ones.
func outOfOrder(err error) bool {
	return errors.Is(err, prom.ErrOutOfOrderSample) || errors.Is(err, prom.ErrOutOfBounds) || errors.Is(err, prom.ErrTooOldSample) ||
		errors.Is(err, prom.ErrDuplicateSampleForTimestamp)
}

// wholePages takes from the scraper only pages that are whole, and of which every sample can be stored. Nothing of another
// one is stored, not even that its series are gone; the scrape has then failed.
type wholePages struct {
	watchedStorage
	series func() uint64 // that are stored, those of older pages too
	most   uint64        // of them
}

// errTooMany is of a page that comes when so many series are stored that there is no memory for others. Those of older pages
// go after some hours.
var errTooMany = errors.New("too many series are stored: its pages have other series each time")

// AppenderV2 is of one scrape.
func (w wholePages) AppenderV2(ctx context.Context) prom.AppenderV2 {
	return &pageAppender{AppenderV2: w.watchedStorage.AppenderV2(ctx), of: w, ctx: ctx, full: w.series() > w.most} //nolint:containedctx // the second appender is of the same scrape
}

const (
	upSeries = "up"
	// offeredSeries is how many samples the scraper had to store, those that it dropped among them.
	offeredSeries = "scrape_samples_post_metric_relabeling"
)

// scrapeSeries are what a scrape says of itself, after the page; of a page itself they are dropped, see own.
var scrapeSeries = upSeries + "|scrape_.*"

// own drops from a page the series that only the scrape may have.
func own() *relabel.Config {
	one := *keep(scrapeSeries)[0]
	one.Action = relabel.Drop
	return &one
}

type pageAppender struct {
	prom.AppenderV2
	of  wholePages
	ctx context.Context

	full            bool // nothing of the page is stored
	ended, reported bool
	up              bool
	taken, offered  int        // samples of the page
	refused         dropped    // samples, of the page or not
	said            []sampleOf // what the scrape says of itself
	scopes          map[scope]observed
}

type sampleOf struct {
	labels labels.Labels
	at     int64
	value  float64
}

// Append looks for the end of the page, and counts.
func (p *pageAppender) Append(
	ref prom.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts prom.AppendV2Options,
) (prom.SeriesRef, error) {
	if p.full && !value.IsStaleNaN(v) && !ofScrape.MatchString(ls.Get(model.MetricNameLabel)) {
		return 0, errTooMany
	}
	stored, err := p.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	switch name := ls.Get(model.MetricNameLabel); {
	case value.IsStaleNaN(v): // of what is not on the page
		return stored, err
	case ofScrape.MatchString(name):
		switch name {
		case upSeries:
			p.reported, p.up = true, v == 1
		case offeredSeries:
			p.offered = int(v)
		}
		p.said = append(p.said, sampleOf{ls.Copy(), t, v})
	case err == nil:
		p.taken++
		p.ended = p.ended || name == paging.PageEnd
		p.observe(name, ls, v)
	}
	p.refused.add(err)
	return stored, err
}

// observe notes what the page says of how its parts were observed.
func (p *pageAppender) observe(name string, ls labels.Labels, v float64) {
	if name != paging.ScopeUp && name != paging.SourceUp {
		return
	}
	one := scope{ls.Get(paging.AccountLabel), ls.Get(paging.RegionLabel)}
	state := p.scopes[one]
	if name == paging.ScopeUp {
		state.tried = true
	} else {
		if state.up == nil {
			state.up = map[string]bool{}
		}
		state.up[ls.Get(paging.SourceLabel)] = v == 1
	}
	if p.scopes == nil {
		p.scopes = map[scope]observed{}
	}
	p.scopes[one] = state
}

var ofScrape = relabel.MustNewRegexp(scrapeSeries)

// problem is why a page that came is not believed; nil where it is.
func (p *pageAppender) problem() error {
	switch {
	case p.refused.lost > 0:
		return &p.refused
	case p.taken < p.offered:
		return &dropped{p.offered - p.taken, p.offered, errTwice}
	case !p.ended:
		return errCut
	}
	return nil
}

// Commit stores the page if it is whole, and else that the scrape has failed.
func (p *pageAppender) Commit() error {
	if !p.reported {
		return p.AppenderV2.Commit()
	}
	if !p.up { // Prometheus knows why the scrape has failed
		p.of.sight.page(nil)
		p.of.sight.fails()
		return p.AppenderV2.Commit()
	}
	problem := p.problem()
	p.of.sight.page(problem)
	if problem == nil {
		p.of.sight.whole(p.scopes, time.UnixMilli(p.said[0].at))
		return p.AppenderV2.Commit()
	}
	p.of.sight.fails()
	if err := p.AppenderV2.Rollback(); err != nil {
		return err
	}
	failed := p.of.watchedStorage.AppenderV2(p.ctx)
	for _, one := range p.said {
		if one.labels.Get(model.MetricNameLabel) == upSeries {
			one.value = 0
		}
		if _, err := failed.Append(0, one.labels, 0, one.at, one.value, nil, nil, prom.AppendV2Options{}); err != nil && !outOfOrder(err) {
			return errors.Join(err, failed.Rollback())
		}
	}
	return failed.Commit()
}

// Rollback ends a scrape of which not even the report can be stored.
func (p *pageAppender) Rollback() error {
	if p.refused.lost > 0 {
		p.of.sight.stored(scrapes, &p.refused, p.of.now())
	}
	return p.AppenderV2.Rollback()
}
