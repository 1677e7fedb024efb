package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sagemaker-async/exporter/internal/awstest"
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
