package daemon

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// PlainText is the content type of text.
const PlainText = "text/plain; charset=utf-8"

// Line answers with one line of text.
func Line(w http.ResponseWriter, status int, line string) {
	Page(w, status, PlainText, []byte(line+"\n"))
}

// Page answers with a whole page.
func Page(w http.ResponseWriter, status int, contentType string, page []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	// A client that went away is its own affair.
	_, _ = w.Write(page)
}

// FormatOf is the format that a request asks for: text or json.
func FormatOf(r *http.Request) (string, error) {
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
