package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func pointer[T any](v T) *T { return &v }

// world is a scope with one endpoint, e, of the variants that are named, all of which have the documented objects.
type world struct {
	fleet.Snapshot
	policies policy.Policies
	rules    Rules
	history  History
}

// all matches every name.
type all struct{}

func (all) Match(string) bool { return true }

func (all) String() string { return ".*" }

// documented is a world of one endpoint whose variants have the documented objects, selected by name.
func documented(variants ...string) *world {
	source := func(name fleet.SourceName) fleet.Source {
		return fleet.Source{Name: name, LastAttempt: noon, LastSuccess: noon, Expires: noon.Add(time.Hour)}
	}
	w := &world{policies: policy.Policies{policy.ByName(all{})}}
	w.Scope, w.At = fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, noon
	w.Sources = []fleet.Source{
		source(fleet.SourceAlarms), source(fleet.SourceEndpoints), source(fleet.SourceScaling), source(fleet.SourceTags),
	}
	w.Endpoints = []fleet.Endpoint{{
		EndpointSummary: fleet.EndpointSummary{Name: "e", Status: "InService"}, ConfigName: "e-1", Tags: map[string]string{},
		DescribedAt: noon, SeenAt: noon, Expires: noon.Add(time.Hour),
	}}
	for _, name := range variants {
		v := fleet.Variant{Name: name, Current: pointer(0), Desired: pointer(0)}
		target, track, wake := policy.Target("e", name), policy.Tracking("e", name), policy.Wake("e", name)
		track.ARN, wake.ARN = arn(name, track.Name), arn(name, wake.Name)
		v.Target, v.Policies = &target, []fleet.Policy{track, wake}
		w.Endpoints[0].Variants = append(w.Endpoints[0].Variants, v)
		w.alarm(policy.WakeAlarm("e", name, wake.ARN))
	}
	return w
}

// arn is that of a policy of a variant of the endpoint.
func arn(variant, policy string) string {
	return "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/" + variant + ":policyName/" + policy
}

// alarm puts an alarm into the world and wires it as an observation would.
func (w *world) alarm(a fleet.Alarm) {
	w.Alarms = slices.DeleteFunc(w.Alarms, func(other fleet.Alarm) bool { return other.Name == a.Name })
	w.Alarms = append(w.Alarms, a)
	slices.SortFunc(w.Alarms, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) })
	w.wire()
}

// wire joins policies and alarms anew.
func (w *world) wire() {
	var policies []fleet.Policy
	for i := range w.Endpoints {
		for _, v := range w.Endpoints[i].Variants {
			policies = append(policies, v.Policies...)
		}
	}
	join := fleet.NewJoin(nil, policies, nil, w.Alarms, time.Time{})
	for i := range w.Endpoints {
		for j := range w.Endpoints[i].Variants {
			v := &w.Endpoints[i].Variants[j]
			joined := fleet.Variant{Name: v.Name}
			join.Fill(w.Endpoints[i].Name, &joined)
			v.Alarms = joined.Alarms
		}
	}
}

func (w *world) variant() *fleet.Variant { return &w.Endpoints[0].Variants[0] }

// policy is the policy of that name, to be changed.
func (w *world) policy(name string) *fleet.Policy {
	v := w.variant()
	return &v.Policies[slices.IndexFunc(v.Policies, func(p fleet.Policy) bool { return p.Name == name })]
}

// wakeAlarm changes the first variant's wake alarm.
func (w *world) wakeAlarm(change func(*fleet.Alarm)) {
	a := w.Alarms[0]
	a.Metric.Dimensions = slices.Clone(a.Metric.Dimensions)
	a.AlarmActions = slices.Clone(a.AlarmActions)
	change(&a)
	w.Alarms[0] = a
	w.wire()
}

func (w *world) source(name fleet.SourceName) *fleet.Source {
	return &w.Sources[slices.IndexFunc(w.Sources, func(s fleet.Source) bool { return s.Name == name })]
}

// remove takes the policies of the first variant away, as deregistering does.
func (w *world) deregister() {
	w.variant().Target, w.variant().Policies = nil, nil
	w.wire()
}

func (w *world) plan() Plan {
	w.history = w.history.Observe(&w.Snapshot)
	return Diff(policy.Survey(w.policies, &w.Snapshot), &w.Snapshot, w.rules, w.history)
}

// text is the plan as people read it, without the line of the scope and the summary.
func (p Plan) text() string {
	var page strings.Builder
	_ = Text(&page, []Plan{p})
	lines := strings.Split(strings.TrimSpace(page.String()), "\n")
	if len(lines) > 2 {
		lines = lines[1 : len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

func (w *world) gives(t *testing.T, want string) {
	t.Helper()
	want = strings.TrimSpace(want)
	if got := strings.TrimSpace(w.plan().text()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// ended notes how the steps of a round ended.
func (w *world) ended(outcomes ...Outcome) {
	for _, outcome := range outcomes {
		w.history = w.history.Began(outcome.Step.Endpoint())
	}
	for _, outcome := range outcomes {
		w.history = w.history.Note(outcome, w.At)
	}
}

// second adds an endpoint, f, with one variant that has the documented objects.
func (w *world) second() *fleet.Endpoint {
	other := w.Endpoints[0]
	other.Name = "f"
	target, track, wake := policy.Target("f", "v"), policy.Tracking("f", "v"), policy.Wake("f", "v")
	of := func(name string) string { return strings.ReplaceAll(arn("v", name), "endpoint/e/", "endpoint/f/") }
	track.ARN, wake.ARN = of(track.Name), of(wake.Name)
	other.Variants = []fleet.Variant{{Name: "v", Current: pointer(0), Desired: pointer(0), Target: &target, Policies: []fleet.Policy{track, wake}}}
	w.Endpoints = append(w.Endpoints, other)
	w.alarm(policy.WakeAlarm("f", "v", wake.ARN))
	return &w.Endpoints[1]
}

// apply carries a plan out in the snapshot, as AWS would.
func (w *world) apply(p Plan) {
	arns := map[string]string{}
	for _, step := range p.Steps {
		written, ok := step.WithARNs(arns)
		if !ok {
			continue
		}
		e, variant := w.endpoint(step.Endpoint()), (*fleet.Variant)(nil)
		for i := range e.Variants {
			if fleet.ResourceID(e.Name, e.Variants[i].Name) == step.ResourceID {
				variant = &e.Variants[i]
			}
		}
		switch {
		case written.Target != nil:
			target := *written.Target
			variant.Target = &target
		case written.Policy != nil:
			made := *written.Policy
			if made.ARN == "" {
				made.ARN = strings.ReplaceAll(arn(variant.Name, made.Name), "endpoint/e/", "endpoint/"+e.Name+"/")
			}
			if step.Kind == WakePolicy {
				arns[step.ResourceID] = made.ARN
			}
			variant.Policies = with(variant.Policies, made)
			slices.SortFunc(variant.Policies, func(a, b fleet.Policy) int { return strings.Compare(a.Name, b.Name) })
		default:
			w.Alarms = slices.DeleteFunc(slices.Clone(w.Alarms), func(a fleet.Alarm) bool { return a.Name == written.Name })
			made := *written.Alarm
			made.Name = written.Name
			w.Alarms = append(w.Alarms, made)
			slices.SortFunc(w.Alarms, func(a, b fleet.Alarm) int { return strings.Compare(a.Name, b.Name) })
		}
		w.history = w.history.Note(Outcome{Step: written}, w.At)
	}
	w.wire()
}

func (w *world) endpoint(name string) *fleet.Endpoint {
	return &w.Endpoints[slices.IndexFunc(w.Endpoints, func(e fleet.Endpoint) bool { return e.Name == name })]
}
