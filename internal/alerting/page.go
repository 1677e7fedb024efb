package alerting

import (
	"context"
	"errors"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/model/value"
	prom "github.com/prometheus/prometheus/storage"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// errCut is of a page that was answered well and is not whole.
var errCut = errors.New("its page lacks its end, " + paging.PageEnd + ": it was cut, or it is not the page of this version of the exporter")

// wholePages takes from the scraper only pages that are whole. Nothing of another one is stored, not even that its series
// are gone; the scrape has then failed.
type wholePages struct {
	prom.AppendableV2
	sight *sight
}

// AppenderV2 is of one scrape.
func (w wholePages) AppenderV2(ctx context.Context) prom.AppenderV2 {
	return &pageAppender{AppenderV2: w.AppendableV2.AppenderV2(ctx), of: w, ctx: ctx} //nolint:containedctx // the second appender is of the same scrape
}

// scrapeSeries are what a scrape says of itself, after the page; of a page itself they are dropped, see own.
var scrapeSeries = "up|scrape_.*"

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

	ended, reported bool
	up              bool
	said            []sampleOf // what the scrape says of itself
}

type sampleOf struct {
	labels labels.Labels
	at     int64
	value  float64
}

// Append looks for the end of the page.
func (p *pageAppender) Append(
	ref prom.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts prom.AppendV2Options,
) (prom.SeriesRef, error) {
	switch name := ls.Get(model.MetricNameLabel); {
	case value.IsStaleNaN(v):
	case name == paging.PageEnd:
		p.ended = true
	case ofScrape.MatchString(name):
		if name == "up" {
			p.reported, p.up = true, v == 1
		}
		p.said = append(p.said, sampleOf{ls.Copy(), t, v})
	}
	return p.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

var ofScrape = relabel.MustNewRegexp(scrapeSeries)

// Commit stores the page if it is whole, and else that the scrape has failed.
func (p *pageAppender) Commit() error {
	if !p.reported || !p.up || p.ended {
		if p.reported {
			p.of.sight.page(nil) // where the scrape has failed, Prometheus knows why
		}
		return p.AppenderV2.Commit()
	}
	p.of.sight.page(errCut)
	if err := p.Rollback(); err != nil {
		return err
	}
	failed := p.of.AppendableV2.AppenderV2(p.ctx)
	for _, one := range p.said {
		if one.labels.Get(model.MetricNameLabel) == "up" {
			one.value = 0
		}
		if _, err := failed.Append(0, one.labels, 0, one.at, one.value, nil, nil, prom.AppendV2Options{}); err != nil {
			return errors.Join(err, failed.Rollback())
		}
	}
	return failed.Commit()
}
