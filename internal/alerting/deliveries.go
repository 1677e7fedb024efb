package alerting

import (
	"errors"
	"net/http"
	"net/url"
	"sync"
)

// deliveries are how the newest request to each Alertmanager ended. Prometheus' notifier counts what an Alertmanager did not
// take and does not say whether that is so now, or why. The zero value knows of none.
type deliveries struct {
	mu     sync.Mutex
	errors map[string]string // by URL; what was taken has none
}

// ended notes how a request ended. It tells whether that is the end of an outage.
func (d *deliveries) ended(at string, response *http.Response, err error) (again bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.errors == nil {
		d.errors = map[string]string{}
	}
	var failed *url.Error
	switch {
	case errors.As(err, &failed):
		d.errors[at] = printable(failed.Err.Error()) // the URL is known
	case err != nil:
		d.errors[at] = printable(err.Error())
	case response.StatusCode/100 != 2:
		d.errors[at] = printable(response.Status)
	default:
		again = d.errors[at] != ""
		delete(d.errors, at)
	}
	return again
}

// problem is why the Alertmanager did not take the newest alerts; empty when it did.
func (d *deliveries) problem(at string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.errors[at]
}
