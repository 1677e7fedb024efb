package lease

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var exporter = Name{"monitoring", "exporter"}

// server keeps one Lease as a Kubernetes API server does: an update of another version than the present is refused.
type server struct {
	mu      sync.Mutex
	lease   map[string]any // nil: there is none
	version int
}

func (s *server) apply(method, path string, body []byte) (status int, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const all = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases"
	switch {
	case !strings.HasPrefix(path, all):
		return refused(http.StatusNotFound, `namespaces "elsewhere" not found`)
	case method == http.MethodPost && path == all && s.lease != nil:
		return refused(http.StatusConflict, `leases.coordination.k8s.io "exporter" already exists`)
	case method == http.MethodPost && path == all:
		return s.put(http.StatusCreated, body)
	case s.lease == nil:
		return refused(http.StatusNotFound, `leases.coordination.k8s.io "exporter" not found`)
	case method == http.MethodPut && path == all+"/exporter":
		return s.put(http.StatusOK, body)
	case method == http.MethodGet && path == all+"/exporter":
		return http.StatusOK, encoded(s.lease)
	}
	return refused(http.StatusMethodNotAllowed, "")
}

func (s *server) put(status int, body []byte) (int, []byte) {
	var given map[string]any
	if err := json.Unmarshal(body, &given); err != nil {
		return refused(http.StatusBadRequest, err.Error())
	}
	metadata, spec := given["metadata"].(map[string]any), given["spec"].(map[string]any)
	switch {
	case given["apiVersion"] != "coordination.k8s.io/v1", given["kind"] != "Lease", metadata["namespace"] != "monitoring", metadata["name"] != "exporter":
		return refused(http.StatusBadRequest, "it is no Lease")
	case spec["leaseDurationSeconds"].(float64) <= 0:
		return refused(http.StatusUnprocessableEntity, "leaseDurationSeconds must be greater than 0")
	case s.lease != nil && metadata["resourceVersion"] != s.metadata()["resourceVersion"]:
		return refused(http.StatusConflict, "the object has been modified; please apply your changes to the latest version and try again")
	}
	s.store(given)
	return status, encoded(s.lease)
}

func (s *server) metadata() map[string]any { return s.lease["metadata"].(map[string]any) }

// store keeps a Lease under the next version.
func (s *server) store(lease map[string]any) {
	s.version++
	metadata := maps.Clone(lease["metadata"].(map[string]any))
	metadata["resourceVersion"], metadata["uid"] = strconv.Itoa(s.version), "5b3a0c56"
	s.lease = maps.Clone(lease)
	s.lease["metadata"] = metadata
}

// set changes the specification as another user would. Nil removes a member.
func (s *server) set(changes map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lease := map[string]any{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"namespace": "monitoring", "name": "exporter"},
	}
	if s.lease != nil {
		lease = maps.Clone(s.lease)
	}
	spec, _ := lease["spec"].(map[string]any)
	spec = maps.Clone(spec)
	if spec == nil {
		spec = map[string]any{}
	}
	maps.Copy(spec, changes)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	lease["spec"] = spec
	s.store(lease)
}

func (s *server) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease = nil
}

// spec is the specification as it is stored.
func (s *server) spec() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lease == nil {
		return map[string]any{}
	}
	return s.lease["spec"].(map[string]any)
}

// holder is who holds the Lease now.
func (s *server) holder() string {
	holder, _ := s.spec()["holderIdentity"].(string)
	return holder
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	status, answer := s.apply(r.Method, r.URL.Path, body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func refused(status int, message string) (int, []byte) {
	return status, encoded(map[string]any{"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": message, "code": status})
}

func encoded(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}

// recorded is what a Lease tells its user.
type recorded struct {
	mu      sync.Mutex
	changes []bool
	errors  []string
}

func (r *recorded) notice(t *testing.T) Notice {
	t.Helper()
	return Notice{
		Changed: func(held bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.changes = append(r.changes, held)
		},
		Failed: func(err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.errors = append(r.errors, err.Error())
		},
	}
}

// take gives what was told since the last time.
func (r *recorded) take() (changes []bool, errors []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changes, errors, r.changes, r.errors = r.changes, r.errors, nil, nil
	return changes, errors
}
