package web

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/triage"
)

// look looks at one report at one moment.
type look struct {
	*triage.View
	noTarget   string // why no scalable target is shown; empty when they are
	noPolicies string // the same of scaling policies
}

func newLook(r *report.Report, at time.Time) *look {
	l := &look{View: triage.Of(r, at)}
	l.noTarget, l.noPolicies = l.Why(fleet.SourceTargets), l.Why(fleet.SourceScaling)
	return l
}

// endpoint is what is known of an endpoint, and whether that is anything.
func (l *look) endpoint(e *report.Endpoint) (shown endpointView, told bool) {
	judged, own := l.Case(e), pathOf(l.Snapshot.Scope, e.Name)
	if why := l.Unseen(e); why != "" {
		none := unknown(why)
		return endpointView{
			Name: e.Name, Page: own, State: doingOf(&judged), judged: judged,
			Attention: judged.Attention(), Status: none, Backlog: none, PerInstance: none, OfTarget: none, Oldest: none, Drain: none,
			Variants: []variantView{blank(why)},
		}, false
	}
	shown = endpointView{
		Name: e.Name, Page: own, Status: known(e.Status), Failure: e.FailureReason, judged: judged, Attention: judged.Attention(),
		State:      doingOf(&judged),
		Conclusion: judged.Conclusion, Action: judged.Preview, Advice: judged.Advice, Guide: judged.Guide,
	}
	l.queue(e, &shown)
	for i := range e.Variants {
		name := ""
		if len(e.Variants) > 1 {
			name = e.Variants[i].Name
		}
		row := l.variant(&e.Variants[i], name)
		shown.Variants = append(shown.Variants, row)
		shown.dollars += row.dollars
		if n := e.Variants[i].Current; n != nil {
			shown.instances += *n
		}
		l.below(e, &e.Variants[i], name, &shown)
	}
	if len(e.Variants) == 0 {
		why := "DescribeEndpoint names no variant"
		if e.DescribedAt.IsZero() {
			why = "not described yet"
		}
		shown.Variants = []variantView{blank(why)}
	}
	return shown, true
}

// blank is the row of a variant of which nothing is known.
func blank(why string) variantView {
	none := unknown(why)
	return variantView{Running: none, Desired: none, Min: none, Max: none, Cost: none, Policy: none, Plan: none}
}

// queue is what CloudWatch says of the endpoint's queue.
func (l *look) queue(e *report.Endpoint, shown *endpointView) {
	if l.NoQueue != "" {
		none := unknown(l.NoQueue)
		shown.Backlog, shown.PerInstance, shown.OfTarget, shown.Oldest, shown.Drain = none, none, none, none, none
		return
	}
	shown.Backlog = reading(e.Queue[fleet.Backlog], l.At, fleet.Number)
	shown.PerInstance = reading(e.Queue[fleet.BacklogPerInstance], l.At, fleet.Number)
	shown.OfTarget = l.ofTarget(e)
	shown.Oldest = reading(e.Queue[fleet.OldestAge], l.At, func(float64) string {
		age, _ := e.Waited(l.At)
		return fleet.Lapse(age)
	})
	shown.Drain = l.drain(e)
}

// drain is how long the instances that run need for what waits if nothing more comes. Where it is not known how much they
// can do, it goes by what they did in the newest settled minutes.
func (l *look) drain(e *report.Endpoint) fact {
	backlog := e.Queue[fleet.Backlog]
	running, known := e.Instances()
	switch {
	case !backlog.Fresh(l.At):
		return reading(backlog, l.At, fleet.Number)
	case backlog.Value <= 0:
		return unknown("no request waits")
	case known && running == 0:
		return unknown("no instance runs")
	}
	takes, ok := e.DrainTime(l.At)
	if !ok {
		if _, told := e.Pace(l.At); told {
			return unknown("nothing was processed lately")
		}
		return unknown(cmp.Or(l.Why(fleet.SourceMetrics), "how much was processed lately is not known"))
	}
	return reading(backlog, l.At, func(float64) string { return fleet.Lapse(takes) })
}

// ofTarget is the backlog per instance in multiples of what the tracking policies aim at, as the dashboards show it.
func (l *look) ofTarget(e *report.Endpoint) fact {
	if l.noTarget != "" {
		return unknown(l.noTarget)
	}
	target := 0.0
	for i := range e.Variants {
		target = max(target, e.Variants[i].BacklogTarget())
	}
	if target == 0 {
		return unknown("no policy tracks the backlog per instance")
	}
	return reading(e.Queue[fleet.BacklogPerInstance], l.At, func(v float64) string {
		return fleet.Number(math.Round(10*v/target)/10) + "x"
	})
}

// variant is the row of one variant.
func (l *look) variant(v *report.Variant, name string) variantView {
	shown := variantView{
		Name: name, Running: count(v.Current, "DescribeEndpoint does not say"), Desired: count(v.Desired, "DescribeEndpoint does not say"),
	}
	switch {
	case l.noTarget != "":
		shown.Min, shown.Max = unknown(l.noTarget), unknown(l.noTarget)
	case v.Target == nil:
		shown.Min, shown.Max = unknown("no scalable target: nothing scales it"), unknown("no scalable target: nothing scales it")
	default:
		shown.Min, shown.Max = count(&v.Target.MinCapacity, ""), count(&v.Target.MaxCapacity, "")
	}
	switch {
	case v.Unknown:
		shown.Policy = unknown("tags that are not known decide whether a policy selects it")
	case v.Selected:
		shown.Policy = known("selected")
	default:
		shown.Policy = unknown("no policy selects it")
	}
	var cost bill
	cost.add(l.Prices, v.Variant)
	shown.Cost, shown.dollars = cost.fact(), cost.dollars
	shown.Plan = l.planned(v)
	return shown
}

// planned says how much of the plan is about a variant.
func (l *look) planned(v *report.Variant) fact {
	withheld := 0
	for _, held := range v.Withheld {
		withheld += held.Steps
	}
	var parts []string
	steps := v.Creates + v.Updates
	if l.NoPlan == "" && steps > 0 {
		parts = append(parts, fleet.Plural(steps, "step"))
	}
	if withheld > 0 {
		parts = append(parts, strconv.Itoa(withheld)+" withheld")
	}
	switch {
	case len(parts) > 0:
		return known(strings.Join(parts, ", "))
	case !v.Selected:
		return unknown("no policy selects it")
	case l.NoPlan != "":
		return unknown(l.NoPlan)
	case l.Plan.Unknown != "":
		return unknown(l.Plan.Unknown)
	}
	return known("no change")
}

// below adds what is wrong with a variant and what would be done about it. A step that is withheld is known as long as
// its endpoint is; the others rest on what the plan compares.
func (l *look) below(e *report.Endpoint, v *report.Variant, name string, shown *endpointView) {
	resource := fleet.ResourceID(e.Name, v.Name)
	for i := range v.Findings {
		f := &v.Findings[i]
		if !l.Fails(f) {
			continue
		}
		found := findingView{Of: name, Link: links[f.Check.Name], Runbook: runbooks[f.Check.Name], Sentence: f.Sentence, check: f.Check}
		switch f.Severity {
		case check.Critical:
			shown.Criticals = append(shown.Criticals, found)
		case check.Warning:
			shown.Warnings = append(shown.Warnings, found)
		default:
			found.Runbook = "" // no alert comes for it
			shown.Infos = append(shown.Infos, found)
		}
	}
	if l.NoPlan == "" {
		for _, step := range l.Plan.StepsOf(e.Name) {
			if step.ResourceID != resource {
				continue
			}
			shown.Steps = append(shown.Steps, stepView{
				Of: name, Title: string(step.Action) + " " + step.Title(), Effect: step.Effect, Changes: strings.Join(step.Lines(), "\n"),
			})
		}
	}
	for _, held := range l.Plan.WithheldOf(resource) {
		shown.Withheld = append(shown.Withheld, withheldView{Of: name, Title: held.Title(), Reason: held.Reason, Detail: held.Detail})
	}
}

// orphans is what is left of endpoints that are gone, as long as it is known that they are.
func (l *look) orphans(f filter) (shown []findingView) {
	if l.NoEndpoint != "" {
		return nil
	}
	for i := range l.Orphans {
		if o := &l.Orphans[i]; l.Fails(&o.Finding) && f.admits(o.Endpoint, true) {
			shown = append(shown, findingView{Of: o.Endpoint, Link: links[o.Check.Name], Sentence: o.Sentence})
		}
	}
	return shown
}
