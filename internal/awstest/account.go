// Package awstest is an AWS account for tests: the embedded AWS behind its wire protocols, and the real client of it. No
// network is between them, so both run in a bubble of testing/synctest, on its clock.
package awstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Region is where an Account is.
const Region = "us-east-1"

// TB is what an Account needs of a test.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
	Context() context.Context
}

// Account is one account in one region, on the clock of its test. It answers as the client does, and writes as the writer
// does, but remembers what it was asked.
type Account struct {
	*awsapi.Client
	AWS *awssim.Server

	// Before is called before each request reaches AWS, with its line and how many came before it: there somebody else acts,
	// or a fault is set. The lock of the account is not held. Nil does nothing.
	Before func(call string, n int)
	// Rewrite changes an answer on its way. Nil leaves all as they are.
	Rewrite func(call string, body []byte) []byte
	// Writing is asked before each step: nil while it may be written, else how it fails. Nil allows all.
	Writing func(plan.Step) error
	// Lag is for how long reads show the state before a write.
	Lag time.Duration

	tb     TB
	writer *awsapi.Writer
	mu     sync.Mutex
	calls  []string
	sent   int         // requests among the calls
	steps  []plan.Step // tried
	done   []plan.Step // carried out, as far as the client knows
	reads  map[string]*read
}

// New is an account with these endpoints, each of which has one variant named v, no instance and no scaling.
func New(tb TB, endpoints ...string) *Account {
	tb.Helper()
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: Region}, time.Now(), 1)
	for _, name := range endpoints {
		Add(tb, world, name, 0, "v")
	}
	return Of(tb, world)
}

// Add adds an endpoint with these variants to a world, each with so many instances.
func Add(tb TB, world *sim.World, endpoint string, instances int, variants ...string) {
	tb.Helper()
	config := fleet.EndpointConfig{Name: endpoint + "-1", Async: &fleet.AsyncConfig{}}
	for _, name := range variants {
		config.Variants = append(config.Variants, fleet.VariantConfig{Name: name, InstanceType: "ml.g5.xlarge", ModelName: "m"})
	}
	Must(tb, world.AddEndpoint(sim.EndpointSpec{Name: endpoint, Config: config, Instances: instances}))
}

// Of is an account with that world.
func Of(tb TB, world *sim.World) *Account {
	tb.Helper()
	server, err := awssim.New(awssim.Options{Now: time.Now}, world)
	Must(tb, err)
	a := &Account{AWS: server, tb: tb, reads: map[string]*read{}}
	a.Client, err = awsapi.Connect(tb.Context(), awsapi.Access{Region: world.Scope().Region}, awsapi.Options{BaseURL: server.URL(), Transport: a.Transport()})
	Must(tb, err)
	a.writer = awsapi.WriterOf(a.Client)
	tb.Cleanup(func() { Must(tb, server.Close()) })
	return a
}

// Transport brings requests to the account.
func (a *Account) Transport() http.RoundTripper { return wire{a, a.AWS.Transport()} }

// Must fails the test when the model refuses what the test sets up.
func Must(tb TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Scope is the account and region.
func (a *Account) Scope() (scope fleet.Scope) {
	a.Do(func(w *sim.World) { scope = w.Scope() })
	return scope
}

// Do does something to the world, as somebody else in the account.
func (a *Account) Do(act func(*sim.World)) { a.AWS.Do(Region, act) }

// Change changes the fields while requests may be under way.
func (a *Account) Change(change func(*Account)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

// Deny makes AWS refuse an operation, for example CloudWatch.PutMetricAlarm, until Allow.
func (a *Account) Deny(operation string) {
	a.AWS.SetFault(operation, awssim.Fault{Code: "AccessDeniedException"})
}

// Allow ends every fault of an operation.
func (a *Account) Allow(operation string) { a.AWS.SetFault(operation, awssim.Fault{}) }

// Write writes a step.
func (a *Account) Write(ctx context.Context, step plan.Step) (arn string, err error) {
	a.mu.Lock()
	a.steps, a.calls = append(a.steps, step), append(a.calls, stepPrefix+step.Line())
	writing := a.Writing
	a.mu.Unlock()
	if writing != nil {
		if err := writing(step); err != nil {
			return "", &plan.RefusedError{Err: err}
		}
	}
	if arn, err = a.writer.Write(ctx, step); err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.done = append(a.done, step)
	}
	return arn, err
}

// Calls are the requests so far, retries included, and the steps: "Write " and the step's line comes before its request.
func (a *Account) Calls() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// Requests are the calls without the steps.
func (a *Account) Requests() []string {
	return slices.DeleteFunc(a.Calls(), func(call string) bool { return strings.HasPrefix(call, stepPrefix) })
}

const stepPrefix = "Write "

// Steps are the steps that were carried out so far, as far as their client knows.
func (a *Account) Steps() []plan.Step {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.done)
}

// Kinds are the kinds of the Steps.
func (a *Account) Kinds() string {
	var kinds []string
	for _, step := range a.Steps() {
		kinds = append(kinds, string(step.Kind))
	}
	return strings.Join(kinds, " ")
}

// Tried are the steps that were written or failed, in words. It forgets them, and all calls.
func (a *Account) Tried() (lines []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, step := range a.steps {
		lines = append(lines, step.Line())
	}
	a.steps, a.done, a.calls = nil, nil, nil
	return lines
}

// Writes tells whether a call asks AWS to change something.
func Writes(call string) bool {
	return strings.HasPrefix(call, "Put") || strings.HasPrefix(call, "Register")
}

var errClosed = errors.New("the request could not be read")

// Objects are the scaling objects of the world in words, without what differs from run to run: ids, times and states.
func (a *Account) Objects() string {
	var page strings.Builder
	a.Do(func(w *sim.World) {
		for _, t := range w.ScalableTargets() {
			fmt.Fprintln(&page, t.ResourceID, t.MinCapacity, t.MaxCapacity, t.Suspended)
		}
		names := map[string]string{}
		for _, p := range w.ScalingPolicies() {
			names[p.ARN] = p.ResourceID + " " + p.Name
			fmt.Fprintf(&page, "%s %s %s %s\n", p.ResourceID, p.Name, tracking(p.Tracking), step(p.Step))
		}
		for _, alarm := range w.Alarms() {
			if strings.HasPrefix(alarm.Name, fleet.TrackingAlarmPrefix) {
				continue
			}
			actions := slices.Clone(alarm.AlarmActions)
			for i, action := range actions {
				if name := names[action]; name != "" {
					actions[i] = name
				}
			}
			fmt.Fprintln(&page, alarm.Name, alarm.Metric, alarm.Statistic, alarm.Period, alarm.Threshold, alarm.Comparison,
				alarm.EvaluationPeriods, alarm.DatapointsToAlarm, alarm.TreatMissingData, alarm.ActionsEnabled, actions)
		}
	})
	return page.String()
}

func tracking(t *fleet.Tracking) string {
	if t == nil {
		return ""
	}
	return fmt.Sprint(t.Metric, t.Statistic, t.TargetValue, fleet.Cooldown(t.ScaleInCooldown), fleet.Cooldown(t.ScaleOutCooldown))
}

func step(s *fleet.Step) string {
	if s == nil {
		return ""
	}
	return fmt.Sprint(s.AdjustmentType, len(s.Adjustments), s.Adjustments[0].Adjustment, fleet.Cooldown(s.Cooldown))
}
