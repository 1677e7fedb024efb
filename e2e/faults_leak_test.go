//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// held are the numbers of what a leak would make grow.
var held = []string{"go_goroutines", "process_open_fds"}

const (
	// leakRounds is how often a fault comes and goes: a leak is at least one goroutine or descriptor in each round. What is
	// held less than that above the level before is none: connections come and go by themselves, each with two goroutines.
	leakRounds = 8
	// idleTime is for how long the AWS SDK keeps a connection that is idle; for as long a leak may be none.
	idleTime = 90 * time.Second
)

// lowest is the least that the exporter held in many looks: what a request under way holds is not in it.
func (b *faultBench) lowest(enough func() bool) map[string]float64 {
	b.Helper()
	level := map[string]float64{}
	b.within(0, b.requests, "steady", func() error {
		for _, name := range held {
			now := b.holds(name)
			if value(b.page, name+" ") == 0 {
				return fmt.Errorf("the page has no %s", name)
			}
			if least, ok := level[name]; !ok || now < least {
				level[name] = now
			}
		}
		if !enough() {
			return errors.New("not looked at often enough")
		}
		return nil
	})
	return level
}

// holds is how much of it the page shows. A connection has two goroutines and a file descriptor, and is counted by that alone: a
// busy machine keeps some more of them for as long as they are used.
func (b *faultBench) holds(name string) float64 {
	held := value(b.page, name+" ")
	if name == "go_goroutines" {
		held -= 2 * value(b.page, "process_open_fds ")
	}
	return held
}

// grown waits until less is held above the level than so much, and gives up when idle connections have had their time twice.
func (b *faultBench) grown(less float64) {
	b.Helper()
	least, began := map[string]float64{}, time.Now()
	b.within(0, b.requests, "at rest", func() error {
		var grown []string
		for _, name := range held {
			now := b.holds(name) - b.level[name]
			if old, ok := least[name]; ok {
				now = math.Min(now, old)
			}
			if least[name] = now; now >= less {
				grown = append(grown, fmt.Sprintf("%s has grown by %v, and %v is a leak", name, now, less))
			}
		}
		switch {
		case len(grown) == 0:
			return nil
		case time.Since(began) > 2*idleTime:
			return impossible{fmt.Errorf("idle connections are closed by now: %q", grown)}
		}
		return fmt.Errorf("%q", grown)
	})
}

// rest makes sure that the faults of the bench have left nothing behind: a leak is at least one for each request that failed,
// and half of them is more than idle connections make, where there were some.
func (b *faultBench) rest() {
	b.Helper()
	b.Logf("%d requests have failed", b.failed)
	if b.failed >= 2*leakRounds {
		b.grown(float64(b.failed) / 2)
	}
}

// AWS is unwell as a whole, again and again. What the exporter holds does not grow with the rounds.
func TestFaults_leaveNothingBehind(t *testing.T) {
	t.Parallel()
	for i, w := range ways {
		rounds := leakRounds
		if w.slow { // a round is a minute and more of the machine's time: few of them, and in the long run alone
			rounds = 4
		}
		if w.passes || w.name == refused || w.fault.Results != "" || w.slow && !inFull() || !sampled(i) {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			speed := float64(faultSpeed)
			if w.slow {
				speed = slowSpeed
			}
			b := newFaultWorld(t, speed)
			b.name = "everything by " + w.name
			b.run(b.aws.URL())
			b.healthy()
			for round := range rounds + 1 {
				b.aws.SetFault("*", w.fault)
				b.until("down", func() error {
					for _, source := range []string{"activities", "alarms", "endpoints", "metrics", "scaling", "tags"} {
						if !slices.Contains(b.down(), source) {
							return fmt.Errorf("%s is up", source)
						}
					}
					return nil
				})
				b.aws.SetFault("*", awssim.Fault{})
				b.until("up again", func() error {
					if down := b.down(); len(down) > 0 {
						return fmt.Errorf("down: %v", down)
					}
					return nil
				})
				if round == 0 { // buffers and connections that the first fault makes are there now
					b.hold()
				}
			}
			b.grown(float64(rounds))
			b.healthy()
		})
	}
}
