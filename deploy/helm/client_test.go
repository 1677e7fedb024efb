//go:build chart_e2e

package helm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// cluster is an API server, as one user sees it. Objects are plain values here, as the API server sends them. It is asked by
// HTTP: the module would need client-go for nothing else.
type cluster struct {
	address string // host:port
	ca      []byte
	token   string
	client  *http.Client
}

func newCluster(address, token string, ca []byte) *cluster {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca)
	return &cluster{address, ca, token, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}}}
}

// as is the same API server for the holder of a token.
func (c *cluster) as(token string) *cluster {
	user := *c
	user.token = token
	return &user
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	text   string
}

func (r refusal) Error() string { return r.text }

// send sends a request; the answer is open.
func (c *cluster) send(ctx context.Context, method, path, contentType string, body []byte) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+c.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", contentType)
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		return nil, errors.Join(refusal{response.StatusCode, fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, text)}, err)
	}
	return response.Body, nil
}

// ask sends a request and reads the object that is its answer.
func (c *cluster) ask(ctx context.Context, method, path string, body any) (object, error) {
	var data []byte
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		data = encoded
	}
	answer, err := c.send(ctx, method, path, "application/json", data)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return decode(json.NewDecoder(answer))
}

// decode reads an object. Whole numbers are int64.
func decode(decoder *json.Decoder) (object, error) {
	decoder.UseNumber()
	var found object
	err := decoder.Decode(&found)
	plain, _ := numbers(found).(object)
	return plain, err
}

func numbers(value any) any {
	switch value := value.(type) {
	case object:
		for key := range value {
			value[key] = numbers(value[key])
		}
	case []any:
		for i := range value {
			value[i] = numbers(value[i])
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		float, _ := value.Float64()
		return float
	}
	return value
}

// ready is nil once the API server has done all that it does when it starts.
func (c *cluster) ready(ctx context.Context) error {
	answer, err := c.send(ctx, http.MethodGet, "/readyz", "", nil)
	if err != nil {
		return err
	}
	return answer.Close()
}

// define makes the kinds of the Prometheus operator known.
func (c *cluster) define(ctx context.Context) error {
	const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	for _, kinds := range []string{"podmonitors", "prometheusrules", "servicemonitors"} {
		data, err := os.ReadFile(tools + "/crds/monitoring.coreos.com_" + kinds + ".yaml")
		if err != nil {
			return err
		}
		var definition object
		if err := yaml.Unmarshal(data, &definition); err != nil {
			return err
		}
		if _, err := c.ask(ctx, http.MethodPost, definitions, definition); err != nil {
			return fmt.Errorf("defining %s: %w", kinds, err)
		}
		err = until(ctx, func() error {
			stored, err := c.ask(ctx, http.MethodGet, definitions+"/"+kinds+".monitoring.coreos.com", nil)
			if err != nil {
				return err
			}
			status, _ := stored["status"].(object)
			conditions, _ := status["conditions"].([]any)
			if !slices.ContainsFunc(conditions, func(one any) bool {
				condition := one.(object)
				return condition["type"] == "Established" && condition["status"] == "True"
			}) {
				return fmt.Errorf("it is not established: %v", conditions)
			}
			_, err = c.resource(ctx, "monitoring.coreos.com/v1", stored["spec"].(object)["names"].(object)["kind"].(string))
			return err
		})
		if err != nil {
			return fmt.Errorf("defining %s: %w", kinds, err)
		}
	}
	return nil
}

// resources are those of one version of a group: v1, or apps/v1 for example.
func (c *cluster) resources(ctx context.Context, apiVersion string) ([]any, error) {
	list, err := c.ask(ctx, http.MethodGet, prefix(apiVersion), nil)
	if err != nil {
		return nil, err
	}
	found, _ := list["resources"].([]any)
	return found, nil
}

func prefix(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// resource is how the API server calls the objects of a kind.
func (c *cluster) resource(ctx context.Context, apiVersion, kind string) (object, error) {
	all, err := c.resources(ctx, apiVersion)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		resource := one.(object)
		if resource["kind"] == kind && !strings.Contains(resource["name"].(string), "/") {
			return resource, nil
		}
	}
	return nil, fmt.Errorf("the API server knows no %s %s", apiVersion, kind)
}

// kept is the path of the objects of a kind, apps/v1 Deployment for example, in a namespace. The administrator finds it: not
// each user may look.
func (c *cluster) kept(t *testing.T, apiVersion, kind, namespace string) string {
	t.Helper()
	resource, err := here.resource(t.Context(), apiVersion, kind)
	if err != nil {
		t.Fatal(err)
	}
	path := prefix(apiVersion)
	if resource["namespaced"] == true {
		path += "/namespaces/" + namespace
	}
	return path + "/" + resource["name"].(string)
}

// like is the path of the objects like this one: of its kind, in its namespace.
func (c *cluster) like(t *testing.T, one object) string {
	t.Helper()
	namespace, _ := at(t, one, "metadata").(object)["namespace"].(string)
	return c.kept(t, one["apiVersion"].(string), one["kind"].(string), namespace)
}

// create stores an object, or says what would be stored if options ask for a dry run.
func (c *cluster) create(t *testing.T, one object, options url.Values) (object, error) {
	t.Helper()
	return c.ask(t.Context(), http.MethodPost, c.like(t, one)+"?"+options.Encode(), one)
}

// ensure creates an object, unless there is one of its name.
func (c *cluster) ensure(t *testing.T, one object) {
	t.Helper()
	var refused refusal
	if _, err := c.create(t, one, nil); err != nil && (!errors.As(err, &refused) || refused.status != http.StatusConflict) {
		t.Fatal(err)
	}
}

// get is an object as it is stored.
func (c *cluster) get(t *testing.T, one object) object {
	t.Helper()
	stored, err := c.ask(t.Context(), http.MethodGet, c.like(t, one)+"/"+at(t, one, "metadata", "name").(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// namespace makes a namespace in which the restricted Pod Security Standard is enforced. Its default service account is there
// as in a cluster, where another controller makes it.
func (c *cluster) namespace(t *testing.T, name string) {
	t.Helper()
	c.ensure(t, object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{
		"name": name, "labels": object{"pod-security.kubernetes.io/enforce": "restricted"},
	}})
	c.ensure(t, serviceAccount(name, "default"))
}

func serviceAccount(namespace, name string) object {
	return object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": object{"name": name, "namespace": namespace}}
}

// everything names all objects that are stored. Events are none that anybody asked for.
func (c *cluster) everything(t *testing.T) map[string]bool {
	t.Helper()
	groups, err := c.ask(t.Context(), http.MethodGet, "/apis", nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := []string{"v1"}
	for _, group := range at(t, groups, "groups").([]any) {
		versions = append(versions, at(t, group, "preferredVersion", "groupVersion").(string))
	}
	all := map[string]bool{}
	for _, version := range versions {
		resources, err := c.resources(t.Context(), version)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range resources {
			resource := one.(object)
			name, verbs := resource["name"].(string), resource["verbs"].([]any)
			if !slices.Contains(verbs, any("list")) || !slices.Contains(verbs, any("delete")) || name == "events" {
				continue
			}
			found, err := c.ask(t.Context(), http.MethodGet, prefix(version)+"/"+name, nil)
			if err != nil {
				t.Fatal(err)
			}
			items, _ := found["items"].([]any)
			for _, item := range items {
				metadata := at(t, item, "metadata").(object)
				namespace, _ := metadata["namespace"].(string)
				all[strings.Join([]string{name, namespace, metadata["name"].(string)}, "/")] = true
			}
		}
	}
	return all
}

// added are the objects that are stored now and were not before.
func (c *cluster) added(t *testing.T, before map[string]bool) []string {
	t.Helper()
	var names []string
	for name := range c.everything(t) {
		if !before[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// tokenOf asks for a token of a service account, as a kubelet does for a pod.
func (c *cluster) tokenOf(t *testing.T, namespace, account string) string {
	t.Helper()
	made, err := c.ask(t.Context(), http.MethodPost, c.like(t, serviceAccount(namespace, account))+"/"+account+"/token", object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": object{"expirationSeconds": 3600},
	})
	if err != nil {
		t.Fatal(err)
	}
	return at(t, made, "status", "token").(string)
}
