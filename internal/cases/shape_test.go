package cases

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// at is when the cases were observed: a Monday morning.
var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// written is when somebody wrote what is there.
var written = time.Date(2026, 2, 12, 16, 20, 0, 0, time.UTC)

const (
	account = "111122223333"
	region  = "us-east-1"
	main    = "AllTraffic"
	pager   = "arn:aws:sns:us-east-1:111122223333:pager-of-the-team"
)

// shape is a snapshot that is put together.
type shape struct {
	fleet.Snapshot
	variant string // that is added to
}

// part adds something to a shape.
type part func(*shape)

// asleep is an endpoint at zero instances with an empty queue and a scalable target. An instance works on five requests.
func asleep(least, most int, parts ...part) *shape {
	five, source := 5, func(name fleet.SourceName) fleet.Source {
		return fleet.Source{
			Name: name, LastAttempt: at, LastSuccess: at, LastAnswer: at, Expires: at.Add(15 * time.Minute), Duration: 400 * time.Millisecond,
		}
	}
	s := &shape{variant: main}
	s.Scope, s.At = fleet.Scope{AccountID: account, Region: region}, at
	for _, name := range []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceTags, fleet.SourceMetrics,
	} {
		s.Sources = append(s.Sources, source(name))
	}
	s.Endpoints = []fleet.Endpoint{{
		EndpointSummary: fleet.EndpointSummary{
			Name: Endpoint, ARN: "arn:aws:sagemaker:us-east-1:111122223333:endpoint/asr", Status: fleet.InService,
			Created: written.Add(-time.Hour), LastModified: written,
		},
		ConfigName:  "asr-config-3",
		Async:       fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &five, S3OutputPath: "s3://asr/out", S3FailurePath: "s3://asr/failed"},
		Tags:        map[string]string{},
		DescribedAt: at, SeenAt: at, Expires: at.Add(15 * time.Minute),
	}}
	s.add(main, least, most)
	s.queue(0)
	s.instances(0, 0)
	for _, add := range parts {
		add(s)
	}
	slices.SortFunc(s.Alarms, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Policies, func(a, b fleet.Policy) int { return strings.Compare(a.ResourceID+" "+a.Name, b.ResourceID+" "+b.Name) })
	return s
}

func (s *shape) add(variant string, least, most int) {
	s.variant = variant
	s.Endpoints[0].Variants = append(s.Endpoints[0].Variants, fleet.Variant{Name: variant, Types: []string{"ml.g5.xlarge", "ml.g4dn.xlarge"}})
	s.Targets = append(s.Targets, fleet.Target{ResourceID: s.resource(), MinCapacity: least, MaxCapacity: most, Created: written})
}

func (s *shape) resource() string { return fleet.ResourceID(Endpoint, s.variant) }

// arn is that of a policy of the variant.
func (s *shape) arn(name string) string {
	return "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:6d8972f3-efc8-437c-92d1-6270f29a66e7:resource/sagemaker/" +
		s.resource() + ":policyName/" + name
}

// queue sets what CloudWatch says of the queue.
func (s *shape) queue(requests float64) {
	e := &s.Endpoints[0]
	reading := func(v float64) fleet.Reading {
		return fleet.Reading{At: at.Add(-2 * time.Minute), Value: v, Expires: at.Add(5 * time.Minute)}
	}
	e.Queue = fleet.Queue{fleet.Backlog: reading(requests), fleet.WithoutCapacity: reading(0)}
	running := 0
	for _, v := range e.Variants {
		if v.Current != nil {
			running += *v.Current
		}
	}
	switch {
	case running > 0:
		e.Queue[fleet.BacklogPerInstance] = reading(requests / float64(running))
	case requests > 0:
		e.Queue[fleet.WithoutCapacity] = reading(1)
	}
	if requests > 0 {
		e.Queue[fleet.OldestAge] = reading(180)
	}
}

func (s *shape) instances(current, desired int) {
	v := &s.Endpoints[0].Variants[len(s.Endpoints[0].Variants)-1]
	v.Current, v.Desired = &current, &desired
}

func metric(name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: Endpoint}}}
}

var (
	hb  = metric("HasBacklogWithoutCapacity")
	bs  = metric("ApproximateBacklogSize")
	bpi = metric("ApproximateBacklogSizePerInstance")
)

// step adds a step policy.
func step(name, adjustment string, adjustments ...fleet.StepAdjustment) part {
	return func(s *shape) {
		cooldown := 5 * time.Minute
		s.Policies = append(s.Policies, fleet.Policy{
			ResourceID: s.resource(), Name: name, ARN: s.arn(name), Type: fleet.StepScaling, Created: written,
			Step: &fleet.Step{AdjustmentType: adjustment, Adjustments: adjustments, Cooldown: &cooldown, Aggregation: "Average"},
		})
	}
}

const (
	byChange  = "ChangeInCapacity"
	exactly   = "ExactCapacity"
	byPercent = "PercentChangeInCapacity"
)

func from(lower float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Lower: &lower, Adjustment: adjustment}
}

func to(upper float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Upper: &upper, Adjustment: adjustment}
}

func between(lower, upper float64, adjustment int) fleet.StepAdjustment {
	return fleet.StepAdjustment{Lower: &lower, Upper: &upper, Adjustment: adjustment}
}

// tracking adds a target-tracking policy with the alarms that AWS makes of it.
func tracking(name string, m fleet.Metric, statistic string, value float64, scaleIn bool) part {
	return func(s *shape) {
		in, out := 5*time.Minute, 5*time.Minute
		p := fleet.Policy{
			ResourceID: s.resource(), Name: name, ARN: s.arn(name), Type: fleet.TargetTracking, Created: written,
			Tracking: &fleet.Tracking{
				Metric: &m, Statistic: statistic, TargetValue: value, ScaleInCooldown: &in, ScaleOutCooldown: &out, DisableScaleIn: !scaleIn,
			},
		}
		made := func(kind, comparison string, threshold float64, periods int) {
			full := "TargetTracking-" + s.resource() + "-" + kind + "-" + uuid(p.ARN+kind)
			p.Alarms = append(p.Alarms, full)
			alarm(full, m, comparison, threshold, periods, []string{name}, statisticOf(statistic), func(a *fleet.Alarm) {
				a.Description = "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + p.ARN + "."
				a.State, a.StateReason = "INSUFFICIENT_DATA", "Insufficient Data: 3 datapoints were unknown."
			})(s)
		}
		made("AlarmHigh", ">", value, 3)
		if scaleIn {
			made("AlarmLow", "<", value*9/10, 15)
		}
		slices.Sort(p.Alarms)
		s.Policies = append(s.Policies, p)
	}
}

// lost deletes AWS's own alarms with a text in their names.
func lost(text string) part {
	return func(s *shape) {
		s.Alarms = slices.DeleteFunc(s.Alarms, func(a fleet.Alarm) bool {
			return strings.HasPrefix(a.Name, fleet.TrackingAlarmPrefix) && strings.Contains(a.Name, text)
		})
	}
}

// uuid is one that is always the same for a text.
func uuid(of string) string {
	sum := sha256.Sum256([]byte(of))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// alarm adds an alarm of so many periods of a minute. Its actions are names of policies of the variant, or ARNs.
func alarm(name string, m fleet.Metric, comparison string, threshold float64, periods int, actions []string, changes ...func(*fleet.Alarm)) part {
	return func(s *shape) {
		a := fleet.Alarm{
			Name: name, ARN: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:" + name, Metric: m, Statistic: "Average", Period: time.Minute,
			EvaluationPeriods: periods, DatapointsToAlarm: periods, Threshold: threshold, ActionsEnabled: true, TreatMissingData: "missing",
			Comparison: map[string]string{
				">=": "GreaterThanOrEqualToThreshold", ">": "GreaterThanThreshold", "<": "LessThanThreshold", "<=": "LessThanOrEqualToThreshold",
			}[comparison],
			State: "OK", StateReason: "Threshold Crossed: no datapoints were breaching the threshold.",
			StateUpdated: at.Add(-50 * time.Minute), StateSince: at.Add(-50 * time.Minute), ConfigurationUpdated: written, Read: at,
			Mutes: fleet.Mutes{Known: true},
		}
		if comparison[0] == '<' && (m.Name == hb.Name || m.Name == bs.Name) { // the queue is empty
			a.State, a.StateReason = "ALARM", "Threshold Crossed: all datapoints were breaching the threshold."
		}
		for _, action := range actions {
			if !strings.HasPrefix(action, "arn:") {
				action = s.arn(action)
			}
			a.AlarmActions = append(a.AlarmActions, action)
		}
		for _, change := range changes {
			change(&a)
		}
		s.Alarms = append(s.Alarms, a)
		for i := range s.Policies { // AWS lists the alarms that trigger a policy with it
			if p := &s.Policies[i]; slices.Contains(a.AlarmActions, p.ARN) {
				p.Alarms = append(p.Alarms, name)
				slices.Sort(p.Alarms)
			}
		}
	}
}

func statisticOf(name string) func(*fleet.Alarm) { return func(a *fleet.Alarm) { a.Statistic = name } }

func missing(treated string) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) { a.TreatMissingData = treated }
}

func period(d time.Duration) func(*fleet.Alarm) { return func(a *fleet.Alarm) { a.Period = d } }
func unit(name string) func(*fleet.Alarm)       { return func(a *fleet.Alarm) { a.Unit = name } }
func datapoints(n int) func(*fleet.Alarm)       { return func(a *fleet.Alarm) { a.DatapointsToAlarm = n } }

func ringing(since time.Duration) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) {
		a.State, a.StateReason = "ALARM", "Threshold Crossed: 1 out of the last 1 datapoints was breaching the threshold."
		a.StateUpdated, a.StateSince = at.Add(-since), at.Add(-since)
	}
}

func math(expression string, over ...fleet.Metric) func(*fleet.Alarm) {
	return func(a *fleet.Alarm) {
		yes, no := true, false
		a.Metric, a.Statistic = fleet.Metric{}, ""
		a.Math = []fleet.MathQuery{{ID: "e1", Expression: expression, ReturnData: &yes}}
		for i := range over {
			a.Math = append(a.Math, fleet.MathQuery{ID: []string{"m1", "m2"}[i], Metric: &over[i], Statistic: "Average", ReturnData: &no})
		}
	}
}

// The parts of the documented set.
func tracks(s *shape) { tracking(policy.TrackingName, bpi, "Average", policy.TargetValue, true)(s) }

func wakePolicy(s *shape) { step(policy.WakeName, byChange, from(0, 1))(s) }

func wakes(s *shape) {
	wakePolicy(s)
	alarm("HasBacklogWithoutCapacity-Alarm-"+Endpoint+"-"+s.variant, hb, ">=", 1, 2, []string{policy.WakeName})(s)
}

func documented(s *shape) { tracks(s); wakes(s) }

func all(parts ...part) part {
	return func(s *shape) {
		for _, add := range parts {
			add(s)
		}
	}
}

// running lets so many instances run, with so many requests.
func running(instances int, requests float64) part {
	return func(s *shape) {
		s.instances(instances, instances)
		s.queue(requests)
		for i := range s.Alarms { // they have had data for long
			if a := &s.Alarms[i]; a.State == "INSUFFICIENT_DATA" {
				a.State, a.StateReason = "OK", "Threshold Crossed: no datapoints were breaching the threshold."
			}
		}
	}
}

// started lets one instance run for so long; its alarms have had no data since it was last at zero.
func started(ago time.Duration) part {
	return func(s *shape) {
		s.instances(1, 1)
		s.queue(0)
		s.Endpoints[0].LastModified = at.Add(-ago)
	}
}

// starting lets the first instances start, of so many.
func starting(desired int, requests float64) part {
	return func(s *shape) {
		s.instances(0, desired)
		s.queue(requests)
		e := &s.Endpoints[0]
		e.Status = fleet.Updating
		e.LastModified = at.Add(-3 * time.Minute)
		v := &e.Variants[0]
		v.Activity.Recent = []fleet.Activity{{
			ID: "2f4f5e7a-1111-4222-8333-444455556666", ResourceID: s.resource(), Status: "InProgress", Start: at.Add(-3 * time.Minute),
			Description:   "Setting desired instance count to 8.",
			Cause:         "monitor alarm o in state ALARM triggered policy out",
			StatusMessage: "Successfully set desired instance count to 8. Waiting for change to be fulfilled by sagemaker.",
		}}
	}
}

// scheduled adds a scheduled action that sets the minimum.
func scheduled(name, schedule string, least int) part {
	return func(s *shape) {
		s.Scheduled = append(s.Scheduled, fleet.ScheduledAction{ResourceID: s.resource(), Name: name, Schedule: schedule, Timezone: "UTC", MinCapacity: &least})
	}
}

// work is a metric of the work done by the variant.
func work(name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: fleet.VariantDimensions(Endpoint, main)}
}

// empty triggers the policy "in" where nothing is queued, and queued another one where something is.
var empty = alarm("i", bs, "<", 1, 5, []string{"in"})

func queued(policyName string) part {
	return alarm("o", bs, ">=", 1, 1, []string{policyName}, missing("notBreaching"))
}

// ok triggers a policy of the variant in the state OK.
func ok(policyName string) func(*fleet.Alarm) {
	arn := (&shape{variant: main}).arn(policyName)
	return func(a *fleet.Alarm) { a.OKActions = []string{arn} }
}

// since lets an alarm be in the state for its newest value, for so long.
func since(name string, so time.Duration) part {
	return func(s *shape) {
		for i := range s.Alarms {
			a := &s.Alarms[i]
			if a.Name != name {
				continue
			}
			value := s.Endpoints[0].Queue[fleet.Backlog].Value
			if a.Metric.Name == hb.Name {
				value = s.Endpoints[0].Queue[fleet.WithoutCapacity].Value
			}
			above := a.Comparison == "GreaterThanOrEqualToThreshold"
			a.State, a.StateReason = "OK", "Threshold Crossed: no datapoints were breaching the threshold."
			if above == (value >= a.Threshold) {
				a.State, a.StateReason = "ALARM", "Threshold Crossed: all datapoints were breaching the threshold."
			}
			a.StateUpdated, a.StateSince = at.Add(-so), at.Add(-so)
		}
	}
}

// inAlarm lets the alarms with a text in their names be in ALARM for so long.
func inAlarm(text string, so time.Duration) part {
	return func(s *shape) {
		for i := range s.Alarms {
			if strings.Contains(s.Alarms[i].Name, text) {
				ringing(so)(&s.Alarms[i])
			}
		}
	}
}

// silenced adds a mute rule that is active on the alarms with a text in their names.
func silenced(text string) part {
	return func(s *shape) {
		for i := range s.Alarms {
			if a := &s.Alarms[i]; strings.Contains(a.Name, text) {
				rule := fleet.MuteRule{Name: "release", Expression: "at(2026-03-02T08:00)", Duration: "PT2H", Timezone: "UTC", Alarms: []string{a.Name}, Updated: written, Active: true, Read: at}
				*a = a.WithMutes([]fleet.MuteRule{rule})
			}
		}
	}
}

// fixed adds a scheduled action that sets both bounds.
func fixed(name, schedule string, n int) part {
	return func(s *shape) {
		s.Scheduled = append(s.Scheduled, fleet.ScheduledAction{ResourceID: s.resource(), Name: name, Schedule: schedule, Timezone: "UTC", MinCapacity: &n, MaxCapacity: &n})
	}
}

// status is what SageMaker says of the endpoint.
func status(text string) part { return func(s *shape) { s.Endpoints[0].Status = text } }

// least gives a step policy a MinAdjustmentMagnitude.
func least(name string, n int) part {
	return func(s *shape) {
		for i := range s.Policies {
			if s.Policies[i].Name == name {
				s.Policies[i].Step.MinAdjustmentMagnitude = &n
			}
		}
	}
}

// trackingBy adds a target-tracking policy by metric math, with the alarms that AWS makes of it.
func trackingBy(name, expression string, value float64, over ...fleet.Metric) part {
	return func(s *shape) {
		tracking(name, fleet.Metric{}, "", value, true)(s)
		t := s.Policies[len(s.Policies)-1].Tracking
		var a fleet.Alarm
		math(expression, over...)(&a)
		t.Metric, t.Math = nil, a.Math
		for i := range s.Alarms {
			if strings.Contains(s.Alarms[i].Description, s.arn(name)) {
				s.Alarms[i].Metric, s.Alarms[i].Statistic, s.Alarms[i].Math = fleet.Metric{}, "", a.Math
			}
		}
	}
}

// predefined adds a target-tracking policy on a predefined metric, with the alarms that AWS makes of it.
func predefined(kind string, value float64) part {
	return func(s *shape) {
		tracking(policy.TrackingName, work("InvocationsPerInstance"), "Sum", value, true)(s)
		t := s.Policies[len(s.Policies)-1].Tracking
		t.Metric, t.Statistic, t.Predefined = nil, "", kind
	}
}

// concurrency sets how many requests an instance works on; 0 leaves it to SageMaker.
func concurrency(n int) part {
	return func(s *shape) {
		s.Endpoints[0].Async.MaxConcurrentInvocationsPerInstance = nil
		if n > 0 {
			s.Endpoints[0].Async.MaxConcurrentInvocationsPerInstance = &n
		}
	}
}

// idle scales in to 0 below a threshold.
func idle(m fleet.Metric, threshold float64) part {
	return all(step("in", exactly, to(0, 0)), alarm("idle", m, "<", threshold, 5, []string{"in"}))
}

// another is the metric of another endpoint, from which somebody copied.
func another(m fleet.Metric) fleet.Metric {
	m.Dimensions = []fleet.Dimension{{Name: "EndpointName", Value: "asr-prod"}}
	return m
}

// copied lets the alarms on HasBacklogWithoutCapacity watch another endpoint.
func copied(s *shape) { watching(another(hb))(s) }

// limited adds a scheduled action that sets the maximum.
func limited(name, schedule string, most int) part {
	return func(s *shape) {
		s.Scheduled = append(s.Scheduled, fleet.ScheduledAction{ResourceID: s.resource(), Name: name, Schedule: schedule, Timezone: "UTC", MaxCapacity: &most})
	}
}

// updating lets an update go on for so long, which no scaling began.
func updating(so time.Duration) part {
	return func(s *shape) {
		e := &s.Endpoints[0]
		e.Status, e.LastModified = fleet.Updating, at.Add(-so)
		e.Variants[0].Activity.Recent = nil
	}
}

// muted adds a mute rule of the alarms that trigger step policies.
func muted(name, expression, duration string) part {
	return func(s *shape) {
		rule := fleet.MuteRule{Name: name, Expression: expression, Duration: duration, Timezone: "UTC", Updated: written, Read: at}
		for i := range s.Alarms {
			if !strings.HasPrefix(s.Alarms[i].Name, "TargetTracking-") {
				rule.Alarms = append(rule.Alarms, s.Alarms[i].Name)
			}
		}
		slices.Sort(rule.Alarms)
		for i := range s.Alarms {
			s.Alarms[i] = s.Alarms[i].WithMutes(append(s.Alarms[i].Mutes.Rules, rule))
		}
	}
}

// watching lets the alarms on HasBacklogWithoutCapacity watch another metric.
func watching(m fleet.Metric) part {
	return func(s *shape) {
		for i := range s.Alarms {
			if s.Alarms[i].Metric.Name == hb.Name {
				s.Alarms[i].Metric = m
			}
		}
	}
}

// overflow starts the variant from 20 requests on, however many instances of another one run.
func overflow(changes ...func(*fleet.Alarm)) part {
	return all(tracks, step("overflow", byChange, from(0, 1)),
		alarm("overflow", bs, ">=", 20, 1, []string{"overflow"}, append(changes, statisticOf("Maximum"))...))
}

// beside adds the variant B, of which one instance runs, with a scalable target.
func beside(least int, parts ...part) part {
	return func(s *shape) {
		s.add("B", least, 5)
		s.instances(1, 1)
		s.queue(0)
		all(parts...)(s)
	}
}

// done scales in to 0 while nothing is done for ten minutes, and each request takes so long.
func done(expression string, takes time.Duration) part {
	return func(s *shape) {
		alarm("idle", work("InvocationsProcessed"), "<", 1, 10, []string{"in"}, math(expression, work("InvocationsProcessed")))(s)
		sum := func(d time.Duration) fleet.Total {
			return fleet.Total{Since: at.Add(-24 * time.Hour), Sum: 50 * d.Microseconds(), Samples: 50, Expires: at.Add(time.Hour)}
		}
		s.Endpoints[0].Variants[0].Work = &fleet.Work{Took: sum(takes + time.Second), Waited: sum(time.Second)}
	}
}
