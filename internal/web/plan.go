package web

import (
	"bytes"
	"io"
	"net/http"

	"github.com/sagemaker-async/exporter/internal/daemon"
)

// plan serves the plans of all scopes: the text that the command plan prints, or with ?format=json its JSON.
func (o Options) plan(w http.ResponseWriter, r *http.Request) {
	set := o.Published()
	write, contentType := set.PlanText, daemon.PlainText
	switch format, err := daemon.FormatOf(r); {
	case err != nil:
		daemon.Line(w, http.StatusBadRequest, err.Error())
		return
	case len(set.Reports) == 0: // an empty plan would say that there is nothing to do
		daemon.Line(w, http.StatusServiceUnavailable, "no plan yet: no scope has been observed")
		return
	case format == "json":
		write, contentType = set.PlanJSON, "application/json"
	}
	var page bytes.Buffer
	if err := write(io.Writer(&page)); err != nil {
		daemon.Line(w, http.StatusInternalServerError, "writing the plan: "+err.Error())
		return
	}
	daemon.Page(w, http.StatusOK, contentType, page.Bytes())
}
