//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

// benchesAtOnce bounds how many exporters are tried beside each other: they wait most of the time.
const benchesAtOnce = 16

// Each operation that the program calls goes wrong in each way. The table of what is then shown is faultsGolden, as far as
// its rows were run; make e2e runs a share of them.
func TestFaults_areShownAndPass(t *testing.T) {
	t.Parallel()
	table := faultTable{}
	var mu sync.Mutex
	put := func(section, fault string, s seen) {
		mu.Lock()
		defer mu.Unlock()
		if s.says != "" {
			s.says = "`" + strings.ReplaceAll(s.says, "|", "\\|") + "`"
		}
		table.put(section, fault, s)
	}
	var benches sync.WaitGroup
	places := make(chan struct{}, benchesAtOnce)
	try := func(name string, test func(t *testing.T)) {
		benches.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(name, test)
		})
	}
	operations := awsapi.Operations()
	for i, c := range wrongClocks {
		if sampled(i) {
			try("clock "+c.name, func(t *testing.T) { put(ownClock, c.name, tryClock(t, c.off)) })
		}
	}
	if sampled(len(wrongClocks)) {
		try("refused", func(t *testing.T) {
			for service, s := range refusals(t) {
				for _, operation := range operations {
					if operation.Service == service {
						put(nameOf(operation), refused, s)
					}
				}
			}
		})
	}
	for i, operation := range operations {
		name := nameOf(operation)
		known, ok := faulties[name]
		if !ok {
			t.Errorf("%s has no row in faulties", name)
			continue
		}
		var fast, slow []way
		for j, w := range ways {
			switch {
			case !sampled(i+j) || w.cannot(known) != "" || w.name == refused && known.when != connecting:
			case w.slow && known.when != connecting:
				slow = append(slow, w)
			default:
				fast = append(fast, w)
			}
		}
		each := func(b interface{ try(way) seen }, ways []way) {
			for _, w := range ways {
				put(name, w.name, b.try(w))
			}
		}
		if len(slow) > 0 { // these take longest: they begin first
			try(name+"-waits", func(t *testing.T) {
				b := newFaultBench(t, operation, slowSpeed)
				each(b, slow)
				b.rest()
			})
		}
		switch {
		case len(fast) == 0:
		case known.when == connecting:
			try(name, func(t *testing.T) { each(newConnectBench(t, operation), fast) })
		default:
			try(name, func(t *testing.T) {
				b := newFaultBench(t, operation, faultSpeed)
				each(b, fast)
				b.rest()
			})
		}
	}
	benches.Wait()
	if !t.Failed() {
		table.compare(t)
	}
}
