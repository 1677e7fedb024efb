//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// drift is something that is not as it should be.
type drift struct {
	member
	resource, part, what string
	since                time.Time // when it was first seen, or last withheld
	sweeps               int       // that had ended by then
	told                 bool      // that it lasts too long
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
		now := drift{member: m, resource: resource, part: part, what: what, since: d.now.at, sweeps: d.sweeps}
		known, ok := d.drifts[key]
		if !ok {
			known = now
		}
		if reason := d.excuse(known, withheld); reason != "" {
			d.held[reason]++
			known = now
		}
		d.drifts[key] = known
		whole := d.sweeps - known.sweeps - 1 // the sweep that was under way when it began may have looked before that
		if whole > d.worst {
			d.worst, d.long = whole, key
		}
		if whole == mostSweeps && !known.told {
			known.told = true
			d.drifts[key] = known
			d.Errorf("%s: %s after %d whole sweeps, since %s, and it is %s; the page says: %v",
				key, what, whole, known.since.Format(time.TimeOnly), d.now.at.Format(time.TimeOnly), withheld)
		}
	}
}

// goodFor are the parts of a variant that a reason withholds. A fight is another matter.
var goodFor = map[string][]string{
	"endpoint_not_in_service": {partTarget},
	"scheduled_actions":       {partTarget},
	"max_below_running":       {partTarget},
	"target_recently_missing": {partTarget},
	"would_not_wake":          {partTarget, partTracking},
	"changed_meanwhile":       {partTarget, partTracking, partWake},
	"suspended":               {partTarget, partTracking, partWake},
	"source_failed":           {partTarget, partTracking, partWake},
	"view_too_old":            {partTarget, partTracking, partWake},
	"tags_unknown":            {partTarget, partTracking, partWake},
	"max_steps":               {partTarget, partTracking, partWake},
	"earlier_step_failed":     {partTarget, partTracking, partWake},
	blind:                     {partTarget, partTracking, partWake},
}

// excuse is a reason for which the drift is withheld; empty when there is none.
func (d *day) excuse(known drift, withheld []string) string {
	for _, reason := range withheld {
		if slices.Contains(goodFor[reason], known.part) || reason == "contested" && known.role == fought {
			return reason
		}
	}
	// An endpoint may be updating between two looks at the page; the world remembers it.
	if known.part == partTarget && d.now.updating(known.member, known.since) {
		return "endpoint_not_in_service"
	}
	return ""
}

// blind stands for what was known having grown too old: then the page shows no plan for the variant.
const blind = "not shown"

// withheld are the reasons on the page, by resource id.
func (d *day) withheld() map[string][]string {
	found := map[string][]string{}
	for _, m := range d.members {
		for _, variant := range m.variants {
			found[fleet.ResourceID(m.name, variant)] = []string{blind}
		}
	}
	resource := func(line string) string {
		return fleet.ResourceID(label(line, "endpoint_name"), label(line, "variant_name"))
	}
	for line := range strings.Lines(family(d.page, "sagemaker_async_plan_steps")) {
		found[resource(line)] = nil
	}
	for line := range strings.Lines(family(d.page, "sagemaker_async_plan_steps_withheld")) {
		found[resource(line)] = append(found[resource(line)], label(line, "reason"))
	}
	return found
}
