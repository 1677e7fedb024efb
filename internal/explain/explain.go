// Package explain follows one endpoint from a waiting request to a working instance, link by link, and says of each how
// it is and by what that is known. It judges nothing that a check or the plan has judged: it tells which link a failing
// check breaks, and which step fixes it. What alarms and policies do it reads from the behavior.
package explain

import (
	"cmp"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Verdict says how one link of the chain is.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"      // it does its part
	Waits   Verdict = "waits"   // its turn has not come yet, or it takes its time
	Broken  Verdict = "broken"  // it does not do its part, and will not by itself
	Unknown Verdict = "unknown" // what it rests on is not known
	Unused  Verdict = "unused"  // nothing is asked of it now
)

// Name is the name of a link.
type Name string

// The links, in their order. Queue and metric are the endpoint's, the others are those of each variant.
const (
	Queue     Name = "queue"           // what waits, and since when
	Metric    Name = "metric"          // what CloudWatch has of it
	Alarm     Name = "alarm"           // what goes into ALARM because of the metric
	Policy    Name = "policy"          // what the alarm triggers
	Target    Name = "scalable_target" // what bounds the policy
	Activity  Name = "activity"        // what Application Auto Scaling did
	Instances Name = "instances"       // what runs because of it
	Work      Name = "work"            // what the instances have done
)

// Names lists the links in their order.
func Names() []Name { return []Name{Queue, Metric, Alarm, Policy, Target, Activity, Instances, Work} }

// Link is one link of the chain.
type Link struct {
	Name     Name
	Variant  string // empty for what is the endpoint's
	Verdict  Verdict
	Sentence string          // for people: how it is
	Facts    []Fact          // by what that is known
	Findings []check.Finding // the failing checks that look at this link
	Steps    []plan.Step     // of the plan, those that mend it
	Others   int             // how many other steps of the endpoint would be carried out with them
	Planned  bool            // the steps are the plan's; else they would be, if a policy selected the variant
	Withheld []plan.Withheld // of the plan, what would mend it and is withheld
	Alert    string          // the alert whose runbook says what to do; empty when the link is not broken

	check  string        // the failing check by which it is broken; empty when it is by none
	advice string        // what that check says is to be done
	lacks  check.Scaling // what does not happen because of it
	warns  bool          // the check is a warning
	holds  bool          // it is broken, and holds up what has to happen now
	next   next          // what is to be expected of it
}

// Fact is one thing that is known.
type Fact struct {
	Name  string    // snake_case, the same for people and for tools
	Value any       // a string, bool, int, float64, time.Duration or time.Time
	At    time.Time // of which moment the value is, where it matters; else zero
}

// Explanation is why one endpoint does or does not scale.
type Explanation struct {
	Scope      fleet.Scope
	Endpoint   string
	Status     string    // what SageMaker says of it; empty when that is not known
	At         time.Time // the moment that it is about
	Variants   []string  // their names
	Links      []Link    // the endpoint's, then those of each variant, each in the order of Names
	Conclusion Conclusion
	AWSSays    string // AWS's own words about what is wrong now, on one line; empty when it says nothing
}

// Healthy tells whether nothing has to be done: everything that matters now is known, and no link is broken.
func (e Explanation) Healthy() bool { return !e.Conclusion.Attention }

// Warned tells whether a check of the chain fails that is more than worth knowing.
func (e Explanation) Warned() bool {
	return slices.ContainsFunc(e.Links, func(link Link) bool { return slices.ContainsFunc(link.Findings, serious) })
}

// Of explains an endpoint of a report as of a moment. It never fails: what is not known is said to be unknown.
func Of(r *report.Report, endpoint string, at time.Time) Explanation {
	if e := r.Endpoint(endpoint); e != nil {
		return One(r, e, at)
	}
	why := r.Snapshot.Why(at, fleet.SourceEndpoints)
	if why == "" {
		why = "no asynchronous endpoint of that name is observed"
	}
	return Explanation{Scope: r.Snapshot.Scope, Endpoint: endpoint, At: at.UTC(), Conclusion: unknown(endpoint, why)}
}

// One explains an endpoint of the report: a reader of all endpoints need not look for each by its name.
func One(r *report.Report, e *report.Endpoint, at time.Time) Explanation {
	return look(r, e, at).explain()
}

// Brief concludes as One does, for readers of all endpoints. Of an endpoint at rest it has the state alone. What would scale an endpoint
// that nothing scales is left out: to find that out costs more than all the rest.
func Brief(r *report.Report, e *report.Endpoint, at time.Time) Conclusion {
	l := look(r, e, at)
	if l.resting != "" {
		return Conclusion{State: l.resting, Doing: l.resting}
	}
	l.brief = true
	return l.explain().Conclusion
}

func (l *looked) explain() Explanation {
	e := l.endpoint
	explained := Explanation{Scope: l.Snapshot.Scope, Endpoint: e.Name, At: l.at.UTC()}
	l.variants = make([]*variant, len(e.Variants))
	for i := range e.Variants {
		explained.Variants = append(explained.Variants, e.Variants[i].Name)
		l.variants[i] = l.variant(&e.Variants[i])
	}
	if l.missing == "" {
		explained.Status = e.Status
	}
	explained.Links = l.links()
	explained.Conclusion = l.conclude(explained.Links)
	explained.Conclusion.Cause = cmp.Or(explained.Conclusion.Cause, explained.Conclusion.Sentence)
	if l.missing == "" {
		explained.Conclusion.Situation = l.situation()
	}
	explained.AWSSays = l.says(explained.Conclusion.Attention)
	return explained
}

// links are all of the chain.
func (l *looked) links() []Link {
	links := []Link{l.queue(), l.metric()}
	held := links[1].holds
	for _, v := range l.variants {
		v.held = held
		links = append(links, v.links()...)
	}
	return links
}

// links are those of one variant. A link behind one that holds everything up has nothing to do yet.
func (v *variant) links() (links []Link) {
	for _, of := range []func() Link{v.alarm, v.policy, v.target, v.activity, v.instances, v.work} {
		link := of()
		link.Variant = v.Name
		if v.stuck() && link.Verdict == Broken && link.Name != Instances && link.Name != Target {
			link = Link{Name: link.Name, Variant: v.Name, Facts: link.Facts, Findings: link.Findings}.is(Waits,
				"Nothing can scale while the endpoint is %s.", v.endpoint.Status)
		}
		v.failed(&link)
		v.mend(&link)
		v.held = v.held || link.holds
		links = append(links, link)
	}
	return links
}
