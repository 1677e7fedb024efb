package savings

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	worth    = .02  // a saving below this share of the instance-hours is within what seeds differ by
	noWorse  = .002 // where the present policy misses the objective, another one may miss it by so much more
	hourly   = 1.   // instance-hours of a month: a smaller difference is none
	restores = .005 // by how much more requests in time a dearer policy has to help
)

// keeps tells whether the policy keeps the objective.
func (a *Alternative) keeps() bool { return a.Met >= Share }

// choose finds the cheapest alternative that keeps the objective. Where the present policy misses it, the cheapest that keeps
// it is chosen though it is dearer; where all miss it, the cheapest that is no worse.
func (r *Row) choose() {
	now := &r.Alternatives[0]
	var best *Alternative
	for i := 1; i < len(r.Alternatives); i++ {
		a := &r.Alternatives[i]
		if a.keeps() && (best == nil || a.Hours < best.Hours-hourly || a.Hours <= best.Hours+hourly && a.Met > best.Met) {
			best = a
		}
	}
	if best == nil && !now.keeps() {
		for i := 1; i < len(r.Alternatives); i++ {
			if a := &r.Alternatives[i]; a.Met >= now.Met-noWorse && (best == nil || a.Hours < best.Hours) {
				best = a
			}
		}
		if best != nil && now.Hours-best.Hours < worth*now.Hours {
			best = nil
		}
	}
	cheaper := best != nil && now.Hours-best.Hours >= math.Max(hourly, worth*now.Hours)
	helps := best != nil && best.keeps() && !now.keeps() && best.Met >= now.Met+restores
	if cheaper || helps {
		r.Best = best
	}
	r.Why = r.why()
}

// why is the reason for the choice in a sentence.
func (r *Row) why() string {
	now := &r.Alternatives[0]
	idle := ""
	if share := r.Usage.Share(); share >= .005 {
		idle = fmt.Sprintf("At least %s of its instance-hours had no work. ", percent(share))
	}
	switch best := r.Best; {
	case best == nil && now.Met >= Share:
		return idle + fmt.Sprintf("The present policy answers %s within %s, and nothing that was tried is cheaper by %s and keeps %s.", percent(now.Met),
			fleet.Short(r.Latency), percent(worth), percent(Share))
	case best == nil:
		most := slices.MaxFunc(r.Alternatives, func(a, b Alternative) int { return cmp.Compare(a.Met, b.Met) }).Met
		return idle + fmt.Sprintf("The present policy answers %s within %s, and the best that was tried %s: more capacity or a longer objective is needed.",
			percent(now.Met), fleet.Short(r.Latency), percent(most))
	case best.Hours > now.Hours:
		return idle + fmt.Sprintf("%s: the present policy answers %s within %s, and this one %s, for more instance-hours.", r.Changes(), percent(now.Met),
			fleet.Short(r.Latency), percent(best.Met))
	default:
		as := "as now"
		if percent(best.Met) != percent(now.Met) {
			as = "now " + percent(now.Met)
		}
		return idle + fmt.Sprintf("%s: %s are answered within %s, %s.", r.Changes(), percent(best.Met), fleet.Short(r.Latency), as)
	}
}

// Changes are the values that the best policy changes, for people.
func (r *Row) Changes() string {
	if r.Best == nil {
		return ""
	}
	before, after := valuesOf(r.Alternatives[0].Policy), valuesOf(r.Best.Policy)
	var changed []string
	for i := range before {
		if before[i].text != after[i].text {
			changed = append(changed, fmt.Sprintf("%s %s to %s", before[i].name, before[i].text, after[i].text))
		}
	}
	return fleet.Capital(strings.Join(changed, ", "))
}

// Saves are the instance-hours of a month that the best policy saves; below zero where it is dearer.
func (r *Row) Saves() float64 {
	if r.Best == nil {
		return 0
	}
	return r.Alternatives[0].Hours - r.Best.Hours
}
