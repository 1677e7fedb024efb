//go:build e2e

package e2e

import (
	"sync"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

// Each operation that the program calls goes wrong in each way.
func TestFaults_areShownAndPass(t *testing.T) {
	var benches sync.WaitGroup
	for _, operation := range awsapi.Operations() {
		known, ok := faulties[nameOf(operation)]
		if !ok {
			t.Errorf("%s has no row in faulties", nameOf(operation))
			continue
		}
		if known.when == connecting {
			continue
		}
		benches.Go(func() {
			t.Run(nameOf(operation), func(t *testing.T) {
				b := newFaultBench(t, operation)
				for _, w := range ways {
					if w.name == refused || w.cannot(b.faulty) != "" {
						continue
					}
					s := b.try(w)
					t.Logf("%s | %s | %s | %s", b.name, w.name, s.what, s.says)
				}
				b.rest()
			})
		})
	}
	benches.Wait()
}
