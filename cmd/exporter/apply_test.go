package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

func TestConfirmed_onlyYesIsAYes(t *testing.T) {
	for answer, want := range map[string]bool{
		"yes\n": true, " yes \n": true, "yes": true, // the end of the input after it
		"y\n": false, "Y\n": false, "YES\n": false, "Yes\n": false, "yes y\n": false, "no\n": false, "\n": false, "": false, "yes please\n": false, "ja\n": false, "n\nyes\n": false,
	} {
		var asked bytes.Buffer
		agreed, err := confirmed(t.Context(), strings.NewReader(answer), &asked)
		if agreed != want || err != nil || asked.String() != "Apply these steps? Only yes applies them: " {
			t.Errorf("%q: agreed %t, %v; it asked %q", answer, agreed, err, &asked)
		}
	}
}

// Somebody who is asked and interrupts has not agreed.
func TestConfirmed_endsWithItsContext(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	open, _ := io.Pipe() // says nothing
	defer open.Close()
	if agreed, err := confirmed(ctx, open, io.Discard); agreed || err == nil {
		t.Errorf("agreed %t, %v", agreed, err)
	}
}

// person is a terminal at which something happens before somebody answers.
type person struct {
	before func()
	text   *strings.Reader
}

func (a person) Read(p []byte) (int, error) {
	a.before()
	return a.text.Read(p)
}

// What was shown and agreed to is written, and nothing else: what has changed in between ends the endpoint.
func TestApply_writesNothingThatItDidNotShow(t *testing.T) {
	target := func(lowest, highest int) func(*sim.World) error {
		return func(w *sim.World) error {
			_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: "endpoint/f/variant/v", Min: &lowest, Max: &highest})
			return err
		}
	}
	for name, test := range map[string]struct {
		says    string
		between func(*sim.World) error
		status  int
		steps   int
		want    string
	}{
		"nothing":                  {"yes", func(*sim.World) error { return nil }, statusNothing, 8, "Apply: 8 applied, 0 failed."},
		"another endpoint, no":     {"y", func(*sim.World) error { return nil }, statusPending, 0, ""},
		"a target that is made":    {"yes", target(2, 9), statusPending, 4, "changed_meanwhile (changed since it was shown: run plan again)"},
		"one less to do":           {"yes", target(0, 5), statusNothing, 7, "Apply: 7 applied, 0 failed."},
		"an endpoint that is new":  {"yes", func(w *sim.World) error { return addEndpoint(w, "g") }, statusNothing, 8, "Apply: 8 applied, 0 failed."},
		"an endpoint that is gone": {"yes", func(w *sim.World) error { return w.RemoveEndpoint("f") }, statusNothing, 4, "Apply: 4 applied, 0 failed."},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := awstest.New(t, "e", "f")
			r := typed(t.Context(), t, a, "apply --reconcile.endpoints=.*", person{func() {
				a.Do(func(w *sim.World) { awstest.Must(t, test.between(w)) })
				test.between = func(*sim.World) error { return nil } // the input is read to its end
			}, strings.NewReader(test.says + "\n")})
			if r.err != nil || r.status != test.status || r.writes != test.steps || !strings.Contains(r.out, test.want) {
				t.Errorf("%s: status %d, %d writes\n%s", name, r.status, r.writes, r.said())
			}
			if !strings.Contains(r.errs, "Apply these steps? Only yes applies them: ") {
				t.Errorf("%s: it does not ask\n%s", name, r.errs)
			}
		})
	}
}

// addEndpoint adds one like those of awstest.New.
func addEndpoint(w *sim.World, name string) error {
	return w.AddEndpoint(sim.EndpointSpec{Name: name, Config: fleet.EndpointConfig{
		Name: name + "-1", Async: &fleet.AsyncConfig{}, Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge", ModelName: "m"}},
	}})
}

// Told to end at any of its calls, apply finishes the write under way, begins no other, and says after how many.
func TestApply_toldToEndSaysAfterHowManySteps(t *testing.T) {
	for _, at := range []struct{ call, says string }{
		{"DescribeScalableTargets", "interrupted after 0 steps"}, // the observation
		{"DescribeScalableTargets endpoint/e/variant/v", "interrupted after 0 steps"},
		{"RegisterScalableTarget", "interrupted after 1 step"},
		{"PutScalingPolicy", "interrupted after 2 steps"},
		{"PutMetricAlarm", "interrupted after 3 steps"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := awstest.New(t, "e", "f")
			ctx, end := context.WithCancel(t.Context())
			defer end()
			a.Before = func(call string, _ int) {
				if ctx.Err() != nil && awstest.Writes(call) {
					t.Errorf("at %s: %s begins after the end", at.call, call)
				}
				if call == at.call || awstest.Writes(call) && strings.HasPrefix(call, at.call) {
					end()
				}
			}
			r := typed(ctx, t, a, "apply e", nil)
			if r.err == nil || !strings.HasSuffix(r.err.Error(), at.says) || strings.Contains(r.err.Error(), "\n") || r.status != 0 {
				t.Errorf("at %s: status %d, %v", at.call, r.status, r.err)
			}
			if said := r.said(); strings.Contains(said, "source_failed") || strings.Contains(said, "context canceled") || strings.Contains(said, "level=warn") {
				t.Errorf("at %s it says:\n%s", at.call, said)
			}
			if done := strings.Count(r.errs, `msg="step applied"`); done != r.writes {
				t.Errorf("at %s: %d writes, and it tells of %d:\n%s", at.call, r.writes, done, r.errs)
			}
		})
	}
}

// What apply says of steps that AWS carried out, refused or did not answer: a step that failed is none, and of one without an
// answer it says what it does not know.
func TestApply_saysHowItsStepsEnded(t *testing.T) {
	lost := awssim.Fault{Break: awssim.CloseConnection}
	register, put, alarm := "ApplicationAutoScaling.RegisterScalableTarget", "ApplicationAutoScaling.PutScalingPolicy", "CloudWatch.PutMetricAlarm"
	for name, test := range map[string]struct {
		line   string
		faults map[string]awssim.Fault
		end    int    // at which write it is told to end; 0 is never
		done   int    // writes that AWS carried out
		err    string // how it ends
		says   []string
	}{
		"no answer arrives": {
			"apply --reconcile.endpoints=.* --reconcile.max-steps=2",
			map[string]awssim.Fault{register: lost, put: lost, alarm: lost},
			0, 2,
			"AWS did not answer 2 of 2 steps, and may have carried them out: run plan",
			[]string{"Apply: 0 applied, 0 failed, 2 unknown.", "; AWS may have carried it out\n", `msg="step may have been applied: its answer was lost"`},
		},
		"told to end before an answer that does not arrive": {
			"apply e",
			map[string]awssim.Fault{register: lost},
			1, 1,
			"interrupted after 0 steps; AWS did not answer 1 more, and may have carried that out", nil,
		},
		"told to end after a step that is refused": {
			"apply e", map[string]awssim.Fault{put: {Code: "AccessDeniedException"}}, 2, 1, "interrupted after 1 step; 1 failed", nil,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := awstest.New(t, "d", "e", "f", "g")
			for operation, fault := range test.faults {
				a.AWS.SetFault(operation, fault)
			}
			ctx, end := context.WithCancel(t.Context())
			defer end()
			writes := 0
			a.Before = func(call string, _ int) {
				if awstest.Writes(call) {
					if writes++; writes == test.end {
						end()
					}
				}
			}
			r, done := typed(ctx, t, a, test.line, nil), 0
			for _, write := range a.AWS.Writes() {
				if write.Done {
					done++
				}
			}
			if r.err == nil || r.err.Error() != test.err || done != test.done {
				t.Errorf("%s: %d writes: %v", name, done, r.err)
			}
			for _, want := range test.says {
				if !strings.Contains(r.said(), want) {
					t.Errorf("%s: it does not say %q:\n%s", name, want, r.said())
				}
			}
		})
	}
}

// On a terminal the outcome is shown, and no log beside it.
func TestApply_logsNothingOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e")
		_, o, err := parse([]string{"apply", "e", "--yes"}, io.Discard)
		awstest.Must(t, err)
		o.transport, o.screen = a.Transport(), true
		var out, errs bytes.Buffer
		screen := &terminal.Screen{Out: &out, Colour: true, Size: func() (int, int) { return 80, 24 }}
		status, err := execute(t.Context(), commandApply, o, screen, &errs)
		if err != nil || status != statusNothing || errs.String() != "" {
			t.Errorf("status %d, %v\n%s", status, err, &errs)
		}
		if said := out.String(); !strings.Contains(said, "  \x1b[32m+\x1b[m endpoint/e/variant/v  scalable target\n") || !strings.Contains(said, "Apply: 4 applied, 0 failed.") {
			t.Errorf("%q", said)
		}
	})
}
