package awssim_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// start is a whole minute, so that windows are easy to count.
var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

var home = fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}

const (
	namespace = scalingtypes.ServiceNamespaceSagemaker
	dimension = scalingtypes.ScalableDimensionSageMakerVariantDesiredInstanceCount
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// aFleet serves so many endpoints with an hour of history.
func aFleet(t testing.TB, endpoints int) (*awssim.Server, *clock) {
	t.Helper()
	c := &clock{at: start.Add(time.Hour)}
	world := sim.Fleet(home, start, endpoints, 1)
	world.Advance(c.at)
	return serve(t, awssim.Options{Now: c.now}, world), c
}

func serve(t testing.TB, o awssim.Options, worlds ...*sim.World) *awssim.Server {
	t.Helper()
	server, err := awssim.Start(o, worlds...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return server
}

// env is one variable of the server's environment.
func env(server *awssim.Server, name string) string {
	for _, variable := range server.Env() {
		if len(variable) > len(name) && variable[:len(name)+1] == name+"=" {
			return variable[len(name)+1:]
		}
	}
	return ""
}

// account is a client of each service.
type account struct {
	sagemaker  *sagemaker.Client
	scaling    *applicationautoscaling.Client
	cloudwatch *cloudwatch.Client
	sts        *sts.Client
}

func static(server *awssim.Server) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(env(server, "AWS_ACCESS_KEY_ID"), env(server, "AWS_SECRET_ACCESS_KEY"), "")
}

// inOnePiece sends each request in one write. The SDK's own body is of a type that net/http writes in two, and the SDK
// closes it when the answer begins: an answer as fast as this server's can come between the two, after which net/http
// gives up the connection in the middle of the answer, about once in two thousand long ones. Outside of tests the SDK
// tries again.
type inOnePiece struct{ http.RoundTripper }

func (p inOnePiece) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return p.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	whole := r.Clone(r.Context())
	whole.Body = io.NopCloser(bytes.NewReader(body))
	return p.RoundTripper.RoundTrip(whole)
}

func connect(t testing.TB, server *awssim.Server, region string, keys aws.CredentialsProvider) account {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	// One attempt, so that a test sees the first answer and the calls are counted exactly.
	config := aws.Config{
		Region: region, Credentials: keys, BaseEndpoint: aws.String(server.URL()), RetryMaxAttempts: 1,
		HTTPClient: &http.Client{Transport: inOnePiece{transport}},
	}
	return account{
		sagemaker.NewFromConfig(config), applicationautoscaling.NewFromConfig(config),
		cloudwatch.NewFromConfig(config), sts.NewFromConfig(config),
	}
}

// at connects with the static credentials in the home region.
func at(t testing.TB, server *awssim.Server) account {
	t.Helper()
	return connect(t, server, home.Region, static(server))
}

// soon is a context that ends before a test could hang. What it bounds takes milliseconds, and seconds on a busy machine.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// must returns the output of an operation that has to work.
func must[T any](t testing.TB) func(*T, error) *T {
	return func(out *T, err error) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// wantCode checks the code of an error, and returns its message.
func wantCode(t testing.TB, err error, code string) string {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got %v, want an API error %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Errorf("got code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
	return api.ErrorMessage()
}

// world reads something of the home world.
func world[T any](server *awssim.Server, read func(*sim.World) T) (value T) {
	server.Do(home.Region, func(w *sim.World) { value = read(w) })
	return value
}

func check(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
