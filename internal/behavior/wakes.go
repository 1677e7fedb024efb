package behavior

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// woken is what so many requests at zero instances do.
type woken struct {
	requests int
	verdict  Verdict
	by       Path
	in       string
	to       int
	after    int
	reason   string
}

// wakes tries how many requests it takes.
func (j *judge) wakes() {
	w := &j.b.Wakes
	if j.variant.Target == nil {
		return
	}
	var tried []woken
	for _, k := range j.requests() {
		tried = append(tried, j.wakesFrom(k))
	}
	sum(w, tried)
	if w.UpTo > 0 {
		w.Leaves = !j.in(w.By.Alarm, w.State, w.UpTo+1)
	}
	if w.Verdict == Yes && w.From <= 1 {
		return
	}
	for i := range j.alarms {
		if known := &j.b.Alarms[i]; known.Lambda && known.Elsewhere == "" && !known.Never.Has(AsleepRequests) {
			w.Verdict, w.Reason = NotJudged, "the alarm "+strconv.Quote(known.Name)+" calls a Lambda function, which may start instances"
			j.unsure(known.Name, "", w.Reason)
		}
	}
}

// in tells whether an alarm may be in a state while so many requests are queued at zero instances.
func (j *judge) in(alarm, state string, requests int) bool {
	out := j.own.SettleIn(j.situation(scene{of: AsleepRequests, requests: requests, before: asleep(0), now: asleep(requests)}), &j.room)
	i := slices.IndexFunc(j.b.Alarms, func(a Alarm) bool { return a.Name == alarm })
	return i >= 0 && out.Alarms[i].Final.Possible(autoscaling.StateOf(state))
}

// sum makes one answer of what was tried, from the fewest requests to the most.
func sum(w *Wakes, tried []woken) {
	first := tried[0]
	open := func(t woken) bool { return t.verdict == NotJudged }
	from := len(tried)
	for from > 0 && tried[from-1].verdict == Yes {
		from--
	}
	switch {
	case from < len(tried): // from there on it certainly wakes
	case first.verdict == Yes: // some requests wake it and more do not
		from = 0
		end := slices.IndexFunc(tried, func(t woken) bool { return t.verdict != Yes })
		if !open(tried[end]) {
			w.UpTo = tried[end].requests - 1
		}
	default:
		if i := slices.IndexFunc(tried, open); i >= 0 {
			w.Verdict, w.Reason = NotJudged, tried[i].reason
			return
		}
		from = slices.IndexFunc(tried, func(t woken) bool { return t.verdict == Yes })
		if from < 0 {
			return
		}
		end := from + slices.IndexFunc(tried[from:], func(t woken) bool { return t.verdict != Yes })
		w.UpTo = tried[end].requests - 1
	}
	t := tried[from]
	w.Verdict, w.From, w.By, w.State, w.To, w.After = Yes, t.requests, t.by, t.in, t.to, minutes(t.after)
	if open(first) {
		w.Verdict, w.Reason = NotJudged, first.reason
	}
}

// wakesFrom is what so many requests do.
func (j *judge) wakesFrom(k int) woken {
	s := scene{of: AsleepRequests, requests: k, before: asleep(0), now: asleep(k)}
	out := j.settle(s)
	w := woken{requests: k}
	d, ok := rises(out, 0)
	switch {
	case ok:
		w.verdict, w.by, w.in, w.to, w.after = Yes, j.path(d.Alarm, d.Policy), d.State.String(), d.Least, d.After
	case out.First.Most > 0 || out.Final.Most > 0:
		w.verdict = NotJudged
		for _, act := range out.Acts {
			if act.Asked.Most > 0 && !act.Asked.None {
				w.reason = cmp.Or(w.reason, act.Asked.Reason, act.Reason)
			}
		}
		w.reason = cmp.Or(w.reason, out.First.Reason, out.Final.Reason)
	}
	return w
}

// joins tries how many requests it takes while an instance of another variant works on the queue that both share: metrics of the endpoint
// then have values by that instance.
func (j *judge) joins() {
	if j.variant.Target == nil || len(j.endpoint.Variants) < 2 {
		return
	}
	open := ""
	for _, k := range j.requests() {
		out := j.own.SettleIn(j.situation(j.besideAnother(k)), &j.room)
		if d, ok := rises(out, 0); ok {
			j.b.Joins = Joins{Verdict: Yes, From: k, By: j.path(d.Alarm, d.Policy), State: d.State.String()}
			return
		}
		if max(out.First.Most, out.Final.Most) > 0 {
			open = cmp.Or(open, out.First.Reason, out.Final.Reason, "what it rests on is not known")
		}
	}
	if open != "" {
		j.b.Joins = Joins{Verdict: NotJudged, Reason: open}
	}
}

// besideAnother is the variant at zero beside an instance of another one, with so many requests.
func (j *judge) besideAnother(requests int) scene {
	before, now := awake(1, 0, 0), awake(1, float64(requests), 0)
	before.others, now.others = true, true
	if requests == far { // the oldest is as old as any threshold
		now.age = autoscaling.Exactly(far)
	}
	return scene{of: BesideAnother, requests: requests, before: before, now: now}
}

// rises is the decision that certainly adds instances to n, if there is one.
func rises(out autoscaling.Outcome, n int) (autoscaling.Decision, bool) {
	for _, d := range []autoscaling.Decision{out.First, out.Final} {
		if d.Least > n {
			return d, true
		}
	}
	return autoscaling.Decision{}, false
}

// falls is the decision that certainly removes instances of n, if there is one.
func falls(out autoscaling.Outcome, n int) (autoscaling.Decision, bool) {
	for _, d := range []autoscaling.Decision{out.First, out.Final} {
		if d.Policy >= 0 && d.Most < n {
			return d, true
		}
	}
	return autoscaling.Decision{}, false
}

// far is more requests than any threshold that somebody would write.
const far = 1_000_000

// requests are the numbers of requests to try at zero instances: one, many, and whatever a threshold or a bound names, with
// one to either side.
func (j *judge) requests() []int {
	tried := []int{1, far}
	around := func(x float64) {
		if x > 0 && x < far {
			at := int(math.Floor(x))
			tried = append(tried, at-1, at, at+1, at+2)
		}
	}
	for i := range j.alarms {
		alarm := &j.alarms[i]
		if !countsRequests(alarm) || !j.steps(i) {
			continue
		}
		around(alarm.Threshold)
		for _, query := range alarm.Math {
			for _, x := range numbers(query.Expression) {
				around(x)
				around(x + alarm.Threshold)
			}
		}
		for p := range j.policies {
			step := j.policies[p].Step
			if step == nil || !slices.Contains(j.b.Alarms[i].Triggers, j.policies[p].Name) {
				continue
			}
			for _, s := range step.Adjustments {
				for _, bound := range []*float64{s.Lower, s.Upper} {
					if bound != nil {
						around(alarm.Threshold + *bound)
					}
				}
			}
		}
	}
	slices.Sort(tried)
	tried = slices.Compact(tried)
	return tried[slices.Index(tried, 1):]
}

// steps tells whether an alarm triggers a step policy: target tracking multiplies what runs.
func (j *judge) steps(alarm int) bool {
	return slices.ContainsFunc(j.policies, func(p fleet.Policy) bool {
		return p.Step != nil && slices.Contains(j.b.Alarms[alarm].Triggers, p.Name)
	})
}

// countsRequests tells whether what the alarm watches may depend on how many requests there are, and not only on whether
// there are any.
func countsRequests(alarm *fleet.Alarm) bool {
	other := func(m *fleet.Metric) bool { return m.Name != fleet.WithoutCapacity.String() }
	if len(alarm.Math) == 0 {
		return other(&alarm.Metric)
	}
	return slices.ContainsFunc(alarm.Math, func(q fleet.MathQuery) bool { return q.Metric != nil && other(q.Metric) })
}

var number = regexp.MustCompile(`\b\d+(\.\d+)?\b`)

// numbers are those in an expression.
func numbers(expression string) (found []float64) {
	for _, text := range number.FindAllString(expression, 20) {
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			found = append(found, x)
		}
	}
	return found
}

// wakesForNothing asks about an endpoint that sleeps with an empty queue.
func (j *judge) wakesForNothing() {
	out := j.settle(scene{of: AsleepIdle, before: asleep(0), now: asleep(0)})
	if d, ok := rises(out, 0); ok && j.variant.Target != nil {
		j.b.WakesForNothing = append(j.b.WakesForNothing, j.act(AsleepIdle, out, d, 0))
	}
}

// act describes a decision that should not be taken.
func (j *judge) act(of Situation, out autoscaling.Outcome, d autoscaling.Decision, n int) Act {
	a := Act{Path: j.path(d.Alarm, d.Policy), State: d.State.String(), Situation: of, From: n, To: d.Most}
	for _, act := range out.Acts {
		if act.Alarm == d.Alarm && act.Policy == d.Policy {
			a.After = minutes(act.After)
			break
		}
	}
	if d.Most > n {
		a.To = d.Least
	}
	a.Tracking = d.Policy >= 0 && j.policies[d.Policy].Tracking != nil
	return a
}
