//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// corrections are how often a field is corrected before it is left to whoever else changes it.
const corrections = 3

// forEver is why the drift of a role is withheld to the end.
var forEver = map[role]string{scheduled: "scheduled_actions", capped: "max_below_running", fought: "contested"}

// settle lets the exporter mend what is left, without faults, and the fight and the suspensions come to their ends.
func (d *day) settle() {
	d.aws.SetFault("*", awssim.Fault{})
	d.e.eventually("fixed", 2*soon, func() error {
		d.fight()
		d.pause()
		d.turn()
		for name, p := range d.pauses {
			if !p.over {
				return fmt.Errorf("%s is suspended", name)
			}
		}
		if d.fights <= corrections {
			return fmt.Errorf("the fought field was changed %d times", d.fights)
		}
		withheld := d.withheld()
		for key, known := range d.drifts {
			why := forEver[known.role]
			if !slices.Contains(withheld[known.resource], why) || known.role != fought && !slices.Contains(goodFor[why], known.part) {
				return fmt.Errorf("%s: %s, and the page says: %v", key, known.what, withheld[known.resource])
			}
		}
		// What withholds for ever is on the page, too: right after a read that failed it is not, or says something else.
		for _, m := range d.members {
			resource := fleet.ResourceID(m.name, m.variants[0])
			if why := forEver[m.role]; why != "" && !slices.Contains(withheld[resource], why) {
				return fmt.Errorf("%s is withheld for %v, and not for %s", resource, withheld[resource], why)
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
			got := objectsOf(w, m.is)
			switch {
			case !m.selected():
				if n := d.writesTo(m); n > 0 || got.text() != d.left[m.name] {
					d.Errorf("%s is not selected, and it was touched by %d writes; it was left as\n%s\nand is now\n%s", m.name, n, d.left[m.name], got.text())
				}
			case len(got.Targets) != len(m.variants) || len(got.Alarms) != len(m.variants) || len(got.Policies) != 2*len(m.variants) && !m.outlived(got):
				d.Errorf("%s has too many or too few objects: %s", m.name, got.text())
			}
		}
		if got := objectsOf(w, isTuned); got.text() != d.tuned.text() {
			d.Errorf("the values that somebody has set were\n%s\nand are now\n%s", d.tuned.text(), got.text())
		}
	})
	for _, m := range d.members {
		resource := fleet.ResourceID(m.name, m.variants[0])
		switch m.role {
		case scheduled, capped:
			for _, write := range writes {
				if write.Operation == "ApplicationAutoScaling.RegisterScalableTarget" && write.Resource == resource {
					d.Errorf("the bounds of %s were written", resource)
				}
			}
		case fought:
			if got := value(d.page, reconciled(m.name, "wake_alarm", "applied")); got != corrections || d.fights != corrections+1 {
				d.Errorf("the fought field was changed %d times and corrected %v times, want %d corrections", d.fights, got, corrections)
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
