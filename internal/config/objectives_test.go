package config

import (
	"reflect"
	"testing"
	"time"
)

func TestObjective_theFirstThatMatchesCounts(t *testing.T) {
	cfg := parsed(t, `
objectives:
  - endpoints: "live-.*"
    latency: 5m
  - endpoints: "batch-.*"
    requestTTL: 1h
  - endpoints: "live-late"
    latency: 1h
`)
	for endpoint, want := range map[string][2]time.Duration{
		"live-late": {5 * time.Minute, 6 * time.Hour}, "batch-1": {30 * time.Minute, time.Hour}, "other": {30 * time.Minute, 6 * time.Hour},
	} {
		if latency, ttl := cfg.Objective(endpoint); latency != want[0] || ttl != want[1] {
			t.Errorf("%s: %s and %s, want %s", endpoint, latency, ttl, want)
		}
		if sets, want := cfg.SetsLatency(endpoint), endpoint == "live-late"; sets != want { // of batch-1 the entry leaves it out
			t.Errorf("%s: somebody has set its latency: %t, want %t", endpoint, sets, want)
		}
	}
}

func TestObjectiveOf_theFirstThatMatchesCounts(t *testing.T) {
	cfg := parsed(t, `
objectives:
  - endpoints: "batch-.*"
    failureRatio: 0.3
    processing: 30m
  - endpoints: "live-.*"
    latencyMissRatio: 0.001
    failureRatio: 0.01
    criticalFailureRatio: 0.05
    minFailures: 1
    criticalMinFailures: 2
  - endpoints: "live-late"
    criticalFailureRatio: 1
`)
	batch, live := defaultObjective, defaultObjective
	batch.FailureRatio, batch.Processing = 0.3, Wait(30*time.Minute)
	live.LatencyMissRatio, live.FailureRatio, live.CriticalFailureRatio, live.MinFailures, live.CriticalMinFailures = 0.001, 0.01, 0.05, 1, 2
	for endpoint, want := range map[string]Objective{"batch-1": batch, "live-late": live, "other": defaultObjective} {
		got := cfg.ObjectiveOf(endpoint)
		if want.Endpoints = got.Endpoints; got != want {
			t.Errorf("%s: %+v, want %+v", endpoint, got, want)
		}
	}
}

func TestFilled_leavesNothingOut(t *testing.T) {
	for field, value := range reflect.ValueOf(Objective{}.filled()).Fields() {
		if value.IsZero() {
			t.Errorf("an objective has no default of %s", field.Name)
		}
	}
}

func TestInstancePrices_thoseOfTheFileStandOverTheBuiltIn(t *testing.T) {
	got := parsed(t, "prices: {ml.g5.xlarge: 2.5, ml.p5.48xlarge: 60}").InstancePrices()
	if got["ml.g5.xlarge"] != 2.5 || got["ml.p5.48xlarge"] != 60 || got["ml.g6.xlarge"] != 1.127 {
		t.Errorf("got %v", got)
	}
	if again := Default().InstancePrices(); again["ml.g5.xlarge"] != 1.408 {
		t.Errorf("the built-in prices were changed: %v", again)
	}
}
