package cycle

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// rollOut lets a process bring 500 endpoints, each with an instance, from nothing to the documented policy, under the limits
// of the operations and with 50 ms for each answer. It returns how long that takes and in how many rounds.
func rollOut(t *testing.T, endpoints, most int) (took time.Duration, rounds, steps int) {
	synctest.Test(t, func(t *testing.T) {
		world := sim.New(fleet.Scope{AccountID: "111122223333", Region: awstest.Region}, time.Now(), 1)
		for i := range endpoints {
			awstest.Add(t, world, fmt.Sprintf("e%03d", i), 1, "v")
		}
		a, w := &account{awstest.Of(t, world)}, newWheel(t)
		a.AWS.SetLatency(50 * time.Millisecond)
		o := reconciling(func(r *report.Rules) { r.RecreateAfter, r.MaxSteps = 0, most })
		o.Observe.Sources = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceScaling, fleet.SourceTags}
		o.Observe.Intervals = observe.Intervals{Queue: time.Minute, Metrics: 5 * time.Minute, Instances: 5 * time.Minute, Scaling: 5 * time.Minute, Tags: 10 * time.Minute}
		began := time.Now()
		_ = w.Start(w.ctx, []Scope{a.scope(true)}, o)
		want := endpoints * len(plan.Kinds())
		for len(a.Steps()) < want && time.Since(began) < 24*time.Hour {
			time.Sleep(5 * time.Second)
			synctest.Wait()
		}
		last := time.Now()
		time.Sleep(time.Minute)
		w.end()
		took, rounds, steps = last.Sub(began), strings.Count(w.out.String(), `msg="round ended"`), len(a.Steps())
		if steps != want {
			t.Errorf("%d steps in %s, want %d", steps, took, want)
		}
	})
	return took, rounds, steps
}

var (
	rollOutEndpoints = flag.Int("rollout.endpoints", 30, "endpoints of the first roll-out")
	rollOutSteps     = flag.String("rollout.steps", "20,1000", "most steps of a round, for each roll-out")
)

// The figures of docs/policy.md: go test -run RollOut -v ./internal/cycle -args -rollout.endpoints=500 -rollout.steps=20,100,500,2500
func TestRollOut_isBoundByTheStepsOfARound(t *testing.T) {
	n := *rollOutEndpoints
	var before time.Duration
	for _, text := range strings.Split(*rollOutSteps, ",") {
		most, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		took, rounds, steps := rollOut(t, n, most)
		t.Logf("%d endpoints, %d steps a round: %s, %d rounds, %d steps, %.1f endpoints a round", n, most, took, rounds, steps, float64(n)/float64(rounds))
		if least := (steps + most - 1) / most; rounds < least || rounds > least+1 {
			t.Errorf("%d rounds of %d steps, want %d", rounds, most, least)
		}
		if before > 0 && took > before {
			t.Errorf("with more steps a round it takes longer: %s after %s", took, before)
		}
		before = took
	}
}
