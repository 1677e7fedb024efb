//go:build chart_e2e

package helm

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// tools is where make puts what it has built.
const tools = root + "/bin/tools"

// here is the API server that the tests share.
var here *cluster

func TestMain(m *testing.M) {
	os.Exit(func() (status int) {
		dir, err := os.MkdirTemp("", "chart-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		stop, err := openCluster(dir)
		defer func() {
			if err := stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				status = 1
			}
		}()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// openCluster starts etcd and kube-apiserver on loopback, with what they keep in a directory, and points Helm to them. Stop
// ends what was started, after an error too.
func openCluster(dir string) (stop func() error, err error) {
	var running []*program
	stop = func() error {
		for i := len(running) - 1; i >= 0; i-- { // the API server first: without etcd it takes its time
			if err := running[i].end(syscall.SIGTERM); err != nil && !strings.Contains(err.Error(), "signal: terminated") {
				return fmt.Errorf("stopping: %w:\n%s", err, running[i].said())
			}
		}
		return nil
	}
	start := func(name string, args ...string) error {
		p, err := launch(os.Environ(), name, args...)
		if err == nil {
			running = append(running, p)
		}
		return err
	}
	etcd, err := unused()
	if err != nil {
		return stop, err
	}
	err = start("etcd", "--data-dir="+dir+"/etcd", "--log-level=error", "--listen-peer-urls=http://127.0.0.1:0",
		"--listen-client-urls=http://"+etcd, "--advertise-client-urls=http://"+etcd)
	if err != nil {
		return stop, err
	}
	address, err := unused()
	if err != nil {
		return stop, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return stop, err
	}
	if err := writeKeys(dir); err != nil {
		return stop, fmt.Errorf("writing keys: %w", err)
	}
	err = start(tools+"/kube-apiserver",
		"--etcd-servers=http://"+etcd,
		"--bind-address="+host, "--advertise-address="+host, "--secure-port="+port,
		"--endpoint-reconciler-type=none", // Service kubernetes cannot have an endpoint on loopback
		"--tls-cert-file="+dir+"/server.crt", "--tls-private-key-file="+dir+"/server.key",
		"--authorization-mode=RBAC", "--anonymous-auth=false", "--token-auth-file="+dir+"/tokens",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+dir+"/accounts.key", "--service-account-signing-key-file="+dir+"/accounts.key",
		"--service-cluster-ip-range=10.0.0.0/24")
	if err != nil {
		return stop, err
	}
	certificate, err := os.ReadFile(dir + "/server.crt")
	if err != nil {
		return stop, err
	}
	here = newCluster(address, token, certificate)
	if err := isolateHelm(dir); err != nil {
		return stop, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = until(ctx, func() error {
		for _, p := range running {
			if err := p.ended(); err != nil {
				cancel()
				return err
			}
		}
		return here.ready(ctx)
	})
	if err != nil {
		return stop, fmt.Errorf("waiting for the API server: %w", err)
	}
	return stop, here.define(ctx)
}

// isolateHelm keeps Helm from another cluster, to which settings of the user might lead, and from the user's files.
func isolateHelm(dir string) error {
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "HELM_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	if err := writeKubeconfig(here, dir+"/admin.kubeconfig"); err != nil {
		return err
	}
	path, err := filepath.Abs(tools)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"PATH":       path + string(os.PathListSeparator) + os.Getenv("PATH"),
		"KUBECONFIG": dir + "/admin.kubeconfig", "KUBECACHEDIR": dir + "/kube",
		"HELM_CACHE_HOME": dir + "/helm/cache", "HELM_CONFIG_HOME": dir + "/helm/config", "HELM_DATA_HOME": dir + "/helm/data",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfig writes the file by which Helm finds the cluster.
func writeKubeconfig(c *cluster, file string) error {
	const name = "chart-e2e"
	data, err := yaml.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []object{{"name": name, "cluster": object{
			"server": "https://" + c.address, "certificate-authority-data": base64.StdEncoding.EncodeToString(c.ca),
		}}},
		"users":    []object{{"name": name, "user": object{"token": c.token}}},
		"contexts": []object{{"name": name, "context": object{"cluster": name, "user": name}}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

// token is the administrator's. It opens nothing but an API server that lives as long as the tests.
const token = "chart-e2e-administrator"

// writeKeys writes the certificate of the API server, the key by which it signs the tokens of service accounts, and the
// administrator's token.
func writeKeys(dir string) error {
	if err := writeCertificate(dir); err != nil {
		return err
	}
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	if err := writeKey(dir+"/accounts.key", accounts); err != nil {
		return err
	}
	return os.WriteFile(dir+"/tokens", []byte(token+",administrator,1,system:masters\n"), 0o600)
}

// writeCertificate writes server.crt, a certificate for loopback that is its own authority, and server.key.
func writeCertificate(dir string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loopback"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, certificate, certificate, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if err := writePEM(dir+"/server.crt", "CERTIFICATE", signed); err != nil {
		return err
	}
	return writeKey(dir+"/server.key", key)
}

func writeKey(file string, key *rsa.PrivateKey) error {
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "PRIVATE KEY", encoded)
}

func writePEM(file, kind string, data []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600)
}

// unused is a loopback address on which nobody listens.
func unused() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
