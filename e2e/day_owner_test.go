//go:build e2e

package e2e

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

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
	// Three corrections of one field would be a fight, and that is another story.
	if d.blows[m.name+"/"+variant] == corrections-1 {
		return
	}
	d.do(func(w *sim.World) {
		if what := d.vandal.strike(w, m, variant); what != "" {
			d.strikes[what]++
			d.blows[m.name+"/"+variant]++
		}
		if !m.selected() {
			d.left[m.name] = objectsOf(w, m.is).text()
		}
	})
}

// someFault makes one request in fifty fail, in one of several ways.
func someFault(chance *rand.Rand) awssim.Fault {
	ways := []awssim.Fault{
		{Code: "ThrottlingException"}, {Code: "InternalFailure", Status: 500}, {Status: 503}, {Break: awssim.CutBody}, {Break: awssim.CloseConnection},
	}
	way := ways[chance.IntN(len(ways))]
	way.Probability = .02
	return way
}

// fail makes requests fail, in one way after the other.
func (d *day) fail() {
	if d.now.at.Sub(d.failing) < 10*time.Minute {
		return
	}
	d.failing = d.now.at
	d.aws.SetFault("*", someFault(d.vandal.rand))
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
		changeAlarm(otherDimension)(w, m, fleet.ResourceID(m.name, "AllTraffic"))
	})
}

// pausing is a suspension of scaling. It ends when its time has come and it has proved something.
type pausing struct {
	from, to time.Time
	began    bool
	sweeps   int  // that had ended when it began
	quiet    bool // no write can be under way any more that was planned before
	writes   int  // to the endpoint, when it became quiet
	over     bool
}

// pause suspends the scaling of some endpoints for some hours, and breaks them meanwhile.
func (d *day) pause() {
	for _, m := range d.members {
		p := d.pauses[m.name]
		switch {
		case p == nil || p.over || d.now.at.Before(p.from):
		case !p.began:
			p.began, p.sweeps = true, d.sweeps
			d.suspend(m, fleet.Suspension{ScaleOut: true})
			d.strike(m)
		case !p.quiet && d.sweeps > p.sweeps+2:
			p.quiet, p.writes = true, d.writesTo(m)
			d.strike(m)
		case p.quiet && d.now.at.After(p.to):
			if n := d.writesTo(m) - p.writes; n > 0 {
				d.Errorf("%s was written to %d times while it was suspended", m.name, n)
			}
			p.over = true
			d.suspend(m, fleet.Suspension{})
		}
	}
}

func (d *day) strike(m member) {
	d.do(func(w *sim.World) { d.strikes[d.vandal.strike(w, m, m.variants[0])]++ })
}

func (d *day) suspend(m member, s fleet.Suspension) {
	d.do(func(w *sim.World) {
		_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID(m.name, m.variants[0]), Suspended: &s})
		must(d.T, err)
	})
}
