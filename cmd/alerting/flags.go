package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/sagemaker-async/exporter/internal/alerting"
	"github.com/sagemaker-async/exporter/internal/daemon"
)

const (
	program       = "sagemaker-async-alerting"
	listenAddress = ":10120"
	metricsPath   = "/metrics"
	// job is the label that the example configurations of Prometheus give to the exporter.
	job = "sagemaker-async-exporter"
)

// The bounds of the interval: rules look back five minutes at least, in which there must be two scrapes.
const (
	shortest = alerting.ShortestInterval
	most     = 2 * time.Minute
)

// options are what the user asked for on the command line and in the environment.
type options struct {
	exporterURL        string
	exporterClient     string
	telemetryPath      string
	targetLabels       []string
	alertmanagerURLs   []string
	alertmanagerClient string
	rules              []string
	disabled           []string
	severities         []string
	runbooks           string
	grafana            string
	externalLabels     []string
	storagePath        string
	interval           time.Duration
	web                *web.FlagConfig
	logLevel           string
	logFormat          string
}

// application declares every flag.
func application(o *options) *kingpin.Application {
	app := kingpin.New(program, "Evaluates the alert rules on what a sagemaker-async-exporter exposes and sends alerts to Alertmanagers, without a Prometheus.")
	app.HelpFlag.Short('h')
	app.Version(version.Print(program))
	app.DefaultEnvars()
	daemon.NoVariables(app)

	app.Flag("alertmanager.url", "Alertmanager to send alerts to, with its path prefix if it has one; repeatable, one at least.").
		PlaceHolder("URL").StringsVar(&o.alertmanagerURLs)
	app.Flag("alertmanager.config.file", "How to reach the Alertmanagers: Prometheus' HTTP client configuration (TLS, basic auth, bearer token, OAuth 2.0, headers, proxy) and sigv4.").
		PlaceHolder("FILE").StringVar(&o.alertmanagerClient)
	app.Flag("alerting.rules", "Prometheus rules to evaluate: file or pattern of files; repeatable. Default: the rules that come with the exporter.").
		PlaceHolder("FILE").StringsVar(&o.rules)
	app.Flag("alerting.disable", "Alert of the rules that is left out, by its name; repeatable.").
		PlaceHolder("NAME").StringsVar(&o.disabled)
	app.Flag("alerting.severity", "Severity that an alert is given in place of that of the rules; repeatable. With warning a page becomes a ticket.").
		PlaceHolder("NAME=SEVERITY").StringsVar(&o.severities)
	app.Flag("alerting.runbook-url", "Where the runbooks are, if you keep a copy of docs/; each runbook_url begins with it. Default: "+alerting.DocsBase).
		PlaceHolder("URL").StringVar(&o.runbooks)
	app.Flag("web.grafana-url", "Where your Grafana is; each dashboard_url begins with it. Default: none, and dashboard_url is the path alone.").
		PlaceHolder("URL").StringVar(&o.grafana)
	app.Flag("alerting.external-label", "Label that each alert is given, as external_labels in Prometheus; repeatable. With those of your Prometheus, Alertmanager takes the alerts of both for the same.").
		PlaceHolder("NAME=VALUE").StringsVar(&o.externalLabels)
	app.Flag("alerting.storage-path", "Directory for the series of the last day: with it, pending alerts survive a restart. Default: a temporary directory that is removed at the end.").
		PlaceHolder("DIRECTORY").StringVar(&o.storagePath)
	app.Flag("alerting.interval", "How often the exporter is scraped and the rules are evaluated.").
		Default("30s").DurationVar(&o.interval)
	app.Flag("exporter.url", "The exporter, with its path prefix if it has one.").
		Default("http://127.0.0.1:10119").StringVar(&o.exporterURL)
	app.Flag("exporter.config.file", "How to reach the exporter, if its --web.config.file asks for TLS or a password: Prometheus' HTTP client configuration.").
		PlaceHolder("FILE").StringVar(&o.exporterClient)
	app.Flag("exporter.telemetry-path", "Where the exporter has its metrics.").
		Default(metricsPath).StringVar(&o.telemetryPath)
	app.Flag("exporter.label", "Label that the exporter's series are given, as by a Prometheus that scrapes it; repeatable. Default: job="+job+"; instance is the address unless it is given.").
		PlaceHolder("NAME=VALUE").StringsVar(&o.targetLabels)
	o.web = kingpinflag.AddFlags(app, listenAddress)
	app.Flag("log.level", "Least severity that is logged: debug, info, warn or error.").
		Default("info").StringVar(&o.logLevel)
	app.Flag("log.format", "Form of the log: logfmt or json.").
		Default("logfmt").StringVar(&o.logFormat)
	return app
}

// parse reads the command line and the environment. Help and version are written to out, and then nothing is to be served.
func parse(args []string, out io.Writer) (o options, served bool, err error) {
	app := application(&o)
	done := false
	app.UsageWriter(out).ErrorWriter(out).Terminate(func(int) { done = true })
	_, err = app.Parse(args)
	switch {
	case done:
		return o, false, nil
	case err != nil:
		return o, false, fmt.Errorf("%w (try --help)", err)
	}
	return o, true, nil
}

// alerting are the options in the form that they are used in.
func (o options) alerting() (a alerting.Options, err error) {
	a = alerting.Options{
		ExporterClient: o.exporterClient, TelemetryPath: o.telemetryPath, AlertmanagerClient: o.alertmanagerClient,
		Rules: o.rules, StoragePath: o.storagePath, Interval: o.interval,
	}
	switch {
	case len(o.alertmanagerURLs) == 0:
		return a, errors.New("--alertmanager.url: nobody is told: name an Alertmanager, for example --alertmanager.url=http://alertmanager:9093")
	case o.interval < shortest || o.interval > most:
		return a, fmt.Errorf("--alerting.interval: %s is not between %s and %s: write for example 30s", o.interval, shortest, most)
	case !strings.HasPrefix(o.telemetryPath, "/") || strings.ContainsAny(o.telemetryPath, " ?#"):
		return a, fmt.Errorf("--exporter.telemetry-path: %q is not a path: write for example %s", o.telemetryPath, metricsPath)
	}
	if a.Exporter, err = base("--exporter.url", "http://127.0.0.1:10119", o.exporterURL); err != nil {
		return a, err
	}
	for _, text := range o.alertmanagerURLs {
		at, err := base("--alertmanager.url", "http://alertmanager:9093", strings.TrimSuffix(text, "/"))
		if err != nil {
			return a, err
		}
		if slices.ContainsFunc(a.Alertmanagers, func(other *url.URL) bool { return *other == *at }) {
			return a, fmt.Errorf("--alertmanager.url: %s is given twice: leave one out", text)
		}
		a.Alertmanagers = append(a.Alertmanagers, at)
	}
	if a.TargetLabels, err = labels("--exporter.label", o.targetLabels); err != nil {
		return a, err
	}
	if !slices.ContainsFunc(a.TargetLabels, func(l alerting.Label) bool { return l.Name == model.JobLabel }) {
		a.TargetLabels = append(a.TargetLabels, alerting.Label{Name: model.JobLabel, Value: job})
	}
	if a.ExternalLabels, err = labels("--alerting.external-label", o.externalLabels); err != nil {
		return a, err
	}
	a.Tuning, err = o.tuning()
	return a, err
}

// tuning is how the rules are to differ from their files.
func (o options) tuning() (t alerting.Tuning, err error) {
	t = alerting.Tuning{Disabled: o.disabled, Severities: map[string]string{}}
	for _, text := range o.severities {
		name, severity, ok := strings.Cut(text, "=")
		switch {
		case !ok || name == "" || severity == "":
			return t, fmt.Errorf("--alerting.severity: %q is not NAME=SEVERITY: write for example SageMakerAsyncRequestsExpired=warning", text)
		case t.Severities[name] != "":
			return t, fmt.Errorf("--alerting.severity: %s is given twice: leave one out", name)
		}
		t.Severities[name] = severity
	}
	for flag, of := range map[string]struct {
		text string
		to   *string
	}{"--alerting.runbook-url": {o.runbooks, &t.Runbooks}, "--web.grafana-url": {o.grafana, &t.Grafana}} {
		if of.text == "" {
			continue
		}
		at, err := daemon.LinkURL(flag, of.text)
		if err != nil {
			return t, err
		}
		*of.to = at.String()
	}
	return t, nil
}

// base reads the URL of somebody who answers below it.
func base(flag, example, text string) (*url.URL, error) {
	return daemon.BaseURL(flag, example, "write it into "+strings.TrimSuffix(flag, "url")+"config.file, as basic_auth", text)
}

// labels reads NAME=VALUE.
func labels(flag string, texts []string) (list []alerting.Label, err error) {
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		switch {
		case !ok || !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, model.ReservedLabelPrefix):
			return nil, fmt.Errorf("%s: %q is not NAME=VALUE of a label: write for example cluster=prod", flag, text)
		case slices.ContainsFunc(list, func(l alerting.Label) bool { return l.Name == name }):
			return nil, fmt.Errorf("%s: %s is given twice: leave one out", flag, name)
		}
		list = append(list, alerting.Label{Name: name, Value: value})
	}
	return list, nil
}
