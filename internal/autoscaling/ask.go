package autoscaling

import (
	"cmp"
	"math"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Instances are those of a variant: how many are desired, and how many run and stand behind metrics per instance.
type Instances struct{ Desired, Running int }

// Asked is the capacity that a policy asks for, before MinCapacity and MaxCapacity are applied.
type Asked struct {
	Least, Most int
	None        bool   // nothing is asked for: no step matches, or the policy may not scale in. Perhaps nothing where Least and Most differ
	Reason      string // why Least and Most differ, or may
}

func asked(n int) Asked { return Asked{Least: n, Most: n} }

// Ask is what a policy asks for when an alarm triggers it in a state, with the value that the state rests on.
func Ask(p *fleet.Policy, a *fleet.Alarm, state States, v Value, n Instances) Asked {
	ask := func(v Value) Asked {
		switch {
		case p.Tracking != nil:
			return track(p.Tracking, a, state, v, n)
		case p.Step != nil:
			return climb(p.Step, a, state, v, n.Desired)
		}
		return Asked{None: true, Reason: "policies of the type " + string(p.Type) + " are not modelled"}
	}
	if v.there != perhaps {
		return ask(v)
	}
	without := ask(Missing())
	v.there = present
	with := ask(v)
	if with.None && without.None && with.Least == with.Most && without.Least == without.Most {
		return with
	}
	if with.None {
		with.Least, with.Most = n.Desired, n.Desired
	}
	if without.None && without.Least == without.Most {
		without.Least, without.Most = n.Desired, n.Desired
	}
	return Asked{
		Least: min(with.Least, without.Least), Most: max(with.Most, without.Most), None: true, Reason: cmp.Or(v.why, without.Reason, with.Reason),
	}
}

// ScalesIn tells whether an alarm triggers a tracking policy to scale in: it is about values below its threshold.
func ScalesIn(p *fleet.Policy, a *fleet.Alarm) bool {
	above, ok := greater(a)
	return p.Tracking != nil && ok && !above
}

// track asks for as many instances as bring the metric back to the target: ceil(n P / T) with the n instances that run.
// Reckoning with those that are still starting would ask for more each minute. With none that runs it asks for none. AWS does
// not publish the formula; see "How target tracking works" for its direction.
func track(t *fleet.Tracking, a *fleet.Alarm, state States, v Value, n Instances) Asked {
	above, ok := greater(a)
	switch {
	case state != Alarm || !ok || !above && t.DisableScaleIn:
		return Asked{None: true}
	case v.there == absent:
		return open(n.Desired, n.Desired, "the alarm acts on missing data: there is no value to compute a capacity from")
	case t.TargetValue <= 0:
		return Asked{None: true}
	}
	capacity := func(x float64) int {
		if n.Running == 0 {
			return 0
		}
		return ceil(float64(n.Running) * x / t.TargetValue)
	}
	least, most := capacity(v.lo), capacity(v.hi)
	if above {
		least, most = max(least, n.Desired), max(most, n.Desired)
	} else {
		least, most = min(max(least, 0), n.Desired), min(max(most, 0), n.Desired)
	}
	return open(least, most, v.why)
}

// ceil is the next whole number, within what a capacity can be.
func ceil(x float64) int {
	const most = math.MaxInt32
	switch {
	case !(x < most):
		return most
	case x < -most:
		return -most
	}
	return int(math.Ceil(x))
}

// open is a capacity that is known as an interval.
func open(least, most int, reason string) Asked {
	if least == most {
		reason = ""
	}
	return Asked{Least: least, Most: most, Reason: reason}
}

// climb asks for what the step says in whose bounds the value is.
func climb(s *fleet.Step, a *fleet.Alarm, state States, v Value, n int) Asked {
	if v.there == absent {
		out := Asked{Least: n, Most: n, None: true, Reason: "the alarm acts on missing data: there is no value to find a step for"}
		for _, step := range s.Adjustments {
			least, most := adjusted(s, step.Adjustment, n)
			out.Least, out.Most = min(out.Least, least), max(out.Most, most)
		}
		return out
	}
	lo, hi := v.lo-a.Threshold, v.hi-a.Threshold
	above, _ := greater(a)
	result, first := Asked{None: true, Reason: v.why}, true
	take := func(least, most int) {
		if first {
			result.Least, result.Most, result.None, first = least, most, false, false
			return
		}
		result.Least, result.Most = min(result.Least, least), max(result.Most, most)
	}
	covered, side := false, above == (state == Alarm) // covered: a step holds for every value that is possible
	// Steps do not overlap: where one certainly matches the value, no other does.
	certain := lo == hi && slices.ContainsFunc(s.Adjustments, func(step fleet.StepAdjustment) bool { return inside(step, lo, hi, side) == yes })
	for _, step := range s.Adjustments {
		in := inside(step, lo, hi, side)
		if in == no || certain && in == maybe {
			continue
		}
		covered = covered || in == yes
		least, most := adjusted(s, step.Adjustment, n)
		take(least, most)
		if least != most && result.Reason == "" {
			result.Reason = "AWS does not say what a percentage of 0 instances is"
		}
	}
	if !first && !covered && (lo == hi || !spans(s.Adjustments, lo, hi)) {
		take(n, n)
		result.None = true
	}
	if first {
		return Asked{Least: n, Most: n, None: true}
	}
	switch {
	case result.Least == result.Most:
		result.Reason = ""
	case result.Reason != "":
	case lo != hi:
		result.Reason = "the value is " + v.String()
	default:
		result.Reason = "AWS does not say which bound is inclusive exactly at the threshold"
	}
	return result
}

// inside tells whether a step matches distances from lo to hi. AWS, "How step scaling for Application Auto Scaling works": at
// a value above the threshold the lower bound is inclusive and the upper exclusive, below it the other way round. Exactly at
// the threshold it goes by the side that the alarm's state is on: AWS's example has a scale-in step of -10 to 0 for values
// greater than 40 and less than or equal to 50. A step that would match there by the other rule alone may match.
func inside(step fleet.StepAdjustment, lo, hi float64, above bool) truth {
	lower, upper := math.Inf(-1), math.Inf(1)
	if step.Lower != nil {
		lower = *step.Lower
	}
	if step.Upper != nil {
		upper = *step.Upper
	}
	matches := func(d float64, above bool) bool {
		if above {
			return d >= lower && d < upper
		}
		return d > lower && d <= upper
	}
	if lo == hi {
		switch {
		case lo > 0, lo < 0:
			return between(matches(lo, lo > 0), matches(lo, lo > 0))
		case matches(0, above):
			return yes
		}
		return between(false, matches(0, !above))
	}
	end := func(d float64) bool { return d == 0 && matches(d, above) || d != 0 && matches(d, d > 0) }
	first, last := end(lo) || math.IsInf(lo, -1) && math.IsInf(lower, -1), end(hi) || math.IsInf(hi, 1) && math.IsInf(upper, 1)
	return between(first && last, first || last || lo < lower && hi > upper)
}

// spans tells whether the steps leave no gap between two distances.
func spans(steps []fleet.StepAdjustment, lo, hi float64) bool {
	at := lo
	for range steps {
		for _, step := range steps {
			from, to := math.Inf(-1), math.Inf(1)
			if step.Lower != nil {
				from = *step.Lower
			}
			if step.Upper != nil {
				to = *step.Upper
			}
			if from <= at && to > at {
				at = to
			}
		}
	}
	return at > hi || math.IsInf(at, 1)
}

// adjusted is what a step makes of n instances. Two capacities are possible where AWS does not say which.
func adjusted(s *fleet.Step, adjustment, n int) (least, most int) {
	switch s.AdjustmentType {
	case "ExactCapacity":
		return adjustment, adjustment
	case "PercentChangeInCapacity":
		change, magnitude := percent(n, adjustment), 0
		if s.MinAdjustmentMagnitude != nil && adjustment != 0 {
			magnitude = *s.MinAdjustmentMagnitude
		}
		switch {
		case magnitude == 0:
		case adjustment < 0:
			change = min(change, -magnitude)
		case n == 0: // of 0 instances a percentage is 0, and whether the magnitude holds then is not documented
			return 0, magnitude
		default:
			change = max(change, magnitude)
		}
		return max(n+change, 0), max(n+change, 0)
	}
	return max(n+adjustment, 0), max(n+adjustment, 0)
}

// percent is a percentage of a capacity, rounded as AWS says: above 1 down, between 0 and 1 to 1, between 0 and -1 to -1,
// below -1 up.
func percent(n, adjustment int) int {
	change := float64(n) * float64(adjustment) / 100
	switch {
	case change > 0 && change < 1:
		return 1
	case change < 0 && change > -1:
		return -1
	}
	return int(math.Trunc(change))
}
