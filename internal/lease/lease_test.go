package lease

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	coordination "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// apiServer keeps one Lease as a Kubernetes API server does: an update of another version than the present is refused.
type apiServer struct {
	*httptest.Server
	mu      sync.Mutex
	lease   *coordination.Lease
	version int
}

func newAPIServer(t *testing.T) *apiServer {
	t.Helper()
	s := &apiServer{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const path = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases"
	switch {
	case r.URL.Path == path && r.Method == http.MethodPost && s.lease == nil, r.URL.Path == path+"/exporter" && r.Method == http.MethodPut:
		s.put(w, r)
	case r.URL.Path == path+"/exporter" && r.Method == http.MethodGet && s.lease != nil:
		answer(w, http.StatusOK, s.lease)
	default:
		refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound)
	}
}

func (s *apiServer) put(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var given coordination.Lease
	if err == nil {
		err = json.Unmarshal(body, &given)
	}
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, metav1.StatusReasonBadRequest)
		return
	case s.lease != nil && given.ResourceVersion != s.lease.ResourceVersion:
		refuse(w, http.StatusConflict, metav1.StatusReasonConflict)
		return
	}
	s.version++
	given.ResourceVersion = strconv.Itoa(s.version)
	given.TypeMeta = metav1.TypeMeta{APIVersion: "coordination.k8s.io/v1", Kind: "Lease"}
	s.lease = &given
	answer(w, http.StatusOK, &given)
}

// holder is who holds the Lease now.
func (s *apiServer) holder() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lease == nil || s.lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *s.lease.Spec.HolderIdentity
}

// steal gives the Lease to somebody else, who renews it now.
func (s *apiServer) steal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	thief, now := "thief", metav1.NewMicroTime(time.Now())
	s.lease = s.lease.DeepCopy()
	s.lease.Spec.HolderIdentity, s.lease.Spec.RenewTime, s.lease.ResourceVersion = &thief, &now, strconv.Itoa(s.version)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, reason metav1.StatusReason) {
	answer(w, status, metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: reason, Code: int32(status),
	})
}

// candidate is one process that wants the Lease.
type candidate struct {
	*Lease
	changes chan bool
	stop    func()
}

func (s *apiServer) candidate(t *testing.T, identity string) candidate {
	t.Helper()
	changes := make(chan bool, 10)
	hasty := times{lasts: 3 * time.Second, renewWithin: 2 * time.Second, retryEvery: 100 * time.Millisecond}
	l, err := newLease(&rest.Config{Host: s.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}},
		Name{"monitoring", "exporter"}, identity, hasty, func(held bool) { changes <- held })
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	return candidate{l, changes, func() { stop(); running.Wait() }}
}

func TestLease_oneHoldsItAndGivesItBack(t *testing.T) {
	s := newAPIServer(t)
	a := s.candidate(t, "a")
	if held := <-a.changes; !held || a.Held() == nil || s.holder() != "a" {
		t.Fatalf("held %t, holder %q", held, s.holder())
	}
	b := s.candidate(t, "b")
	if b.Held() != nil {
		t.Error("two hold it")
	}
	under := a.Held()
	a.stop()
	if under.Err() == nil || a.Held() != nil {
		t.Error("it is given back and still held")
	}
	if held := <-b.changes; !held || b.Held() == nil || s.holder() != "b" { // it need not wait until the Lease is over
		t.Errorf("the other one: held %t, holder %q", held, s.holder())
	}
	b.stop()
	if s.holder() != "" {
		t.Errorf("at the end %q holds it", s.holder())
	}
}

func TestLease_whoseLeaseIsTakenHoldsItNoMore(t *testing.T) {
	s := newAPIServer(t)
	a := s.candidate(t, "a")
	<-a.changes
	under := a.Held()
	s.steal()
	<-under.Done() // when it could not be renewed for a while
	if held := <-a.changes; held || a.Held() != nil {
		t.Error("it is still held")
	}
	a.stop()
	if s.holder() != "thief" {
		t.Errorf("it was given back by who did not hold it: %q", s.holder())
	}
}

func TestParseName_wantsTwoParts(t *testing.T) {
	if name, err := ParseName("monitoring/exporter"); err != nil || name != (Name{"monitoring", "exporter"}) {
		t.Errorf("got %v, %v", name, err)
	}
	for _, text := range []string{"", "exporter", "/exporter", "monitoring/", "a/b/c"} {
		if _, err := ParseName(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestAccess_withoutAClusterSaysWhatToDo(t *testing.T) {
	t.Setenv("KUBECONFIG", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := Access(); !errors.Is(err, ErrNoCluster) {
		t.Errorf("got %v", err)
	}
}

func TestIdentity_isNobodyElses(t *testing.T) {
	if one, other := Identity(), Identity(); one == other {
		t.Error("two processes would have the same")
	}
}
