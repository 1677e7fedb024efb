package web

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// viewOf is what the page of one endpoint shows of a set at a moment. The error says that no such endpoint is observed.
func viewOf(set report.Set, at time.Time, grafana, account, region, endpoint string) (endpointPage, error) {
	for i := range set.Reports {
		r := &set.Reports[i]
		if scope := r.Snapshot.Scope; cmp.Or(scope.AccountID, nobody) != account || scope.Region != region {
			continue
		}
		l := newLook(r, at)
		if e := r.Endpoint(endpoint); e != nil {
			return l.page(e, grafana), nil
		}
		if l.NoEndpoint != "" {
			return endpointPage{}, fmt.Errorf("no endpoint %q is known in account %s, region %s: %s", endpoint, account, region, l.NoEndpoint)
		}
		return endpointPage{}, fmt.Errorf("no asynchronous endpoint %q is observed in account %s, region %s", endpoint, account, region)
	}
	return endpointPage{}, fmt.Errorf("account %q, region %q is not observed", account, region)
}

// page is everything about one endpoint.
func (l *look) page(e *report.Endpoint, grafana string) endpointPage {
	p := endpointPage{At: moment(l.At), Scope: l.scope()}
	var told bool
	p.Endpoint, told = l.endpoint(e)
	p.Endpoint.Page = ""
	shown := columnsOf([]scopeView{{Endpoints: []endpointView{p.Endpoint}}})
	p.Headings = headings(shown, filter{}, false)
	p.Endpoint.fill(shown)
	explained := chain(explain.One(l.Report, e, l.At), "")
	p.Chain = &explained
	if !told {
		return p
	}
	if polled := l.PolledAt(); !polled.IsZero() {
		p.PolledAt = fleet.Minute(polled, l.At)
	}
	p.Links = places(l.Snapshot.Scope, e.Name, grafana)
	p.Facts, p.Picture = l.facts(e), l.picture(e)
	p.Tags, p.NoTags = l.tags(e.Endpoint)
	for i := range e.Variants {
		v := &e.Variants[i]
		for _, f := range v.Findings {
			if !f.Failed && !l.Hides(f.Check) {
				p.Passed = append(p.Passed, findingView{Of: p.Endpoint.Variants[i].Name, Link: links[f.Check.Name]})
			}
		}
		p.Variants = append(p.Variants, l.scaling(v))
	}
	return p
}

// facts are what an endpoint is, and what is asked of it.
func (l *look) facts(e *report.Endpoint) []namedFact {
	withoutCapacity := unknown(l.NoQueue)
	if l.NoQueue == "" {
		withoutCapacity = reading(e.Queue[fleet.WithoutCapacity], l.At, func(v float64) string {
			if v > 0 {
				return "yes"
			}
			return "no"
		})
	}
	since := unknown(l.NoQueue)
	if oldest := e.Queue[fleet.OldestAge]; l.NoQueue == "" {
		since = reading(oldest, l.At, func(v float64) string { return fleet.Minute(oldest.At.Add(-fleet.Seconds(v)), l.At) })
		if since.Text != "" && oldest.Value <= 0 {
			since = unknown("no request waits")
		}
	}
	failures := unknown("AsyncInferenceConfig has no S3FailurePath: the answers of failed requests are lost")
	if e.Async.S3FailurePath != "" {
		failures = known(e.Async.S3FailurePath)
	}
	return []namedFact{
		{"Configuration", word(e.ConfigName, "DescribeEndpoint does not say")},
		{"Created", dated(e.Created, l.At)},
		{"Last modified", dated(e.LastModified, l.At)},
		{"Concurrent requests per instance", count(e.Async.MaxConcurrentInvocationsPerInstance, "not set: SageMaker chooses")},
		{"Answers of failed requests", failures},
		{"Backlog without capacity", withoutCapacity},
		{"The oldest request waits since", since},
		{"Longest acceptable wait", l.objective(e)},
		{"Requests expire after", wait(e.RequestTTL, "no objective says what the clients ask for (objectives)")},
	}
}

// tags are the tags of an endpoint, sorted, as long as they are known.
func (l *look) tags(e *fleet.Endpoint) (tags []namedFact, none string) {
	if _, asked := l.Snapshot.Source(fleet.SourceTags); !asked {
		return nil, "They are not asked for: nothing selects or labels by tags."
	}
	switch why := l.Why(fleet.SourceTags); {
	case why != "":
		return nil, "They are not known: " + why + "."
	case e.Tags == nil:
		return nil, "They are not known."
	case len(e.Tags) == 0:
		return nil, "There are none."
	}
	for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
		tags = append(tags, namedFact{key, word(e.Tags[key], "it has no value")})
	}
	return tags, ""
}

// scaling is what scales one variant.
func (l *look) scaling(v *report.Variant) scalingView {
	s := scalingView{
		Name:     v.Name,
		Facts:    []namedFact{{"Instance types", types(v.Variant)}, {"Scalable target", l.target(v.Variant)}, {"Suspended", l.suspended(v.Variant)}},
		Policies: grid{Title: "Scaling policies", Columns: []string{"Policy", "Type", "What it does", "Cooldown"}, None: l.noPolicies},
		Scheduled: grid{
			Title: "Scheduled actions", Columns: []string{"Scheduled action", "When", "From", "Until", "Min", "Max"}, None: l.noTarget,
		},
		Alarms: grid{
			Title: "Alarms", Columns: []string{"Alarm", "Role", "Triggers", "In ALARM when", "State", "Since", "CloudWatch says"}, None: l.NoPlan,
		},
	}
	if l.noPolicies == "" {
		s.Policies.None = "nothing scales it"
		for i := range v.Policies {
			s.Policies.add(policyRow(&v.Policies[i])...)
		}
	}
	if l.noTarget == "" {
		s.Scheduled.None = "none"
		for i := range v.Scheduled {
			s.Scheduled.add(scheduledRow(&v.Scheduled[i])...)
		}
	}
	if l.NoPlan == "" {
		s.Alarms.None = "no alarm acts on it"
		for i := range v.Alarms {
			s.Alarms.add(alarmRow(&v.Alarms[i], v.Role(&v.Alarms[i]), l.At)...)
		}
	}
	s.NoActivities = l.Why(fleet.SourceActivities)
	if s.NoActivities == "" {
		s.NoActivities = "Application Auto Scaling tells of none"
		for i := range v.Activity.Recent {
			s.NoActivities = ""
			s.Activities = append(s.Activities, activity(&v.Activity.Recent[i], l.At))
		}
	}
	s.Scales, s.Acts = l.folds(v)
	return s
}

// folds say what stands below of the policies and alarms of a variant, and of its activities, and whether something of it is
// wrong: a check of a policy, an alarm or the target fails, or the newest activity that changed something failed.
func (l *look) folds(v *report.Variant) (scales, acts fold) {
	scales.Title = fmt.Sprintf("%s, %s, %s", fleet.Plural(len(v.Policies), "scaling policy"), fleet.Plural(len(v.Alarms), "alarm"),
		fleet.Plural(len(v.Scheduled), "scheduled action"))
	for i := range v.Findings {
		f := &v.Findings[i]
		stage := explain.Name(f.Check.Stage)
		scales.Wrong = scales.Wrong || l.Fails(f) && f.Severity != check.Info && (stage == explain.Alarm || stage == explain.Policy || stage == explain.Target)
	}
	scales.Title = strings.Replace(scales.Title, "policys", "policies", 1)
	acts.Title = fleet.Plural(len(v.Activity.Recent), "activity")
	acts.Title = strings.Replace(acts.Title, "activitys", "activities", 1)
	for i := range v.Activity.Recent {
		if a := &v.Activity.Recent[i]; len(a.NotScaled) == 0 {
			acts.Wrong = a.Status == "Failed" || a.Status == "Unfulfilled"
			break
		}
	}
	return scales, acts
}

func (g *grid) add(row ...fact) { g.Rows, g.None = append(g.Rows, row), "" }

// types are the instance types of a variant, and how many run of each where there are several.
func types(v *fleet.Variant) fact {
	if len(v.Pools) == 0 {
		return word(strings.Join(v.Types, ", "), "DescribeEndpointConfig does not say")
	}
	parts := make([]string, len(v.Pools))
	for i, pool := range v.Pools {
		parts[i] = fmt.Sprintf("%s, priority %d: %d running", pool.InstanceType, pool.Priority, pool.Current)
	}
	return known(strings.Join(parts, "; "))
}

func (l *look) target(v *fleet.Variant) fact {
	switch {
	case l.noTarget != "":
		return unknown(l.noTarget)
	case v.Target == nil:
		return unknown("no scalable target: nothing scales it")
	}
	words := fmt.Sprintf("%d to %s", v.Target.MinCapacity, fleet.Plural(v.Target.MaxCapacity, "instance"))
	if !v.Target.Created.IsZero() {
		words += ", registered " + fleet.Minute(v.Target.Created, l.At)
	}
	return known(words)
}

func (l *look) suspended(v *fleet.Variant) fact {
	if l.noTarget != "" || v.Target == nil {
		return l.target(v)
	}
	kinds := v.Target.Suspended.Kinds()
	if len(kinds) == 0 {
		return known("nothing")
	}
	return known(strings.Join(kinds, ", "))
}

func word(text, otherwise string) fact {
	if text == "" {
		return unknown(otherwise)
	}
	return known(text)
}

func dated(t, now time.Time) fact {
	if t.IsZero() {
		return unknown("AWS does not say")
	}
	return known(since(t, now))
}

// objective is how long a request may wait, and whether somebody has said so.
func (l *look) objective(e *report.Endpoint) fact {
	objective := wait(e.Latency, "no objective asks for it (objectives)")
	if e.Defaulted && objective.Text != "" {
		objective.Text += " (the default; set objectives:)"
	}
	return objective
}

func wait(d time.Duration, otherwise string) fact {
	if d <= 0 {
		return unknown(otherwise)
	}
	return known(fleet.Lapse(d))
}

func policyRow(p *fleet.Policy) []fact {
	does, cooldown := unknown("this type is not described"), unknown("this type has none")
	switch {
	case p.Tracking != nil:
		t := p.Tracking
		words := "keeps " + strings.Join(p.MetricNames(), ", ")
		if t.Metric != nil {
			words = "keeps " + metricWords(*t.Metric, t.Statistic)
		}
		words += " at " + fleet.Number(t.TargetValue)
		if t.DisableScaleIn {
			words += "; scale-in is disabled"
		}
		does, cooldown = known(words), known("in "+cooldownWords(t.ScaleInCooldown)+", out "+cooldownWords(t.ScaleOutCooldown))
	case p.Step != nil:
		var steps []string
		for _, step := range p.Step.Adjustments {
			steps = append(steps, fmt.Sprintf("%+d from %s to %s", step.Adjustment, bound(step.Lower, "-∞"), bound(step.Upper, "∞")))
		}
		does = known(p.Step.AdjustmentType + " " + strings.Join(steps, "; ") + " above the threshold")
		cooldown = known(cooldownWords(p.Step.Cooldown))
	}
	return []fact{known(p.Name), word(string(p.Type), "AWS does not say"), does, cooldown}
}

func bound(b *float64, infinite string) string {
	if b == nil {
		return infinite
	}
	return fleet.Number(*b)
}

func cooldownWords(d *time.Duration) string {
	if d == nil {
		return "AWS's default (" + fleet.Lapse(fleet.DefaultCooldown) + ")"
	}
	return fleet.Lapse(*d)
}

// metricWords are a metric in one statistic, with its dimensions: one too many and an alarm never has data.
func metricWords(m fleet.Metric, statistic string) string {
	dimensions := make([]string, len(m.Dimensions))
	for i, d := range m.Dimensions {
		dimensions[i] = d.String()
	}
	return strings.TrimSpace(statistic+" "+m.Name) + " {" + strings.Join(dimensions, ", ") + "}"
}

func scheduledRow(a *fleet.ScheduledAction) []fact {
	when := a.Schedule
	if a.Timezone != "" {
		when += " " + a.Timezone
	}
	edge := func(t time.Time) fact {
		if t.IsZero() {
			return known("unbounded")
		}
		return known(moment(t))
	}
	return []fact{
		known(a.Name), known(when), edge(a.Start), edge(a.End), count(a.MinCapacity, "it leaves it alone"), count(a.MaxCapacity, "it leaves it alone"),
	}
}

// comparisons are what CloudWatch calls the comparisons with a threshold.
var comparisons = map[string]string{
	"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": "≥", "LessThanThreshold": "<", "LessThanOrEqualToThreshold": "≤",
}

func alarmRow(a *fleet.WiredAlarm, role fleet.Role, now time.Time) []fact {
	metric := "an expression"
	if a.Metric.Name != "" {
		metric = metricWords(a.Metric, a.Statistic)
	}
	comparison, ok := comparisons[a.Comparison]
	if !ok {
		comparison = a.Comparison
	}
	rings := fmt.Sprintf("%s %s %s in %d of %d times %s; missing data: %s", metric, comparison, strconv.FormatFloat(a.Threshold, 'f', -1, 64),
		a.DatapointsToAlarm, a.EvaluationPeriods, fleet.Lapse(a.Period), a.TreatMissingData)
	state := a.State
	if !a.ActionsEnabled {
		state += ", its actions are disabled"
	}
	changed := a.StateSince
	if changed.IsZero() {
		changed = a.StateUpdated
	}
	return []fact{
		known(a.Name), known(string(role)), word(a.Policy, "it triggers no scaling policy"), known(rings), known(state), dated(changed, now),
		word(a.StateReason, "it gives no reason"),
	}
}
