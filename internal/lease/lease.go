// Package lease holds a Kubernetes Lease, so that of several exporters one alone writes.
package lease

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// The times of the Lease. A holder that cannot renew it gives up after renewWithin, and then begins no other write; the
// one that is under way takes 25 seconds at most. Nobody else takes the Lease before lasts is over.
var usual = times{lasts: 60 * time.Second, renewWithin: 30 * time.Second, retryEvery: 5 * time.Second}

type times struct{ lasts, renewWithin, retryEvery time.Duration }

// Name says which Lease is held.
type Name struct{ Namespace, Name string }

// ParseName reads NAMESPACE/NAME.
func ParseName(text string) (Name, error) {
	namespace, name, ok := strings.Cut(text, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return Name{}, fmt.Errorf("%q is not NAMESPACE/NAME of a Lease: write for example monitoring/sagemaker-async-exporter", text)
	}
	return Name{namespace, name}, nil
}

// Lease is held by this process at some times and not at others.
type Lease struct {
	elector *leaderelection.LeaderElector

	mu   sync.Mutex
	held context.Context // ends when the Lease is lost; nil while it is not held
}

// ErrNoCluster says that the process runs in no Kubernetes cluster and has no other access to one.
var ErrNoCluster = errors.New("no Kubernetes cluster is at hand: leave --reconcile.lease out, and run one process with --reconcile")

// Access finds the cluster: that in which the process runs, or the one that the environment's KUBECONFIG names.
func Access() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	if errors.Is(err, rest.ErrNotInCluster) || clientcmd.IsEmptyConfig(err) {
		return nil, ErrNoCluster
	}
	if err != nil {
		return nil, fmt.Errorf("finding the Kubernetes cluster: %w", err)
	}
	return config, nil
}

// Identity is one that no other process has: the name of the machine, which in a cluster is that of the pod, and a number.
func Identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s_%d_%x", host, os.Getpid(), rand.Uint64())
}

// New prepares to hold a Lease, under an identity that no other process has. Changed is told each time when it was won
// (true) or lost (false).
func New(config *rest.Config, name Name, identity string, changed func(held bool)) (*Lease, error) {
	return newLease(config, name, identity, usual, changed)
}

func newLease(config *rest.Config, name Name, identity string, t times, changed func(held bool)) (*Lease, error) {
	client, err := coordination.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reaching the Kubernetes cluster: %w", err)
	}
	l := &Lease{}
	l.elector, err = leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name},
			Client:     client,
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		},
		LeaseDuration: t.lasts, RenewDeadline: t.renewWithin, RetryPeriod: t.retryEvery,
		ReleaseOnCancel: true,
		Name:            name.Name,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) {
				l.hold(ctx)
				changed(true)
			},
			OnStoppedLeading: func() {
				if l.drop() { // it is told of what it never held, too
					changed(false)
				}
			},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to hold the Lease %s/%s: %w", name.Namespace, name.Name, err)
	}
	return l, nil
}

func (l *Lease) hold(held context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
}

// drop notes that the Lease is not held, and tells whether it was.
func (l *Lease) drop() (before bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, l.held = l.held != nil, nil
	return before
}

// Held is a context that ends when the Lease is lost, or nil while it is not held.
func (l *Lease) Held() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil || l.held.Err() != nil {
		return nil
	}
	return l.held
}

// Run tries to hold the Lease until the context ends, and then gives it back: whoever waits for it has it at once. What
// is written under it has to be over by then.
func (l *Lease) Run(ctx context.Context) {
	for ctx.Err() == nil {
		l.elector.Run(ctx)
	}
}
