package awssim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// ClockPath is where the server tells other processes on its machine its clock, as JSON. No protocol of AWS uses it:
// nothing there is counted, slowed down or spoilt by a fault.
const ClockPath = "/-/clock"

// tellClock answers the clock as told from this moment.
func (s *Server) tellClock(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "the clock is read by GET", http.StatusMethodNotAllowed)
		return
	case s.clock.Speed == 0:
		http.Error(w, "this embedded AWS has a clock that nobody can join", http.StatusNotFound)
		return
	}
	text, err := json.Marshal(s.clock.Since(time.Now()))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(text, '\n')) // a client that has gone needs no answer
}

// joinTime is how long an embedded AWS may take to tell its clock: it is on the same machine.
const joinTime = 3 * time.Second

// Join reads the clock of the embedded AWS at a URL of the loopback interface, which may belong to another process, and
// returns the URL as an SDK takes it. It fails when the URL is another one, and after a few seconds when nothing there
// answers like an embedded AWS with a clock to share.
func Join(ctx context.Context, address string) (base string, clock fleet.Clock, err error) {
	if base, err = loopback(address); err != nil {
		return "", fleet.Clock{}, err
	}
	if clock, err = readClock(ctx, base+ClockPath); err != nil {
		return "", fleet.Clock{}, fmt.Errorf("%s does not answer like an embedded AWS: %w", base, err)
	}
	return base, clock, nil
}

// loopback cuts a URL down to its scheme and host.
func loopback(address string) (base string, err error) {
	const example = "write for example http://127.0.0.1:34703"
	at, err := url.Parse(address)
	switch {
	case err != nil || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" || at.Path != "" && at.Path != "/":
		return "", fmt.Errorf("%q is not the URL of an embedded AWS: %s", address, example)
	case at.Scheme != "http":
		return "", fmt.Errorf("%s: an embedded AWS speaks http, not %s: %s", address, at.Scheme, example)
	}
	if ip := net.ParseIP(at.Hostname()); at.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("%s is not on the loopback interface, where every embedded AWS is: %s", address, example)
	}
	return "http://" + at.Host, nil
}

// readClock asks without a proxy and follows nothing that would lead off the machine.
func readClock(ctx context.Context, from string) (clock fleet.Clock, err error) {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return clock, fmt.Errorf("asking for its clock: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		if asked := (*url.Error)(nil); errors.As(err, &asked) {
			err = asked.Err // the URL has been said
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("no answer in time")
		}
		return clock, fmt.Errorf("asking for its clock: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return clock, fmt.Errorf("asking for its clock: %s", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 4<<10)).Decode(&clock); err != nil {
		return clock, fmt.Errorf("reading its clock: %w", err)
	}
	if clock.Machine.IsZero() || clock.Shown.IsZero() || !(clock.Speed > 0) {
		return clock, errors.New("reading its clock: it has no moment or no speed")
	}
	return clock, nil
}
