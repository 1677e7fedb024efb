package cycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
	"github.com/sagemaker-async/exporter/internal/sim"
)

const register, putAlarm = "ApplicationAutoScaling.RegisterScalableTarget", "CloudWatch.PutMetricAlarm"

// owing is a running process that lowered the minimum of the endpoint e from 2 to 0 beside an alarm that somebody broke just then, and
// could not raise it again: registering targets and putting alarms is denied since, and 12 minutes have passed.
type owing struct {
	*wheel
	*account
	began time.Time
}

func newOwing(t *testing.T, breaks func(*sim.World), change ...func(*Options)) *owing {
	t.Helper()
	o := &owing{began: time.Now(), account: newAccount(t), wheel: newWheel(t)}
	o.Do(func(w *sim.World) { awstest.Add(t, w, "e", 2, "v") })
	var mu sync.Mutex
	betrayed, lowering, lowered := false, false, false
	o.Writing = func(step plan.Step) error {
		mu.Lock()
		defer mu.Unlock()
		if step.Kind == plan.MinCapacity && !betrayed {
			betrayed, lowering = true, true
			o.Do(breaks)
		}
		return nil
	}
	o.Before = func(call string, _ int) {
		mu.Lock()
		defer mu.Unlock()
		switch write := strings.HasPrefix(call, "RegisterScalableTarget"); {
		case lowering && write:
			lowering, lowered = false, true
		case lowered && !write:
			lowered = false
			o.Deny(register)
			o.Deny(putAlarm)
		}
	}
	options := o.options(change...)
	_ = o.Start(o.ctx, []Scope{o.scope(true)}, options)
	until(o.began, 12*time.Minute)
	if o.minimum() != 0 {
		t.Fatalf("the minimum is %d\n%s", o.minimum(), o.out)
	}
	return o
}

func (o *owing) options(change ...func(*Options)) Options {
	options := reconciling(func(r *report.Rules) { r.RecreateAfter = 0 })
	for _, do := range change {
		do(&options)
	}
	return options
}

// again reloads the configuration.
func (o *owing) again(change ...func(*Options)) {
	_ = o.Reload([]Scope{o.scope(true)}, o.options(change...))
}

func (o *owing) minimum() (found int) {
	o.Do(func(w *sim.World) {
		for _, target := range w.ScalableTargets() {
			if target.ResourceID == "endpoint/e/variant/v" {
				found = target.MinCapacity
			}
		}
	})
	return found
}

func (o *owing) wants(when string, minimum int) {
	o.Helper()
	if now := o.minimum(); now != minimum {
		o.Errorf("%s: the minimum is %d, want %d\n%s", when, now, minimum, o.out)
	}
}

// page is the plan as people read it.
func (o *owing) page() string {
	var page strings.Builder
	_ = o.Set().PlanText(&page)
	return page.String()
}

func deletesAlarm(t *testing.T) func(*sim.World) {
	return func(w *sim.World) { awstest.Must(t, w.DeleteAlarms([]string{policy.WakeAlarm("e", "v", "").Name})) }
}

// serve remembers a minimum that it lowered beside an alarm that was deleted just then, and could not raise again: the plan shows it,
// and a later round raises it.
func TestReconcile_raisesInALaterRoundWhatItOwes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwing(t, deletesAlarm(t))
		defer o.end()
		steps := o.Set().Reports[0].Plan.StepsOf("e")
		if len(steps) == 0 || steps[0].Kind != plan.ScalableTarget || !slices.Equal(steps[0].Lines(), []string{"min_capacity: 0 -> 2"}) {
			t.Fatalf("denied: the plan is %+v\n%s", steps, o.out)
		}
		o.Allow(register)
		until(o.began, 20*time.Minute)
		o.wants("allowed", 2)
		o.Allow(putAlarm)
		until(o.began, 30*time.Minute)
		o.wants("in the end", 0)
		if r := o.Set().Reports[0]; !r.Plan.Empty() {
			t.Errorf("in the end the plan is %+v\n%s", r.Plan, o.out)
		}
	})
}

// What is owed comes before the steps of all other endpoints, though it has failed before, and takes none of them away.
func TestReconcile_whatIsOwedComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwing(t, deletesAlarm(t))
		defer o.end()
		o.Do(func(w *sim.World) {
			for i := range 12 {
				awstest.Add(t, w, fmt.Sprintf("a%02d", i), 0, "v")
			}
		})
		o.again(func(options *Options) { options.Rules.MaxSteps = 1 })
		until(o.began, 31*time.Minute) // the tags of the new ones are polled by then
		if o.wants("still denied", 0); len(o.Set().Reports[0].Pending) != 13 {
			t.Fatalf("%q have steps", o.Set().Reports[0].Pending)
		}
		o.Allow(register)
		o.Allow(putAlarm)
		o.Tried()
		until(o.began, 36*time.Minute)
		o.wants("allowed, after one round", 2)
		lines := o.Tried()
		if len(lines) != 2 || lines[0] != "update endpoint/e/variant/v scalable target" || !strings.HasPrefix(lines[1], "create endpoint/a") {
			t.Errorf("written: %q", lines)
		}
	})
}

// An endpoint at which a minimum is owed, and at which every write is refused for ever, holds up no others.
func TestReconcile_whatIsOwedAndRefusedHoldsUpNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwing(t, deletesAlarm(t))
		defer o.end()
		o.Writing = func(step plan.Step) error {
			if step.Endpoint() == "e" {
				return &plan.RefusedError{Err: errors.New("denied")}
			}
			return nil
		}
		o.Allow(register)
		o.Allow(putAlarm)
		o.Do(func(w *sim.World) { awstest.Add(t, w, "z", 0, "v") })
		o.again(func(options *Options) { options.Rules.MaxSteps = 1 })
		until(o.began, 55*time.Minute)
		var lines []string
		for _, line := range o.Tried() {
			if strings.Contains(line, "/z/") {
				lines = append(lines, line)
			}
		}
		if !slices.Equal(lines, fromNothing("z")) {
			t.Errorf("written: %q", lines)
		}
	})
}

// unreadable is an account in which reconcile can read the endpoint z alone.
type unreadable struct{ *account }

func (u unreadable) DescribeEndpoint(ctx context.Context, name string) (fleet.EndpointDescription, error) {
	if name != "z" {
		return fleet.EndpointDescription{}, errors.New("no answer")
	}
	return u.account.DescribeEndpoint(ctx, name)
}

// Endpoints that cannot be read and at which a minimum is owed are always the first, and hold up no others.
func TestReconcile_whatIsOwedAndCannotBeReadHoldsUpNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, a, w := time.Now(), newAccount(t, "z"), newWheel(t)
		defer w.end()
		scope := a.scope(true).with(func(reached *Connection) { reached.Writing.Endpoints = unreadable{a} })
		_ = w.Start(w.ctx, []Scope{scope}, reconciling())
		until(began, 7*time.Minute)
		lowered := plan.Step{Kind: plan.MinCapacity, Expects: plan.Object{Target: &fleet.Target{MinCapacity: 2}}, Target: &fleet.Target{}}
		w.running[scope.Key].cycle.memory.Update(func(p report.Past) report.Past {
			for _, name := range []string{"a", "b", "c", "d"} {
				lowered.ResourceID = fleet.ResourceID(name, "v")
				p.History = p.History.Owes(lowered, false, time.Now())
			}
			return p
		})
		until(began, 25*time.Minute)
		if lines := a.Tried(); !slices.Equal(lines, fromNothing("z")) {
			t.Errorf("written: %q", lines)
		}
	})
}

// Mute rules that cannot be read for long are not taken for none: nobody knows whether the variant wakes, so it is raised.
func TestReconcile_unknownMuteRulesEndNoDebt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwing(t, func(w *sim.World) {
			awstest.Must(t, w.PutAlarmMuteRule(fleet.MuteRule{
				Name: "quiet", Alarms: []string{policy.WakeAlarm("e", "v", "").Name}, Expression: "cron(* * * * *)", Duration: "PT1H",
			}))
		})
		defer o.end()
		o.AWS.SetFault("CloudWatch.ListAlarmMuteRules", awssim.Fault{Code: "ThrottlingException"})
		until(o.began, 47*time.Minute)
		o.wants("denied", 0)
		o.Allow(register)
		until(o.began, 58*time.Minute)
		o.wants("allowed", 2)
	})
}

// An endpoint that its owner takes out is not written, the plan and the log say what is left at 0, and when it comes back it is raised.
func TestReconcile_whatIsOwedOutlivesLeavingOut(t *testing.T) {
	tags := func(t *testing.T, o *owing, tags map[string]string) {
		o.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", tags)) })
	}
	for name, test := range map[string]struct {
		out, back func(*testing.T, *owing)
		says      string // the plan, meanwhile
	}{
		"by the configuration": {
			func(_ *testing.T, o *owing) {
				o.again(func(options *Options) { options.Observe.Selected = func(string) bool { return false } })
			},
			func(_ *testing.T, o *owing) { o.again() },
			"the endpoint is not observed",
		},
		"by the tags of discovery": {
			func(_ *testing.T, o *owing) {
				o.again(func(options *Options) { options.Observe.Tags = map[string]string{"team": "speech"} })
			},
			func(t *testing.T, o *owing) { tags(t, o, map[string]string{"team": "speech"}) },
			"the endpoint is not observed",
		},
		"by its own tag": {
			func(t *testing.T, o *owing) { tags(t, o, map[string]string{policy.OptOutTag: "off"}) },
			func(t *testing.T, o *owing) { tags(t, o, nil) },
			"the endpoint is tagged to be left alone",
		},
		"by its policy": {
			func(_ *testing.T, o *owing) { o.again(func(options *Options) { options.Rules.Policies = nil }) },
			func(_ *testing.T, o *owing) { o.again() },
			"no policy selects the variant",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := newOwing(t, deletesAlarm(t))
			defer o.end()
			test.out(t, o)
			until(o.began, 30*time.Minute)
			o.out.Reset()
			o.Allow(register)
			o.Allow(putAlarm)
			o.Tried()
			until(o.began, 42*time.Minute)
			o.wants(name, 0)
			want := "the minimum was lowered to 0 too soon, and is not raised again: "
			if lines := o.Tried(); len(lines) > 0 || !strings.Contains(o.page(), want+test.says) || !strings.Contains(o.out.String(), want) {
				t.Errorf("%s: written %q, the plan is\n%s\n%s", name, lines, o.page(), o.out)
			}
			test.back(t, o)
			until(o.began, 58*time.Minute)
			if lines := o.Tried(); len(lines) == 0 || lines[0] != "update endpoint/e/variant/v scalable target" {
				t.Errorf("%s, and back: written %q\n%s", name, lines, o.out)
			}
			until(o.began, 70*time.Minute)
			o.wants(name+", in the end", 0)
			if page := o.page(); !o.Set().Reports[0].Plan.Empty() {
				t.Errorf("%s: in the end\n%s", name, page)
			}
		})
	}
}
