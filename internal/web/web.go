// Package web serves the exporter's pages: the landing page, the metrics, the status of the fleet, the plan and the reasons
// for people, health and readiness, and the reload.
// Nothing here writes to AWS, and no page asks AWS: every answer comes from the published reports.
// The status asks the alerting command as well, if there is one.
package web

import (
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/paging"
	"github.com/sagemaker-async/exporter/internal/report"
)

// The paths that do not depend on flags.
const (
	HealthyPath = daemon.HealthyPath
	ReadyPath   = daemon.ReadyPath
	ReloadPath  = "/-/reload"
	PlanPath    = "/plan"
	StatusPath  = "/status"
	StylePath   = "/status.css"
)

// Options are what the pages are made of.
type Options struct {
	TelemetryPath string             // where Metrics is served
	Metrics       http.Handler       // the exposition
	Published     func() *report.Set // the newest reports
	Now           func() time.Time   // the clock that the reports are dated by
	Reload        func() error       // reads the configuration again; an error leaves the old one in force
	Version       string             // for the landing page
	Grafana       string             // the URL of the Grafana that has the dashboards; empty: none
	Alerting      Alerting           // the alerting command; nil where there is none
}

// New returns the handler of all paths.
func New(o Options) (http.Handler, error) {
	landing, err := daemon.LandingPage(web.LandingConfig{
		Name:        "SageMaker async exporter",
		Description: "Amazon SageMaker asynchronous inference endpoints: queues, instances and the state of their scaling",
		Version:     o.Version,
		Profiling:   "false", // the profiler is not served
		Links: []web.LandingLinks{
			{Address: o.TelemetryPath, Text: "Metrics"},
			{Address: StatusPath, Text: "Status", Description: "the endpoints, what is wrong with their scaling, and the plan for each"},
			{Address: PlanPath, Text: "Plan", Description: "what would bring the endpoints to their policies, by the last poll, as text; " + PlanPath + "?format=json for tools"},
			{Address: paging.ReasonsPath, Text: "Reasons", Description: "why each endpoint does or does not scale, in a sentence; " + paging.ReasonsPath + "?format=json for tools"},
			{Address: ReadyPath, Text: "Ready", Description: "whether the first observation is done and a scope is fresh"},
			{Address: HealthyPath, Text: "Healthy", Description: "whether the process lives"},
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET "+o.TelemetryPath, o.Metrics)
	mux.HandleFunc("GET "+PlanPath, o.plan)
	mux.HandleFunc("GET "+paging.ReasonsPath, o.reasons)
	mux.HandleFunc("GET "+StatusPath, o.status)
	mux.Handle("GET "+StatusPath+"/{$}", http.RedirectHandler(".."+StatusPath, http.StatusMovedPermanently))
	mux.HandleFunc("GET "+StatusPath+"/{account}/{region}/{endpoint}", o.endpoint)
	mux.HandleFunc("GET "+StylePath, style)
	mux.HandleFunc("GET "+HealthyPath, func(w http.ResponseWriter, _ *http.Request) {
		daemon.Line(w, http.StatusOK, "healthy")
	})
	mux.HandleFunc("GET "+ReadyPath, func(w http.ResponseWriter, _ *http.Request) {
		if err := o.Published().Ready(o.Now()); err != nil {
			daemon.Line(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		daemon.Line(w, http.StatusOK, "ready")
	})
	mux.HandleFunc("POST "+ReloadPath, func(w http.ResponseWriter, _ *http.Request) {
		if err := o.Reload(); err != nil {
			daemon.Line(w, http.StatusInternalServerError, "not reloaded, the old configuration stays in force: "+err.Error())
			return
		}
		daemon.Line(w, http.StatusOK, "reloaded")
	})
	return daemon.Guarded(mux), nil
}
