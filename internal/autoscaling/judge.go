package autoscaling

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// lateness is how far beyond its evaluation periods an alarm looks for datapoints that come late; AWS does not say how far.
// In the example of its page an alarm with 3 periods of five minutes looks at 5.
const (
	lateness    = 4 * time.Minute
	leastLately = 2
)

// Range is how many of the newest periods an alarm looks at: its evaluation periods, and some more in case datapoints among
// them are missing.
func Range(a *fleet.Alarm) int {
	if a.Period <= 0 {
		return a.EvaluationPeriods + leastLately
	}
	return a.EvaluationPeriods + max(leastLately, int((lateness+a.Period-1)/a.Period))
}

// Judgement is what a look at the newest periods makes of an alarm.
type Judgement struct {
	States    States
	Watched   Value // the newest datapoint that speaks for the state: it breaches in ALARM, and does not in OK
	Breaching int   // datapoints, those included that missing data stands for
	NoData    bool  // there were no datapoints
	Retained  bool  // the state is that before, because too much is missing
	Reason    string
}

// Judge decides the state of an alarm from the state before and the newest periods; at tells the value so many periods ago,
// and the newest complete one is 0.
func Judge(a *fleet.Alarm, before States, at func(ago int) Value) Judgement {
	var stack [32]run
	runs, found := stack[:0], 0
	for ago := range Range(a) {
		v := at(ago)
		runs = append(runs, runOf(a, v, 1))
		if v.there == present {
			if found++; found == a.EvaluationPeriods {
				break
			}
		}
	}
	v := judge(a, before, runs)
	return Judgement{
		States: v.states, Breaching: v.breaching, NoData: v.noData, Retained: v.retained,
		Watched: watched(a, v.states, runs), Reason: why(a, v.states, runs),
	}
}

// truth tells whether a datapoint breaches.
type truth uint8

const (
	no truth = iota
	yes
	maybe
)

// run is a number of periods with the same value.
type run struct {
	value    Value
	breaches truth
	n        int
}

func runOf(a *fleet.Alarm, v Value, n int) run { return run{v, breaches(a, v), n} }

// breaches tells whether a value is beyond the threshold.
func breaches(a *fleet.Alarm, v Value) truth {
	if v.there == absent {
		return no
	}
	lo, hi, t := v.lo, v.hi, a.Threshold
	switch a.Comparison {
	case "GreaterThanOrEqualToThreshold":
		return between(lo >= t, hi >= t)
	case "GreaterThanThreshold":
		return between(lo > t, hi > t)
	case "LessThanOrEqualToThreshold":
		return between(lo <= t, hi <= t)
	case "LessThanThreshold":
		return between(lo < t, hi < t)
	}
	return maybe // anomaly detection: the band is AWS's own
}

// Breaches tells whether a value is beyond the threshold of an alarm; known is false where that is not certain.
func Breaches(a *fleet.Alarm, v Value) (beyond, known bool) {
	t := breaches(a, v)
	return t == yes, t != maybe
}

func between(lo, hi bool) truth {
	switch {
	case lo && hi:
		return yes
	case lo || hi:
		return maybe
	}
	return no
}

// greater tells whether an alarm is about values above its threshold; ok is false for anomaly detection.
func greater(a *fleet.Alarm) (above, ok bool) {
	switch a.Comparison {
	case "GreaterThanOrEqualToThreshold", "GreaterThanThreshold":
		return true, true
	case "LessThanOrEqualToThreshold", "LessThanThreshold":
		return false, true
	}
	return false, false
}

// reading is one way to read what is not certain.
type reading struct {
	breach bool // a value that may breach does
	there  bool // a datapoint that may be missing is there
}

// verdict is the state that follows, or those that may.
type verdict struct {
	states           States
	breaching        int
	noData, retained bool
}

func (v verdict) or(other verdict) verdict {
	return verdict{v.states | other.states, max(v.breaching, other.breaching), v.noData && other.noData, v.retained && other.retained}
}

// judge decides by runs of periods, newest first. What is not certain is read in each way: the states are those of all of
// them. Breaching more can only bring an alarm nearer to ALARM, so that the extremes are enough.
func judge(a *fleet.Alarm, before States, runs []run) verdict {
	if a.Extras != nil && a.Extras.LowSamples == "ignore" && IsPercentile(a.Statistic) {
		// One measurement a minute is never enough for a percentile, so the alarm is never evaluated.
		return verdict{states: before, retained: true}
	}
	open, gaps := false, false
	for i := range runs {
		r := &runs[i]
		open = open || r.n > 0 && r.value.there != absent && r.breaches == maybe
		gaps = gaps || r.n > 0 && r.value.there == perhaps
	}
	v := evaluate(a, before, runs, reading{there: true})
	if open {
		v = v.or(evaluate(a, before, runs, reading{there: true, breach: true}))
	}
	if gaps {
		v = v.or(evaluate(a, before, runs, reading{}))
		if open {
			v = v.or(evaluate(a, before, runs, reading{breach: true}))
		}
	}
	return v
}

// evaluate is AWS's evaluation in one reading of what is not certain.
//
// AWS: "Configuring how CloudWatch alarms treat missing data". The newest datapoints that exist are evaluated, as many as the
// evaluation periods; missing ones are filled in only if fewer exist in the whole range. With too few datapoints, all
// breaching, the alarm goes into ALARM if the oldest is at least as old as DatapointsToAlarm ("premature alarm state"); AWS
// says that it does not otherwise, and not what it does instead: here the state stays.
func evaluate(a *fleet.Alarm, before States, runs []run, as reading) verdict {
	periods, wanted := a.EvaluationPeriods, a.DatapointsToAlarm
	if wanted == 0 {
		wanted = periods
	}
	found, breaching, ago, oldest := 0, 0, 0, 0
	for i := range runs {
		r := &runs[i]
		if found == periods {
			break
		}
		if r.n > 0 && (r.value.there == present || r.value.there == perhaps && as.there) {
			n := min(r.n, periods-found)
			found += n
			oldest = ago + n - 1
			if r.breaches == yes || r.breaches == maybe && as.breach {
				breaching += n
			}
		}
		ago += r.n
	}
	missing := periods - found
	treat := a.TreatMissingData
	if found == 0 {
		switch treat {
		case "", "missing":
			return verdict{states: InsufficientData, noData: true}
		case "ignore":
			return verdict{states: before, noData: true, retained: true}
		}
	}
	real := breaching
	if missing > 0 && treat == "breaching" {
		breaching += missing
	}
	switch {
	case breaching >= wanted:
		return verdict{states: Alarm, breaching: breaching, noData: found == 0}
	case missing == 0 || real < found || treat == "notBreaching" || treat == "breaching":
		return verdict{states: OK, breaching: breaching, noData: found == 0}
	case treat != "ignore" && oldest >= wanted-1:
		return verdict{states: Alarm, breaching: breaching}
	}
	return verdict{states: before, breaching: breaching, retained: true}
}

// watched is the newest datapoint that speaks for the state; of several states, for any of them. Unless missing data stands
// for datapoints, a state that speaks of values rests on some that are there.
func watched(a *fleet.Alarm, states States, runs []run) Value {
	for i := range runs {
		r := &runs[i]
		switch {
		case r.n == 0 || r.value.there == absent:
		case states.Possible(Alarm) && r.breaches != no, states.Possible(OK) && r.breaches != yes:
			v := r.value
			if a.TreatMissingData != "breaching" && a.TreatMissingData != "notBreaching" {
				v.there = present
			}
			return v
		}
	}
	return Missing()
}

// why is the reason for more than one state; empty for one.
func why(a *fleet.Alarm, states States, runs []run) string {
	if states.Judged() {
		return ""
	}
	if _, ok := greater(a); !ok {
		return "an alarm with anomaly detection is not judged"
	}
	var open *Value
	for i := range runs {
		r := &runs[i]
		if r.n == 0 || r.value.there == absent || r.breaches != maybe && r.value.there == present {
			continue
		}
		if r.value.why != "" {
			return r.value.why
		}
		if open == nil {
			open = &r.value
		}
	}
	if open == nil {
		return "the state before is not known"
	}
	return "the value is " + open.String()
}
