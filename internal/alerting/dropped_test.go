package alerting

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	prom "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// lossyStorage refuses samples of series, as the database does after the clock was set back.
type lossyStorage struct {
	prom.AppendableV2
	refuse *atomic.Pointer[func(name string) error]
}

func (l lossyStorage) AppenderV2(ctx context.Context) prom.AppenderV2 {
	return lossyAppender{l.AppendableV2.AppenderV2(ctx), l.refuse}
}

type lossyAppender struct {
	prom.AppenderV2
	refuse *atomic.Pointer[func(name string) error]
}

func (l lossyAppender) Append(
	ref prom.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts prom.AppendV2Options,
) (prom.SeriesRef, error) {
	if refuse := l.refuse.Load(); refuse != nil {
		if err := (*refuse)(ls.Get("__name__")); err != nil {
			return 0, err
		}
	}
	return l.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
}

// What the storage drops is not stored, though each attempt to store it succeeds.
func TestSight_nothingEndsWhileSamplesAreDropped(t *testing.T) {
	t.Parallel()
	all := func(err error) func(string) error { return func(string) error { return err } }
	for name, refused := range map[string]func(string) error{
		"out of order": all(prom.ErrOutOfOrderSample), "out of bounds": all(prom.ErrOutOfBounds), "too old": all(prom.ErrTooOldSample),
		"twice with other values": all(prom.NewDuplicateFloatErr(1, 2, 3)),
		"one series": func(name string) error {
			if strings.HasSuffix(name, "backlog_requests") {
				return prom.ErrOutOfOrderSample
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dropping(t, refused, name != "one series")
		})
	}
}

// dropping lets the storage refuse samples for longer than the rule looks back; none says that it refuses all of a scrape.
func dropping(t *testing.T, refused func(string) error, none bool) {
	t.Helper()
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	var refuse atomic.Pointer[func(string) error]
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = moody(t, &backlog), []*url.URL{at}, []string{ruleFile(t, recentBacklog)}
		o.storing = func(to prom.AppendableV2) prom.AppendableV2 { return lossyStorage{to, &refuse} }
	})
	run(t, a)
	first := until(t, got, "the alert", called("Backlog", false))
	refuse.Store(&refused)
	if none {
		self := until(t, got, "the alert about itself", called(StorageAlert, false))
		if !strings.Contains(self.Annotations["description"], "dropped: ") {
			t.Errorf("it says %+v", self.Annotations)
		}
		for a.Healthy() == nil {
			until(t, got, "the alert while nothing is stored", called("Backlog", false))
		}
	}
	told := false
	for began := time.Now(); time.Since(began) < lookBack+time.Second; {
		again := until(t, got, "the alert again", called("Backlog", false))
		if !again.StartsAt.Equal(first.StartsAt) {
			t.Fatalf("it is another one: %+v, not %+v", again, first)
		}
		switch err := a.Ready(); {
		case err == nil && told:
			t.Error("it is ready")
		case err == nil: // nothing has been scraped since
		case strings.Contains(err.Error(), "dropped: "), strings.Contains(err.Error(), "too old"):
			told = true
		case !strings.Contains(err.Error(), "was not scraped"): // a busy machine lets a scrape time out, and that is the newest trouble
			t.Errorf("ready: %v", err)
		}
	}
	if !told {
		t.Error("nothing said that samples are dropped")
	}
	refuse.Store(nil)
	for a.Ready() != nil || a.Healthy() != nil {
		until(t, got, "the alert until it is well", called("Backlog", false))
	}
	for range 5 {
		until(t, got, "the alert still", called("Backlog", false))
	}
	backlog.Store("0")
	until(t, got, "its end", called("Backlog", true))
}

// The scraper takes the first of two samples of one series, and only counts the other.
func TestSight_aPageWithASeriesTwiceIsNotBelieved(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = moody(t, &backlog), []*url.URL{at}, []string{ruleFile(t, recentBacklog)}
	})
	run(t, a)
	until(t, got, "the alert", called("Backlog", false))
	const series = `sagemaker_async_backlog_requests{account_id="1",region="r",endpoint_name="e"} `
	backlog.Store(" " + series + "0\n" + series + "5\n" + end)
	until(t, got, "the alert about the page", called("Down", false))
	for range 10 {
		until(t, got, "the alert again", called("Backlog", false))
	}
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "1 of 3 samples were dropped: a series stands on it twice") {
		t.Errorf("ready: %v", err)
	}
	// A time on the page is not the time of its samples.
	backlog.Store(" " + series + "5 1600000000000\n" + end)
	for a.Ready() != nil {
		until(t, got, "the alert until the page is believed", called("Backlog", false))
	}
}

// Pages that are small each by itself, with other series each time, fill no memory.
func TestSight_pagesOfOtherSeriesEachTimeAreRefusedInTheEnd(t *testing.T) {
	at, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("5")
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = moody(t, &backlog), []*url.URL{at}, []string{ruleFile(t, recentBacklog)}
		o.Memory = 40 * seriesCost
	})
	run(t, a)
	until(t, got, "the alert", called("Backlog", false))
	for page := 0; a.Ready() == nil || !strings.Contains(a.Ready().Error(), "too many series are stored"); page++ {
		var series strings.Builder
		for i := range 20 {
			fmt.Fprintf(&series, "sagemaker_async_backlog_requests{account_id=\"1\",region=\"r\",endpoint_name=\"e\",page=\"%d\",i=\"%d\"} 5\n", page, i)
		}
		backlog.Store(" " + series.String() + end)
		until(t, got, "an alert", func(message) bool { return true })
	}
	if n := a.storage.db.Head().NumSeries(); n > 1_000 {
		t.Errorf("%d series are stored", n)
	}
}

// The database of a process whose clock was ahead has samples of the future. It takes none of now.
func TestAlerting_onSeriesOfTheFuture(t *testing.T) {
	path, at := t.TempDir(), time.Now()
	db, err := tsdb.Open(path, nil, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	appender := db.Appender(t.Context())
	for _, series := range []labels.Labels{
		labels.FromStrings("__name__", "up", "instance", "i", "job", "async"),
		labels.FromStrings("__name__", "ALERTS", "alertname", "Backlog", "alertstate", "firing", "severity", "critical", "of", "e",
			"account_id", "1", "region", "r", "endpoint_name", "e", "job", "async"),
	} {
		for _, when := range []time.Time{at.Add(-time.Minute), at.Add(3 * time.Hour)} {
			if _, err := appender.Append(0, series, when.UnixMilli(), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := appender.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	to, got := alertmanager(t, http.StatusOK)
	var backlog atomic.Value
	backlog.Store("0")
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules, o.StoragePath = moody(t, &backlog), []*url.URL{to}, []string{ruleFile(t, recentBacklog)}, path
	})
	run(t, a)
	until(t, got, "the alert about itself", called(StorageAlert, false))
	for range 10 {
		until(t, got, "what fired", called("Backlog", false))
	}
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), "the clock was set back") {
		t.Errorf("ready: %v", err)
	}
}
