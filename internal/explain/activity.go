package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// activity is what Application Auto Scaling did about it.
func (v *variant) activity() Link {
	link := v.checked(Activity)
	busy := v.goes != rest && (v.goes != in || v.desired != v.current || v.desired > v.least())
	switch {
	case v.missing != "" || !v.counted:
		return link.is(Unknown, "What Application Auto Scaling has to do is not known: %s.", v.uncounted())
	case v.noActivities != "" && busy && !v.held:
		return link.is(Unknown, "What Application Auto Scaling did is not known: %s.", v.noActivities)
	case v.noActivities != "":
		return link.is(Unused, "Nothing is asked of Application Auto Scaling.")
	}
	var newest *fleet.Activity
	if len(v.Activity.Recent) > 0 {
		newest = &v.Activity.Recent[0]
		v.tell(&link, newest)
	}
	if goes := v.underWay(); goes != nil && goes != newest {
		v.tell(&link, goes)
	}
	if refused := v.refusal(); refused != nil {
		return v.refused(link, newest, refused)
	}
	switch {
	case v.underWay() != nil:
		goes := v.underWay()
		return link.is(quiet(busy), "%s, since %s.", sentence(goes), fleet.Minute(goes.Start, v.at))
	case v.held && busy:
		return link.is(Waits, "Nothing asks Application Auto Scaling for anything, because of the link before.%s", lately(newest, v.at))
	case v.goes == wake && v.desired == 0:
		return v.asked(link, newest, v.wakes, nothingDone, "SageMakerAsyncWakeAlarmWithoutActivity")
	case v.goes == out && v.desired == v.current && v.Target != nil && v.desired < v.Target.MaxCapacity && v.grows.known():
		return v.asked(link, newest, v.grows, nothingDone, "SageMakerAsyncLatencyObjectiveMissed")
	case v.goes == in && v.desired == v.current && busy && v.Target != nil && v.shrinks.known() && !v.rests():
		return v.asked(link, newest, v.shrinks, idleFor, "SageMakerAsyncRunningIdle")
	}
	return link.is(quiet(false), "Nothing is asked of it.%s", lately(newest, v.at))
}

// underWay is the newest activity that goes on; nil when none does.
func (v *variant) underWay() *fleet.Activity {
	for i := range v.Activity.Recent {
		if activity := &v.Activity.Recent[i]; activity.InProgress() {
			return activity
		}
	}
	return nil
}

// asked is an alarm that should make Application Auto Scaling act, and has not.
func (v *variant) asked(link Link, newest *fleet.Activity, by path, patience time.Duration, alert string) Link {
	now := v.standing.Now
	asks := now.Least > v.desired
	if v.goes == in {
		asks = now.Most < v.desired
	}
	last := newestEnd(v.outs.ended(), v.ins.ended())
	free := newestEnd(now.Until, last) // since then nothing holds it up
	acting := v.actingFor(by)
	switch so := min(acting, max(0, v.at.Sub(free))); {
	case v.noAlarms != "" || !by.acts():
		return link.is(Waits, "It acts once the alarm is in %s.%s", cmp.Or(by.state, stateAlarm), lately(newest, v.at))
	case !asks:
		return link.is(Waits, "The alarm is in %s, and its policy asks for no other number of instances at this value.%s", by.state, lately(newest, v.at))
	case now.Waits:
		link.next = next{nextCooldownEnd, window{now.Until, now.Until}}
		return link.is(Waits, "The policy %q cools down until %s.%s", now.Policy, fleet.Minute(now.Until, v.at), lately(newest, v.at))
	case v.endpoint.Status != fleet.InService && !slices.Contains(fleet.Lasting, v.endpoint.Status):
		return link.is(Waits, "The endpoint is %s, and SageMaker refuses every change of the number of instances until that ends.%s",
			v.endpoint.Status, lately(newest, v.at))
	case so >= patience:
		link.holds, link.Alert = true, alert
		nothing := "does nothing"
		if so < acting {
			nothing = "has done nothing since " + fleet.Minute(free, v.at)
		}
		return link.is(Broken, "The alarm has been in %s for %s, and Application Auto Scaling %s.%s", by.state, fleet.Lapse(acting), nothing, lately(newest, v.at))
	}
	if free.After(v.at) { // a larger scale-out passes the cooldown
		free = last
	}
	since := newestEnd(free, changed(by.alarm))
	acts := window{since, since.Add(actsIn)}
	link.next = next{what: nextActivity}
	if acts.over(v.read(fleet.SourceActivities)) {
		return link.is(Waits, "The alarm is in %s, and Application Auto Scaling acts on it each minute: it should have by %s.%s", by.state, fleet.Minute(acts.to, v.at), lately(newest, v.at))
	}
	if !acts.over(v.at) { // else it may have, since the activities were read
		link.next.when = acts.yet(v.at)
	}
	return link.is(Waits, "The alarm is in %s, and Application Auto Scaling acts on it each minute.%s", by.state, lately(newest, v.at))
}

// newestEnd is the later of two moments: what has just been done needs time to show, and is no sign that nothing is done.
func newestEnd(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refusal is the scale-out that AWS did not let happen while requests wait for it; nil when there is none.
func (v *variant) refusal() *fleet.Activity {
	if refused := v.outs.refused; refused != nil && v.waiting && v.at.Sub(refused.Start) < refusalCounts {
		return refused
	}
	return nil
}

// refused is a scale-out that AWS did not let happen.
func (v *variant) refused(link Link, newest, refused *fleet.Activity) Link {
	if newest != refused {
		v.tell(&link, refused)
	}
	link.holds, link.Alert = true, "SageMakerAsyncScaleOutRefused"
	why := kind(refused)
	if why == "" {
		link.Alert = "SageMakerAsyncWakeAlarmWithoutActivity"
		return link.is(Broken, "The scale-out of %s failed, and none has worked since.", fleet.Minute(refused.Start, v.at))
	}
	link.advice = map[string]string{
		fleet.ReasonQuota:      "Ask AWS for a higher quota of the instance type, in Service Quotas.",
		fleet.ReasonNoCapacity: "Let the endpoint fall back on a second instance type, by InstancePools in a new endpoint configuration.",
	}[refused.FailureReason()]
	return link.is(Broken, "AWS refused the scale-out of %s, and none has worked since: %s.", fleet.Minute(refused.Start, v.at), why)
}

// tell adds what is known of an activity.
func (v *variant) tell(link *Link, a *fleet.Activity) {
	link.fact("activity", sentence(a))
	link.fact("status", a.Status)
	link.fact("started", a.Start)
	link.fact("ended", a.End)
	link.fact("failure", a.FailureReason())
	for _, reason := range a.NotScaled {
		link.fact("not_scaled", reason.Code)
	}
	link.fact("cause", a.Cause)
	link.fact("aws_says", said(a))
}

// sentence says what an activity does, in a few words.
func sentence(a *fleet.Activity) string {
	n, ok := a.Desired()
	switch {
	case len(a.NotScaled) > 0:
		return "Not scaled: " + plan.Printable(a.NotScaled[0].Code)
	case ok && a.InProgress():
		return "Setting the number of instances to " + fmt.Sprint(n)
	case ok:
		return "Set the number of instances to " + fmt.Sprint(n)
	case a.InProgress():
		return "A scaling activity is under way"
	}
	return "A scaling activity"
}

// lately says what happened last, behind another sentence; empty when nothing did.
func lately(a *fleet.Activity, at time.Time) string {
	switch {
	case a == nil:
		return ""
	case len(a.NotScaled) > 0: // AWS calls that failed
		return fmt.Sprintf(" Last: %s, %s.", lower(sentence(a)), fleet.Minute(a.Start, at))
	}
	return fmt.Sprintf(" Last: %s, %s, %s.", lower(sentence(a)), plan.Printable(a.Status), fleet.Minute(a.Start, at))
}
