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
)

// applied carries a plan out while the answer to each write is lost, and says how many AWS carried out.
func applied(ctx context.Context, t *testing.T, a *awstest.Account, args ...string) (done int, said string, err error) {
	t.Helper()
	for _, operation := range []string{"ApplicationAutoScaling.RegisterScalableTarget", "ApplicationAutoScaling.PutScalingPolicy", "CloudWatch.PutMetricAlarm"} {
		a.AWS.SetFault(operation, awssim.Fault{Break: awssim.CloseConnection})
	}
	_, o, err := parse(append([]string{"apply"}, args...), io.Discard)
	awstest.Must(t, err)
	o.transport = a.Transport()
	var out, errs bytes.Buffer
	_, err = execute(ctx, commandApply, o, &out, &errs)
	for _, write := range a.AWS.Writes() {
		if write.Done {
			done++
		}
	}
	return done, out.String() + errs.String(), err
}

// AWS carries every step out and no answer arrives: these are steps, and apply says what it does not know.
func TestApply_countsStepsOfWhichItDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "d", "e", "f", "g")
		done, said, err := applied(t.Context(), t, a, "--reconcile.endpoints=.*", "--reconcile.max-steps=2")
		if done != 2 || err == nil || !strings.Contains(err.Error(), "AWS did not answer 2 of 2 steps, and may have carried them out: run plan") {
			t.Errorf("%d writes: %v", done, err)
		}
		for _, want := range []string{"Apply: 0 applied, 0 failed, 2 unknown.", "; AWS may have carried it out\n", `msg="step may have been applied: its answer was lost"`} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not say %q:\n%s", want, said)
			}
		}
	})
}

// Told to end during a write without an answer, apply does not say that it was a step, nor that it was none.
func TestApply_toldToEndSaysWhatItDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e")
		ctx, end := context.WithCancel(t.Context())
		defer end()
		a.Before = func(call string, _ int) {
			if awstest.Writes(call) {
				end()
			}
		}
		const want = "interrupted after 0 steps; AWS did not answer 1 more, and may have carried that out"
		if done, said, err := applied(ctx, t, a, "e"); done != 1 || err == nil || err.Error() != want {
			t.Errorf("%d writes: %v\n%s", done, err, said)
		}
	})
}

// What AWS refuses is no step.
func TestApply_toldToEndCountsNoStepThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := awstest.New(t, "e")
		ctx, end := context.WithCancel(t.Context())
		defer end()
		a.Deny("ApplicationAutoScaling.PutScalingPolicy")
		writes := 0
		a.Before = func(call string, _ int) {
			if awstest.Writes(call) {
				if writes++; writes == 2 {
					end()
				}
			}
		}
		_, o, err := parse([]string{"apply", "e"}, io.Discard)
		awstest.Must(t, err)
		o.transport = a.Transport()
		if _, err = execute(ctx, commandApply, o, io.Discard, io.Discard); err == nil || err.Error() != "interrupted after 1 step; 1 failed" {
			t.Error(err)
		}
	})
}
