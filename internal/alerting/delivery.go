package alerting

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
)

// mostRedirects is how often an Alertmanager may send on, as with Go's own clients.
const mostRedirects = 10

// deliver sends a request to an Alertmanager. Its error is printable and of bounded length. It is an error as well if what
// answers 2xx has no alerts: after a redirect that makes a GET of the POST, or where it is a page for people, such as that of
// a login. An Alertmanager answers with JSON, or with nothing.
func deliver(client *http.Client, request *http.Request) (*http.Response, error) {
	keeping := *client
	keeping.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch {
		case next.Method != request.Method:
			return fmt.Errorf("it redirects to %s://%s by a status at which alerts are not sent along: name that as --alertmanager.url, or let it answer 308",
				next.URL.Scheme, next.URL.Host)
		case client.CheckRedirect != nil:
			return client.CheckRedirect(next, via)
		case len(via) >= mostRedirects:
			return fmt.Errorf("it redirects more than %d times", mostRedirects)
		}
		return nil
	}
	response, err := keeping.Do(request) //nolint:gosec // whoever starts the program names the Alertmanager; the caller closes the answer
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		err = failed.Err // the URL is known
	}
	if err != nil {
		return nil, &undelivered{printable(err.Error()), err}
	}
	response.Status = printable(response.Status)
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); response.StatusCode/100 == 2 && pageTypes[kind] {
		_ = response.Body.Close()
		return nil, &undelivered{fmt.Sprintf("it answers %s with a page of %s, as no Alertmanager does: check --alertmanager.url and proxies", response.Status, kind), nil}
	}
	return response, nil
}

// pageTypes are the types of pages for people.
var pageTypes = map[string]bool{"text/html": true, "application/xhtml+xml": true}

// undelivered is why alerts were not taken, fit for a log and a page.
type undelivered struct {
	text  string
	cause error
}

func (u *undelivered) Error() string { return u.text }

func (u *undelivered) Unwrap() error { return u.cause }
