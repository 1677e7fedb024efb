package autoscaling

import (
	"fmt"
	"math"
)

// Value is what CloudWatch shows of a metric in one period: a number, known exactly or as an interval, or no datapoint. The
// zero Value is the number 0.
type Value struct {
	lo, hi float64
	there  presence
	why    string
}

// presence tells whether there is a datapoint.
type presence uint8

const (
	present presence = iota
	perhaps
	absent
)

// Exactly is a datapoint that is known.
func Exactly(x float64) Value { return Value{lo: x, hi: x} }

// Between is a datapoint from lo to hi, both included; either may be infinite.
func Between(lo, hi float64) Value { return Value{lo: lo, hi: hi} }

// AtLeast is a datapoint that is not smaller than lo.
func AtLeast(lo float64) Value { return Between(lo, math.Inf(1)) }

// Missing is a period without a datapoint.
func Missing() Value { return Value{there: absent} }

// Unknown may be any number, or missing; the reason says why nothing is known.
func Unknown(reason string) Value {
	return Value{lo: math.Inf(-1), hi: math.Inf(1), there: perhaps, why: reason}
}

// OrMissing is the value if there is a datapoint at all.
func (v Value) OrMissing() Value {
	if v.there == present {
		v.there = perhaps
	}
	return v
}

// Because is the value with the reason why it is not known better.
func (v Value) Because(reason string) Value {
	v.why = reason
	return v
}

// Exact is the number of a datapoint that is known.
func (v Value) Exact() (x float64, ok bool) { return v.lo, v.there == present && v.lo == v.hi }

// Bounds are the smallest and the largest number that the datapoint may have, if there is one.
func (v Value) Bounds() (lo, hi float64) { return v.lo, v.hi }

// IsMissing tells whether there is certainly no datapoint.
func (v Value) IsMissing() bool { return v.there == absent }

// MayBeMissing tells whether there may be no datapoint.
func (v Value) MayBeMissing() bool { return v.there != present }

// Reason says why the value is not known exactly; empty for one that is, or where nobody gave a reason.
func (v Value) Reason() string { return v.why }

// String is the value for people.
func (v Value) String() string {
	text := fmt.Sprintf("%g", v.lo)
	switch {
	case v.there == absent:
		return "no data"
	case v.lo == v.hi:
	case math.IsInf(v.lo, -1) && math.IsInf(v.hi, 1):
		return "unknown"
	case math.IsInf(v.hi, 1):
		text = fmt.Sprintf("at least %g", v.lo)
	case math.IsInf(v.lo, -1):
		text = fmt.Sprintf("at most %g", v.hi)
	default:
		text = fmt.Sprintf("%g to %g", v.lo, v.hi)
	}
	if v.there == perhaps {
		text += " or no data"
	}
	return text
}

// or is the value that is one of two.
func (v Value) or(w Value) Value {
	switch {
	case v.there == absent && w.there == absent:
		return v
	case v.there == absent:
		return w.OrMissing()
	case w.there == absent:
		return v.OrMissing()
	}
	return Value{min(v.lo, w.lo), max(v.hi, w.hi), max(v.there, w.there), reason(v, w)}
}

// reason is the first reason of values that are not known exactly.
func reason(values ...Value) string {
	for _, v := range values {
		if v.why != "" {
			return v.why
		}
	}
	return ""
}
