//go:build e2e

package e2e

import (
	"sync"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

// faultTable is what was seen, by operation and way.
type faultTable struct {
	mu    sync.Mutex
	cells map[string]map[string]seen
}

func (f *faultTable) put(operation, way string, s seen) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cells[operation] == nil {
		f.cells[operation] = map[string]seen{}
	}
	f.cells[operation][way] = s
}

// Each operation that the program calls goes wrong in each way. What is then shown is the table of docs/faults.md.
func TestFaults_areShownAndPass(t *testing.T) {
	table := &faultTable{cells: map[string]map[string]seen{}}
	var benches sync.WaitGroup
	for _, c := range wrongClocks {
		benches.Go(func() {
			t.Run("clock "+c.name, func(t *testing.T) { table.put(ownClock, c.name, tryClock(t, c.off)) })
		})
	}
	benches.Go(func() {
		t.Run("refused", func(t *testing.T) {
			for service, s := range refusals(t) {
				for _, operation := range awsapi.Operations() {
					if operation.Service == service {
						table.put(nameOf(operation), refused, s)
					}
				}
			}
		})
	})
	for _, operation := range awsapi.Operations() {
		known, ok := faulties[nameOf(operation)]
		if !ok {
			t.Errorf("%s has no row in faulties", nameOf(operation))
			continue
		}
		if known.when == connecting {
			benches.Go(func() {
				t.Run(nameOf(operation), func(t *testing.T) {
					b := newConnectBench(t, operation)
					for _, w := range ways {
						if w.cannot(known) == "" {
							table.put(b.name, w.name, b.try(w))
						}
					}
				})
			})
			continue
		}
		for name, speed := range map[string]float64{"": faultSpeed, "-waits": slowSpeed} {
			benches.Go(func() {
				t.Run(nameOf(operation)+name, func(t *testing.T) {
					b := newFaultBench(t, operation, speed)
					for _, w := range ways {
						if w.slow == (speed == slowSpeed) && w.name != refused && w.cannot(known) == "" {
							table.put(b.name, w.name, b.try(w))
						}
					}
					b.rest()
				})
			})
		}
	}
	benches.Wait()
	if !t.Failed() {
		table.compare(t)
	}
}
