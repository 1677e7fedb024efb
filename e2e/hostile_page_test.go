//go:build e2e && linux

package e2e

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// spoiling is the exporter behind somebody who spoils its page of metrics while a way to do it is set. The page comes
// without its length.
func spoiling(t *testing.T, e *exporter) (*exporter, *atomic.Pointer[func(http.ResponseWriter, string)]) {
	t.Helper()
	way := &atomic.Pointer[func(http.ResponseWriter, string)]{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, e.url+r.URL.RequestURI(), http.NoBody)
		must(t, err)
		spoil := way.Load()
		if r.URL.Path == "/metrics" && spoil == nil {
			request.Header.Set("Accept", r.Header.Get("Accept"))
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		page, err := io.ReadAll(response.Body)
		if err != nil { // the client has gone
			return
		}
		w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
		if r.URL.Path == "/metrics" && spoil != nil {
			(*spoil)(w, string(page))
			w.(http.Flusher).Flush()
			return
		}
		_, _ = w.Write(page)
	}))
	t.Cleanup(server.Close)
	return &exporter{TB: t, url: server.URL}, way
}

// A page that is not the exporter's whole page ends no alert, however long it is so: longer than an Alertmanager keeps what
// it is not sent again.
func TestAlerting_onAPageThatIsSpoiltForLong(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte(onTheDisk), 0o600))
	aws := demoAt(t, hurried)
	e := start(t, nil, joining(aws)...)
	p, am := startInbox(t)
	behind, way := spoiling(t, e)
	c := startAlerting(t, am, behind, "--alerting.rules="+rules)
	c.eventually("the alert", soon, func() error { return p.fires("Watched") })
	for name, spoil := range map[string]func(http.ResponseWriter, string){
		"an error":  func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusInternalServerError) },
		"nothing":   func(http.ResponseWriter, string) {},
		"a comment": func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "# nothing\n") },
		"each series twice": func(w http.ResponseWriter, page string) {
			for line := range strings.Lines(page) {
				_, _ = io.WriteString(w, line)
				if !strings.HasPrefix(line, "#") {
					_, _ = io.WriteString(w, line)
				}
			}
		},
		"up alone": func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "up 1\n") },
		"the first half, cut between two lines": func(w http.ResponseWriter, page string) {
			half := page[:len(page)/2]
			_, _ = io.WriteString(w, half[:strings.LastIndex(half, "\n")+1])
		},
		"all but the last line": func(w http.ResponseWriter, page string) {
			page = strings.TrimSuffix(page, "\n")
			_, _ = io.WriteString(w, page[:strings.LastIndex(page, "\n")+1])
		},
	} {
		way.Store(&spoil)
		c.eventually(name+": not ready", soon, func() error {
			if _, err := c.get("/-/ready"); err == nil {
				return errors.New("it is ready")
			} else if !strings.Contains(err.Error(), "was not scraped") {
				t.Errorf("%s: ready: %v", name, err)
			}
			return nil
		})
		sent, times := p.count("Watched"), 3
		if name == "nothing" { // an alert is good for four times as long as it is sent again after
			times = 12
		}
		c.eventually(name+": sent again and again", soon, func() error {
			if p.count("Watched") < sent+times {
				return errors.New("it is not")
			}
			return p.fires("Watched")
		})
		way.Store(nil)
		c.eventually(name+": ready", soon, func() error { _, err := c.get("/-/ready"); return err })
		sent = p.count("Watched")
		c.eventually(name+": still the alert", soon, func() error {
			if p.count("Watched") < sent+3 {
				return errors.New("it is not")
			}
			return p.fires("Watched")
		})
	}
	p.neverEnded(t, "Watched")
}
