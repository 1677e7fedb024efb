package daemon

import (
	"net/http"
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
	_, _ = w.Write(page) //nolint:gosec // what is not trusted is escaped by the template, or stands in plain text
}
