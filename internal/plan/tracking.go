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

// trackingAlarms is the field of the alarms that AWS makes for a tracking policy.
const trackingAlarms = "alarms"

func trackingFields(t *fleet.Tracking) []named {
	metric, dimensions, statistic := metricName(t.Metric), dimensionList(t.Metric), t.Statistic
	switch {
	case t.Predefined != "":
		metric = t.Predefined
	case t.Metric == nil:
		metric = "metric math"
	}
	return []named{
		{"metric", metric},
		{"dimensions", dimensions},
		{"statistic", statistic},
		{"unit", optional(t.Unit)},
		{"target_value", t.TargetValue},
		{"scale_in_cooldown", fleet.Cooldown(t.ScaleInCooldown)},
		{"scale_out_cooldown", fleet.Cooldown(t.ScaleOutCooldown)},
		{"disable_scale_in", disabled(t.DisableScaleIn)},
	}
}

// optional is a text that most objects leave out.
func optional(text string) Value {
	if text == "" {
		return nil
	}
	return text
}

// disabled is what most policies leave out.
func disabled(scaleIn bool) Value {
	if scaleIn {
		return true
	}
	return nil
}

func metricName(m *fleet.Metric) string {
	if m == nil {
		return ""
	}
	return strings.TrimPrefix(m.Namespace+" "+m.Name, " ")
}

func dimensionList(m *fleet.Metric) []string {
	list := []string{}
	if m != nil {
		for _, dimension := range m.Dimensions {
			list = append(list, dimension.String())
		}
	}
	return list
}

// tracking compares the target-tracking policy. One that works keeps everything but what the entry sets; one on the
// backlog that never acts is fixed; a new one is made only where nothing else scales the variant.
func (d *differ) tracking(s *state) {
	working, broken := d.trackers(s)
	switch {
	case len(working) > 0:
		for i, p := range working {
			w := s.Wanted.Tracking
			if len(p.Lost) > 0 {
				d.putAgain(s, p)
			} else if i == 0 && (w.TargetValue.Enforced || w.ScaleInCooldown.Enforced || w.ScaleOutCooldown.Enforced) {
				d.writeTracking(s, p, *p.Tracking)
			}
		}
	case len(broken) > 1:
		d.withhold(s.Resource, TrackingPolicy, "", Ambiguous, Quoted(broken[0].Name)+" and "+Quoted(broken[1].Name)+" track the backlog wrongly, and nobody knows which is meant")
	case len(broken) == 1:
		d.putBeside(s, broken[0], d.onBacklog(s, broken[0]))
	default:
		d.makeTracking(s)
	}
}

// putAgain puts a policy as it is, because AWS then makes the alarms anew that are gone. While it does nothing, what scales the
// variant out otherwise goes first. What only removes idle instances is no such thing: the policy was there beside it.
func (d *differ) putAgain(s *state, p *fleet.Policy) {
	known := s.seen.Policy(p.Name)
	if how := scalesOut(s.seen); how != "" && known != nil && known.Acts|known.May == 0 && !s.Wanted.Strictly {
		d.withhold(s.Resource, TrackingPolicy, p.Name, ScaledOtherwise, how)
		return
	}
	d.putBeside(s, p, *p.Tracking)
}

// putBeside puts a policy, unless it would hold up what works.
func (d *differ) putBeside(s *state, before *fleet.Policy, t fleet.Tracking) {
	if !d.tracksBeside(s, tracking(*before, t)) {
		d.withhold(s.Resource, TrackingPolicy, before.Name, ScaledOtherwise, "it would hold up what removes idle instances now")
		return
	}
	d.writeTracking(s, before, t)
}

// tracking is a policy as it is once it is put with a configuration: AWS makes its alarms anew.
func tracking(p fleet.Policy, t fleet.Tracking) fleet.Policy {
	p.Tracking, p.Alarms, p.Lost = &t, nil, nil
	return p
}

// tracksBeside tells whether everything else goes on to work beside a tracking policy: two of them scale in only when both
// would.
func (d *differ) tracksBeside(s *state, p fleet.Policy) bool {
	return keeps(s.seen, d.trial(s, with(s.policies, p), d.alarmsOf(s)))
}

// trackers are the policies that track the backlog and work, the documented metric and the entry's name first, and those
// that should and never act.
func (d *differ) trackers(s *state) (working, broken []*fleet.Policy) {
	name, seen := s.Wanted.Tracking.Name, s.seen
	if whole := whole(s.policies); whole != nil {
		seen = d.trial(s, whole, d.alarmsOf(s))
	}
	for i := range s.policies {
		p, known := &s.policies[i], seen.Policy(s.policies[i].Name)
		if known == nil {
			continue
		}
		switch acts := known.Acts|known.May != 0 && known.Elsewhere == ""; {
		case known.Follows != behavior.NotBacklog && (acts || known.Follows == behavior.ByMath):
			working = append(working, p)
		case !acts && (known.Follows != behavior.NotBacklog || p.Name == name && known.Unpublished != "" && queue(p)):
			broken = append(broken, p)
		}
	}
	slices.SortStableFunc(working, func(a, b *fleet.Policy) int {
		exact := func(p *fleet.Policy) bool { return behavior.Follow(s.Endpoint.Name, p) == behavior.Exactly }
		return cmp.Or(first(exact(a), exact(b)), first(a.Name == name, b.Name == name))
	})
	if named := slices.DeleteFunc(slices.Clone(broken), func(p *fleet.Policy) bool { return p.Name != name }); len(named) == 1 {
		broken = named
	}
	return working, broken
}

// whole are the policies with the alarms that some have lost; nil where none has.
func whole(policies []fleet.Policy) (all []fleet.Policy) {
	for i := range policies {
		if p := policies[i]; len(p.Lost) > 0 && p.Tracking != nil {
			if all == nil {
				all = slices.Clone(policies)
			}
			all[i] = tracking(p, *p.Tracking)
		}
	}
	return all
}

// queue tells whether a tracking policy is about requests, though it may watch what nobody publishes. Another metric, such as
// host load, is somebody's own idea.
func queue(p *fleet.Policy) bool {
	t := p.Tracking
	return t.Predefined != "" || t.Metric != nil && t.Metric.Namespace == fleet.Namespace
}

// first compares so that true comes first.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// onBacklog is the configuration of a policy that never acts, on the documented metric.
func (d *differ) onBacklog(s *state, p *fleet.Policy) fleet.Tracking {
	t, documented := *p.Tracking, policy.Tracking(s.Endpoint.Name, s.Variant.Name).Tracking
	if behavior.Follow(s.Endpoint.Name, p) == behavior.NotBacklog { // the target of another metric is no tuned value of this one
		t.TargetValue = s.Wanted.Tracking.TargetValue.Value
		t.Statistic = documented.Statistic
	}
	t.Predefined, t.ResourceLabel, t.Math, t.Unit, t.Metric = "", "", nil, "", documented.Metric
	if known := d.trial(s, with(s.policies, tracking(*p, t)), d.alarmsOf(s)).Policy(p.Name); known.Acts|known.May == 0 {
		t.Statistic = documented.Statistic
	}
	return t
}

// writeTracking makes the step of a policy that stands.
func (d *differ) writeTracking(s *state, before *fleet.Policy, t fleet.Tracking) {
	draft, wanted := d.draft(s.Subject, TrackingPolicy, before.Name), s.Wanted.Tracking
	draft.step.Expects, draft.step.Note = Object{Policy: before}, owner(s.Endpoint)
	if structural := differing(trackingFields(before.Tracking), trackingFields(&t)); len(structural) > 0 && !draft.free(structural...) {
		t = *before.Tracking
	}
	enforce(draft, "target_value", &t.TargetValue, wanted.TargetValue)
	enforceCooldown(draft, "scale_in_cooldown", &t.ScaleInCooldown, wanted.ScaleInCooldown)
	enforceCooldown(draft, "scale_out_cooldown", &t.ScaleOutCooldown, wanted.ScaleOutCooldown)
	anew := len(before.Lost) > 0 && draft.frees(trackingAlarms, nil)
	after := tracking(*before, t)
	draft.step.Policy = &after
	if draft.update(d.policyObstacle(s, TrackingPolicy), func() (was, now []named) {
		was, now = trackingFields(before.Tracking), trackingFields(&t)
		if anew {
			was, now = append(was, named{trackingAlarms, "gone: " + strings.Join(before.Lost, ", ")}), append(now, named{trackingAlarms, AfterApply})
		}
		return was, now
	}).reason == "" {
		s.policies = with(s.policies, after)
	}
}

// makeTracking makes the documented policy, unless something else scales the variant. A strict entry wants it all the
// same; then it leaves scaling in to what does that.
func (d *differ) makeTracking(s *state) {
	b, wanted := s.seen, s.Wanted.Tracking
	in := d.policyObstacle(s, TrackingPolicy)
	if how := otherwise(b); how != "" && !s.Wanted.Strictly && s.missing.reason == "" {
		d.withhold(s.Resource, TrackingPolicy, wanted.Name, ScaledOtherwise, how)
		return
	}
	if taken := s.policy(wanted.Name); taken != nil && in.reason == "" {
		in = obstacle{NameTaken, "a policy of that name tracks something else: write another tracking.name into the entry"}
		if taken.Tracking == nil {
			in.detail = "a policy of that name does something else (" + string(taken.Type) + ")"
		}
	}
	draft, documented := d.draft(s.Subject, TrackingPolicy, wanted.Name), policy.Tracking(s.Endpoint.Name, s.Variant.Name)
	documented.Name = wanted.Name
	documented.Tracking.TargetValue = wanted.TargetValue.Value
	documented.Tracking.ScaleInCooldown = &wanted.ScaleInCooldown.Value
	documented.Tracking.ScaleOutCooldown = &wanted.ScaleOutCooldown.Value
	documented.Tracking.DisableScaleIn = b.ScalesIn.Verdict != behavior.No
	if good := d.history.variant(s.Resource).good.tracking; good.known {
		restore(documented.Tracking, wanted, good)
	}
	draft.step.Policy = &documented
	if draft.create(trackingFields(documented.Tracking), in).reason == "" {
		made := documented
		made.ARN = fresh(s.Resource, made.Name)
		s.policies = with(s.policies, made)
	}
}

// otherwise says how a variant without tracking on the backlog is scaled, or may be; empty where it is not.
func otherwise(b *behavior.Behavior) string {
	if how := scalesOut(b); how != "" {
		return how
	}
	if in := &b.ScalesIn; in.Verdict != behavior.No {
		return how("scales it in", in.By, in.Reason)
	}
	return ""
}

// scalesOut says how a variant is scaled out, or may be; empty where it is not.
func scalesOut(b *behavior.Behavior) string {
	switch out := &b.ScalesOut; out.Level {
	case behavior.Moderate, behavior.BurstOnly:
		return how("scales it out", out.By, "")
	case behavior.LevelOpen:
		return how("scales it out", behavior.Path{}, out.Reason)
	}
	return ""
}

// how says that a path does what it does, or why that is not judged.
func how(does string, by behavior.Path, reason string) string {
	switch {
	case by.Policy != "":
		return fmt.Sprintf("the policy %q %s", by.Policy, does)
	case reason != "":
		return "whether something " + does + " is not judged: " + reason
	}
	return "something else " + does
}

// restore gives a policy that is made again the values that the lost one had, but for those that the entry sets.
func restore(t *fleet.Tracking, wanted policy.WantedTracking, good trackingValues) {
	if !wanted.TargetValue.Enforced {
		t.TargetValue = good.target
	}
	if !wanted.ScaleInCooldown.Enforced {
		t.ScaleInCooldown = &good.in
	}
	if !wanted.ScaleOutCooldown.Enforced {
		t.ScaleOutCooldown = &good.out
	}
	t.DisableScaleIn = t.DisableScaleIn || good.stays
}

// tracks is the target tracking on the backlog of a variant; nil when there is none.
func tracks(endpoint string, variant *fleet.Variant) (found *fleet.Tracking) {
	for i := range variant.Policies {
		switch p := &variant.Policies[i]; behavior.Follow(endpoint, p) {
		case behavior.NotBacklog:
		case behavior.Exactly:
			return p.Tracking
		default:
			if found == nil {
				found = p.Tracking
			}
		}
	}
	return found
}

// policyObstacle finds what withholds a scaling policy: the target that it needs may not be written either.
func (d *differ) policyObstacle(s *state, kind Kind) obstacle {
	if missing := s.missing; missing.reason != "" {
		return obstacle{missing.reason, cmp.Or(missing.detail, "it needs the scalable target")}
	}
	return d.obstacle(s.Subject, kind)
}
