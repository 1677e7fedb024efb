//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// The long day: so many hours of the herd, on a clock of that speed.
const (
	dayLength = 24 * time.Hour
	daySpeed  = 400
	// strikeEach is how often the vandal breaks something, by the clock of the herd.
	strikeEach = 4 * time.Minute
	// mostSweeps is how many whole sweeps a drift may outlast.
	mostSweeps = 2
)

// Two hundred endpoints, and for a day AWS fails now and then while another owner breaks things. What is selected comes
// back to its policy within two sweeps unless it is withheld for a reason, and nothing else is touched.
func TestServe_keepsAHerdForADay(t *testing.T) {
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
	aws     *awssim.Server
	e       *exporter
	members []member
	vandal  vandal
	begins  time.Time
	ends    time.Time
	now     view
	strikes map[string]int // by deed
	struck  time.Time
	failing time.Time // when the present fault began
	worst   int       // sweeps
	long    string    // what drifted for that long
	held    map[string]int

	page     string
	sweeps   int
	progress string // what of the page changes with each sweep that ends

	drifts map[string]drift  // by resource id and part
	left   map[string]string // objects of endpoints that are not selected, as they were left
	tuned  objects           // as they were in the beginning
	pauses map[string]*pausing
	fights int
}

// drift is something that is not as it should be.
type drift struct {
	since  time.Time
	sweeps int // that had ended when it began, or was last withheld
}

// pausing is a suspension of scaling: from the second sweep on nothing may be written.
type pausing struct {
	from, to time.Time
	sweeps   int // when it began; -1 before
	writes   int // when no write was under way any more; -1 before
	over     bool
}

func newDay(t *testing.T) *day {
	t.Helper()
	at := time.Now()
	clock := fleet.Clock{Machine: at, Shown: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), Speed: daySpeed}
	world := sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, clock.Shown, 4)
	d := &day{
		T: t, members: herd(), vandal: vandal{rand.New(rand.NewPCG(4, 4)), map[string]int{}},
		begins: clock.Shown, ends: clock.Shown.Add(dayLength), strikes: map[string]int{}, held: map[string]int{}, drifts: map[string]drift{}, left: map[string]string{},
		pauses: map[string]*pausing{},
	}
	settle(t, world, d.members)
	for i, m := range d.members {
		switch {
		case !m.selected():
			d.left[m.name] = objectsOf(world, func(endpoint string) bool { return endpoint == m.name }).text()
		case m.role == paused:
			from := d.begins.Add(2*time.Hour + time.Duration(i)*7*time.Minute)
			d.pauses[m.name] = &pausing{from: from, to: from.Add(5 * time.Hour), sweeps: -1, writes: -1}
		}
	}
	d.tuned = objectsOf(world, isTuned)
	aws, err := awssim.Start(awssim.Options{Clock: clock}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	d.aws = aws
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, []byte(herdPolicies), 0o600))
	d.e = start(t, nil, joining(aws, "--reconcile", "--reconcile.max-steps=20", herdSelection, "--config.file="+file)...)
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
	if progress := fmt.Sprint(success, d.steps("failed")); progress != d.progress {
		d.progress = progress
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

// judge holds every drift against the sweeps since it began.
func (d *day) judge() {
	withheld := d.withheld()
	for _, m := range d.members {
		for _, variant := range m.variants {
			resource := fleet.ResourceID(m.name, variant)
			if target, ok := d.now.targets[resource]; ok && m.selected() && target.MaxCapacity < d.now.desired[resource] {
				d.Errorf("%s: the maximum is %d, and %d instances run or are wanted", resource, target.MaxCapacity, d.now.desired[resource])
			}
			if m.selected() {
				d.judgeVariant(m, resource, d.now.wrong(m, variant), withheld[resource])
			}
		}
	}
}

func (d *day) judgeVariant(m member, resource string, wrong map[string]string, withheld []string) {
	for _, part := range []string{partTarget, partTracking, partWake} {
		key := resource + " " + part
		what, is := wrong[part]
		if !is {
			delete(d.drifts, key)
			continue
		}
		known, ok := d.drifts[key]
		if !ok {
			known = drift{d.now.at, d.sweeps}
		}
		if reason := d.excuse(m, part, withheld, known); reason != "" {
			d.held[reason]++
			known = drift{d.now.at, d.sweeps}
		}
		d.drifts[key] = known
		// The sweep that was under way when it began may have looked before that.
		whole := d.sweeps - known.sweeps - 1
		if whole > d.worst {
			d.worst, d.long = whole, key
		}
		if whole == mostSweeps+1 {
			d.Errorf("%s: %s for more than %d sweeps, since %s, and it is %s; the page says: %v", key, what, mostSweeps, known.since.Format(time.TimeOnly), d.now.at.Format(time.TimeOnly), withheld)
		}
	}
}

// reasons say for which parts of a variant they are good.
var reasons = map[string][]string{
	"endpoint_not_in_service": {partTarget}, "scheduled_actions": {partTarget}, "max_below_running": {partTarget}, "target_recently_missing": {partTarget},
	"suspended": {partTarget, partTracking, partWake}, "source_failed": {partTarget, partTracking, partWake}, "tags_unknown": {partTarget, partTracking, partWake},
	"max_steps": {partTarget, partTracking, partWake}, "earlier_step_failed": {partTracking, partWake},
}

// excuse is a reason for which the drift is withheld; empty when there is none.
func (d *day) excuse(m member, part string, withheld []string, since drift) string {
	for _, reason := range withheld {
		if slices.Contains(reasons[reason], part) || reason == "contested" && m.role == fought {
			return reason
		}
	}
	// An endpoint may be updating between two looks at the page; the world remembers it.
	if part == partTarget && d.now.updating(m, since.since) {
		return "endpoint_not_in_service"
	}
	return ""
}

// withheld are the reasons on the page, by resource id.
func (d *day) withheld() map[string][]string {
	found := map[string][]string{}
	for line := range strings.Lines(family(d.page, "sagemaker_async_plan_steps_withheld")) {
		resource := fleet.ResourceID(label(line, "endpoint_name"), label(line, "variant_name"))
		found[resource] = append(found[resource], label(line, "reason"))
	}
	return found
}

// injure lets the vandal break something of an endpoint that is whole, selected or not.
func (d *day) injure() {
	if d.now.at.Sub(d.struck) < strikeEach {
		return
	}
	d.struck = d.now.at
	m := d.members[d.vandal.rand.IntN(len(d.members))]
	variant := m.variants[d.vandal.rand.IntN(len(m.variants))]
	if m.role == fought || m.selected() && len(d.now.wrong(m, variant)) > 0 {
		return
	}
	d.do(func(w *sim.World) {
		if what := d.vandal.strike(w, m, variant); what != "" {
			d.strikes[what]++
		}
		if !m.selected() {
			d.left[m.name] = objectsOf(w, func(endpoint string) bool { return endpoint == m.name }).text()
		}
	})
}

// fail makes one request in fifty fail, in one way after the other.
func (d *day) fail() {
	if d.now.at.Sub(d.failing) < 10*time.Minute {
		return
	}
	d.failing = d.now.at
	ways := []awssim.Fault{
		{Code: "ThrottlingException"}, {Code: "InternalFailure", Status: 500}, {Status: 503}, {Break: awssim.CutBody}, {Break: awssim.CloseConnection},
	}
	way := ways[d.vandal.rand.IntN(len(ways))]
	way.Probability = .02
	d.aws.SetFault("*", way)
}

// fight changes one field back as soon as it has been corrected.
func (d *day) fight() {
	i := slices.IndexFunc(d.members, func(m member) bool { return m.role == fought })
	m := d.members[i]
	if len(d.now.wrong(m, "AllTraffic")) > 0 {
		return
	}
	d.fights++
	d.do(func(w *sim.World) {
		for _, change := range deeds {
			if change.name == "disabled" {
				change.do(w, m, fleet.ResourceID(m.name, "AllTraffic"))
			}
		}
	})
}

// pause suspends the scaling of some endpoints for some hours, and breaks them then.
func (d *day) pause() {
	for _, m := range d.members {
		p := d.pauses[m.name]
		if p == nil || p.over || d.now.at.Before(p.from) {
			continue
		}
		resource := fleet.ResourceID(m.name, "AllTraffic")
		suspend := func(w *sim.World, s fleet.Suspension) {
			if _, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: resource, Suspended: &s}); err != nil {
				d.Errorf("suspending %s: %v", resource, err)
			}
		}
		switch {
		case p.sweeps < 0:
			p.sweeps = d.sweeps
			d.do(func(w *sim.World) { suspend(w, fleet.Suspension{ScaleOut: true}); d.vandal.strike(w, m, "AllTraffic") })
		case p.writes < 0 && d.sweeps > p.sweeps+2:
			p.writes = d.writesTo(m)
		case d.now.at.After(p.to):
			if n := d.writesTo(m); p.writes >= 0 && n != p.writes {
				d.Errorf("%s was written to %d times while it was suspended", m.name, n-p.writes)
			}
			p.over = true
			d.do(func(w *sim.World) { suspend(w, fleet.Suspension{}) })
		}
	}
}

// writesTo counts the writes that name an endpoint.
func (d *day) writesTo(m member) (n int) {
	for _, write := range d.aws.Writes() {
		if names(write, m) {
			n++
		}
	}
	return n
}

func names(write awssim.Write, m member) bool {
	return strings.Contains(write.Resource+"/", "/"+m.name+"/") || strings.Contains(write.Name, m.name)
}

// settle lets the exporter mend what is left, without faults.
func (d *day) settle() {
	d.aws.SetFault("*", awssim.Fault{})
	d.e.eventually("mended", soon, func() error {
		d.turn()
		withheld := d.withheld()
		for _, m := range d.members {
			for _, variant := range m.variants {
				resource := fleet.ResourceID(m.name, variant)
				for part, what := range d.now.wrong(m, variant) {
					if m.selected() && d.excuse(m, part, withheld[resource], drift{d.now.at, d.sweeps}) == "" {
						return fmt.Errorf("%s: %s: %s", resource, part, what)
					}
				}
			}
		}
		return nil
	})
}

// conclude looks back at the day.
func (d *day) conclude() {
	writes := d.aws.Writes()
	allowed := []string{"ApplicationAutoScaling.PutScalingPolicy", "ApplicationAutoScaling.RegisterScalableTarget", "CloudWatch.PutMetricAlarm"}
	if got := operationsOf(writes); !slices.Equal(got, allowed) {
		d.Errorf("these operations were used to write: %v, want %v", got, allowed)
	}
	for _, activity := range d.now.activities {
		if strings.HasPrefix(activity.Cause, "maximum capacity was set to") {
			d.Errorf("instances of %s were stopped at %s: %s", activity.ResourceID, activity.Start, activity.Cause)
		}
	}
	d.do(func(w *sim.World) {
		for _, m := range d.members {
			got := objectsOf(w, func(endpoint string) bool { return endpoint == m.name })
			switch {
			case !m.selected():
				if n := d.writesTo(m); n > 0 || got.text() != d.left[m.name] {
					d.Errorf("%s is not selected, and it was touched by %d writes; it was left as\n%s\nand is now\n%s", m.name, n, d.left[m.name], got.text())
				}
			case len(got.Targets) != len(m.variants) || len(got.Policies) != 2*len(m.variants) || len(got.Alarms) != len(m.variants):
				d.Errorf("%s has too many or too few objects: %s", m.name, got.text())
			}
		}
		if got := objectsOf(w, isTuned); got.text() != d.tuned.text() {
			d.Errorf("the values that somebody has set were\n%s\nand are now\n%s", d.tuned.text(), got.text())
		}
	})
	withheld := d.withheld()
	for _, m := range d.members {
		resource := fleet.ResourceID(m.name, m.variants[0])
		switch m.role {
		case scheduled, capped:
			want := map[role]string{scheduled: "scheduled_actions", capped: "max_below_running"}[m.role]
			if !slices.Contains(withheld[resource], want) {
				d.Errorf("%s is withheld for %v, want %s", resource, withheld[resource], want)
			}
			for _, write := range writes {
				if write.Operation == "ApplicationAutoScaling.RegisterScalableTarget" && write.Resource == resource {
					d.Errorf("the bounds of %s were written", resource)
				}
			}
		case fought:
			page := reconciled(m.name, "wake_alarm", "applied")
			if got := value(d.page, page); !slices.Contains(withheld[resource], "contested") || got != 3 || d.fights != 4 {
				d.Errorf("the fought field was changed %d times and corrected %v times, want 4 and 3, and it is withheld for %v", d.fights, got, withheld[resource])
			}
		case paused:
			if p := d.pauses[m.name]; p.writes < 0 || !p.over {
				d.Errorf("%s was not suspended for long enough to prove anything", m.name)
			}
		}
	}
	d.summarize(writes)
}

func (d *day) summarize(writes []awssim.Write) {
	byOperation, retried := map[string]int{}, 0
	for _, write := range writes {
		byOperation[write.Operation]++
		if !write.Done {
			retried++
		}
	}
	d.Logf("%d sweeps in %s; %d strikes: %v", d.sweeps, d.now.at.Sub(d.begins).Round(time.Minute), total(d.strikes), d.strikes)
	d.Logf("%d writes, of which %d failed at first: %v", len(writes), retried, byOperation)
	d.Logf("%v steps applied, %v failed", d.steps("applied"), d.steps("failed"))
	d.Logf("looks at a withheld drift, by reason: %v", d.held)
	d.Logf("the longest drift outlasted %d whole sweeps: %s", max(0, d.worst), d.long)
	d.Logf("the exporter took %s of processor time, AWS answered %d requests", d.e.cpu(), total(d.aws.Calls()))
}

func total(counts map[string]int) (sum int) {
	for n := range maps.Values(counts) {
		sum += n
	}
	return sum
}
