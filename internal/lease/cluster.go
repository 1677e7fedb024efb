package lease

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// account is where a kubelet mounts the files of the service account.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

// mostBytes bounds an answer of the API server: a Lease has about 1 kB.
const mostBytes = 1 << 20

// ErrNoCluster says that the process runs in no pod of a Kubernetes cluster.
var ErrNoCluster = errors.New("no Kubernetes cluster is at hand (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not " +
	"set, and KUBECONFIG is not read): leave --reconcile.lease out, and run one process with --reconcile")

// Cluster is the API server of the cluster in which the process runs, as its service account sees it.
type Cluster struct {
	base  string // URL
	files string // the directory with the token and the certificates

	mu     sync.Mutex
	ca     []byte // those that the client trusts
	client *http.Client
}

// Access finds the cluster by what Kubernetes gives each pod: the environment and the files of its service account.
func Access() (*Cluster, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, ErrNoCluster
	}
	c := &Cluster{base: "https://" + net.JoinHostPort(host, port), files: account}
	if _, err := url.Parse(c.base); err != nil {
		return nil, fmt.Errorf("reading KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: %w", err)
	}
	if _, _, err := c.prepare(); err != nil {
		return nil, err
	}
	return c, nil
}

// prepare reads the files of the service account. They are read again for each request: Kubernetes replaces the token every
// hour, and the certificates when they change.
func (c *Cluster) prepare() (client *http.Client, token string, err error) {
	text, err := os.ReadFile(filepath.Join(c.files, "token"))
	if err != nil {
		return nil, "", fmt.Errorf("reading the token of the service account (is automountServiceAccountToken true?): %w", err)
	}
	token = strings.TrimSpace(string(text))
	if token == "" {
		return nil, "", fmt.Errorf("%s is empty", filepath.Join(c.files, "token"))
	}
	ca, err := os.ReadFile(filepath.Join(c.files, "ca.crt"))
	if err != nil {
		return nil, "", fmt.Errorf("reading the certificates of the cluster: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != nil && bytes.Equal(ca, c.ca) {
		return c.client, token, nil
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(ca) {
		return nil, "", fmt.Errorf("%s has no certificate", filepath.Join(c.files, "ca.crt"))
	}
	if c.client != nil {
		c.client.CloseIdleConnections()
	}
	c.ca, c.client = ca, newClient(trusted)
	return c.client, token, nil
}

// newClient is a client for one small request every few seconds. It takes no proxy: the API server has an address in the
// cluster. It follows no redirection: the token is for the API server alone.
func newClient(trusted *x509.CertPool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
			MaxIdleConnsPerHost: 1, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refusal is an answer of the API server that is not a success.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string {
	text := fmt.Sprintf("the API server answered %d %s", r.status, http.StatusText(r.status))
	if r.message != "" {
		text += ": " + r.message
	}
	return text
}

// is tells whether the API server refused with a status.
func is(err error, status int) bool {
	var r refusal
	return errors.As(err, &r) && r.status == status
}

// get reads the Lease.
func (c *Cluster) get(ctx context.Context, name Name) (object, error) {
	return c.ask(ctx, http.MethodGet, path(name)+"/"+url.PathEscape(name.Name), nil)
}

// create makes the Lease. It is refused with 409 if there is one.
func (c *Cluster) create(ctx context.Context, name Name, o object) (object, error) {
	return c.ask(ctx, http.MethodPost, path(name), o.encode())
}

// update replaces the Lease. It is refused with 409 if the Lease is not the version any more that was read.
func (c *Cluster) update(ctx context.Context, name Name, o object) (object, error) {
	return c.ask(ctx, http.MethodPut, path(name)+"/"+url.PathEscape(name.Name), o.encode())
}

func path(name Name) string {
	return "/apis/coordination.k8s.io/v1/namespaces/" + url.PathEscape(name.Namespace) + "/leases"
}

// ask sends one request and reads the Lease that is its answer.
func (c *Cluster) ask(ctx context.Context, method, path string, body []byte) (object, error) {
	client, token, err := c.prepare()
	if err != nil {
		return object{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return object{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "sagemaker-async-exporter")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return object{}, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostBytes+1))
	switch {
	case err != nil:
		return object{}, fmt.Errorf("reading the answer of the API server: %w", err)
	case response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated:
		return object{}, refusal{response.StatusCode, reason(answer)}
	case len(answer) > mostBytes:
		return object{}, fmt.Errorf("the answer of the API server is longer than %d bytes", mostBytes)
	}
	return parse(answer)
}

// reason is the message of a Status of Kubernetes, as far as it fits a line of the log.
func reason(answer []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &status) // a proxy in between answers with HTML: the status alone is reported
	if len(status.Message) > 500 {
		status.Message = strings.ToValidUTF8(status.Message[:500], "") + "..."
	}
	return status.Message
}
