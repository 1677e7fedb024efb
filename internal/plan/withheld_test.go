package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// wrong makes every object of the first variant differ from what its policy asks for.
func wrong(w *world) {
	w.variant().Target.MinCapacity = 1
	w.variant().Current, w.variant().Desired = pointer(1), pointer(1)
	w.policy(policy.TrackingName).Tracking.Metric.Dimensions = nil
	w.policy(policy.WakeName).Step.Adjustments[0].Lower = pointer(1.0)
	w.wakeAlarm(func(a *fleet.Alarm) { a.Unit = "Seconds" })
}

// held are the kinds that are withheld for a reason.
func (p Plan) held(reason Reason) (kinds []Kind) {
	for _, held := range p.Withheld {
		if held.Reason == reason {
			kinds = append(kinds, held.Kind)
		}
	}
	return kinds
}

func (p Plan) kinds() (kinds []Kind) {
	for _, step := range p.Steps {
		kinds = append(kinds, step.Kind)
	}
	return kinds
}

func without(kinds []Kind, other ...Kind) []Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return slices.Contains(other, k) })
}

// Each row is a never, or a reason for withholding: the kinds that are withheld, and for what; all others go out.
func TestDiff_withholds(t *testing.T) {
	every, made := Kinds()[1:], Kinds()[:4]
	for _, test := range []struct {
		name   string
		change func(*world)
		reason Reason
		held   []Kind
	}{
		{"nothing", func(*world) {}, "", nil},
		{"scale-in suspended", func(w *world) { w.variant().Target.Suspended.ScaleIn = true }, Suspended, every},
		{"scheduled scaling suspended", func(w *world) { w.variant().Target.Suspended.Scheduled = true }, Suspended, every},
		{
			"scheduled actions", func(w *world) { w.variant().Scheduled = []fleet.ScheduledAction{{Name: "month-end"}} },
			ScheduledActions,
			[]Kind{MinCapacity},
		},
		{"updating", func(w *world) { w.Endpoints[0].Status = "Updating" }, EndpointNotInService, []Kind{MinCapacity}},
		{"creating", func(w *world) { w.Endpoints[0].Status = "Creating" }, EndpointNotInService, every},
		{"deleting", func(w *world) { w.Endpoints[0].Status = "Deleting" }, EndpointNotInService, every},
		{"rolling back", func(w *world) { w.Endpoints[0].Status = "RollingBack" }, EndpointNotInService, every},
		{"failed", func(w *world) { w.Endpoints[0].Status = "Failed" }, EndpointNotInService, every},
		{"system update", func(w *world) { w.Endpoints[0].Status = "SystemUpdating" }, EndpointNotInService, every},
		{"alarms failed", func(w *world) { w.source(fleet.SourceAlarms).Err = "throttled" }, SourceFailed, every},
		{"scaling failed", func(w *world) { w.source(fleet.SourceScaling).Err = "throttled" }, SourceFailed, every},
		{"alarms too old", func(w *world) { w.source(fleet.SourceAlarms).Expires = noon }, SourceFailed, []Kind{ScalableTarget}},
		{
			"not described when it should have been", func(w *world) {
				w.source(fleet.SourceEndpoints).Err, w.Endpoints[0].SeenAt = "throttled", noon.Add(-time.Minute)
			}, SourceFailed, every,
		},
		{"another endpoint was not described", func(w *world) { w.source(fleet.SourceEndpoints).Err = "throttled" }, "", nil},
		{"count unknown", func(w *world) { w.variant().Current = nil }, SourceFailed, []Kind{MinCapacity}},
		{
			"more run than the bounds allow", func(w *world) { w.variant().Current = pointer(9) },
			MaxBelowRunning,
			[]Kind{MinCapacity},
		},
		{"tags unknown", func(w *world) { w.Endpoints[0].Tags = nil }, TagsUnknown, []Kind{ScalableTarget}},
		{"tags too old", func(w *world) { w.source(fleet.SourceTags).Expires = noon }, TagsUnknown, []Kind{ScalableTarget}},
		{
			"five other actions", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:1", "arn:2", "arn:3", "arn:4", "arn:5"} })
			}, TooManyActions, []Kind{WakeAlarm},
		},
		{
			"updating without a target", func(w *world) {
				w.deregister()
				w.Endpoints[0].Status = "Updating"
			}, EndpointNotInService, made,
		},
		{
			"five other actions, and a wake policy that is still to be made", func(w *world) {
				w.variant().Policies = w.variant().Policies[:1]
				w.wakeAlarm(func(a *fleet.Alarm) { a.AlarmActions = []string{"arn:1", "arn:2", "arn:3", "arn:4", "arn:5"} })
			}, TooManyActions, []Kind{WakeAlarm},
		},
		{
			"an alarm of the wanted name on something else", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) {
					a.Metric = fleet.Metric{Namespace: "AWS/SageMaker", Name: "CPUUtilization", Dimensions: a.Metric.Dimensions}
					a.AlarmActions = []string{"arn:aws:sns:pager"}
				})
			}, NameTaken, []Kind{WakeAlarm},
		},
		{
			"an alarm of the wanted name on another endpoint", func(w *world) {
				w.wakeAlarm(func(a *fleet.Alarm) {
					a.Metric = fleet.WithoutCapacity.Query("other").Metric
					a.AlarmActions = []string{"arn:aws:sns:pager"}
				})
			}, NameTaken, []Kind{WakeAlarm},
		},
		{
			"an alarm of the wanted name that has nothing to do with endpoints", func(w *world) {
				w.Alarms, w.OtherAlarms = nil, []string{"HasBacklogWithoutCapacity-Alarm-e-v"}
				w.wire()
			}, NameTaken, []Kind{WakeAlarm},
		},
		{
			"a step policy of the wanted name that scales in", func(w *world) {
				w.policy(policy.WakeName).Step.Adjustments[0].Adjustment = -1
				w.wire()
			}, NameTaken, []Kind{WakePolicy, WakeAlarm},
		},
		{
			"a tracking policy of the wanted name that tracks something else", func(w *world) {
				w.policy(policy.TrackingName).Tracking.Metric = &fleet.Metric{Namespace: "/aws/sagemaker/Endpoints", Name: "GPUUtilization"}
			}, NameTaken, []Kind{TrackingPolicy},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := documented("v")
			wrong(w)
			test.change(w)
			p := w.plan()
			want, lines := without(every, test.held...), len(test.held)
			if slices.Contains(test.held, WakeAlarm) && slices.Contains(want, MinCapacity) && w.variant().Target != nil {
				want, lines = without(want, MinCapacity), lines+1 // and so it must not sleep
				if !slices.Equal(p.held(WouldNotWake), []Kind{MinCapacity}) {
					t.Errorf("goes to sleep:\n%s", p.text())
				}
			}
			if test.reason == NameTaken && slices.Equal(test.held, []Kind{WakeAlarm}) {
				want = without(want, WakePolicy) // of no use without an alarm
			}
			if held := p.held(test.reason); !slices.Equal(held, test.held) || len(p.Withheld) != lines {
				t.Errorf("withheld %v\n%s", held, p.text())
			}
			if w.variant().Target == nil {
				want = without(made, test.held...)
			}
			if slices.Equal(test.held, []Kind{ScalableTarget}) && (test.reason == TagsUnknown || test.name == "alarms too old") {
				want = nil // nothing can be compared at all, and one line says so
			}
			if kinds := p.kinds(); !slices.Equal(kinds, want) {
				t.Errorf("goes on with %v, want %v", kinds, want)
			}
		})
	}
}

func TestDiff_leavesAloneWhatIsNotSelected(t *testing.T) {
	for name, change := range map[string]func(*world){
		"no policy":       func(w *world) { w.policies = nil },
		"opted out":       func(w *world) { w.Endpoints[0].Tags = map[string]string{policy.OptOutTag: policy.OptOutValue} },
		"other tags":      func(w *world) { w.policies[0].Tags = map[string]string{"team": "speech"} },
		"not asked for":   func(w *world) { w.rules.Endpoints = []string{"f"} },
		"another variant": func(w *world) { w.policies[0].Variants = literal("other") },
	} {
		w := documented("v")
		wrong(w)
		change(w)
		if p := w.plan(); !p.Empty() || len(p.Selected) != 0 {
			t.Errorf("%s: %v selected\n%s", name, p.Selected, p.text())
		}
	}
}

type literal string

func (l literal) Match(name string) bool { return name == string(l) }

func (l literal) String() string { return string(l) }

// A later entry might write other values: while the tags of an earlier one are not known, none is taken.
func TestDiff_unknownTagsDoNotFallThrough(t *testing.T) {
	w := documented("v")
	wrong(w)
	w.policies = policy.Policies{
		{Endpoints: all{}, Tags: map[string]string{"team": "speech"}, Wanted: policy.Documented()}, policy.ByName(all{}),
	}
	w.Endpoints[0].Tags = nil
	if p := w.plan(); len(p.Steps) != 0 || !slices.Equal(p.held(TagsUnknown), []Kind{ScalableTarget}) {
		t.Errorf("got\n%s", p.text())
	}
	w.Endpoints[0].Tags = map[string]string{"team": "search"}
	if p := w.plan(); len(p.Steps) != 4 {
		t.Errorf("with tags:\n%s", p.text())
	}
}

// AWS's update procedure deregisters, updates and registers again, and a target in between blocks the update.
func TestDiff_waitsBeforeItRegistersAgain(t *testing.T) {
	w, made := documented("v"), Kinds()[:4]
	w.rules.RecreateAfter = 15 * time.Minute
	w.deregister()
	at := func(d time.Duration) Plan {
		w.At = noon.Add(d)
		return w.plan()
	}
	for _, wait := range []time.Duration{0, 14*time.Minute + 59*time.Second} {
		if p := at(wait); !slices.Equal(p.held(TargetRecentlyMissing), made) || len(p.Steps) != 0 {
			t.Errorf("after %s:\n%s", wait, p.text())
		}
	}
	if p := at(15 * time.Minute); !slices.Equal(p.kinds(), made) {
		t.Errorf("after 15m:\n%s", p.text())
	}
	w.Endpoints[0].ConfigName = "e-2"
	w.source(fleet.SourceScaling).LastSuccess = noon.Add(15 * time.Minute)
	if p := at(20 * time.Minute); len(p.Steps) != 0 {
		t.Errorf("five minutes after another deployment:\n%s", p.text())
	}
	if p := at(30 * time.Minute); len(p.Steps) != 4 {
		t.Errorf("fifteen minutes after another deployment:\n%s", p.text())
	}
	w.rules.RecreateAfter = 0
	if p := at(16 * time.Minute); len(p.Steps) != 4 {
		t.Errorf("at once:\n%s", p.text())
	}
}

func TestDiff_neverSetsTheMaximumBelowWhatRuns(t *testing.T) {
	w := documented("v")
	wanted := policy.Documented()
	wanted.MaxCapacity = policy.Setting[int]{Value: 3, Enforced: true}
	wanted.MinCapacity = policy.Setting[int]{Value: 1, Enforced: true}
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: wanted}}
	w.variant().Current, w.variant().Desired = pointer(2), pointer(4)
	w.gives(t, onTarget+"min_capacity: 0 -> 1\n"+
		"  ! endpoint/e/variant/v  scalable target withheld: max_below_running (max_capacity 3, and 4 instances run or are desired)")
	w.variant().Desired = pointer(3)
	w.gives(t, onTarget+"min_capacity: 0 -> 1\n      max_capacity: 5 -> 3")
}

// fights corrects the plan's fields and lets somebody else change them back, each time a day later.
func (w *world) fights(times int) {
	for range times {
		var outcomes []Outcome
		for _, step := range w.plan().Steps {
			outcomes = append(outcomes, Outcome{Step: step})
		}
		w.ended(outcomes...)
		w.At = w.At.Add(24 * time.Hour)
		for i := range w.Sources {
			w.Sources[i].Expires = w.At.Add(time.Hour)
		}
	}
}

func TestDiff_doesNotFight(t *testing.T) {
	w := documented("v")
	w.variant().Target.MinCapacity, w.variant().Target.MaxCapacity = 1, 40
	wanted := policy.Documented()
	wanted.MinCapacity.Enforced, wanted.MaxCapacity = true, policy.Setting[int]{Value: 20, Enforced: true}
	w.policies = policy.Policies{{Endpoints: all{}, Wanted: wanted}}
	w.fights(2)
	if p := w.plan(); len(p.Steps) != 2 || len(p.Withheld) != 0 {
		t.Fatalf("after two corrections:\n%s", p.text())
	}
	w.fights(1)
	w.variant().Target.MaxCapacity = 20 // the other one gave up this field, and took another
	w.policy(policy.TrackingName).Tracking.Metric.Dimensions = nil
	w.gives(t, onTracking+"dimensions: (none) -> EndpointName=e\n  ! endpoint/e/variant/v  min capacity withheld: contested "+
		"(min_capacity corrected 3 times within seven days, and somebody else changes it back)")
	w.At = w.At.Add(30 * 24 * time.Hour) // it stays contested until somebody decides
	for i := range w.Sources {
		w.Sources[i].Expires = w.At.Add(time.Hour)
	}
	if p := w.plan(); !slices.Equal(p.held(Contested), []Kind{MinCapacity}) {
		t.Errorf("a month later:\n%s", p.text())
	}
	w.variant().Target.MinCapacity = 2
	w.policies[0].Wanted.MinCapacity.Value = 1
	if p := w.plan(); len(p.held(Contested)) != 0 || !slices.Equal(p.kinds(), []Kind{TrackingPolicy, MinCapacity}) {
		t.Errorf("somebody decided, and asks for another value:\n%s", p.text())
	}
}

func TestDiff_threeCorrectionsInMoreThanSevenDaysAreNoFight(t *testing.T) {
	w := documented("v")
	w.variant().Target.MinCapacity = 1
	w.fights(2)
	w.At = w.At.Add(7 * 24 * time.Hour)
	for i := range w.Sources {
		w.Sources[i].Expires = w.At.Add(48 * time.Hour)
	}
	w.fights(1)
	if p := w.plan(); len(p.Steps) != 1 || len(p.Withheld) != 0 {
		t.Errorf("got\n%s", p.text())
	}
}

// vanishes lets a newer reading of all endpoints, so long after the one before, lack every endpoint. Afterwards they are back.
func (w *world) vanishes(after time.Duration) {
	endpoints := w.Endpoints
	w.Endpoints, w.At = nil, w.At.Add(after)
	for i := range w.Sources {
		w.Sources[i].LastAttempt, w.Sources[i].LastSuccess, w.Sources[i].Expires = w.At, w.At, w.At.Add(time.Hour)
	}
	w.plan()
	w.Endpoints = endpoints
}

// An outage ends what is shown of the endpoints a moment before it ends the source that they come from; an endpoint that the
// configuration or its tags leave out for a while is the same afterwards. One that was deleted is not.
func TestDiff_leavingAnEndpointOutEndsNoFight(t *testing.T) {
	w := documented("v")
	w.Endpoints[0].Created = noon.Add(-time.Hour)
	w.variant().Target.MinCapacity = 1
	w.fights(3)
	contested := func(when string) {
		t.Helper()
		if p := w.plan(); !slices.Equal(p.held(Contested), []Kind{MinCapacity}) {
			t.Errorf("%s:\n%s", when, p.text())
		}
	}
	endpoints := w.Endpoints
	w.Endpoints = nil
	w.plan()
	w.Endpoints = endpoints
	contested("after an outage")
	for range 3 {
		w.vanishes(3 * 24 * time.Hour)
		contested("left out for a while")
	}
	w.Endpoints[0].Created = w.At
	if p := w.plan(); len(p.Steps) != 1 || len(p.Withheld) != 0 {
		t.Errorf("another endpoint of that name:\n%s", p.text())
	}
	w.vanishes(time.Minute)
	w.Endpoints[0].Created = w.At.Add(-time.Minute)
	w.plan()
	w.fights(3)
	contested("of that one")
	endpoints, w.Endpoints = w.Endpoints, nil
	w.vanishes(time.Minute)
	w.vanishes(8 * 24 * time.Hour)
	if w.Endpoints = endpoints; len(w.history.endpoints) > 0 {
		t.Errorf("remembered for ever: %+v", w.history.endpoints)
	}
}

// A target that is lost gets what it had before its endpoint was left out for a while. How long it has been missing meanwhile
// nobody knows.
func TestHistory_keepsTheValuesOfAnEndpointThatIsLeftOut(t *testing.T) {
	w := tuned(t, func(wanted *policy.Wanted) { wanted.KeepMinimum = true })
	w.plan()
	w.deregister()
	w.rules.RecreateAfter = 15 * time.Minute
	w.plan()
	w.vanishes(time.Hour)
	if p := w.plan(); len(p.Steps) != 0 || !slices.Contains(p.held(TargetRecentlyMissing), ScalableTarget) {
		t.Errorf("just back:\n%s", p.text())
	}
	w.rules.RecreateAfter = 0
	if p := w.plan(); len(p.Steps) == 0 || p.Steps[0].Target.MaxCapacity != 20 {
		t.Errorf("back:\n%s", p.text())
	}
}

// A deployment takes the target and with it the policies; that they are made again each time fights nobody.
func TestDiff_deploymentsAreNoFight(t *testing.T) {
	w := documented("v")
	w.deregister()
	for i := range 5 {
		w.Endpoints[0].ConfigName = fmt.Sprintf("e-%d", i)
		w.fights(1)
	}
	if p := w.plan(); len(p.held(Contested)) != 0 || len(p.Steps) != 4 {
		t.Errorf("got\n%s", p.text())
	}
	w.fights(3) // without a deployment somebody deletes what is made
	if p := w.plan(); !slices.Contains(p.held(Contested), ScalableTarget) || len(p.Steps) != 0 {
		t.Errorf("got\n%s", p.text())
	}
}

func TestDiff_writesNoMoreThanTheMostSteps(t *testing.T) {
	w := documented("blue", "green")
	wrong(w)
	w.Endpoints[0].Variants[1].Target.MinCapacity = 1
	w.rules.MaxSteps = 3
	p := w.plan()
	if !slices.Equal(p.kinds(), []Kind{WakePolicy, WakeAlarm, TrackingPolicy}) || !slices.Equal(p.held(MaxSteps), []Kind{MinCapacity, MinCapacity}) {
		t.Errorf("got\n%s", p.text())
	}
	w.second().Variants[0].Target.MinCapacity = 1
	w.ended(Outcome{Step: p.Steps[0], Err: &RefusedError{Err: errors.New("denied")}})
	w.rules.Writing = true
	if p := w.plan(); len(p.Steps) != 3 || p.Steps[2].ResourceID != "endpoint/f/variant/v" {
		t.Errorf("an endpoint where a step failed holds up the others:\n%s", p.text())
	}
}

func TestDiff_afterAFailedStepThoseThatNeedItAreWithheld(t *testing.T) {
	w := documented("blue", "green")
	wrong(w)
	w.Endpoints[0].Variants[1].Target.MinCapacity = 1
	p := w.plan()
	w.ended(Outcome{Step: p.Steps[2], Err: &RefusedError{Err: errors.New("denied")}})
	if p := w.plan(); len(p.Withheld) != 0 || len(p.Steps) != 5 {
		t.Errorf("waking waits for tracking:\n%s", p.text())
	}
	w.ended(Outcome{Step: p.Steps[2]}, Outcome{Step: p.Steps[0], Err: &RefusedError{Err: errors.New("denied")}})
	p = w.plan()
	if !slices.Equal(p.held(EarlierStepFailed), []Kind{WakeAlarm, MinCapacity}) || len(p.Steps) != 3 {
		t.Errorf("shown:\n%s", p.text())
	}
	w.rules.Writing = true
	if p := w.plan(); len(p.Withheld) != 0 || len(p.Steps) != 5 {
		t.Errorf("the next round tries again:\n%s", p.text())
	}
}

func TestDiff_knowsNothingBeforeTheSourcesHaveAnswered(t *testing.T) {
	w := documented("v")
	wrong(w)
	w.source(fleet.SourceAlarms).LastAttempt = time.Time{}
	if p := w.plan(); p.Unknown == "" || len(p.Steps)+len(p.Withheld) != 0 || !strings.Contains(p.text(), "not observed yet") {
		t.Errorf("got\n%s", p.text())
	}
}

// Nothing known is not the same as nothing to do.
func TestDiff_knowsNothingWhileNoEndpointWasEverSeen(t *testing.T) {
	w := documented("v")
	endpoints := w.source(fleet.SourceEndpoints)
	endpoints.Err, endpoints.LastSuccess = "access denied", time.Time{}
	if p := w.plan(); len(p.Selected) != 1 {
		t.Errorf("part of the endpoints was described:\n%s", p.text())
	}
	w.Endpoints = nil
	if p := w.plan(); p.Unknown == "" || !strings.Contains(p.text(), "(not observed: access denied)") {
		t.Errorf("got\n%s", p.text())
	}
}
