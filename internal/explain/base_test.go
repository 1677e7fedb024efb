package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later = noon.Add(10 * time.Minute)
)

// scene is a documented endpoint with one variant, at noon.
type scene struct {
	*fleet.Snapshot
	e     *fleet.Endpoint
	v     *fleet.Variant
	rules report.Rules
}

func ago(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }

func value(v float64) fleet.Reading { return fleet.Reading{At: ago(2), Value: v, Expires: later} }

func to[T any](v T) *T { return &v }

// running is a scene with so many instances, and so much that waits.
func running(instances int, backlog float64) *scene {
	const name = "e"
	target, tracking, wakes := policy.Target(name, "v"), policy.Tracking(name, "v"), policy.Wake(name, "v")
	tracking.ARN, wakes.ARN = "arn:tracking", "arn:wake"
	tracks := func(role fleet.Role, comparison string, threshold float64, periods int) fleet.WiredAlarm {
		return fleet.WiredAlarm{Policy: tracking.Name, Alarm: fleet.Alarm{
			Name: "TargetTracking-" + string(role), Metric: fleet.BacklogPerInstance.Query(name).Metric, Statistic: "Average", Period: time.Minute,
			EvaluationPeriods: periods, DatapointsToAlarm: periods, Threshold: threshold, Comparison: comparison, ActionsEnabled: true,
			AlarmActions: []string{tracking.ARN}, State: "OK", StateSince: ago(60),
		}}
	}
	wakeAlarm := policy.WakeAlarm(name, "v", wakes.ARN)
	wakeAlarm.State, wakeAlarm.StateSince = "OK", ago(60)
	work := &fleet.Work{Pace: fleet.Reading{At: ago(10), Value: 0.1, Expires: later}}
	work.Totals[fleet.InvocationsProcessed] = fleet.Total{Since: ago(60), Sum: 100, Expires: later}
	s := &scene{Snapshot: &fleet.Snapshot{
		Scope: fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, At: noon,
		Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{Name: name, Status: fleet.InService}, Expires: later, SeenAt: noon, DescribedAt: noon,
			Async: fleet.AsyncConfig{S3FailurePath: "s3://failed"}, Tags: map[string]string{},
			Variants: []fleet.Variant{{
				Name: "v", Current: to(instances), Desired: to(instances), Types: []string{"ml.g5.xlarge"}, Target: &target,
				Policies: []fleet.Policy{tracking, wakes}, Work: work,
				Alarms: []fleet.WiredAlarm{
					tracks(fleet.RoleHigh, "GreaterThanThreshold", 5, 3), tracks(fleet.RoleLow, "LessThanThreshold", 4.5, 15),
					{Policy: wakes.Name, Alarm: wakeAlarm},
				},
			}},
		}},
	}}
	for _, source := range []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceQueue, fleet.SourceScaling, fleet.SourceTags, fleet.SourceMetrics,
	} {
		s.Sources = append(s.Sources, fleet.Source{Name: source, LastAttempt: noon, LastSuccess: noon, Expires: later})
	}
	s.e = &s.Endpoints[0]
	s.v = &s.e.Variants[0]
	s.e.Queue[fleet.Backlog] = value(backlog)
	if backlog > 0 {
		s.oldest(4)
	}
	if instances > 0 {
		s.e.Queue[fleet.BacklogPerInstance] = value(backlog / float64(instances))
	} else if backlog > 0 {
		s.e.Queue[fleet.WithoutCapacity] = value(1)
	}
	return s
}

// asleep is a scene without instances.
func asleep(backlog float64) *scene { return running(0, backlog) }

// oldest lets the oldest request wait for so many minutes now.
func (s *scene) oldest(minutes int) {
	s.e.Queue[fleet.OldestAge] = value(ago(2).Sub(ago(minutes)).Seconds())
}

// alarm is the alarm of a role: high and low are in the names of those of tracking, and one more wakes.
func (s *scene) alarm(role fleet.Role) *fleet.WiredAlarm {
	for i := range s.v.Alarms {
		alarm := &s.v.Alarms[i]
		if of, tracks := strings.CutPrefix(alarm.Name, "TargetTracking-"); tracks && of == string(role) || !tracks && role == fleet.RoleWake {
			return alarm
		}
	}
	panic(fmt.Sprintf("no alarm is %s", role))
}

// inAlarm puts an alarm into ALARM since so many minutes.
func (s *scene) inAlarm(role fleet.Role, minutes int) {
	alarm := s.alarm(role)
	alarm.State, alarm.StateSince = stateAlarm, ago(minutes)
}

// did adds an older activity of the policy that acts at so many instances: the newest come first.
func (s *scene) did(status string, instances, began, lasted int, message string) {
	by := policy.TrackingName
	if *s.v.Current == 0 {
		by = policy.WakeName
	}
	s.didBy(by, status, instances, began, lasted, message)
}

// didBy adds an older activity of a policy.
func (s *scene) didBy(by, status string, instances, began, lasted int, message string) {
	a := fleet.Activity{
		ID: fmt.Sprint(len(s.v.Activity.Recent)), Status: status, Start: ago(began), StatusMessage: message,
		Description: fmt.Sprintf("Setting desired instance count to %d.", instances), Cause: "monitor alarm x in state ALARM triggered policy " + by,
	}
	if a.Terminal() {
		a.End = a.Start.Add(time.Duration(lasted) * time.Minute)
	}
	s.v.Activity.Recent = append(s.v.Activity.Recent, a)
}

func (s *scene) want(instances int) { s.v.Desired = to(instances) }

func (s *scene) source(name fleet.SourceName) *fleet.Source {
	for i := range s.Sources {
		if s.Sources[i].Name == name {
			return &s.Sources[i]
		}
	}
	panic(name)
}

// explain explains it.
func (s *scene) explain() Explanation {
	if s.rules.Objective == nil {
		s.rules.Objective = func(string) (time.Duration, time.Duration) { return 30 * time.Minute, 6 * time.Hour }
	}
	r := report.Build(*s.Snapshot, s.rules, report.NewPast())
	return Of(&r, "e", noon)
}

// link is one link of it.
func (s *scene) link(t *testing.T, name Name) Link {
	t.Helper()
	for _, link := range s.explain().Links {
		if link.Name == name {
			return link
		}
	}
	t.Fatalf("there is no link %s", name)
	return Link{}
}

// exact is a pattern that matches one name.
type exact string

func (e exact) Match(name string) bool { return string(e) == name }
func (e exact) String() string         { return string(e) }

// byName selects an endpoint as --reconcile.endpoints does.
func byName(endpoint string) policy.Policies { return policy.Policies{policy.ByName(exact(endpoint))} }
