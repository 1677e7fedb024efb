package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// webConfig sets up TLS, with the certificate that Go's own test servers have, and one user whose password is "open
// sesame".
func webConfig(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	certificate := server.TLS.Certificates[0]
	server.Close()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"web.yml": []byte("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n" +
			"basic_auth_users: {prometheus: $2a$04$IBPBbdy3xnK4sZT8KBaxFu.ML18OwMd7rlUIsKZy/kI1tS2Fr4Pgm}\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "web.yml")
}

func TestServe_withTLSAndPasswords(t *testing.T) {
	p := launch(t, "--demo", "--web.config.file="+webConfig(t))
	// The certificate is for example.com: what is tested is the password.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	t.Cleanup(client.CloseIdleConnections)
	ask := func(method, path, password string) int {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, strings.Replace(p.url, "http:", "https:", 1)+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			request.SetBasicAuth("prometheus", password)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for _, test := range []struct {
		method, path, password string
		want                   int
	}{
		{http.MethodGet, "/metrics", "open sesame", http.StatusOK},
		{http.MethodGet, "/metrics", "guess", http.StatusUnauthorized},
		{http.MethodGet, "/metrics", "", http.StatusUnauthorized},
		{http.MethodPost, "/-/reload", "", http.StatusUnauthorized},
		{http.MethodPost, "/-/reload", "open sesame", http.StatusOK},
	} {
		if got := ask(test.method, test.path, test.password); got != test.want {
			t.Errorf("%s %s with the password %q: %d, want %d", test.method, test.path, test.password, got, test.want)
		}
	}
	if response, err := http.Get(p.url + "/metrics"); err == nil {
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			t.Error("the metrics are shown without TLS")
		}
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
	if err := os.WriteFile(file, []byte("scopes: [{region: us-east-1}]\npolling: {maxStaleness: 15m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.want("exporter_max_staleness_seconds ", 900)
}
