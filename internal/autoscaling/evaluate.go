package autoscaling

import (
	"fmt"
	"math"
	"slices"
)

// Metric math, evaluated for one period. AWS, "Using metric math": arithmetic and comparison take a missing datapoint for 0 if
// the other series has one; a division by 0 has no datapoint; MAX, MIN, SUM and AVG of a list are series. A function that
// needs more than the one period, other than FILL with REPEAT, gives an unknown value.

type evaluator struct {
	*Watch
	read  Read
	depth int
}

// operand is a value of one period, or a plain number, which has no missing datapoints.
type operand struct {
	value  Value
	scalar bool
}

func unknown(format string, args ...any) operand {
	return operand{value: Unknown(fmt.Sprintf(format, args...))}
}

// series evaluates what is a number or one series.
func (e *evaluator) series(n node, ago int) operand {
	all := e.all(n, ago)
	if len(all) != 1 {
		return unknown("metric math that gives %d series is not modelled", len(all))
	}
	return all[0]
}

// all evaluates what may be a list.
func (e *evaluator) all(n node, ago int) []operand {
	if e.depth++; e.depth > deepestExpression {
		return []operand{unknown("the metric math is nested too deeply")}
	}
	defer func() { e.depth-- }()
	switch n.kind {
	case number:
		return []operand{{Exactly(n.num), true}}
	case name:
		if i := e.find(n.text); i >= 0 {
			return []operand{{value: e.read(i, ago)}}
		}
		if query, ok := e.queries[n.text]; ok {
			return e.all(query, ago)
		}
		return []operand{unknown("the metric math names %s, which is no query", n.text)}
	case list:
		var all []operand
		for _, arg := range n.args {
			all = append(all, e.all(arg, ago)...)
		}
		return all
	case operator:
		return e.operate(n, ago)
	case call:
		return e.call(n, ago)
	}
	return []operand{unknown("the metric math %q is not modelled", n.text)}
}

// operate applies an operator, to each series of a list.
func (e *evaluator) operate(n node, ago int) []operand {
	left := e.all(n.args[0], ago)
	if len(n.args) == 1 {
		for i, o := range left {
			left[i].value = Value{-o.value.hi, -o.value.lo, o.value.there, o.value.why}
		}
		return left
	}
	right := e.all(n.args[1], ago)
	switch {
	case len(right) == 1:
		for i := range left {
			left[i] = binary(n.text, left[i], right[0])
		}
		return left
	case len(left) == 1:
		for i := range right {
			right[i] = binary(n.text, left[0], right[i])
		}
		return right
	}
	return []operand{unknown("metric math with an operator between two lists is not modelled")}
}

// binary applies an operator to two operands.
func binary(sign string, a, b operand) operand {
	x, y := a.value, b.value
	out := operand{scalar: a.scalar && b.scalar}
	var there presence
	switch {
	case a.scalar:
		there = y.there
	case b.scalar:
		there = x.there
	default:
		there = min(x.there, y.there) // one is enough
	}
	if there == absent {
		out.value = Missing()
		return out
	}
	x, y = filled(x), filled(y)
	v := apply(sign, x, y)
	v.there = max(there, v.there)
	if v.why = reason(x, y); v.why == "" && v.lo != v.hi && math.IsInf(v.lo, -1) && math.IsInf(v.hi, 1) {
		v.why = "the metric math has more than one result"
	}
	out.value = v
	return out
}

// filled is a value with 0 in place of a missing datapoint.
func filled(v Value) Value {
	switch v.there {
	case absent:
		return Exactly(0)
	case perhaps:
		return Value{min(v.lo, 0), max(v.hi, 0), present, v.why}
	}
	return v
}

// apply applies an operator to two values that are there. The extremes of an interval are those of its corners, because each
// operator is monotone in each operand on either side of 0.
func apply(sign string, x, y Value) Value {
	switch sign {
	case "==":
		return certainty(x.lo == x.hi && y.lo == y.hi && x.lo == y.lo, x.lo <= y.hi && y.lo <= x.hi)
	case "!=":
		return certainty(x.hi < y.lo || y.hi < x.lo, !(x.lo == x.hi && y.lo == y.hi && x.lo == y.lo))
	case "<":
		return certainty(x.hi < y.lo, x.lo < y.hi)
	case "<=":
		return certainty(x.hi <= y.lo, x.lo <= y.hi)
	case ">":
		return certainty(x.lo > y.hi, x.hi > y.lo)
	case ">=":
		return certainty(x.lo >= y.hi, x.hi >= y.lo)
	case "AND", "&&":
		return certainty(always(x) && always(y), sometimes(x) && sometimes(y))
	case "OR", "||":
		return certainty(always(x) || always(y), sometimes(x) || sometimes(y))
	case "+":
		return Between(x.lo+y.lo, x.hi+y.hi)
	case "-":
		return Between(x.lo-y.hi, x.hi-y.lo)
	case "/":
		switch {
		case y.lo == 0 && y.hi == 0:
			return Missing()
		case y.lo <= 0 && y.hi >= 0:
			return Between(math.Inf(-1), math.Inf(1)).OrMissing()
		}
	case "^":
		if x.lo < 0 && (x.lo != x.hi || y.lo != y.hi) {
			return Between(math.Inf(-1), math.Inf(1))
		}
	}
	function := func(a, b float64) float64 { return a * b }
	switch sign {
	case "/":
		function = func(a, b float64) float64 { return a / b }
	case "^":
		function = math.Pow
	}
	corners := []float64{function(x.lo, y.lo), function(x.lo, y.hi), function(x.hi, y.lo), function(x.hi, y.hi)}
	for i, c := range corners {
		if math.IsNaN(c) { // 0 times infinity: 0 is exact
			corners[i] = 0
		}
	}
	return Between(slices.Min(corners), slices.Max(corners))
}

// certainty is 1 for true and 0 for false.
func certainty(surely, possibly bool) Value {
	v := Exactly(0)
	if possibly {
		v.hi = 1
	}
	if surely {
		v.lo, v.hi = 1, 1
	}
	return v
}

// always and sometimes tell whether a condition is true: any number but 0 is.
func always(v Value) bool    { return v.lo > 0 || v.hi < 0 }
func sometimes(v Value) bool { return v.lo != 0 || v.hi != 0 }

// call applies a function.
func (e *evaluator) call(n node, ago int) []operand {
	switch n.text {
	case "METRICS":
		return e.metrics(n, ago)
	case "FILL":
		if len(n.args) == 2 {
			return e.fill(n, ago)
		}
	case "IF":
		if len(n.args) == 2 || len(n.args) == 3 {
			return []operand{e.choose(n, ago)}
		}
	case "MAX", "MIN", "SUM", "AVG":
		if len(n.args) == 1 {
			return []operand{e.aggregate(n, ago)}
		}
	case "ABS", "CEIL", "FLOOR":
		if len(n.args) == 1 {
			all := e.all(n.args[0], ago)
			for i := range all {
				all[i].value = each(n.text, all[i].value)
			}
			return all
		}
	case "PERIOD":
		return []operand{{Exactly(e.Period.Seconds()), true}}
	case "TIME_SERIES":
		if len(n.args) == 1 {
			o := e.series(n.args[0], ago)
			o.scalar = false
			return []operand{o}
		}
	}
	return []operand{unknown("the metric math function %s is not modelled", n.text)}
}

func (e *evaluator) metrics(n node, ago int) (all []operand) {
	text := ""
	if len(n.args) > 0 {
		text = n.args[0].text
	}
	for _, i := range e.named(text) {
		all = append(all, operand{value: e.read(i, ago)})
	}
	return all
}

// fill puts something in place of missing datapoints; where the newest are late, in place of those.
func (e *evaluator) fill(n node, ago int) []operand {
	all := e.all(n.args[0], ago)
	with := n.args[1]
	for i, o := range all {
		if o.value.there == present {
			continue
		}
		var filler Value
		switch {
		case with.kind == name && with.text == "REPEAT":
			filler = e.repeat(n.args[0], ago, i)
		case with.kind == name && with.text == "LINEAR":
			filler = Unknown("the metric math FILL with LINEAR is not modelled")
		default:
			filler = e.series(with, ago).value
		}
		if o.value.there == absent {
			all[i].value = filler
			continue
		}
		v := o.value
		v.there = present
		all[i].value = v.or(filler)
	}
	return all
}

// repeat is the newest older datapoint of the ith series.
func (e *evaluator) repeat(n node, ago, i int) Value {
	v := Missing()
	for back := ago + 1; back < ago+e.reach; back++ {
		older := e.all(n, back)
		if i >= len(older) || older[i].value.there == absent {
			continue
		}
		if v.there == absent {
			v = older[i].value
		} else {
			v.there = present
			v = v.or(older[i].value)
		}
		if older[i].value.there == present {
			v.there = present
			return v
		}
	}
	return v
}

// choose is IF. AWS's tables: a condition without a datapoint has no result; a true one whose series has none is 0; a false
// one whose series has none, or that has no series, has no result.
func (e *evaluator) choose(n node, ago int) operand {
	condition, yes := e.series(n.args[0], ago), e.series(n.args[1], ago)
	no := operand{value: Missing()}
	if len(n.args) == 3 {
		no = e.series(n.args[2], ago)
	}
	if condition.value.there == absent {
		return operand{value: Missing()}
	}
	if !condition.scalar {
		yes.value = filled(yes.value)
	}
	c := condition.value
	v := yes.value
	switch {
	case !sometimes(c):
		v = no.value
	case !always(c):
		v = yes.value.or(no.value)
		v.why = reason(c, v)
	}
	if c.there == perhaps {
		v = v.OrMissing()
		v.why = reason(v, c)
	}
	return operand{value: v}
}

// aggregate is a function of a list. Of a single series it would be one number for the whole range, which differs with how
// many datapoints CloudWatch looks at. AWS says of AVG that missing datapoints are 0; of the others they are left out, or 0.
func (e *evaluator) aggregate(n node, ago int) operand {
	all := e.all(n.args[0], ago)
	if len(all) == 1 && n.args[0].kind != list && !all[0].scalar {
		return unknown("the metric math %s of a single series depends on how far back CloudWatch looks", n.text)
	}
	there, why := absent, ""
	for _, o := range all {
		there = min(there, o.value.there)
		if why == "" {
			why = o.value.why
		}
	}
	if there == absent {
		return operand{value: Missing()}
	}
	v := Value{there: there, why: why}
	switch n.text {
	case "SUM", "AVG":
		for _, o := range all {
			x := filled(o.value)
			v.lo, v.hi = v.lo+x.lo, v.hi+x.hi
		}
		if n.text == "AVG" {
			v.lo, v.hi = v.lo/float64(len(all)), v.hi/float64(len(all))
		}
		return operand{value: v}
	}
	best := func(pick func(a, b float64) float64, of []operand) (lo, hi float64) {
		started := false
		for _, o := range of {
			x := o.value
			if x.there == absent {
				x = Exactly(0)
			}
			if !started {
				lo, hi, started = x.lo, x.hi, true
				continue
			}
			lo, hi = pick(lo, x.lo), pick(hi, x.hi)
		}
		return lo, hi
	}
	pick := func(a, b float64) float64 { return max(a, b) }
	if n.text == "MIN" {
		pick = func(a, b float64) float64 { return min(a, b) }
	}
	v.lo, v.hi = best(pick, all)
	for _, with := range []bool{true, false} { // what may be missing, with and without it
		var some []operand
		for _, o := range all {
			if o.value.there == present || with && o.value.there == perhaps {
				some = append(some, o)
			}
		}
		if len(some) > 0 {
			lo, hi := best(pick, some)
			v.lo, v.hi = min(v.lo, lo), max(v.hi, hi)
		}
	}
	return operand{value: v}
}

// each applies a function to a datapoint.
func each(function string, v Value) Value {
	switch function {
	case "CEIL":
		v.lo, v.hi = math.Ceil(v.lo), math.Ceil(v.hi)
	case "FLOOR":
		v.lo, v.hi = math.Floor(v.lo), math.Floor(v.hi)
	case "ABS":
		if v.lo < 0 {
			lo := max(0, -v.hi)
			v.lo, v.hi = lo, max(-v.lo, v.hi)
		}
	}
	return v
}
