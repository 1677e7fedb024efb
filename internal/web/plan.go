package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// plan serves the plans of all scopes: the text that the command plan prints, or with ?format=json its JSON.
func (o Options) plan(w http.ResponseWriter, r *http.Request) {
	set := o.Published()
	write, contentType := set.PlanText, plainText
	switch format, err := formatOf(r); {
	case err != nil:
		answer(w, http.StatusBadRequest, err.Error())
		return
	case len(set.Reports) == 0: // an empty plan would say that there is nothing to do
		answer(w, http.StatusServiceUnavailable, "no plan yet: no scope has been observed")
		return
	case format == "json":
		write, contentType = set.PlanJSON, "application/json"
	}
	var page bytes.Buffer
	if err := write(io.Writer(&page)); err != nil {
		answer(w, http.StatusInternalServerError, "writing the plan: "+err.Error())
		return
	}
	send(w, http.StatusOK, contentType, page.Bytes())
}

// formatOf is the format that a request asks for: text or json.
func formatOf(r *http.Request) (string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "", fmt.Errorf("reading the query: %w", err)
	}
	switch format := query.Get("format"); format {
	case "", "text":
		return "text", nil
	case "json":
		return "json", nil
	default:
		return "", fmt.Errorf("unknown format %q: write ?format=json for JSON, or leave it out for text", format)
	}
}
