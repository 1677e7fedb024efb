package awsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// fake answers AWS's protocols from one function for each operation, in memory or behind a server.
type fake struct {
	answers map[string]func(call int, request map[string]any) answer // by operation; call counts from 0
	mu      sync.Mutex
	calls   map[string]int
	agents  map[string]bool
}

type answer struct {
	status int // 0: 200
	body   any // a string is the body itself; cbor.Value and everything else are encoded
}

func newFake(answers map[string]func(call int, request map[string]any) answer) *fake {
	return &fake{answers: answers, calls: map[string]int{}, agents: map[string]bool{}}
}

// failing answers every operation with one error.
func failing(status int, code, message string) *fake {
	failure := func(int, map[string]any) answer { return awsError(status, code, message) }
	answers := map[string]func(int, map[string]any) answer{}
	for _, operation := range Operations() {
		answers[operation.Name] = failure
	}
	return newFake(answers)
}

type errorBody struct{ code, message string }

func awsError(status int, code, message string) answer {
	return answer{status, errorBody{code, message}}
}

func (f *fake) count(operation string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[operation]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	protocol, operation, request := decode(r, body)
	f.mu.Lock()
	call := f.calls[operation]
	f.calls[operation]++
	f.agents[r.UserAgent()] = true
	respond := f.answers[operation]
	f.mu.Unlock()
	given := awsError(400, "UnknownOperationException", "no answer for "+operation)
	if respond != nil {
		given = respond(call, request)
	}
	w.Header().Set("X-Amzn-Requestid", fmt.Sprintf("00000000-0000-0000-0000-%012d", call))
	status := max(given.status, 200)
	write(w, protocol, status, given.body)
}

func decode(r *http.Request, body []byte) (protocol, operation string, request map[string]any) {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		_ = json.Unmarshal(body, &request)
		_, operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		return "json", operation, request
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		value, _ := cbor.Decode(body)
		request, _ = plain(value).(map[string]any)
		return "cbor", path.Base(r.URL.Path), request
	}
	request = map[string]any{}
	for _, pair := range strings.Split(string(body), "&") {
		key, value, _ := strings.Cut(pair, "=")
		request[key] = value
	}
	operation, _ = request["Action"].(string)
	return "query", operation, request
}

func write(w http.ResponseWriter, protocol string, status int, body any) {
	if text, ok := body.(string); ok {
		if status == 200 && protocol == "json" {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
		return
	}
	failed, isError := body.(errorBody)
	switch protocol {
	case "cbor":
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		if isError {
			body = cbor.Map{"__type": cbor.String(failed.code), "message": cbor.String(failed.message)}
		}
		w.WriteHeader(status)
		_, _ = w.Write(cbor.Encode(body.(cbor.Value)))
	case "json":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if isError {
			body = map[string]string{"__type": failed.code, "message": failed.message}
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	default:
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`,
			failed.code, failed.message)
	}
}

// plain turns CBOR into the same values that JSON gives.
func plain(value cbor.Value) any {
	switch v := value.(type) {
	case cbor.Map:
		out := map[string]any{}
		for key, member := range v {
			out[key] = plain(member)
		}
		return out
	case cbor.List:
		out := []any{}
		for _, member := range v {
			out = append(out, plain(member))
		}
		return out
	case cbor.String:
		return string(v)
	case cbor.Uint:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case *cbor.Tag:
		return plain(v.Value)
	}
	return value
}

// Do makes the fake an HTTP client, so that the SDK works on it without a network, inside of synctest too.
func (f *fake) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	f.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func at(hour, minute int) time.Time { return time.Date(2026, 11, 20, hour, minute, 0, 0, time.UTC) }

func stamp(t time.Time) cbor.Value {
	return &cbor.Tag{ID: 1, Value: cbor.Uint(t.Unix())}
}

var noBackoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })

// talkTo connects to a fake without a network.
func talkTo(t testing.TB, f *fake, observe func(Call)) *Client {
	t.Helper()
	return connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", Observe: observe, http: f, backoff: noBackoff})
}

func connect(t testing.TB, a Access, o Options) *Client {
	t.Helper()
	client, err := Connect(context.Background(), a, o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// isolate removes everything that the machine could tell the SDK.
func isolate(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// withKeys gives the SDK credentials and the server that it talks to.
func withKeys(t *testing.T, url string) {
	t.Helper()
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret-at-all")
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ENDPOINT_URL", url)
}

// record collects calls as "Service.Operation Code".
type record struct {
	mu    sync.Mutex
	calls []Call
}

func (r *record) observe(call Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
}

func (r *record) String() string {
	var out bytes.Buffer
	for _, call := range r.calls {
		fmt.Fprintf(&out, "%s.%s %s\n", call.Service, call.Operation, call.Code)
	}
	return out.String()
}

func ptr[T any](v T) *T { return &v }

func certificateOf(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// filled is the time of what whole fills in.
var filled = time.Unix(1763600000, 0).UTC()

// whole is an answer with all that AWS's model requires: what the body leaves out is a dash, 0, or the time filled.
func whole(operation, body string) answer {
	var decoded any
	if err := json.Unmarshal([]byte(body), &decoded); err != nil {
		panic(err)
	}
	fill(members[operation], decoded)
	return answer{body: decoded}
}

func wholly(operation, body string) func(int, map[string]any) answer {
	return func(int, map[string]any) answer { return whole(operation, body) }
}

func fill(of *member, value any) {
	switch value := value.(type) {
	case []any:
		for _, row := range value {
			fill(of, row)
		}
	case map[string]any:
		for name, inner := range of.members {
			if _, ok := value[name]; !ok && inner.required {
				value[name] = "-"
				switch {
				case name == "EndpointName", name == "EndpointConfigName":
					value[name] = "e"
				case name == "VariantName":
					value[name] = "v"
				case name == "ScalableDimension":
					value[name] = fleet.VariantDimension
				case strings.HasSuffix(name, "Time"):
					value[name] = filled.Unix()
				case strings.HasSuffix(name, "Capacity"), strings.HasSuffix(name, "Count"), name == "TargetValue", name == "Priority", name == "ScalingAdjustment":
					value[name] = 0
				case inner.members != nil:
					delete(value, name)
				}
			}
			if inner.members != nil {
				fill(inner, value[name])
			}
		}
	}
}
