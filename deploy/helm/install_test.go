//go:build chart_e2e

package helm

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// name is that of each release; each has a namespace of its own.
const name = "exporter"

// helm runs Helm, which must succeed, and is what it prints.
func helm(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, ok := run(t, "", "helm", args...)
	if !ok {
		t.Fatalf("helm %s: %s%s", strings.Join(args, " "), out, errs)
	}
	return out
}

// release is the chart, installed.
type release struct {
	namespace string
	values    []string // arguments of Helm
}

// prepare makes what a release expects to be there: namespaces, and the service account if the chart makes none.
func prepare(t *testing.T, namespace string, values ...string) *release {
	t.Helper()
	r := &release{namespace, slices.Concat([]string{"--namespace", namespace}, tagged, values)}
	all := objects(t, template(t, chart, r.values...))
	for _, one := range all {
		here.namespace(t, at(t, one, "metadata", "namespace").(string))
	}
	if len(of(all, "ServiceAccount")) == 0 {
		account := at(t, of(all, "Deployment")[0], "spec", "template", "spec", "serviceAccountName").(string)
		here.ensure(t, serviceAccount(namespace, account))
	}
	return r
}

func (r *release) install(t *testing.T) {
	t.Helper()
	helm(t, append([]string{"install", name, chart}, r.values...)...)
}

func (r *release) upgrade(t *testing.T, more ...string) {
	t.Helper()
	helm(t, slices.Concat([]string{"upgrade", name, chart}, r.values, more)...)
}

func (r *release) uninstall(t *testing.T) {
	t.Helper()
	helm(t, "uninstall", name, "--namespace", r.namespace)
}

// sent are the objects that Helm has sent, but for hooks.
func (r *release) sent(t *testing.T) []object {
	t.Helper()
	return objects(t, helm(t, "get", "manifest", name, "--namespace", r.namespace))
}

// stored are the same objects as the API server has them.
func (r *release) stored(t *testing.T) []object {
	t.Helper()
	var all []object
	for _, one := range r.sent(t) {
		all = append(all, here.get(t, one))
	}
	return all
}

// deployment is the release's, as it is stored.
func (r *release) deployment(t *testing.T) object {
	t.Helper()
	return of(r.stored(t), "Deployment")[0]
}

// missing are the fields that were sent and are not kept as they were. An empty value is kept as none.
func missing(sent, kept any, path string) []string {
	switch sent := sent.(type) {
	case object:
		kept, ok := kept.(object)
		if !ok && len(sent) > 0 {
			return []string{path}
		}
		var lost []string
		for key, value := range sent {
			lost = append(lost, missing(value, kept[key], path+"."+key)...)
		}
		return lost
	case []any:
		kept, _ := kept.([]any)
		if len(kept) != len(sent) {
			return []string{fmt.Sprintf("%s: %d of %d", path, len(kept), len(sent))}
		}
		var lost []string
		for i := range sent {
			lost = append(lost, missing(sent[i], kept[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
		return lost
	case nil:
		return nil
	}
	if got, want := fmt.Sprint(kept), fmt.Sprint(sent); got != want && (want != "" || kept != nil) {
		return []string{fmt.Sprintf("%s: %q became %q", path, want, got)}
	}
	return nil
}

// wantKept fails the test where the API server has not kept what it was sent.
func wantKept(t *testing.T, sent, kept object) {
	t.Helper()
	for _, lost := range missing(sent, kept, "") {
		t.Errorf("%s %s: not kept: %s", sent["kind"], at(t, sent, "metadata", "name"), lost)
	}
}

// podOf is the pod that a Deployment asks for.
func podOf(t *testing.T, deployment object) object {
	t.Helper()
	template := at(t, deployment, "spec", "template").(object)
	metadata := object{"name": "pod", "namespace": at(t, deployment, "metadata", "namespace")}
	for _, key := range []string{"labels", "annotations"} {
		metadata[key] = at(t, template, "metadata", key)
	}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
}

// strictly is a dry run that refuses what the API server does not know.
var strictly = url.Values{"dryRun": {"All"}, "fieldValidation": {"Strict"}}

// admitted is a pod as it would be stored.
func admitted(t *testing.T, pod object) object {
	t.Helper()
	stored, err := here.create(t, pod, strictly)
	if err != nil {
		t.Fatalf("pod %s would not be admitted: %v", at(t, pod, "metadata", "name"), err)
	}
	return stored
}

// hasToken tells whether a token of the service account is mounted into a pod.
func hasToken(t *testing.T, pod object) bool {
	t.Helper()
	volumes, _ := at(t, pod, "spec").(object)["volumes"].([]any)
	return slices.ContainsFunc(volumes, func(one any) bool {
		return strings.HasPrefix(one.(object)["name"].(string), "kube-api-access-")
	})
}

const checksum = "checksum/config"

func checksumOf(t *testing.T, deployment object) any {
	t.Helper()
	return at(t, deployment, "spec", "template", "metadata", "annotations").(object)[checksum]
}

func TestRelease_isKeptAsSentUpgradedAndRemovedWhole(t *testing.T) {
	for example, values := range examples(t) {
		if example == "grafana-operator" {
			continue // its definition comes with the operator, which is no module here; make chart holds it against a schema
		}
		t.Run(example, func(t *testing.T) {
			r := prepare(t, example, "--values", values)
			before := here.everything(t)
			r.install(t)
			sent, first := r.sent(t), r.stored(t)
			if added := here.added(t, before); len(added) < len(sent) {
				t.Fatalf("%d objects were sent, stored are only %q", len(sent), added)
			}
			for i := range sent {
				wantKept(t, sent[i], first[i])
			}

			deployment := of(first, "Deployment")[0]
			pod := admitted(t, podOf(t, deployment))
			args := fmt.Sprint(at(t, deployment, "spec", "template", "spec", "containers", 0, "args"))
			writes := strings.Contains(args+" ", "--reconcile ")
			if got := hasToken(t, pod); got != writes {
				t.Errorf("it writes: %t, a token is mounted: %t", writes, got)
			}
			if roles := len(of(first, "Role")) + len(of(first, "RoleBinding")); roles != 0 != writes {
				t.Errorf("it writes: %t, and has %d roles and bindings", writes, roles)
			}
			for _, hook := range objects(t, helm(t, "get", "hooks", name, "--namespace", example)) {
				stored := admitted(t, hook)
				wantKept(t, hook, stored)
				if hasToken(t, stored) {
					t.Error("the pod of helm test has a token")
				}
			}

			r.upgrade(t)
			if again := r.stored(t); !reflect.DeepEqual(again, first) {
				t.Error("an upgrade that changes nothing has changed an object")
			}
			r.upgrade(t, "--set", "config.polling.queue=2m")
			sent, upgraded := r.sent(t), r.stored(t)
			for i := range sent {
				wantKept(t, sent[i], upgraded[i])
			}
			after := of(upgraded, "Deployment")[0]
			if at(t, after, "metadata", "uid") != at(t, deployment, "metadata", "uid") {
				t.Error("the Deployment was replaced, not upgraded")
			}
			if sum := checksumOf(t, after); sum == nil || sum == checksumOf(t, deployment) {
				t.Errorf("with another configuration the checksum is %v, as before: the pods would keep the old one", sum)
			}
			admitted(t, podOf(t, after))

			r.uninstall(t)
			if left := here.added(t, before); len(left) > 0 {
				t.Errorf("helm uninstall leaves %q", left)
			}
		})
	}
}

// An API server that takes everything would pass the test above.
func TestCluster_refusesWhatItShould(t *testing.T) {
	const namespace = "refusals"
	r := prepare(t, namespace, "--values", chart+"/ci/service-monitor-values.yaml")
	r.install(t)
	defer r.uninstall(t)
	refused := func(one object, reason string) {
		t.Helper()
		if _, err := here.create(t, one, strictly); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("want it refused because of %q, got %v", reason, err)
		}
	}
	pod := podOf(t, r.deployment(t))
	at(t, pod, "spec").(object)["hostNetwork"] = true
	refused(pod, `violates PodSecurity "restricted`)
	pod = podOf(t, r.deployment(t))
	at(t, pod, "spec").(object)["enableServiceLink"] = false
	refused(pod, `unknown field "spec.enableServiceLink"`)

	monitor := of(r.sent(t), "ServiceMonitor")[0]
	at(t, monitor, "metadata").(object)["name"] = "another"
	endpoint := at(t, monitor, "spec", "endpoints", 0).(object)
	endpoint["ports"] = "http"
	refused(monitor, `unknown field "spec.endpoints[0].ports"`)
	pruned, err := here.create(t, monitor, url.Values{"dryRun": {"All"}})
	if err != nil {
		t.Fatal(err)
	}
	if lost := missing(monitor, pruned, ""); len(lost) != 1 || !strings.HasPrefix(lost[0], ".spec.endpoints[0].ports") {
		t.Errorf("the field that is unknown is lost, found was %q", lost)
	}
	delete(endpoint, "ports")
	endpoint["interval"] = "soon"
	refused(monitor, "spec.endpoints[0].interval")
}
