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
	return judge(a, before, runs)
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

// judge decides by runs of periods, newest first. What is not certain is read in each way: the states are those of all of
// them. Breaching more can only bring an alarm nearer to ALARM, so that the extremes are enough.
func judge(a *fleet.Alarm, before States, runs []run) Judgement {
	if IsPercentile(a.Statistic) && a.Extras != nil && a.Extras.LowSamples == "ignore" {
		// One measurement a minute is never enough for a percentile, so the alarm is never evaluated.
		return Judgement{States: before, Retained: true, Watched: Missing()}
	}
	open, gaps := false, false
	for _, r := range runs {
		open = open || r.value.there != absent && r.breaches == maybe
		gaps = gaps || r.value.there == perhaps
	}
	j := evaluate(a, before, runs, reading{there: true})
	if open {
		j = j.or(evaluate(a, before, runs, reading{there: true, breach: true}))
	}
	if gaps {
		j = j.or(evaluate(a, before, runs, reading{}))
		if open {
			j = j.or(evaluate(a, before, runs, reading{breach: true}))
		}
	}
	j.Watched = watched(j.States, runs)
	if !j.States.Judged() {
		j.Reason = why(a, runs)
	}
	return j
}

func (j Judgement) or(other Judgement) Judgement {
	j.States |= other.States
	j.NoData, j.Retained = j.NoData && other.NoData, j.Retained && other.Retained
	j.Breaching = max(j.Breaching, other.Breaching)
	return j
}

// evaluate is AWS's evaluation in one reading of what is not certain.
//
// AWS: "Configuring how CloudWatch alarms treat missing data". The newest datapoints that exist are evaluated, as many as the
// evaluation periods; missing ones are filled in only if fewer exist in the whole range. With too few datapoints, all
// breaching, the alarm goes into ALARM if the oldest is at least as old as DatapointsToAlarm ("premature alarm state"); AWS
// says that it does not otherwise, and not what it does instead: here the state stays.
func evaluate(a *fleet.Alarm, before States, runs []run, as reading) Judgement {
	periods, wanted := a.EvaluationPeriods, a.DatapointsToAlarm
	if wanted == 0 {
		wanted = periods
	}
	found, breaching, ago, oldest := 0, 0, 0, 0
	for _, r := range runs {
		if found == periods {
			break
		}
		if r.value.there == present || r.value.there == perhaps && as.there {
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
	if found == 0 {
		switch a.TreatMissingData {
		case "", "missing":
			return Judgement{States: InsufficientData, NoData: true}
		case "ignore":
			return Judgement{States: before, NoData: true, Retained: true}
		}
	}
	real := breaching
	if a.TreatMissingData == "breaching" {
		breaching += missing
	}
	switch {
	case breaching >= wanted:
		return Judgement{States: Alarm, Breaching: breaching, NoData: found == 0}
	case missing == 0 || a.TreatMissingData == "notBreaching" || a.TreatMissingData == "breaching" || real < found:
		return Judgement{States: OK, Breaching: breaching, NoData: found == 0}
	case a.TreatMissingData != "ignore" && oldest >= wanted-1:
		return Judgement{States: Alarm, Breaching: breaching}
	}
	return Judgement{States: before, Breaching: breaching, Retained: true}
}

// watched is the newest datapoint that speaks for the state; of several states, for any of them.
func watched(states States, runs []run) Value {
	for _, r := range runs {
		switch {
		case r.value.there == absent:
		case states.Possible(Alarm) && r.breaches != no, states.Possible(OK) && r.breaches != yes:
			return r.value
		}
	}
	return Missing()
}

// why is the reason for more than one state.
func why(a *fleet.Alarm, runs []run) string {
	if _, ok := greater(a); !ok {
		return "an alarm with anomaly detection is not judged"
	}
	for _, r := range runs {
		if r.value.why != "" && (r.breaches == maybe || r.value.there == perhaps) {
			return r.value.why
		}
	}
	for _, r := range runs {
		if r.breaches == maybe || r.value.there == perhaps {
			return "the value is " + r.value.String()
		}
	}
	return "the state before is not known"
}
