package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/sagemaker-async/exporter/internal/daemon"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// PlanFrom is the header that says from which poll a plan is. The page has the very text of the command, which looks itself.
const PlanFrom = "Plan-From"

// plan serves the plans of all scopes: the text that the command plan prints, and where nothing is selected what could be; with ?format=json its JSON.
func (o Options) plan(w http.ResponseWriter, r *http.Request) {
	set := o.Published()
	write, contentType := set.PlanText, daemon.PlainText
	if sentence := triage.Unselected(set.Reports, o.Now()); sentence != "" {
		write = func(out io.Writer) error {
			err := set.PlanText(out)
			_, more := io.WriteString(out, sentence+"\n")
			return errors.Join(err, more)
		}
	}
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
	from := "poll"
	if at := set.PolledAt(); !at.IsZero() {
		from += "; at=" + at.UTC().Format(time.RFC3339)
	}
	w.Header().Set(PlanFrom, from)
	daemon.Page(w, http.StatusOK, contentType, page.Bytes())
}
