//go:build chart_e2e

package helm

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// retries is how long a waiting exporter may take to see that a Lease is free: twice in a row just after it has looked.
const retries = 25 * time.Second

// leads tells whether this exporter says that it carries plans out.
func (p *pod) leads() (bool, error) {
	value, err := p.sum("sagemaker_async_reconcile_leader")
	return value == 1, err
}

// leaderOf waits until one of these exporters leads. Two that lead at once fail the test.
func leaderOf(t *testing.T, within time.Duration, pods ...*pod) (leader int) {
	t.Helper()
	eventually(t, "one leads", within, func() error {
		leader = -1
		for i, p := range pods {
			leads, err := p.leads()
			if err != nil {
				return err
			}
			if leads && leader >= 0 {
				t.Fatal("two lead at once")
			}
			if leads {
				leader = i
			}
		}
		if leader < 0 {
			return errors.New("nobody leads")
		}
		return nil
	})
	return leader
}

// lease is what the Lease says: who holds it, since when, until when.
func lease(t *testing.T, namespace, name string) (holder string, acquired, ends time.Time) {
	t.Helper()
	stored := here.get(t, object{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": object{"namespace": namespace, "name": name}})
	spec := at(t, stored, "spec").(object)
	when := func(field string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, spec[field].(string))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	holder, _ = spec["holderIdentity"].(string)
	return holder, when("acquireTime"), when("renewTime").Add(time.Duration(spec["leaseDurationSeconds"].(int64)) * time.Second)
}

// wantHolder fails the test if another process than the exporter holds the Lease.
func wantHolder(t *testing.T, namespace, name string, p *pod) {
	t.Helper()
	if holder, _, _ := lease(t, namespace, name); !strings.Contains(holder, fmt.Sprintf("_%d_", p.cmd.Process.Pid)) {
		t.Errorf("process %d says that it leads, the Lease is held by %s", p.cmd.Process.Pid, holder)
	}
}

var embedded = regexp.MustCompile(`embedded AWS   (http://\S+)`)

func TestLease_passesToTheOtherWhenTheLeaderStopsAndWhenItDies(t *testing.T) {
	const namespace = "lease"
	// One demo has the AWS that all observe; it is a host alone, and so it may outlive those that write.
	host := start(t, nil, binary, "--demo", "--demo.speed=30", "--web.listen-address=127.0.0.1:0")
	var aws string
	eventually(t, "the demo", patience, func() error {
		found := embedded.FindStringSubmatch(host.said())
		if found == nil {
			return errors.New(host.said())
		}
		aws = found[1]
		return nil
	})
	r := prepare(t, namespace, "--set", "demo=true,replicaCount=2,reconcile.enabled=true,reconcile.endpoints={.*},extraArgs={--demo.aws="+aws+"}")
	before := here.everything(t)
	r.install(t)
	deployment := r.deployment(t)
	spec := at(t, deployment, "spec", "template", "spec").(object)
	account := spec["serviceAccountName"].(string)
	var named string
	for _, argument := range at(t, spec, "containers", 0, "args").([]any) {
		if lease, ok := strings.CutPrefix(argument.(string), "--reconcile.lease="+namespace+"/"); ok {
			named = lease
		}
	}
	run := func() *pod {
		t.Helper()
		return runPod(t, deployment, inCluster(t, here.tokenOf(t, namespace, account))...)
	}
	pods := []*pod{run(), run()}
	leader := leaderOf(t, retries, pods...)
	follower := pods[1-leader]
	wantHolder(t, namespace, named, pods[leader])
	const steps = "sagemaker_async_reconcile_steps_total"
	eventually(t, "the leader writes", patience, func() error {
		applied, err := pods[leader].sum(steps, `outcome="applied"`)
		if err == nil && applied == 0 {
			err = errors.New("it has applied nothing")
		}
		return err
	})
	if leads, err := follower.leads(); err != nil || leads {
		t.Errorf("two lead at once: %t, %v", leads, err)
	}
	if applied, err := follower.sum(steps); err != nil || applied != 0 {
		t.Errorf("who does not lead has tried %v steps, %v", applied, err)
	}

	_, _, ends := lease(t, namespace, named)
	if err := pods[leader].end(syscall.SIGTERM); err != nil {
		t.Fatalf("the leader was told to stop: %v", err)
	}
	leaderOf(t, retries, follower)
	wantHolder(t, namespace, named, follower)
	_, acquired, _ := lease(t, namespace, named)
	t.Logf("SIGTERM: taken %s before it would have run out", ends.Sub(acquired))
	if !acquired.Before(ends) {
		t.Error("the leader did not give the Lease back when it was told to stop")
	}

	heir := run()
	if leads, err := heir.leads(); err != nil || leads {
		t.Errorf("two lead at once: %t, %v", leads, err)
	}
	_ = follower.end(syscall.SIGKILL) // an error is what it ends with
	_, _, ends = lease(t, namespace, named)
	leaderOf(t, time.Until(ends)+retries, heir)
	wantHolder(t, namespace, named, heir)
	_, acquired, _ = lease(t, namespace, named)
	t.Logf("SIGKILL: taken %s after it had run out", acquired.Sub(ends))
	if acquired.Before(ends) {
		t.Errorf("it was taken %s before the dead leader's had run out", ends.Sub(acquired))
	}

	if err := heir.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.uninstall(t)
	// The Lease is not Helm's: releases may share it.
	if left := here.added(t, before); !slices.Equal(left, []string{"leases/" + namespace + "/" + named}) {
		t.Errorf("left are %q, want the Lease alone", left)
	}
}

// may is what the API server lets a user do in a namespace, one line for each rule.
func (c *cluster) may(t *testing.T, namespace string) []string {
	t.Helper()
	answer, err := c.create(t, object{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "metadata": object{}, "spec": object{"namespace": namespace},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if at(t, answer, "status", "incomplete") != false {
		t.Fatalf("the answer is incomplete: %v", answer["status"])
	}
	var rules []string
	for _, one := range at(t, answer, "status", "resourceRules").([]any) {
		rule := one.(object)
		rules = append(rules, fmt.Sprint(rule["verbs"], rule["apiGroups"], rule["resources"], rule["resourceNames"]))
	}
	slices.Sort(rules)
	return rules
}

func TestRole_allowsItsLeaseAndNothingElse(t *testing.T) {
	const namespace = "role"
	here.namespace(t, "elsewhere")
	r := prepare(t, namespace, "--values", chart+"/ci/lease-name-values.yaml")
	r.install(t)
	defer r.uninstall(t)
	account := at(t, r.deployment(t), "spec", "template", "spec", "serviceAccountName").(string)
	exporter := here.as(here.tokenOf(t, namespace, account))

	const leases = "coordination.k8s.io"
	for _, tt := range []struct {
		verb, group, resource, namespace, name string
		want                                   bool
	}{
		{"create", leases, "leases", namespace, "", true},
		{"get", leases, "leases", namespace, "async-writer", true},
		{"update", leases, "leases", namespace, "async-writer", true},
		{"patch", leases, "leases", namespace, "async-writer", false},
		{"delete", leases, "leases", namespace, "async-writer", false},
		{"get", leases, "leases", namespace, "another", false},
		{"update", leases, "leases", namespace, "another", false},
		{"list", leases, "leases", namespace, "", false},
		{"watch", leases, "leases", namespace, "", false},
		{"create", leases, "leases", "elsewhere", "", false},
		{"get", leases, "leases", "elsewhere", "async-writer", false},
		{"get", "", "secrets", namespace, "", false},
		{"list", "", "secrets", namespace, "", false},
		{"get", "", "configmaps", namespace, "", false},
		{"create", "", "pods", namespace, "", false},
		{"get", "", "pods", namespace, "", false},
		{"create", "", "events", namespace, "", false},
		{"create", "", "serviceaccounts/token", namespace, account, false},
		{"patch", "apps", "deployments", namespace, "", false},
		{"*", "*", "*", namespace, "", false},
	} {
		resource, sub, _ := strings.Cut(tt.resource, "/")
		answer, err := exporter.create(t, object{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": object{},
			"spec": object{"resourceAttributes": object{
				"verb": tt.verb, "group": tt.group, "resource": resource, "subresource": sub, "namespace": tt.namespace, "name": tt.name,
			}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := at(t, answer, "status", "allowed"); got != tt.want {
			t.Errorf("%s %s %s in %s: allowed %t, want %t", tt.verb, tt.resource, tt.name, tt.namespace, got, tt.want)
		}
	}

	// What each service account may do, without any Role, is no doing of the chart.
	anybody := here.as(here.tokenOf(t, namespace, "default")).may(t, namespace)
	own := slices.DeleteFunc(exporter.may(t, namespace), func(rule string) bool { return slices.Contains(anybody, rule) })
	want := []string{
		"[create] [" + leases + "] [leases] <nil>",
		"[get update] [" + leases + "] [leases] [async-writer]",
	}
	if !slices.Equal(own, want) {
		t.Errorf("it may %q, want %q", own, want)
	}
}
