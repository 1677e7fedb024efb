package config

import (
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

func TestFailureRatios_theFirstThatMatchesCounts(t *testing.T) {
	cfg := parsed(t, `
objectives:
  - endpoints: "batch-.*"
    failureRatio: 0.3
  - endpoints: "live-.*"
    failureRatio: 0.01
    criticalFailureRatio: 0.05
  - endpoints: "live-late"
    criticalFailureRatio: 1
`)
	for endpoint, want := range map[string][2]float64{"batch-1": {0.3, 0.5}, "live-late": {0.01, 0.05}, "other": {0.1, 0.5}} {
		if warning, critical := cfg.FailureRatios(endpoint); warning != want[0] || critical != want[1] {
			t.Errorf("%s: %v and %v, want %v", endpoint, warning, critical, want)
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
