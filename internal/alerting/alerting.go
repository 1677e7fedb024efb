// Package alerting evaluates the alert rules and sends what fires to Alertmanagers, without a Prometheus server: it wires
// Prometheus' own scraping, storage, query engine, rules and notifier into one process with one target, the exporter.
// Nothing of the rule language, of staleness or of how alerts are sent again is written here; what is ours is which series
// are kept, and the reason that a page is given.
package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	prom "github.com/prometheus/prometheus/storage"
)

const (
	// outageTolerance is how long the state of "for" outlives the process, as with Prometheus.
	outageTolerance = time.Hour
	// graceAfterRestart is the least time that a pending alert still has to be true after a restart. Prometheus waits ten
	// minutes, and starts anew what asks for less: with most of these rules that would forget all that has passed. None
	// means that an alert goes on where it was: it fires later by the time in which nobody looked, and by no more.
	graceAfterRestart = 0
	// The limits of one query, as with Prometheus, whose samples are fewer where there is less memory.
	maxSamples   = 50_000_000
	sampleCost   = 64 // bytes; the half of the memory is for them
	queryTimeout = 2 * time.Minute
	// queueCapacity is how many alerts wait for an Alertmanager that is slow; the oldest are dropped first, and what still
	// fires is sent again.
	queueCapacity = 10_000
	// drain is how long alerts may still be sent once the command has been told to stop.
	drain = 5 * time.Second
)

// Options say what is watched and who is told.
type Options struct {
	Exporter           *url.URL // where the exporter answers; its path is a prefix
	ExporterClient     string   // file of the HTTP client that asks it; empty: no TLS of its own, no password
	TelemetryPath      string   // where it has its metrics
	TargetLabels       []Label  // what the exporter's series are given, as by a Prometheus that scrapes it
	Alertmanagers      []*url.URL
	AlertmanagerClient string        // file of the HTTP client that tells them
	Rules              []string      // files or patterns of files; none is Bundled
	Bundled            []byte        // the rules that come with the program
	Tuning             Tuning        // how the rules are to differ from their files
	ExternalLabels     []Label       // what each alert is given, as Prometheus' external_labels
	StoragePath        string        // where series are kept; empty: a directory that is removed at the end
	Interval           time.Duration // how often the exporter is scraped and the rules are evaluated
	Memory             int64         // bytes that the process should keep within: they bound what is scraped
	// SourcesOf names the sources without which a series of the exporter may be missing from its page, as values of the label
	// source of exporter_source_up; nil: none is ever missing.
	SourcesOf func(series string) []string
	Registry  *prometheus.Registry
	Logger    *slog.Logger

	storing func(prom.AppendableV2) prom.AppendableV2 // for tests: what stands before the storage
}

// Label is a name with its value.
type Label struct{ Name, Value string }

// Alerting is Prometheus' parts, wired.
type Alerting struct {
	options Options
	logger  *slog.Logger
	promql  parser.Parser
	loader  *loader
	storage *storage
	scraper *scrape.Manager
	manager *rules.Manager
	sender  *notifier.Manager
	reasons *reasons
	taken   deliveries
	reloads reloads
	ready   readiness
	sight   *sight
	earlier *earlier
	keeper  keeper
	reading atomic.Pointer[reading] // of the rules in force
	now     func() time.Time

	tellAlertmanagers rules.NotifyFunc
	self              sync.Mutex
	told              *rules.Alert // the alert about the storage, as it was sent last

	evaluating  context.Context // ends when no rule is evaluated any more
	stopRules   context.CancelFunc
	sending     context.Context // ends when nothing is sent any more
	stopSending context.CancelFunc

	targets, alertmanagers chan map[string][]*targetgroup.Group

	mu       sync.Mutex // one reload at a time
	settings settings   // those in force
}

// New reads the files, opens the storage and wires everything. An error names the flag, or the file and its line.
func New(o Options) (*Alerting, error) {
	o.Logger = slog.New(oncePerOutage(o.Logger.Handler()))
	if o.SourcesOf == nil {
		o.SourcesOf = func(string) []string { return nil }
	}
	a := &Alerting{
		options: o, logger: o.Logger, promql: parser.NewParser(parser.Options{}), loader: &loader{},
		targets:       make(chan map[string][]*targetgroup.Group, 1),
		alertmanagers: make(chan map[string][]*targetgroup.Group, 1),
		reloads:       newReloads(o.Registry),
		sight:         &sight{}, now: time.Now,
	}
	a.loader.parser = a.promql
	next, err := a.read()
	if err != nil {
		return nil, err
	}
	if a.reasons, err = newReasons(o, next.exporterClient); err != nil {
		return nil, err
	}
	a.evaluating, a.stopRules = context.WithCancel(context.Background())
	a.sending, a.stopSending = context.WithCancel(context.Background())
	var full error
	if a.storage, full, err = openOrSpare(o.StoragePath, o.Logger.With("component", "tsdb"), o.Registry); err != nil {
		return nil, err
	}
	if full != nil {
		a.sight.spare(full, a.now())
		o.Logger.Error("series are stored in a temporary directory until the next start", "err", full)
	}
	if a.earlier, err = readEarlier(context.Background(), a.storage.db, a.now()); err == nil {
		err = a.wire()
	}
	if err == nil {
		err = a.apply(next)
	}
	if err != nil {
		return nil, errors.Join(err, a.storage.close())
	}
	return a, nil
}

// wire makes Prometheus' managers; none of them does anything yet.
func (a *Alerting) wire() (err error) {
	o := a.options
	a.sender = notifier.NewManager(&notifier.Options{
		QueueCapacity:   queueCapacity,
		DrainOnShutdown: true,
		Registerer:      o.Registry,
		Do:              a.do,
	}, promconfig.DefaultGlobalConfig.MetricNameValidationScheme, o.Logger.With("component", "notifier"))
	watched := watchedStorage{a.storage.db, a.sight, evaluations, a.now}
	if o.storing != nil {
		watched.AppendableV2 = o.storing(a.storage.db)
	}
	scraped := watched
	scraped.by = scrapes
	a.scraper, err = scrape.NewManager(&scrape.Options{DiscoveryReloadOnStartup: true}, o.Logger.With("component", "scrape"),
		nil, nil, wholePages{scraped, a.storage.db.Head().NumSeries, 2 * o.mostSeries()}, o.Registry)
	if err != nil {
		return fmt.Errorf("preparing to scrape: %w", err)
	}
	engine := promql.NewEngine(promql.EngineOpts{
		Logger: o.Logger.With("component", "engine"), Reg: o.Registry, Parser: a.promql,
		MaxSamples: int(min(maxSamples, o.Memory/2/sampleCost)), Timeout: queryTimeout, EnableAtModifier: true, EnableNegativeOffset: true,
	})
	a.tellAlertmanagers = rules.SendAlerts(unlinked{a.sender}, "")
	a.manager = rules.NewManager(&rules.ManagerOptions{
		ExternalURL: &url.URL{},
		QueryFunc:   a.holding(rules.EngineQueryFunc(engine, a.storage.db)),
		NotifyFunc: a.reasons.before(func(ctx context.Context, expr string, alerts ...*rules.Alert) {
			a.tellAlertmanagers(ctx, expr, alerts...)
		}),
		Context:         a.evaluating,
		AppendableV2:    watched,
		Queryable:       a.storage.db,
		Logger:          o.Logger.With("component", "rules"),
		Registerer:      o.Registry,
		OutageTolerance: outageTolerance,
		ForGracePeriod:  graceAfterRestart,
		// A minute with the usual interval, as with Prometheus.
		ResendDelay: 2 * o.Interval,
		GroupLoader: a.loader,
		Parser:      a.promql,
	})
	return nil
}

// do sends one request to an Alertmanager. A process that was told to stop does not wait for one that hangs.
func (a *Alerting) do(ctx context.Context, client *http.Client, request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(ctx) // the caller ends its own when it has read the answer
	forget := context.AfterFunc(a.sending, cancel)
	context.AfterFunc(ctx, func() { forget() })
	response, err := deliver(client, request.WithContext(ctx))
	if err != nil {
		cancel()
	}
	if at := request.URL.String(); a.taken.ended(at, response, err) {
		a.logger.With("component", "notifier", "alertmanager", at).Info("the Alertmanager takes alerts again")
	}
	return response, err
}

// unlinked sends alerts without a link to where they come from: there is no page that draws an expression.
type unlinked struct{ to rules.Sender }

func (u unlinked) Send(alerts ...*notifier.Alert) {
	for _, alert := range alerts {
		alert.GeneratorURL = ""
	}
	u.to.Send(alerts...)
}

// Run scrapes, evaluates and sends until the context ends. Then the rules stop first, and what they have said by then is
// still sent, for a while.
func (a *Alerting) Run(ctx context.Context) error {
	var scraping, notifying, evaluating sync.WaitGroup
	var failed error
	scraping.Go(func() { failed = a.scraper.Run(a.targets) })
	notifying.Go(func() { a.sender.Run(a.alertmanagers) })
	evaluating.Go(a.manager.Run)
	<-ctx.Done()
	a.stopRules()
	a.manager.Stop()
	evaluating.Wait()
	a.scraper.Stop()
	scraping.Wait()
	late := time.AfterFunc(drain, a.stopSending)
	a.sender.Stop()
	notifying.Wait()
	late.Stop()
	a.stopSending()
	return errors.Join(failed, a.storage.close())
}

// labelsOf are labels as Prometheus has them.
func labelsOf(pairs []Label) labels.Labels {
	builder := labels.NewBuilder(labels.EmptyLabels())
	for _, pair := range pairs {
		builder.Set(pair.Name, pair.Value)
	}
	return builder.Labels()
}
