package alerting

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/relabel"
)

const (
	// pool is the name of the one pool of targets. It is on no series: that is the label job.
	pool = "exporter"
	// What one scrape may bring, of the memory: a part of it for the page, which is in it three times while it is read, and
	// what a series takes that is kept. Beyond it the scrape has failed, and is said to. See docs/alerting.md.
	pageShare  = 16
	seriesCost = 8 << 10 // bytes
	// maxTimeout is how long a scrape may take, as with Prometheus.
	maxTimeout = 10 * time.Second
)

// settings are what the files and flags ask for, in the forms that Prometheus takes.
type settings struct {
	rules          ruleSet
	config         *promconfig.Config
	exporterClient commonconfig.HTTPClientConfig
	alertmanagers  map[string][]*targetgroup.Group
}

// read reads every file anew.
func (a *Alerting) read() (s settings, err error) {
	o := a.options
	if s.rules, err = readRules(o.Rules, o.Bundled, o.Tuning, a.promql, a.logger); err != nil {
		return settings{}, err
	}
	var exporter exporterFile
	if err := readClient("--exporter.config.file", o.ExporterClient, &exporter); err != nil {
		return settings{}, err
	}
	var alertmanager alertmanagerFile
	if err := readClient("--alertmanager.config.file", o.AlertmanagerClient, &alertmanager); err != nil {
		return settings{}, err
	}
	s.exporterClient = exporter.HTTP
	// Only what Load has read may be scraped by, and it fills in what is left out here.
	if s.config, err = promconfig.Load("scrape_configs: [{job_name: "+pool+"}]", a.logger); err != nil {
		return settings{}, fmt.Errorf("preparing to scrape: %w", err)
	}
	s.config.GlobalConfig.ExternalLabels = labelsOf(o.ExternalLabels)
	scraping := s.config.ScrapeConfigs[0]
	scraping.Scheme = o.Exporter.Scheme
	scraping.MetricsPath = prefix(o.Exporter) + o.TelemetryPath
	scraping.ScrapeInterval = model.Duration(o.Interval)
	scraping.ScrapeTimeout = model.Duration(min(o.Interval, maxTimeout))
	bytesOf(&scraping.BodySizeLimit, o.Memory/pageShare)
	scraping.SampleLimit = uint(o.mostSeries())
	// A page has no times of its own: one that is none would make its samples too old to be stored, or too new to be found.
	scraping.HonorTimestamps = false
	scraping.HTTPClientConfig = exporter.HTTP
	scraping.MetricRelabelConfigs = s.rules.reads()
	s.alertmanagers = map[string][]*targetgroup.Group{}
	for _, at := range o.Alertmanagers {
		one := promconfig.DefaultAlertmanagerConfig
		one.Scheme, one.PathPrefix = at.Scheme, prefix(at)
		one.HTTPClientConfig, one.SigV4Config = alertmanager.HTTP, alertmanager.SigV4
		s.config.AlertingConfig.AlertmanagerConfigs = append(s.config.AlertingConfig.AlertmanagerConfigs, &one)
	}
	for i, key := range alertmanagerKeys(s.config.AlertingConfig.AlertmanagerConfigs) {
		s.alertmanagers[key] = group(o.Alertmanagers[i].Host, nil)
	}
	return s, nil
}

// bytesOf sets a number of bytes of whatever type.
func bytesOf[T ~int64](to *T, n int64) { *to = T(n) }

// mostSeries is how many series the memory has room for.
func (o *Options) mostSeries() uint64 { return uint64(o.Memory / seriesCost) }

// alertmanagerKeys are the names that Prometheus gives to the configurations, in their order.
func alertmanagerKeys(configs promconfig.AlertmanagerConfigs) []string {
	keys := make([]string, len(configs))
	for key, one := range configs.ToMap() {
		for i := range configs {
			if configs[i] == one {
				keys[i] = key
			}
		}
	}
	return keys
}

// group is one target.
func group(address string, more []Label) []*targetgroup.Group {
	set := model.LabelSet{}
	for _, label := range more {
		set[model.LabelName(label.Name)] = model.LabelValue(label.Value)
	}
	return []*targetgroup.Group{{
		Source:  address,
		Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(address)}},
		Labels:  set,
	}}
}

func prefix(at *url.URL) string { return strings.TrimSuffix(at.Path, "/") }

// apply puts settings in force.
func (a *Alerting) apply(next settings) error {
	if err := a.sender.ApplyConfig(next.config); err != nil {
		return fmt.Errorf("--alertmanager.config.file: %w", err)
	}
	if err := a.scraper.ApplyConfig(next.config); err != nil {
		return fmt.Errorf("--exporter.config.file: %w", err)
	}
	a.loader.groups = next.rules.files
	a.reading.Store(&next.rules.records)
	a.ready.expect(next.rules)
	if err := a.manager.Update(a.options.Interval, next.rules.names, next.config.GlobalConfig.ExternalLabels, "", a.evaluate); err != nil {
		return fmt.Errorf("--alerting.rules: %w", err)
	}
	replace(a.targets, map[string][]*targetgroup.Group{pool: group(a.options.Exporter.Host, a.options.TargetLabels)})
	replace(a.alertmanagers, next.alertmanagers)
	a.settings = next
	return nil
}

// replace puts a value into a channel that holds one, instead of what nobody has taken.
func replace[T any](channel chan T, value T) {
	select {
	case <-channel:
	default:
	}
	channel <- value
}

// keep lets through only series of which the name matches.
func keep(names string) []*relabel.Config {
	one := relabel.DefaultRelabelConfig
	one.Action, one.SourceLabels, one.Regex = relabel.Keep, model.LabelNames{model.MetricNameLabel}, relabel.MustNewRegexp(names)
	one.NameValidationScheme = model.UTF8Validation
	return []*relabel.Config{&one}
}
