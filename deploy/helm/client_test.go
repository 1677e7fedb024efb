//go:build chart_e2e

package helm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// cluster is an API server, as one user sees it. Objects are plain values here, as the API server sends them.
type cluster struct {
	config    *rest.Config
	client    dynamic.Interface
	discovery *discovery.DiscoveryClient
	mapper    meta.RESTMapper // nil until the API server knows all kinds
}

func newCluster(config *rest.Config) (*cluster, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &cluster{config: config, client: client, discovery: found}, nil
}

// as is the same API server for the holder of a token.
func (c *cluster) as(t *testing.T, token string) *cluster {
	t.Helper()
	config := rest.CopyConfig(c.config)
	config.BearerToken = token
	user, err := newCluster(config)
	if err != nil {
		t.Fatal(err)
	}
	user.mapper = c.mapper
	return user
}

// ready is nil once the API server has done all that it does when it starts.
func (c *cluster) ready(ctx context.Context) error {
	answer, err := c.discovery.RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("asking /readyz: %w: %s", err, answer)
	}
	return nil
}

// define makes the kinds of the Prometheus operator known.
func (c *cluster) define(ctx context.Context) error {
	definitions := c.client.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	for _, kinds := range []string{"podmonitors", "prometheusrules", "servicemonitors"} {
		data, err := os.ReadFile(tools + "/crds/monitoring.coreos.com_" + kinds + ".yaml")
		if err != nil {
			return err
		}
		var definition object
		if err := yaml.Unmarshal(data, &definition); err != nil {
			return err
		}
		made, err := definitions.Create(ctx, &unstructured.Unstructured{Object: definition}, metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("defining %s: %w", kinds, err)
		}
		err = until(ctx, func() error {
			stored, err := definitions.Get(ctx, made.GetName(), metav1.GetOptions{})
			if err != nil {
				return err
			}
			conditions, _, err := unstructured.NestedSlice(stored.Object, "status", "conditions")
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(conditions, func(one any) bool {
				condition := one.(object)
				return condition["type"] == "Established" && condition["status"] == "True"
			}) {
				return fmt.Errorf("it is not established: %v", conditions)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("defining %s: %w", kinds, err)
		}
	}
	return until(ctx, func() error {
		groups, err := restmapper.GetAPIGroupResources(c.discovery)
		if err != nil {
			return err
		}
		c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
		_, err = c.mapper.RESTMapping(schema.GroupKind{Group: "monitoring.coreos.com", Kind: "ServiceMonitor"})
		return err
	})
}

// kept are the objects of a kind, apps/v1 Deployment for example, in a namespace.
func (c *cluster) kept(t *testing.T, apiVersion, kind, namespace string) dynamic.ResourceInterface {
	t.Helper()
	group := schema.FromAPIVersionAndKind(apiVersion, kind)
	mapping, err := c.mapper.RESTMapping(group.GroupKind(), group.Version)
	if err != nil {
		t.Fatal(err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.client.Resource(mapping.Resource)
	}
	return c.client.Resource(mapping.Resource).Namespace(namespace)
}

// like are the objects like this one: of its kind, in its namespace.
func (c *cluster) like(t *testing.T, one object) dynamic.ResourceInterface {
	t.Helper()
	namespace, _ := at(t, one, "metadata").(object)["namespace"].(string)
	return c.kept(t, one["apiVersion"].(string), one["kind"].(string), namespace)
}

// create stores an object, or says what would be stored if options ask for a dry run.
func (c *cluster) create(t *testing.T, one object, options metav1.CreateOptions, subresources ...string) (object, error) {
	t.Helper()
	data, err := json.Marshal(one) // numbers become what the client knows
	if err != nil {
		t.Fatal(err)
	}
	sent := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &sent.Object); err != nil {
		t.Fatal(err)
	}
	made, err := c.like(t, one).Create(t.Context(), sent, options, subresources...)
	if err != nil {
		return nil, err
	}
	return made.Object, nil
}

// ensure creates an object, unless there is one of its name.
func (c *cluster) ensure(t *testing.T, one object) {
	t.Helper()
	if _, err := c.create(t, one, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
}

// get is an object as it is stored.
func (c *cluster) get(t *testing.T, one object) object {
	t.Helper()
	stored, err := c.like(t, one).Get(t.Context(), at(t, one, "metadata", "name").(string), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return stored.Object
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
	lists, err := c.discovery.ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "list") || !slices.Contains(resource.Verbs, "delete") || resource.Name == "events" {
				continue
			}
			found, err := c.client.Resource(version.WithResource(resource.Name)).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range found.Items {
				all[strings.Join([]string{resource.Name, one.GetNamespace(), one.GetName()}, "/")] = true
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
	owner := serviceAccount(namespace, account)
	request := &unstructured.Unstructured{Object: object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": object{"name": account, "namespace": namespace},
		"spec": object{"expirationSeconds": int64(3600)},
	}}
	made, err := c.like(t, owner).Create(t.Context(), request, metav1.CreateOptions{}, "token")
	if err != nil {
		t.Fatal(err)
	}
	return at(t, made.Object, "status", "token").(string)
}
