package explain

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Docs are the project's pages. A program does not know where they are, so it links to the project's own.
const Docs = "https://github.com/sagemaker-async/exporter/blob/main/docs/"

// needs is what of scaling has to happen for the number of instances to go in a direction.
func (d direction) needs() check.Scaling {
	return map[direction]check.Scaling{wake: check.Wake, out: check.Out, in: check.In}[d]
}

// checked is a link with the failing checks that look at it, as long as what they looked at may be believed.
func (v *variant) checked(name Name) Link {
	link := Link{Name: name}
	for _, finding := range v.Findings {
		if finding.Failed && finding.Check != nil && Name(finding.Check.Stage) == name && v.why(finding.Check.Needs...) == "" {
			link.Findings = append(link.Findings, finding)
		}
	}
	return link
}

// holdsUp tells whether what the check found holds up what has to happen now.
func (v *variant) holdsUp(finding *check.Finding) bool {
	if v.goes == in && v.atMinimum() && finding.Check.Stage != check.StageTarget {
		return false // nothing has to be removed, unless the minimum itself is wrong
	}
	if v.goes == wake && v.anotherWakes() {
		return false
	}
	return finding.Holds&v.goes.needs() != 0
}

// loses tells whether instances that have work are taken away now, by a path of which the check says so.
func (v *variant) loses(finding *check.Finding) bool {
	if finding.Holds != check.Keep || !v.waiting || v.Target == nil {
		return false
	}
	if last := v.ins.last; v.desired < v.current { // requests waited already when it was decided
		oldest := v.endpoint.Queue[fleet.OldestAge]
		came := oldest.At.Add(-fleet.Seconds(oldest.Value))
		return last != nil && v.desired < v.standing.Busy && v.sees(fleet.OldestAge) && came.Before(last.Start) && v.harmed(last)
	}
	read := &v.standing.Read
	return v.desired == v.current && !v.suspended(in) && read.Most < v.standing.Busy && !read.Waits && v.Behavior.Harms(read.Path)
}

// harmed tells whether an activity is by a policy that takes away instances that have work.
func (v *variant) harmed(by *fleet.Activity) bool {
	name, ok := by.Policy()
	return ok && slices.ContainsFunc(v.Behavior.Paths, func(w behavior.Wire) bool { return w.Policy == name && v.Behavior.Harms(w.Path) })
}

// anotherWakes tells whether another variant of the endpoint wakes from a single request: they share the queue.
func (v *variant) anotherWakes() bool {
	return slices.ContainsFunc(v.endpoint.Variants, func(other report.Variant) bool {
		return other.Name != v.Name && other.Behavior != nil && other.Behavior.Wakes.Verdict == behavior.Yes && other.Behavior.Wakes.From <= 1
	})
}

// breaks tells whether what the check found is a broken link. A critical one always is, also when nothing has to happen
// now; a warning where it holds something up; what is only worth knowing never is.
func (v *variant) breaks(finding *check.Finding) bool {
	switch finding.Severity {
	case check.Critical:
		return true
	case check.Warning:
		return v.holdsUp(finding) || v.loses(finding)
	}
	return false
}

// failed makes a link broken if the checks say so.
func (v *variant) failed(link *Link) {
	if link.Verdict == Unknown {
		return
	}
	var worst *check.Finding // the first that holds up what has to happen now, else the first
	for i := range link.Findings {
		finding := &link.Findings[i]
		if !v.breaks(finding) {
			continue
		}
		if worst == nil || v.holdsUp(finding) && !link.holds {
			worst = finding
		}
		link.holds = link.holds || v.holdsUp(finding)
	}
	if worst == nil {
		return
	}
	if link.Alert == "" || link.Name == Alarm { // what the check found is why the alarm does not go into ALARM
		link.Alert = worst.Check.Alert
	}
	link.check, link.advice, link.lacks = worst.Check.Name, worst.Advice(), worst.Holds
	link.warns = link.Verdict != Broken && worst.Severity == check.Warning
	if link.Name == Alarm || link.Verdict != Broken {
		if v.wakes.alarm != nil && v.running > 0 && worst.Holds == check.Wake {
			link.fact("wake_alarm", v.wakes.alarm.Name)
		}
		link.Sentence = worst.Problem()
	}
	link.Verdict, link.next = Broken, next{}
}

// remedies are the kinds of objects that fix a broken link: those that apply writes for the checks that break it.
func (v *variant) remedies(link *Link) (kinds []plan.Kind) {
	switch {
	case link.Name == Target && v.Target == nil:
		return plan.Kinds()
	case link.Name == Target && link.check == "": // the maximum is what is wrong
		return []plan.Kind{plan.ScalableTarget}
	}
	switch {
	case link.Name != Alarm || link.check != "":
	case v.asleep():
		kinds = append(kinds, plan.WakeAlarm)
	default: // AWS's own alarms are made anew
		kinds = append(kinds, plan.TrackingPolicy)
	}
	for i := range link.Findings {
		if finding := &link.Findings[i]; v.breaks(finding) {
			kinds = append(kinds, finding.Check.Remedy...)
		}
	}
	return kinds
}

// mend adds to a broken link the steps that fix it, and what is withheld of them.
func (v *variant) mend(link *Link) {
	if link.Verdict != Broken || v.noAlarms != "" || link.Name != Alarm && link.Name != Policy && link.Name != Target {
		return
	}
	kinds, made := v.remedies(link), v.Plan
	if link.Planned = v.Selected || v.Unknown; !link.Planned {
		made = v.IfSelected(v.endpoint)
	}
	for _, step := range made.StepsOf(v.endpoint.Name) {
		if step.ResourceID == v.resource && slices.Contains(kinds, step.Kind) {
			link.Steps = append(link.Steps, step)
		} else {
			link.Others++
		}
	}
	for _, held := range made.WithheldOf(v.resource) {
		if slices.Contains(kinds, held.Kind) {
			link.Withheld = append(link.Withheld, held)
		}
	}
}

// suspended tells whether scaling in that direction is.
func (v *variant) suspended(d direction) bool {
	if v.Target == nil {
		return false
	}
	return map[direction]bool{wake: v.Target.Suspended.ScaleOut, out: v.Target.Suspended.ScaleOut, in: v.Target.Suspended.ScaleIn}[d]
}
