package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/paging"
)

// watching is what the pages show.
type watching interface {
	State(at time.Time) (paging.State, error)
	Ready() error
	Healthy() error
}

// pages is the handler of all paths. Nothing over HTTP changes anything.
func pages(engine watching, registry *prometheus.Registry) (http.Handler, error) {
	landing, err := daemon.LandingPage(web.LandingConfig{
		Name:        "SageMaker async alerting",
		Description: "Alerts about Amazon SageMaker asynchronous inference endpoints, sent to Alertmanagers",
		Version:     version.Info(),
		Profiling:   "false", // the profiler is not served
		Links: []web.LandingLinks{
			{Address: paging.StatePath, Text: "Alerts", Description: "what is pending and firing, and how the Alertmanagers answer; " + paging.StatePath + "?format=json for tools"},
			{Address: metricsPath, Text: "Metrics", Description: "of the alerting itself"},
			{Address: daemon.ReadyPath, Text: "Ready", Description: "whether the rules have been evaluated over a scrape that succeeded, and its storage takes series"},
			{Address: daemon.HealthyPath, Text: "Healthy", Description: "whether the process lives and its storage takes series"},
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", landing)
	mux.Handle("GET "+metricsPath, promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET "+paging.StatePath, func(w http.ResponseWriter, r *http.Request) { state(w, r, engine) })
	mux.HandleFunc("GET "+daemon.HealthyPath, func(w http.ResponseWriter, _ *http.Request) {
		if err := engine.Healthy(); err != nil {
			daemon.Line(w, http.StatusServiceUnavailable, "not healthy: "+err.Error())
			return
		}
		daemon.Line(w, http.StatusOK, "healthy")
	})
	mux.HandleFunc("GET "+daemon.ReadyPath, func(w http.ResponseWriter, _ *http.Request) {
		if err := engine.Ready(); err != nil {
			daemon.Line(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		daemon.Line(w, http.StatusOK, "ready")
	})
	return daemon.Guarded(mux), nil
}

// state answers with what is pending and firing, as text or as JSON.
func state(w http.ResponseWriter, r *http.Request, engine watching) {
	format, err := daemon.FormatOf(r)
	if err != nil {
		daemon.Line(w, http.StatusBadRequest, err.Error())
		return
	}
	now, err := engine.State(time.Now())
	if err != nil {
		daemon.Line(w, http.StatusInternalServerError, err.Error())
		return
	}
	var page bytes.Buffer
	contentType := daemon.PlainText
	if format == "json" {
		contentType = "application/json"
		err = json.NewEncoder(&page).Encode(now)
	} else {
		err = now.WriteText(&page)
	}
	if err != nil {
		daemon.Line(w, http.StatusInternalServerError, "writing the alerts: "+err.Error())
		return
	}
	daemon.Page(w, http.StatusOK, contentType, page.Bytes())
}
