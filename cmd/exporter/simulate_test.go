package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-kit/log"

	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
)

// studied is a study of a constant load, for so many days.
func studied(t testing.TB, perSecond float64, days int) simulate.Study {
	t.Helper()
	trace, err := simulate.Pattern("constant", perSecond, days, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return simulate.Study{
		Trace: trace, Concurrency: 4, Seed: 1, Objective: simulate.Objective{Latency: 5 * time.Minute, Share: .95},
	}
}

// In which order replays end changes nothing.
func TestReplays_theSameStudyPrintsTheSame(t *testing.T) {
	study := studied(t, .1, 1)
	var texts []string
	for range 3 {
		present := sim.DocumentedScaling()
		candidates := simulate.Space{Max: []int{1, 2, 4}, TargetValues: []float64{4, 20}}.Candidates(present)
		found, err := study.Search(present, candidates, 3, newReplays(study, newProgress("", nil, log.NewNopLogger())).runner(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := found.JSON(&out, study); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, out.String())
	}
	if texts[0] != texts[1] || texts[1] != texts[2] {
		t.Error("three searches differ")
	}
}

func TestReplays_endWithTheirContext(t *testing.T) {
	study := studied(t, .1, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newReplays(study, newProgress("", nil, log.NewNopLogger())).runner(ctx)([]simulate.Job{{Scaling: sim.DocumentedScaling(), Seed: 1}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkSearch is a search over about two hundred candidates for an endpoint with a request a second over 15 days, on all
// processors.
func BenchmarkSearch(b *testing.B) {
	study := studied(b, 1, 15)
	present := sim.DocumentedScaling()
	candidates := study.Around(present, simulate.Space{WakeCooldown: []time.Duration{5 * time.Minute}}).Candidates(present)
	for b.Loop() {
		found, err := study.Search(present, candidates, 10, newReplays(study, newProgress("", nil, log.NewNopLogger())).runner(b.Context()))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(found.Candidates), "candidates")
		b.ReportMetric(float64(found.Replays), "replays")
	}
}
