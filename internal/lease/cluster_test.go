package lease

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pod is a Cluster as a process in a pod has it: an HTTPS server, and the files of a service account.
func pod(t *testing.T, handler http.Handler) (*Cluster, *httptest.Server) {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of certificates that it is refused for
	s.StartTLS()
	t.Cleanup(s.Close)
	c := &Cluster{base: s.URL, files: t.TempDir()}
	write(t, c, "token", "first\n")
	write(t, c, "ca.crt", certificate(s))
	return c, s
}

func certificate(s *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}

// otherAuthority is a certificate that the server has nothing to do with.
func otherAuthority(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
	made, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}))
}

func write(t *testing.T, c *Cluster, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.files, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCluster_makesReadsAndReplacesALease(t *testing.T) {
	s := &server{}
	c, _ := pod(t, s)
	if _, err := c.get(t.Context(), exporter); !is(err, http.StatusNotFound) {
		t.Fatalf("there is none: %v", err)
	}
	made, err := c.create(t.Context(), exporter, fresh(exporter).heldBy("a", time.Minute, noon))
	if err != nil || s.holder() != "a" {
		t.Fatalf("creating: %v, holder %q", err, s.holder())
	}
	if _, err := c.create(t.Context(), exporter, fresh(exporter).heldBy("b", time.Minute, noon)); !is(err, http.StatusConflict) {
		t.Errorf("creating again: %v", err)
	}
	if _, err := c.update(t.Context(), exporter, made.heldBy("a", time.Minute, after(5))); err != nil {
		t.Errorf("renewing: %v", err)
	}
	if _, err := c.update(t.Context(), exporter, made.heldBy("b", time.Minute, after(6))); !is(err, http.StatusConflict) {
		t.Errorf("replacing a version that is not the last: %v", err)
	}
	read, err := c.get(t.Context(), exporter)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := read.record(); err != nil || r.holder != "a" || r.lasts != time.Minute {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestCluster_takesTheTokenThatIsThere(t *testing.T) {
	s, valid := &server{}, "first"
	c, _ := pod(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+valid {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.ServeHTTP(w, r)
	}))
	s.set(map[string]any{"holderIdentity": "b"})
	if _, err := c.get(t.Context(), exporter); err != nil {
		t.Fatal(err)
	}
	valid = "second" // the first has run out
	if _, err := c.get(t.Context(), exporter); !is(err, http.StatusUnauthorized) {
		t.Errorf("got %v", err)
	}
	write(t, c, "token", "second")
	if _, err := c.get(t.Context(), exporter); err != nil {
		t.Errorf("with the new token: %v", err)
	}
	write(t, c, "token", "sec\nret")
	if _, err := c.get(t.Context(), exporter); err == nil || strings.Contains(err.Error(), "ret") {
		t.Errorf("an error names the token: %v", err)
	}
	write(t, c, "token", " \n")
	if _, err := c.get(t.Context(), exporter); err == nil || !strings.Contains(err.Error(), "token is empty") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(c.files, "token")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(t.Context(), exporter); err == nil || !strings.Contains(err.Error(), "automountServiceAccountToken") {
		t.Errorf("got %v", err)
	}
}

func TestCluster_trustsTheCertificatesThatAreThere(t *testing.T) {
	s := &server{}
	s.set(map[string]any{"holderIdentity": "b"})
	c, there := pod(t, s)
	if _, err := c.get(t.Context(), exporter); err != nil {
		t.Fatal(err)
	}
	write(t, c, "ca.crt", "nothing\n")
	if _, err := c.get(t.Context(), exporter); err == nil || !strings.Contains(err.Error(), "has no certificate") {
		t.Errorf("got %v", err)
	}
	another := otherAuthority(t)
	write(t, c, "ca.crt", another)
	if _, err := c.get(t.Context(), exporter); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server of another authority is trusted: %v", err)
	}
	write(t, c, "ca.crt", another+certificate(there))
	if _, err := c.get(t.Context(), exporter); err != nil {
		t.Errorf("with both: %v", err)
	}
	if err := os.Remove(filepath.Join(c.files, "ca.crt")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(t.Context(), exporter); err == nil || !strings.Contains(err.Error(), "reading the certificates of the cluster") {
		t.Errorf("got %v", err)
	}
}

func TestCluster_reportsWhatTheAPIServerSays(t *testing.T) {
	huge := strings.Repeat("x", mostBytes+1)
	for _, tt := range []struct {
		name   string
		status int
		answer string
		want   string
	}{
		{"forbidden", 403, `{"kind":"Status","message":"leases is forbidden: User x cannot get"}`, "answered 403 Forbidden: leases is forbidden: User x cannot get"},
		{"a proxy", 502, "<html>", "answered 502 Bad Gateway"},
		{"5xx", 500, `{"message":"etcdserver: request timed out"}`, "answered 500 Internal Server Error: etcdserver: request timed out"},
		{"a long reason", 500, `{"message":"` + strings.Repeat("é", 1000) + `"}`, strings.Repeat("é", 250) + "..."},
		{"elsewhere", 302, "", "answered 302 Found"},
		{"no JSON", 200, "ok", "reading a Lease"},
		{"another kind", 200, `{"kind":"List","metadata":{"resourceVersion":"1"}}`, `no Lease: kind "List"`},
		{"too long", 200, huge, "longer than 1048576 bytes"},
		{"too long, and no success", 500, huge, "answered 500 Internal Server Error"},
		{"cut", 200, "", "unexpected EOF"},
	} {
		c, _ := pod(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			if tt.name == "cut" {
				w.Header().Set("Content-Length", "1000")
			}
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.answer))
		}))
		_, err := c.get(t.Context(), exporter)
		if err == nil || !strings.HasSuffix(strings.ReplaceAll(err.Error(), "\n", ""), tt.want) && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if is(err, tt.status) != (tt.status != 200) {
			t.Errorf("%s: the status is lost: %v", tt.name, err)
		}
	}
}

func TestCluster_survivesAConnectionThatIsCut(t *testing.T) {
	s, cut := &server{}, true
	c, _ := pod(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut {
			panic(http.ErrAbortHandler)
		}
		s.ServeHTTP(w, r)
	}))
	if _, err := c.create(t.Context(), exporter, fresh(exporter).heldBy("a", time.Minute, noon)); err == nil {
		t.Fatal("no answer is a success")
	}
	cut = false
	if _, err := c.create(t.Context(), exporter, fresh(exporter).heldBy("a", time.Minute, noon)); err != nil {
		t.Error(err)
	}
}

func TestCluster_givesUpWhenTheContextEnds(t *testing.T) {
	arrived := make(chan struct{})
	c, _ := pod(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done() // slow for ever
	}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := c.get(ctx, exporter); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCluster_asksNoProxyAndFollowsNobody(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "")
	s := &server{}
	s.set(map[string]any{"holderIdentity": "b"})
	c, there := pod(t, s)
	if u, err := url.Parse(there.URL); err != nil || u.Scheme != "https" {
		t.Fatal(err)
	}
	if _, err := c.get(t.Context(), exporter); err != nil {
		t.Error(err)
	}
	if proxy := c.client.Transport.(*http.Transport).Proxy; proxy != nil { // loopback never goes through one
		t.Error("it would ask a proxy")
	}
}

func TestAccess_withoutAClusterSaysWhatToDo(t *testing.T) {
	t.Setenv("KUBECONFIG", "/etc/kubeconfig")
	for _, tt := range [][2]string{{"", ""}, {"10.0.0.1", ""}, {"", "443"}} {
		t.Setenv("KUBERNETES_SERVICE_HOST", tt[0])
		t.Setenv("KUBERNETES_SERVICE_PORT", tt[1])
		if _, err := Access(); !errors.Is(err, ErrNoCluster) {
			t.Errorf("%q: got %v", tt, err)
		}
	}
}

func TestAccess_refusesWhatIsNoAddress(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "http")
	if _, err := Access(); err == nil || errors.Is(err, ErrNoCluster) || !strings.Contains(err.Error(), "KUBERNETES_SERVICE_PORT") {
		t.Errorf("got %v", err)
	}
}
