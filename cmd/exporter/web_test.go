package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secured is a certificate authority, and a configuration that sets up TLS with a certificate of its for 127.0.0.1 and one
// user, whose password is "open sesame".
func secured(t *testing.T) (authority *x509.CertPool, file string) {
	t.Helper()
	root := signed(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	leaf := signed(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root)
	key, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"web.yml": []byte("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n" +
			"basic_auth_users: {prometheus: $2a$04$IBPBbdy3xnK4sZT8KBaxFu.ML18OwMd7rlUIsKZy/kI1tS2Fr4Pgm}\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	authority = x509.NewCertPool()
	authority.AddCert(root.Leaf)
	return authority, filepath.Join(dir, "web.yml")
}

// signed is a certificate for an hour with a key of its own, signed by another one or by itself.
func signed(t *testing.T, template *x509.Certificate, by *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	if by == nil {
		by = &tls.Certificate{Leaf: template, PrivateKey: key}
	}
	made, err := x509.CreateCertificate(rand.Reader, template, by.Leaf, key.Public(), by.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(made)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key, Leaf: leaf}
}

func TestServe_withTLSAndPasswords(t *testing.T) {
	authority, file := secured(t)
	p := launch(t, "--demo", "--web.config.file="+file)
	site := strings.Replace(p.url, "http:", "https:", 1)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(client.CloseIdleConnections)
	for _, test := range []struct {
		method, path, user, password string
		want                         int
	}{
		{http.MethodGet, "/metrics", "prometheus", "open sesame", http.StatusOK},
		{http.MethodGet, "/metrics", "prometheus", "guess", http.StatusUnauthorized},
		{http.MethodGet, "/metrics", "prometheus", "", http.StatusUnauthorized},
		{http.MethodGet, "/metrics", "nobody", "open sesame", http.StatusUnauthorized},
		{http.MethodGet, "/metrics", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/status", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/plan", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/explain", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/-/healthy", "", "", http.StatusUnauthorized},
		{http.MethodPost, "/-/reload", "", "", http.StatusUnauthorized},
		{http.MethodPost, "/-/reload", "prometheus", "open sesame", http.StatusOK},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, site+test.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if test.user != "" {
			request.SetBasicAuth(test.user, test.password)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s %s as %q with the password %q: %d, want %d", test.method, test.path, test.user, test.password, response.StatusCode, test.want)
		}
	}
	if said := p.out.String(); strings.Contains(said, "open sesame") || strings.Contains(said, "guess") {
		t.Errorf("a password is logged:\n%s", said)
	}
	stranger := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}}}
	if response, err := stranger.Get(site + "/metrics"); err == nil {
		_ = response.Body.Close()
		t.Error("the certificate is not the authority's alone")
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}}
	if response, err := old.Get(site + "/metrics"); err == nil {
		_ = response.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
	response, err := http.Get(p.url + "/metrics")
	if err != nil {
		return
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusBadRequest || strings.Contains(string(body), "sagemaker_async") {
		t.Errorf("without TLS it answers %d: %.100s", response.StatusCode, body)
	}
}

func TestServe_onSeveralAddressesWithALogInJSON(t *testing.T) {
	p := launch(t, "--demo", "--web.listen-address=127.0.0.1:0", "--web.telemetry-path=/scrape", "--log.format=json")
	var addresses []string
	p.eventually("on both addresses", func() error {
		addresses = nil
		for line := range strings.Lines(p.out.String()) {
			var entry map[string]any
			if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == "Listening on" {
				addresses = append(addresses, entry["address"].(string))
				if entry["ts"] == nil || entry["level"] != "info" || entry["time"] != nil {
					t.Errorf("not as the other lines: %s", line)
				}
			}
		}
		if len(addresses) != 2 {
			return fmt.Errorf("it listens on %v", addresses)
		}
		return nil
	})
	for _, address := range addresses {
		p.url = "http://" + address
		p.ready()
		if page, err := p.get("/scrape"); err != nil || !strings.Contains(page, "sagemaker_async_up{") {
			t.Errorf("%s: %v", address, err)
		}
		if page, err := p.get("/"); err != nil || !strings.Contains(page, `href="/scrape"`) {
			t.Errorf("%s: the landing page has no link: %v", address, err)
		}
	}
}

func TestReload_atSIGHUP(t *testing.T) {
	embed(t, small("us-east-1", 2))
	file := configFile(t, "scopes: [{region: us-east-1}]\n")
	p := launch(t, "--config.file="+file)
	p.ready()
	const renamed = "checks: [{endpoints: '.*', disable: [target_value_removes_busy]}]\n"
	if err := os.WriteFile(file, []byte("scopes: [{region: us-east-1}]\npolling: {maxStaleness: 15m}\n"+renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.want("exporter_max_staleness_seconds ", 900)
	if !strings.Contains(p.out.String(), "target_value_removes_busy is now called removes_busy_instances") {
		t.Error("the old name of a check is not warned of")
	}
}
