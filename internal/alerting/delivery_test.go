package alerting

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestDeliver_believesOnlyWhoHasTheAlerts(t *testing.T) {
	got := ""
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + string(body)
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(other.Close)
	redirects := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL+"/login?token=secret")
			w.WriteHeader(status)
		}
	}
	says := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if kind != "" {
				w.Header().Set("Content-Type", kind)
			}
			_, _ = io.WriteString(w, body)
		}
	}
	lost := "it redirects to " + other.URL + " by a status at which alerts are not sent along: name that as --alertmanager.url, or let it answer 308"
	page := "it answers 200 OK with a page of text/html, as no Alertmanager does: check --alertmanager.url and proxies"
	long := func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 503 "+strings.Repeat("x", 5<<20)+"\r\nContent-Length: 0\r\n\r\n")
		_ = connection.Close()
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int // 0: it is an error
		err    string
	}{
		"moved":             {redirects(http.StatusMovedPermanently), 0, lost},
		"found":             {redirects(http.StatusFound), 0, lost},
		"see other":         {redirects(http.StatusSeeOther), 0, lost},
		"sent on":           {redirects(http.StatusTemporaryRedirect), http.StatusOK, ""},
		"sent on for ever":  {redirects(http.StatusPermanentRedirect), http.StatusOK, ""},
		"a login":           {says("text/html; charset=utf-8", "<form>"), 0, page},
		"a login, detected": {says("", "<html><form>"), 0, page},
		"nothing":           {says("", ""), http.StatusOK, ""},
		"JSON":              {says("application/json", "{}"), http.StatusOK, ""},
		"a long status":     {long, http.StatusServiceUnavailable, ""},
	} {
		got = ""
		server := httptest.NewServer(test.answer)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("alerts"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := deliver(server.Client(), request)
		switch {
		case test.status == 0 && fmt.Sprint(err) != test.err:
			t.Errorf("%s: %v", name, err)
		case test.status != 0 && (err != nil || response.StatusCode != test.status || len(response.Status) > 4*longest):
			t.Errorf("%s: %v", name, err)
		}
		if strings.HasPrefix(name, "sent on") && got != "POST alerts" || test.status == 0 && got != "" {
			t.Errorf("%s: the other got %q", name, got)
		}
		if err == nil {
			_ = response.Body.Close()
		}
		server.Close()
	}
}

// What a client forbids stays forbidden, and who is sent round in a circle gives up.
func TestDeliver_followsNoMoreRedirectsThanTheClient(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/", http.StatusPermanentRedirect)
	}))
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("alerts"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deliver(server.Client(), request); fmt.Sprint(err) != "it redirects more than 10 times" || requests != 10 {
		t.Errorf("%d requests: %v", requests, err)
	}
	stays := *server.Client()
	stays.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := deliver(&stays, request)
	if err != nil || response.StatusCode != http.StatusPermanentRedirect {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

func TestAlerting_showsAnAlertmanagerThatRedirects(t *testing.T) {
	asked := make(chan bool, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- true
		http.Redirect(w, r, "/", http.StatusMovedPermanently)
	}))
	t.Cleanup(server.Close)
	a := newAlerting(t, func(o *Options) {
		o.Exporter, o.Alertmanagers, o.Rules = exporter(t), []*url.URL{parsed(t, server.URL)}, []string{ruleFile(t, backlog)}
	})
	run(t, a)
	<-asked
	<-asked // what was sent before is counted by now
	s, err := a.State(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if to := s.Alertmanagers[0]; to.Failed == 0 || !strings.HasPrefix(to.Error, "it redirects to http://127.0.0.1:") || s.Dropped == 0 {
		t.Errorf("%+v, %d dropped", to, s.Dropped)
	}
}
