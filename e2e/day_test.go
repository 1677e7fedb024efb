//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const (
	// daySpeed is that of the clock of the herd: a day takes less than four minutes.
	daySpeed = 400
	// strikeEach is how often the vandal breaks something, by the clock of the herd.
	strikeEach = 4 * time.Minute
	// mostSweeps is after how many whole sweeps a drift has to be gone.
	mostSweeps = 2
)

// dayLength is how long the day is: make e2e has a short one, in which all happens that happens in a long one.
func dayLength() time.Duration { return long(24*time.Hour, 5*time.Hour) }

// Two hundred endpoints, and for a day AWS fails now and then while another owner breaks things. What is selected comes
// back to its policy within two sweeps unless it is withheld for a reason, and nothing else is touched.
func TestServe_keepsAHerdForADay(t *testing.T) {
	t.Parallel()
	d := newDay(t)
	for d.world(); d.now.at.Before(d.ends); d.turn() {
		d.injure()
		d.fail()
		d.fight()
		d.pause()
	}
	d.settle()
	d.conclude()
}

// day is the state of the long day.
type day struct {
	*testing.T
	aws          *awssim.Server
	e            *exporter
	members      []member
	begins, ends time.Time

	page     string  // the newest of the exporter
	sweeps   int     // that have ended: a round of reconcile that began after a newer poll
	progress string  // what of the page changes with each round that ends
	polled   float64 // when the policies were last polled, by the page at the end of the newest sweep
	now      view

	drifts map[string]drift // by resource id and part
	worst  int              // the most whole sweeps that a drift outlasted
	long   string           // the drift that did
	held   map[string]int   // looks at a withheld drift, by reason

	vandal  vandal
	struck  time.Time           // when the vandal last struck
	strikes map[string]int      // by deed
	blows   map[string]int      // by variant, how often
	failing time.Time           // when the present fault began
	fights  int                 // how often the fought field was changed
	pauses  map[string]*pausing // by endpoint
	left    map[string]string   // objects of endpoints that are not selected, as they were left
	tuned   objects             // as they were in the beginning
}

func newDay(t *testing.T) *day {
	t.Helper()
	at := time.Now()
	clock := fleet.Clock{Machine: at, Shown: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), Speed: daySpeed}
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, clock.Shown, 4)
	d := &day{
		T: t, members: herd(), begins: clock.Shown, ends: clock.Shown.Add(dayLength()), drifts: map[string]drift{}, held: map[string]int{},
		vandal: vandal{rand.New(rand.NewPCG(4, 4)), map[string]int{}}, strikes: map[string]int{}, blows: map[string]int{}, pauses: map[string]*pausing{},
		left: map[string]string{},
	}
	settle(t, world, d.members)
	for i, m := range d.members {
		switch {
		case !m.selected():
			d.left[m.name] = objectsOf(world, m.is).text()
		case m.role == paused:
			from := d.begins.Add(dayLength() / 12 * time.Duration(i+40) / 40) // one after the other in the first half
			d.pauses[m.name] = &pausing{from: from, to: from.Add(dayLength() / 5), sweeps: -1, writes: -1}
		}
	}
	d.tuned = objectsOf(world, isTuned)
	aws, err := awssim.Start(awssim.Options{Clock: clock}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	d.aws = aws
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, []byte(herdPolicies), 0o600))
	d.e = begin(t, nil, joining(aws, "--reconcile", "--reconcile.max-steps=20", herdSelection, "--config.file="+file)...)
	// On this clock a batch of the first view is over after a dozen milliseconds, and each is published.
	d.e.eventually("ready", 3*soon, func() error { _, err := d.e.get("/-/ready"); return err })
	return d
}

func isTuned(endpoint string) bool { return strings.HasPrefix(endpoint, string(tuned)) }

// do acts on the world, as another owner of the account.
func (d *day) do(act func(*sim.World)) { d.aws.Do(region, act) }

func (d *day) world() { d.do(func(w *sim.World) { d.now = look(w) }) }

// turn looks at what the exporter says and at what stands there, in this order: what the page says of a sweep is done.
func (d *day) turn() {
	time.Sleep(100 * time.Millisecond)
	page, err := d.e.get("/metrics", "Accept-Encoding", "identity") // the race detector makes unpacking slow
	must(d.T, err)
	d.page = page
	success := value(family(d.page, "sagemaker_async_reconcile_last_success_timestamp_seconds"), "sagemaker_async_")
	polled := value(d.page, fmt.Sprintf(`sagemaker_async_exporter_source_last_success_timestamp_seconds{account_id="111122223333",region=%q,source="scaling"}`, region))
	if progress := fmt.Sprint(success, d.steps("failed")); progress != d.progress && polled > d.polled {
		d.progress, d.polled = progress, success
		d.sweeps++
	}
	d.world()
	d.judge()
}

// steps is how many steps of the plan have ended like that.
func (d *day) steps(outcome string) (n float64) {
	for line := range strings.Lines(family(d.page, "sagemaker_async_reconcile_steps_total")) {
		if label(line, "outcome") == outcome {
			n += value(line, "sagemaker_async_")
		}
	}
	return n
}
