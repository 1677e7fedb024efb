package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func wakeFields(s *fleet.Step) []named {
	return []named{
		{"adjustment_type", s.AdjustmentType},
		{"adjustment", adjustment(s.Adjustments)},
		{"min_adjustment_magnitude", magnitude(s.MinAdjustmentMagnitude)},
		{"aggregation", cmp.Or(s.Aggregation, policy.WakeAggregation)},
		{"cooldown", fleet.Cooldown(s.Cooldown)},
	}
}

// magnitude is the least change of a percentage, where it is set.
func magnitude(least *int) Value {
	if least == nil {
		return nil
	}
	return *least
}

// adjustment is the number of a single step from the threshold on, or the steps in words.
func adjustment(steps []fleet.StepAdjustment) Value {
	if len(steps) == 1 && (steps[0].Lower == nil || *steps[0].Lower <= 0) && steps[0].Upper == nil {
		return steps[0].Adjustment
	}
	var all []string
	for _, step := range steps {
		text := fmt.Sprintf("%+d", step.Adjustment)
		if step.Lower != nil {
			text += fmt.Sprintf(" from %g", *step.Lower)
		}
		if step.Upper != nil {
			text += fmt.Sprintf(" below %g", *step.Upper)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// wakes compares how the variant wakes. What wakes it from one request keeps everything but what the entry sets; else the
// nearest pair of a policy and an alarm is fixed, or made.
func (d *differ) wakes(s *state) {
	b := s.seen
	if f := b.Joins.Fault; f != nil && f.Kind == behavior.DeadAction {
		d.rejoin(s, f.Path)
	}
	if !wakesFromOne(&b.Wakes) || s.siblings.fixed { // another variant may have changed an alarm that both share
		b = d.trial(s, s.policies, d.alarmsOf(s))
	}
	switch w := &b.Wakes; {
	case wakesFromOne(w):
		d.keepWaking(s, b)
	case w.Verdict == behavior.NotJudged:
		d.withholdWake(s, WakeAlarm, w.By.Alarm, Ambiguous, "whether it wakes is not judged: "+w.Reason)
	default:
		d.makeWake(s, b)
	}
}

// withholdWake withholds what would make the variant wake.
func (d *differ) withholdWake(s *state, kind Kind, name string, reason Reason, detail string) {
	d.withhold(s.Resource, kind, name, reason, detail)
	d.wakeless(Step{ResourceID: s.Resource, Kind: kind, Name: name}, reason)
}

// keepWaking corrects what the entry sets of the objects that wake the variant. How long an alarm takes to go into ALARM is no
// matter of waking where it wakes in another state.
func (d *differ) keepWaking(s *state, b *behavior.Behavior) {
	w, a, by := s.Wanted.Wake, s.Wanted.Alarm, b.Wakes.By
	enforces := w.Adjustment.Enforced || w.Aggregation.Enforced || w.Cooldown.Enforced ||
		a.EvaluationPeriods.Enforced || a.DatapointsToAlarm.Enforced || a.TreatMissingData.Enforced
	p := s.policy(by.Policy)
	if !enforces || p == nil || p.Step == nil {
		return
	}
	d.writeWake(s, p, *p)
	if by.Alarm != "" && b.Trigger(by, false).State == "ALARM" {
		d.draftOf(s, by.Alarm)
	}
}

// rejoin gives an alarm that is to start the variant beside another one the policy whose name is in its dead action, if that then starts it.
func (d *differ) rejoin(s *state, dead behavior.Path) {
	before, p := d.alarmNow(s, dead.Alarm), s.policy(dead.Policy)
	if before == nil || p == nil || d.serves(s, before) {
		return
	}
	alarm, alarms := *before, slices.DeleteFunc(d.alarmsOf(s), func(a fleet.Alarm) bool { return a.Name == dead.Alarm })
	alarm.AlarmActions = d.rewired(s, before, p.ARN)
	if after := d.trial(s, s.policies, append(alarms, alarm)); after.Joins.Verdict == behavior.Yes && keeps(s.seen, after) {
		draft := d.draftOf(s, alarm.Name)
		draft.after.AlarmActions, draft.joins = alarm.AlarmActions, true
	}
}

// makeWake fixes what is nearest to waking the variant, or makes what is missing beside it.
func (d *differ) makeWake(s *state, b *behavior.Behavior) {
	made, in := d.nearest(s, b)
	switch {
	case in.reason != "":
		d.withholdWake(s, WakeAlarm, made.alarm.Name, in.reason, in.detail)
		return
	case made.alarm.Name == "":
		made, in = d.beside(s, b)
	}
	if in.reason != "" {
		d.withholdWake(s, WakeAlarm, made.alarm.Name, in.reason, in.detail)
		return
	}
	s.wake = d.writeWake(s, s.policy(made.policy.Name), made.policy)
	draft := d.draftOf(s, made.alarm.Name)
	draft.after, s.siblings.fixed = made.alarm, true
	if by := d.trial(s, s.policies, d.alarmsOf(s)).Wakes.By; by.Alarm != made.alarm.Name && by.Alarm != "" { // another that waited for the same policy
		d.draftOf(s, by.Alarm)
	}
}

// nearest is the pair that is fixed; without a name if there is none. What acts in some situation has its own work, and is
// never what is fixed; nor is what nobody can judge.
func (d *differ) nearest(s *state, b *behavior.Behavior) (fix, obstacle) {
	alarms := slices.DeleteFunc(d.alarmsOf(s), func(a fleet.Alarm) bool {
		known := b.Alarm(a.Name)
		return known != nil && known.Acts|known.May != 0
	})
	for {
		fault := d.trial(s, s.policies, alarms).Wakes.Fault
		if fault == nil || fault.Kind == behavior.Nothing {
			return fix{}, obstacle{}
		}
		near := append([]behavior.Path{fault.Path}, fault.Others...)
		if slices.ContainsFunc(near, func(p behavior.Path) bool { return p.Policy != "" }) { // the name in the ARN decides
			near = slices.DeleteFunc(near, func(p behavior.Path) bool { return p.Policy == "" })
		}
		var fixes []fix
		for _, path := range near {
			i := slices.IndexFunc(alarms, func(a fleet.Alarm) bool { return a.Name == path.Alarm })
			p := s.policy(path.Policy)
			if p == nil {
				p = d.loosePolicy(s, b)
			}
			if i < 0 || p == nil {
				continue
			}
			if f, ok := d.pair(s, *p, alarms[i]); ok {
				fixes = append(fixes, f)
			}
		}
		if len(fixes) > 0 {
			return d.choose(s, fixes)
		}
		left := slices.DeleteFunc(slices.Clone(alarms), func(a fleet.Alarm) bool {
			return slices.ContainsFunc(near, func(p behavior.Path) bool { return p.Alarm == a.Name })
		})
		if len(left) == len(alarms) {
			return fix{}, obstacle{}
		}
		alarms = left
	}
}

// choose takes the one of several pairs that bears the entry's or the document's name; if there is none, or several do,
// nobody knows which is meant.
func (d *differ) choose(s *state, fixes []fix) (fix, obstacle) {
	chosen := fixes
	for _, named := range []func(fix) bool{
		func(f fix) bool { return f.alarm.Name == s.Wanted.Alarm.Name(s.Endpoint.Name, s.Variant.Name) },
		func(f fix) bool { return slices.Contains(documentedNames(s), f.alarm.Name) },
		func(f fix) bool { return f.policy.Name == s.Wanted.Wake.Name },
		func(f fix) bool { return f.policy.Name == policy.WakeName },
	} {
		if len(chosen) == 1 {
			break
		}
		if bear := slices.DeleteFunc(slices.Clone(chosen), func(f fix) bool { return !named(f) }); len(bear) > 0 {
			chosen = bear
		}
	}
	if len(chosen) > 1 {
		var names []string
		for _, f := range chosen {
			names = append(names, Quoted(f.alarm.Name)+" with "+Quoted(f.policy.Name))
		}
		slices.Sort(names)
		return fix{}, obstacle{Ambiguous, strings.Join(names, " and ") + " are equally near to waking it"}
	}
	f := chosen[0]
	if before := d.alarmNow(s, f.alarm.Name); before != nil && !before.ActionsEnabled && !s.Wanted.SetsWake {
		return fix{alarm: f.alarm}, obstacle{ActionsDisabled, "somebody disabled its actions; a key of wake: in the entry enables them"}
	}
	return f, obstacle{}
}

// documentedNames are the names that the document gives the wake alarm.
func documentedNames(s *state) []string {
	return []string{policy.WantedAlarm{NameTemplate: policy.WakeAlarmName}.Name(s.Endpoint.Name, s.Variant.Name), policy.SharedAlarmName}
}

// beside is a new policy with a new alarm, or what stands under their names and is free.
func (d *differ) beside(s *state, b *behavior.Behavior) (fix, obstacle) {
	name := s.Wanted.Alarm.Name(s.Endpoint.Name, s.Variant.Name)
	p := d.loosePolicy(s, b)
	if p == nil {
		taken := s.policy(s.Wanted.Wake.Name)
		d.withholdWake(s, WakePolicy, taken.Name, NameTaken, serving(taken, b))
		return fix{alarm: fleet.Alarm{Name: name}}, obstacle{NameTaken, "it needs the wake policy"}
	}
	if alarm := d.looseAlarm(s, name); alarm != nil {
		if f, ok := d.pair(s, *p, *alarm); ok {
			return d.choose(s, []fix{f})
		}
	}
	if what := d.taken(name, b); what != "" {
		return fix{alarm: fleet.Alarm{Name: name}}, obstacle{NameTaken, what}
	}
	alarm := documentedAlarm(s)
	f, ok := d.pair(s, *p, alarm)
	if !ok { // somebody's policy of that name, which another alarm uses
		alarm.AlarmActions = []string{p.ARN}
		return fix{policy: *p, alarm: alarm}, obstacle{NameTaken, "the policy " + Quoted(p.Name) + " adds nothing where no instance runs, and may not be changed"}
	}
	return f, obstacle{}
}

// waking says how far an alarm wakes the variant, which it does not from one request on.
func waking(b *behavior.Behavior, alarm string) string {
	from := 0
	for i := range b.Paths {
		if p := &b.Paths[i]; p.Alarm == alarm && p.WakesFrom > 0 && (from == 0 || p.WakesFrom < from) {
			from = p.WakesFrom
		}
	}
	switch {
	case from > 1:
		return fmt.Sprintf("wakes the variant only from %d queued requests on", from)
	case from == 1 && b.Wakes.UpTo > 0 && b.Wakes.By.Alarm == alarm:
		return fmt.Sprintf("wakes the variant only while at most %d requests are queued", b.Wakes.UpTo)
	}
	return "does not wake the variant"
}

// serving says what else a policy of the wanted name does.
func serving(p *fleet.Policy, b *behavior.Behavior) string {
	switch known := b.Policy(p.Name); {
	case !p.ScalesOut():
		return "a policy of that name does something else (" + string(p.Type) + ")"
	case known != nil && known.Adds && len(known.Alarms) > 0:
		return "a policy of that name serves the alarm " + Quoted(known.Alarms[0]) + ", which " + waking(b, known.Alarms[0]) + " and is not the plan's to change: write another wake.name into the entry"
	}
	return "the policy of that name adds instances, but not the first one: write another wake.name into the entry"
}

// loosePolicy is a step policy of the entry's or the document's name that adds instances and that no alarm uses, else a
// new one; nil where the name belongs to something else.
func (d *differ) loosePolicy(s *state, b *behavior.Behavior) *fleet.Policy {
	for _, name := range []string{s.Wanted.Wake.Name, policy.WakeName} {
		p, known := s.policy(name), b.Policy(name)
		if p != nil && known != nil && p.ScalesOut() && d.loose(b, known) {
			return p
		}
	}
	if s.policy(s.Wanted.Wake.Name) != nil {
		return nil
	}
	made := d.documentedWake(s)
	return &made
}

// loose tells whether nothing of this endpoint triggers a policy: neither an alarm, nor one on another endpoint's metrics, which goes
// on to do so.
func (d *differ) loose(b *behavior.Behavior, p *behavior.Policy) bool {
	return p.Acts == 0 && !slices.ContainsFunc(p.Alarms, func(name string) bool {
		alarm := b.Alarm(name)
		return alarm == nil || alarm.Elsewhere == ""
	})
}

// looseAlarm is an alarm of the entry's or the document's name that watches the endpoint and wakes nothing yet, or only
// other variants of it. One that somebody disabled comes first: it is not gone around.
func (d *differ) looseAlarm(s *state, name string) (found *fleet.Alarm) {
	for i, name := range append([]string{name}, documentedNames(s)...) {
		alarm := d.alarmNow(s, name)
		if alarm == nil || !above(alarm) || !wakesEndpoint(alarm, s.Endpoint.Name) && !d.copied(s, alarm) {
			continue
		}
		if i > 0 && slices.ContainsFunc(alarm.AlarmActions, func(action string) bool { return fleet.ScaledResource(action) != s.Resource }) {
			continue // it serves somebody else
		}
		if found == nil || found.ActionsEnabled && !alarm.ActionsEnabled {
			found = alarm
		}
	}
	return found
}

// copied tells whether an alarm of such a name triggers policies of the variant alone, by another endpoint's metric: it was copied
// from there.
func (d *differ) copied(s *state, alarm *fleet.Alarm) bool {
	return len(alarm.Math) == 0 && alarm.Metric.Name == fleet.WithoutCapacity.String() && behavior.Elsewhere(s.Endpoint.Name, alarm) != "" && len(alarm.AlarmActions) > 0 &&
		!slices.ContainsFunc(alarm.AlarmActions, func(action string) bool { return fleet.ScaledResource(action) != s.Resource })
}

// wakesEndpoint tells whether the alarm is about waking the endpoint, whatever it triggers: it watches the documented metric, or
// something of the endpoint that nobody publishes, and nothing of anything else.
func wakesEndpoint(alarm *fleet.Alarm, endpoint string) (wakes bool) {
	metrics := []*fleet.Metric{&alarm.Metric}
	if len(alarm.Math) > 0 {
		metrics = nil
		for i := range alarm.Math {
			if alarm.Math[i].Metric != nil {
				metrics = append(metrics, alarm.Math[i].Metric)
			}
		}
	}
	for _, metric := range metrics {
		if of, _ := metric.Dimension("EndpointName"); of != endpoint {
			return false
		}
		wakes = wakes || metric.Name == fleet.WithoutCapacity.String() || behavior.Misnamed(*metric)
	}
	return wakes
}

// writeWake makes the step of the wake policy. An existing one gets its fix, and what the entry sets.
func (d *differ) writeWake(s *state, before *fleet.Policy, after fleet.Policy) obstacle {
	draft := d.draft(s.Subject, WakePolicy, after.Name)
	if before == nil {
		draft.step.Policy = sent(after)
		in := draft.create(wakeFields(after.Step), d.policyObstacle(s, WakePolicy))
		if in.reason == "" {
			s.policies = with(s.policies, after)
		}
		return in
	}
	draft.step.Expects, draft.step.Note = Object{Policy: before}, owner(s.Endpoint)
	in := d.policyObstacle(s, WakePolicy)
	if structural := differing(wakeFields(before.Step), wakeFields(after.Step)); len(structural) > 0 && !draft.free(structural...) {
		after = *before
	}
	step := *after.Step
	d.enforceWake(draft, s.Wanted, &step)
	after.Step = &step
	draft.step.Policy = &after
	if in = draft.update(in, func() (before2, now []named) { return wakeFields(before.Step), wakeFields(&step) }); in.reason == "" {
		s.policies = with(s.policies, after)
	}
	return in
}

// sent is the policy without the ARN that only the plan knows.
func sent(p fleet.Policy) *fleet.Policy {
	p.ARN = ""
	return &p
}

// adding is one step in place of those that add instances, over all of their bounds, and the steps that do not. Its adjustment is
// 0 where there are several.
func adding(steps []fleet.StepAdjustment) (adds fleet.StepAdjustment, rest []fleet.StepAdjustment) {
	found := 0
	for _, step := range steps {
		switch {
		case !step.Adds():
			rest = append(rest, step)
			continue
		case found == 0:
			adds = step
		default:
			adds.Adjustment = 0
			if adds.Lower != nil && (step.Lower == nil || *step.Lower < *adds.Lower) {
				adds.Lower = step.Lower
			}
			if adds.Upper != nil && (step.Upper == nil || *step.Upper > *adds.Upper) {
				adds.Upper = step.Upper
			}
		}
		found++
	}
	if found == 0 {
		adds.Lower = new(float64)
	}
	return adds, rest
}

// enforceWake corrects what the entry sets. A strict entry flattens no shape that somebody made: its adjustment is for a
// policy of one step that adds so many.
func (d *differ) enforceWake(draft *draft, wanted *policy.Wanted, step *fleet.Step) {
	w := wanted.Wake
	simple := len(step.Adjustments) == 1 && step.AdjustmentType == policy.ChangeInCapacity
	documented := wanted.Strictly && w.Adjustment.Value == policy.WakeAdjustment
	adds, rest := adding(step.Adjustments)
	convertible := step.AdjustmentType != percentage || len(rest) == 0 // else the others would mean something else
	if w.Adjustment.Enforced && (simple || !documented) && convertible && adds.Adjustment != w.Adjustment.Value && draft.frees("adjustment", w.Adjustment.Value) {
		adds.Adjustment = w.Adjustment.Value
		step.Adjustments = append([]fleet.StepAdjustment{adds}, rest...)
		if step.AdjustmentType == percentage {
			step.AdjustmentType, step.MinAdjustmentMagnitude = policy.ChangeInCapacity, nil
		}
	}
	if cmp.Or(step.Aggregation, policy.WakeAggregation) != w.Aggregation.Value {
		enforce(draft, "aggregation", &step.Aggregation, w.Aggregation)
	}
	enforceCooldown(draft, "cooldown", &step.Cooldown, w.Cooldown)
}
