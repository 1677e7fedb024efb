package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

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
			_, o, err := parse([]string{"apply", "--reconcile.endpoints=.*"}, io.Discard)
			awstest.Must(t, err)
			o.transport = a.Transport()
			o.stdin = person{func() {
				a.Do(func(w *sim.World) { awstest.Must(t, test.between(w)) })
				test.between = func(*sim.World) error { return nil } // the input is read to its end
			}, strings.NewReader(test.says + "\n")}
			var out, errs bytes.Buffer
			status, err := execute(t.Context(), commandApply, o, &out, &errs)
			if err != nil || status != test.status || len(a.Requests()) == 0 || !strings.Contains(out.String(), test.want) {
				t.Errorf("%s: status %d, %v\n%s\n%s", name, status, err, &out, &errs)
			}
			writes := 0
			for _, call := range a.Requests() {
				if awstest.Writes(call) {
					writes++
				}
			}
			if writes != test.steps || !strings.Contains(errs.String(), "Apply these steps? Only yes applies them: ") {
				t.Errorf("%s: %d writes\n%s", name, writes, &errs)
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
			writes := 0
			a.Before = func(call string, _ int) {
				if ctx.Err() != nil && awstest.Writes(call) {
					t.Errorf("at %s: %s begins after the end", at.call, call)
				}
				if call == at.call || awstest.Writes(call) && strings.HasPrefix(call, at.call) {
					end()
				}
				if awstest.Writes(call) {
					writes++
				}
			}
			_, o, err := parse([]string{"apply", "e"}, io.Discard)
			awstest.Must(t, err)
			o.transport = a.Transport()
			var out, errs bytes.Buffer
			status, err := execute(ctx, commandApply, o, &out, &errs)
			if err == nil || !strings.HasSuffix(err.Error(), at.says) || strings.Contains(err.Error(), "\n") || status != 0 {
				t.Errorf("at %s: status %d, %v", at.call, status, err)
			}
			if said := out.String() + errs.String(); strings.Contains(said, "source_failed") || strings.Contains(said, "context canceled") || strings.Contains(said, "level=warn") {
				t.Errorf("at %s it says:\n%s", at.call, said)
			}
			if done := strings.Count(errs.String(), `msg="step applied"`); done != writes {
				t.Errorf("at %s: %d writes, and it tells of %d:\n%s", at.call, writes, done, &errs)
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
