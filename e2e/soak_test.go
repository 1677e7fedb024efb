//go:build e2e

package e2e

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	soakEndpoints = 1000
	// soakSpeed leaves a request that is not answered, which ends after 15 seconds of the machine's, less of the simulated
	// time than after which knowledge is too old: at 60 it would take a quarter of an hour of them.
	soakSpeed   = 30
	soakHistory = time.Hour
	soakScrapes = 10 * time.Minute // of TestSoak_manyScrapes, if the soak is that long
)

// flat are the gauges that must not climb, and by how much they may, along the line that fits them best, in all of a
// soak: what is measured wavers, and a short soak has few points.
var flat = []struct {
	series string
	unit   float64
	most   float64
}{
	{"process_resident_memory_bytes ", 1 << 20, 32},
	{"go_memstats_heap_inuse_bytes ", 1 << 20, 24},
	{"go_goroutines ", 1, 40},
	{"process_open_fds ", 1, 40},
}

// soaked is how long is soaked, by the simulated clock.
func soaked(t *testing.T) time.Duration {
	t.Helper()
	if os.Getenv("SOAK") == "" {
		t.Skip("make soak runs it")
	}
	long, err := time.ParseDuration(os.Getenv("SOAK"))
	must(t, err)
	return long
}

// A thousand endpoints for a day of which nothing is without faults. Each page is one that a scraper can read, what the
// process holds does not grow, and in the end the counters are what was published.
func TestSoak_staysFlatAndExact(t *testing.T) {
	long := soaked(t)
	at := time.Now()
	clock := fleet.Clock{Machine: at, Shown: time.Date(2026, 3, 20, 12, 10, 0, 0, time.UTC), Speed: soakSpeed}
	began := clock.Shown.Add(-soakHistory)
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: region}, began, soakEndpoints, 1)
	world.Advance(clock.Shown)
	aws, err := awssim.Start(awssim.Options{Clock: clock}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	e := start(t, nil, joining(aws)...)
	e.eventually("whole", 10*time.Minute, func() error { return whole(e, soakEndpoints) })

	present := func() time.Time { return clock.At(time.Now()) }
	from, chance, failing := present(), rand.New(rand.NewPCG(8, 8)), time.Time{}
	times, values, faults, pages, short, fewest := []float64{}, map[string][]float64{}, 0, 0, 0, soakEndpoints
	for now := from; now.Sub(from) < long; now = present() {
		if now.Sub(failing) >= 10*time.Minute {
			failing = now
			faults++
			aws.SetFault("*", someFault(chance))
		}
		page := e.metrics()
		valid(t, page)
		pages++
		if n := count(page, "sagemaker_async_endpoint_info{"); n < soakEndpoints {
			short, fewest = short+1, min(fewest, n)
		}
		if now.Sub(from) >= long/4 { // before, caches fill and pages grow
			times = append(times, now.Sub(from).Hours())
			for _, f := range flat {
				values[f.series] = append(values[f.series], value(page, f.series)/f.unit)
			}
		}
		time.Sleep(time.Second)
	}
	aws.SetFault("*", awssim.Fault{})
	e.eventually("whole again", 10*time.Minute, func() error { return whole(e, soakEndpoints) })
	t.Logf("%s with %d endpoints and %d faults: %d pages, all valid, %d requests to AWS, %s of processor time", long, soakEndpoints, faults, pages, total(aws.Calls()), e.cpu())
	// On a clock that runs so fast a busy machine is a slow AWS: that is a timing, and fails nothing.
	t.Logf("%d pages lacked endpoints that were not described in time, one of them %d", short, soakEndpoints-fewest)
	if len(times) < 3 {
		t.Fatalf("%d pages are no line", len(times))
	}
	for _, f := range flat {
		slope := slopeOf(times, values[f.series])
		growth := slope * (times[len(times)-1] - times[0])
		t.Logf("%-32s %8.1f to %8.1f, in the middle %8.1f; slope %+.3f an hour, %+.1f in all, %+.0f allowed",
			f.series, slices.Min(values[f.series]), slices.Max(values[f.series]), middle(values[f.series]), slope, growth, f.most)
		if growth > f.most {
			t.Errorf("%s grows", f.series)
		}
	}
	exact(t, aws, began, e.metrics())
}

// exact holds every counter of a page against what was published.
func exact(t *testing.T, aws *awssim.Server, began time.Time, page string) {
	t.Helper()
	shown := byVariant(page)
	now := clockOf(aws)
	processed, oldest := 0.0, time.Duration(0)
	for variant, values := range shown {
		oldest = max(oldest, now.Sub(minuteOf(t, aws, began, variant, values)))
		processed += values["invocations_processed_total"]
	}
	t.Logf("the counters of %d variants are what was published; %.0f requests; the oldest are of %s before", len(shown), processed, oldest.Round(time.Minute))
	if len(shown) != soakEndpoints || processed < 1000 {
		t.Errorf("%d variants and %v requests prove nothing", len(shown), processed)
	}
}

// slopeOf is that of the line with the least squares.
func slopeOf(x, y []float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for i := range x {
		n, sx, sy, sxx, sxy = n+1, sx+x[i], sy+y[i], sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func middle(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

func TestSoak_manyScrapes(t *testing.T) {
	hammer(t, start(t, nil, "--demo"), min(soakScrapes, soaked(t)/soakSpeed))
}
