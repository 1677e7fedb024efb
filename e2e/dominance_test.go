//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// witness is a replica whose pages are read, what it showed last, by variant and series, and what any showed before it
// started.
type witness struct {
	*exporter
	shown, before map[string]float64
}

// dominance is what any replica showed since the counters began anew.
type dominance struct {
	*counterWorld
	*rand.Rand
	witnesses  [2]witness
	highest    map[string]float64
	zero       bool // it is the time in which all counters are 0
	epoch      time.Time
	end        time.Time // by then CloudWatch shows everything
	pages      int
	kills      int
	late, more int
}

// Replicas with any interval and budget are killed at any time around the turn of a month, while CloudWatch is late,
// corrects itself upwards, answers in part or not at all. What one shows never falls but at the turn, and what one
// that starts shows is at least what any showed before.
func TestCounters_aProcessThatStartsIsBehindNone(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("DOMINANCE_SEED"); given != "" {
		if _, err := fmt.Sscan(given, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("DOMINANCE_SEED=%d", seed)
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	before, after := 15*time.Minute, 40*time.Minute
	if inFull() {
		before, after = 70*time.Minute, 150*time.Minute
	}
	d := &dominance{
		counterWorld: newCounterWorld(t, april.Add(-before)), Rand: rand.New(rand.NewPCG(seed, 0)), highest: map[string]float64{}, end: april.Add(after),
	}
	for i := range d.witnesses {
		d.restart(i)
	}
	dies := clockOf(d.aws)              // kills go by the clock of the story: a busy machine has as many of them, and fewer pages
	longest := d.end.Add(4 * time.Hour) // a machine that looks at the story once a minute of its own proves something by then
	for now := clockOf(d.aws); now.Before(d.end) || d.provesLittle() && now.Before(longest); now = clockOf(d.aws) {
		d.disturb()
		if now.After(dies) {
			d.restart(d.IntN(len(d.witnesses)))
			dies = dies.Add(time.Duration(1+d.IntN(8)) * time.Minute)
		}
		for i := range d.witnesses {
			d.look(i)
		}
		time.Sleep(aMinute / 3)
	}
	d.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{})
	d.restart(0)
	eventually(t, "the last one shows everything", soon, func() error {
		d.look(0)
		if seen := len(d.witnesses[0].shown); seen < 12*len(totals) {
			return fmt.Errorf("%d series", seen)
		}
		return nil
	})
	d.isTrue(april)
	t.Logf("%d pages, %d kills, %d late minutes, %d corrections", d.pages, d.kills, d.late, d.more)
	if d.provesLittle() {
		t.Errorf("too little happened to prove anything by %s of the story", longest)
	}
}

// provesLittle is whether the story has to go on, because a busy machine saw little of it.
func (d *dominance) provesLittle() bool { return d.pages < 20 || d.kills < 5 }

// restart kills a replica and runs it with another configuration.
func (d *dominance) restart(i int) {
	d.Helper()
	if d.witnesses[i].exporter != nil {
		d.witnesses[i].kill()
		d.kills++
	}
	pick := func(of ...string) string { return of[d.IntN(len(of))] }
	file := filepath.Join(d.TempDir(), "config.yml")
	must(d.T, os.WriteFile(file, fmt.Appendf(nil, "polling: {metrics: %s, instances: %s, monthlyBudgetDollars: %s}\n",
		pick("1m", "3m", "5m", "7m", "15m", "1h"), pick("1m", "10m"), pick("0", "0", "10", "30")), 0o600))
	before := maps.Clone(d.highest)
	d.witnesses[i] = witness{d.run(i, "--config.file="+file), map[string]float64{}, before}
}

// disturb makes CloudWatch late, correct itself, or fail.
func (d *dominance) disturb() {
	variant := []string{"transcribe-live", "whisper-batch", "summarize"}[d.IntN(3)]
	of := []fleet.WorkMetric{fleet.InvocationsProcessed, fleet.ModelLatency, fleet.TotalProcessingTime}[d.IntN(3)]
	metric, more := of.Of(fleet.VariantDimensions(variant, "AllTraffic")), 7.0
	if of.Timed() {
		more += d.Float64()
	}
	d.aws.Do("us-east-1", func(w *sim.World) {
		ended := w.Now().Truncate(time.Minute).Add(-time.Minute) // not seen by anybody yet
		switch d.IntN(4) {
		case 0:
			until := ended.Add(time.Duration(2+d.IntN(150)) * time.Minute)
			if until.Before(d.end) && w.Withhold(metric, ended, until) == nil {
				d.late++
			}
		case 1:
			if w.Revise(metric, ended.Add(-time.Duration(d.IntN(170))*time.Minute), more, 1) == nil {
				d.more++
			}
		}
	})
	switch d.IntN(20) {
	case 0:
		d.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{Code: "ThrottlingException", Probability: 0.5})
	case 1:
		d.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{Results: "PartialData", Probability: 0.5})
	case 2, 3, 4, 5:
		d.aws.SetFault("CloudWatch.GetMetricData", awssim.Fault{})
	}
}

// look reads a page and holds it against all before it. A page of the minute in which the counters turn is not looked at.
func (d *dominance) look(i int) {
	d.Helper()
	epoch, zero := fleet.Shows(clockOf(d.aws))
	page, err := d.witnesses[i].get("/metrics")
	if again, stillZero := fleet.Shows(clockOf(d.aws)); err != nil || again != epoch || stillZero != zero {
		return
	}
	if epoch != d.epoch || zero != d.zero {
		d.epoch, d.zero, d.highest = epoch, zero, map[string]float64{}
		for j := range d.witnesses {
			clear(d.witnesses[j].shown)
			clear(d.witnesses[j].before)
		}
	}
	d.pages++
	shown := d.witnesses[i].shown
	for variant, values := range byVariant(page) {
		for series, v := range values {
			name := variant + " " + series
			was, known := shown[name]
			switch {
			case zero && v != 0:
				d.Errorf("%s: %s is %v while all are 0", clockOf(d.aws), name, v)
			case known && v < was:
				d.Errorf("%s: %s fell from %v to %v", clockOf(d.aws), name, was, v)
			case !known && v < d.witnesses[i].before[name]:
				d.Errorf("%s: %s of one that started is %v, and was %v", clockOf(d.aws), name, v, d.witnesses[i].before[name])
			}
			shown[name], d.highest[name] = v, max(d.highest[name], v)
		}
	}
}

// isTrue holds what the last replica shows against what was published of the month: no more than all of it, and no less
// than what had settled before it started. A sum of times may lack a microsecond of each minute.
func (d *dominance) isTrue(since time.Time) {
	d.Helper()
	for variant, values := range byVariant(d.witnesses[0].metrics()) {
		now := clockOf(d.aws)
		least, most := truth(d.aws, variant, since, now.Add(-30*time.Minute)), truth(d.aws, variant, since, now)
		lacks := now.Sub(since).Minutes() * 1e-6
		for series, v := range values {
			if v > most[series]*(1+1e-9) || v < least[series]*(1-1e-9)-lacks {
				d.Errorf("%s %s is %v, the truth is %v to %v", variant, series, v, least[series], most[series])
			}
		}
	}
}
