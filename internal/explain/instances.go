package explain

import (
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// instances is what runs because of it.
func (v *variant) instances() Link {
	link := v.checked(Instances)
	if v.missing != "" || !v.counted {
		return link.is(Unknown, "What runs is not known: %s.", v.uncounted())
	}
	link.fact("current", v.current, v.endpoint.DescribedAt)
	link.fact("desired", v.desired, v.endpoint.DescribedAt)
	link.fact("status", v.endpoint.Status)
	for _, pool := range v.Pools {
		if pool.Current > 0 {
			link.fact("pool", fmt.Sprintf("%s: %d", pool.InstanceType, pool.Current))
		}
	}
	if len(v.Pools) == 0 && len(v.Types) > 0 {
		link.fact("instance_type", v.Types[0])
	}
	if slices.Contains(fleet.Lasting, v.endpoint.Status) {
		link.fact("aws_says", v.endpoint.FailureReason)
		if v.endpoint.Status == fleet.RollbackFailed {
			link.Alert = "SageMakerAsyncEndpointNotInService"
			return link.is(Broken, "The endpoint is %s: its instances work on, with a mix of the old and the new configuration. AWS does not say "+
				"whether anything scales until it is InService.", v.endpoint.Status)
		}
		link.holds, link.Alert = true, "SageMakerAsyncEndpointNotInService"
		return link.is(Broken, "The endpoint is %s, so it works on nothing.", v.endpoint.Status)
	}
	if v.stuck() {
		since, _ := check.Stuck(v.endpoint.Endpoint, v.at)
		link.fact("updating_since", since)
		link.holds, link.Alert = v.goes != rest, "SageMakerAsyncEndpointNotInService"
		return link.is(Broken, "The endpoint has been %s for %s, and SageMaker refuses every change of the number of instances until that ends.",
			v.endpoint.Status, fleet.Lapse(v.at.Sub(since)))
	}
	switch {
	case v.desired > v.current:
		return v.starting(link)
	case v.desired < v.current:
		link.next = next{what: nextFewer}
		stop := v.current - v.desired
		return link.is(OK, "%d of %s %s.", stop, instances(v.current), verb(float64(stop), "stops", "stop"))
	case v.current == 0 && v.goes == wake && v.held:
		return link.is(Waits, "No instance runs, and none is desired.")
	case v.current == 0 && v.goes == wake:
		link.fact("usual_start", v.usual.words())
		if runs := v.runsAt(); runs.known() {
			link.next = next{nextInstance, runs}
		}
		return link.is(Waits, "No instance runs, and none is desired yet. Starting one takes %s.", v.usual.words())
	case v.current == 0 && v.goes == out:
		link.fact("usual_start", v.usual.words())
		return link.is(Waits, "None of its instances runs, and none is desired yet. Starting one takes %s.", v.usual.words())
	case v.current == 0:
		return link.is(Unused, "No instance runs, and none is desired.")
	}
	return link.is(OK, "%s %s.%s", fleet.Capital(instances(v.current)), verb(float64(v.current), "runs", "run"), v.fallback())
}

// stuck tells whether an update of the endpoint goes on that is not a change of the number of instances. While it lasts no
// policy can act, so no alarm and no policy is to blame.
func (v *variant) stuck() bool {
	if v.missing != "" || !v.counted {
		return false
	}
	_, stuck := check.Stuck(v.endpoint.Endpoint, v.at)
	return stuck
}

// starting is the time between that an instance is desired and that it works.
func (v *variant) starting(link Link) Link {
	link.fact("usual_start", v.usual.words())
	missing := instances(v.desired - v.current)
	since := v.wantedSince()
	if since.IsZero() {
		return link.is(Waits, "%s %s; since when is not known. That takes %s.", fleet.Capital(missing), verb(float64(v.desired-v.current), "starts", "start"), v.usual.words())
	}
	link.fact("starting_since", since)
	so := v.at.Sub(since)
	link.fact("starting_for", max(0, so))
	if so >= nothingComes {
		link.holds, link.Alert = true, "SageMakerAsyncCapacityMissing"
		return link.is(Broken, "AWS has not provided %s for %s; %s. AWS has no capacity of the type, or the container does not start.",
			fleet.Plural(v.desired-v.current, "desired instance"), fleet.Lapse(so), v.usual.sentence())
	}
	expected := v.runsAt()
	if expected.over(v.at) {
		link.next = next{what: nextInstance}
		return link.is(Waits, "%s %s been starting for %s, which is longer than usual: %s.", fleet.Capital(missing), verb(float64(v.desired-v.current), "has", "have"),
			fleet.Lapse(so), v.usual.words())
	}
	link.next = next{nextInstance, expected}
	return link.is(Waits, "%s %s been starting since %s (%s); %s.", fleet.Capital(missing), verb(float64(v.desired-v.current), "has", "have"),
		fleet.Minute(since, v.at), fleet.Lapse(so), v.usual.sentence())
}

// wantedSince is since when more instances are desired than run; zero when that is not known.
func (v *variant) wantedSince() time.Time {
	if v.noActivities != "" {
		return time.Time{}
	}
	if goes := v.underWay(); goes != nil {
		return goes.Start
	}
	return time.Time{}
}

// runsAt is when the next instance should run: the one that is starting, or the first although none is desired yet.
func (v *variant) runsAt() window {
	if v.desired > v.current {
		since := v.wantedSince()
		if since.IsZero() {
			return window{}
		}
		return v.usual.after(window{since, since}).yet(v.at)
	}
	asked := window{v.at, v.at.Add(actsIn)}
	switch alarm := v.wakes.alarm; {
	case alarm == nil:
		return window{}
	case v.noAlarms != "" || !v.wakes.acts():
		if asked = v.alarmAt(v.wakes).after(0, actsIn); asked.over(v.at) {
			asked = window{v.at, v.at.Add(actsIn)} // the state that is known is older than that
		}
	}
	if until := v.coolsUntil(v.wakes); until.After(v.at) && asked.known() && asked.from.Before(until) {
		asked = window{until, newestEnd(asked.to, until.Add(actsIn))}
	}
	return v.usual.after(asked.yet(v.at))
}

// fallback says that a type runs which is not the first choice; empty when it is not so.
func (v *variant) fallback() string {
	for i, pool := range v.Pools {
		if i > 0 && pool.Current > 0 && pool.Priority > v.Pools[0].Priority {
			return " Of them " + plan.Printable(pool.InstanceType) + ", which is not the first choice."
		}
	}
	return ""
}
