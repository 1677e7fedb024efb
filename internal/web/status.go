package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sagemaker-async/exporter/internal/daemon"
)

//go:embed parts.html alerting.html chain.html reasons.html status.html endpoint.html status.css
var assets embed.FS

var (
	templates  = template.Must(template.ParseFS(assets, "*.html"))
	stylesheet = asset("status.css")
	styleTag   = tag(stylesheet)
)

func asset(name string) []byte {
	content, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // it was embedded by that name
	}
	return content
}

func tag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// status serves the fleet for people, the worst first. ?q= keeps the endpoints whose names contain a text, ?attention=1
// those that need attention; ?sort= orders them otherwise, and with ?refresh= the page asks again after so many seconds.
func (o Options) status(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		daemon.Line(w, http.StatusBadRequest, "reading the query: "+err.Error())
		return
	}
	f, err := filterOf(query)
	if err != nil {
		daemon.Line(w, http.StatusBadRequest, err.Error())
		return
	}
	shown := view(*o.Published(), o.Now(), f)
	if o.Alerting != nil {
		state, err := o.Alerting.State(r.Context())
		shown.Alerting = alertingOf(&state, err, shown.rows())
	}
	if f.Refresh > 0 {
		w.Header().Set("Refresh", strconv.Itoa(f.Refresh))
	}
	render(w, "status.html", shown, 4096*(shown.Shown+1))
}

// endpoint serves all that is known of one endpoint.
func (o Options) endpoint(w http.ResponseWriter, r *http.Request) {
	shown, err := viewOf(*o.Published(), o.Now(), o.Grafana, r.PathValue("account"), r.PathValue("region"), r.PathValue("endpoint"))
	if err != nil {
		daemon.Line(w, http.StatusNotFound, err.Error())
		return
	}
	render(w, "endpoint.html", &shown, 32<<10) // its methods are those of a pointer
}

// render writes a page of a template; size is about what it takes.
func render(w http.ResponseWriter, name string, shown any, size int) {
	var html bytes.Buffer
	html.Grow(size)
	if err := templates.ExecuteTemplate(&html, name, shown); err != nil {
		daemon.Line(w, http.StatusInternalServerError, "rendering the page: "+err.Error())
		return
	}
	daemon.Page(w, http.StatusOK, "text/html; charset=utf-8", html.Bytes())
}

// style serves the stylesheet. A browser may keep it, but asks whether it is still the one of this version.
func style(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", styleTag)
	if r.Header.Get("If-None-Match") == styleTag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	daemon.Page(w, http.StatusOK, "text/css; charset=utf-8", stylesheet)
}
