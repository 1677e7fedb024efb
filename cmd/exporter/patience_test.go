package main

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/awstest"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// A call that hangs ends no command late: it ends with what has answered, and says what is missing.
func TestCommands_endInTimeWhileACallHangs(t *testing.T) {
	const most = 75 * time.Second // connecting, one observation, and the time in which the last call gives up
	for _, command := range []string{"plan e", "apply e", "explain e", "recommend e --latency=10m", "simulate e --latency=10m"} {
		for _, operation := range []string{
			"SageMaker.ListEndpoints", "SageMaker.DescribeEndpoint", "SageMaker.ListTags", "CloudWatch.DescribeAlarms", "CloudWatch.GetMetricData",
			"ApplicationAutoScaling.DescribeScalingPolicies", "ApplicationAutoScaling.DescribeScalableTargets",
			"ApplicationAutoScaling.DescribeScheduledActions", "ApplicationAutoScaling.DescribeScalingActivities",
		} {
			synctest.Test(t, func(t *testing.T) {
				a := awstest.New(t, "e", "f")
				a.Do(func(w *sim.World) { awstest.Must(t, w.SetTags("e", map[string]string{"team": "speech"})) })
				time.Sleep(3 * time.Hour) // there is some history
				name, o, err := parse(strings.Fields(command), &bytes.Buffer{})
				awstest.Must(t, err)
				o.transport = a.Transport()
				var hang sync.Once // calls go side by side
				a.Before = func(_ string, n int) {
					if n >= 2 { // GetCallerIdentity and ListEndpoints, by which it connects
						hang.Do(func() { a.AWS.SetFault(operation, awssim.Fault{Break: awssim.Hang}) })
					}
				}
				began, out, errs := time.Now(), &bytes.Buffer{}, &bytes.Buffer{}
				status, err := execute(t.Context(), name, o, out, errs)
				took := time.Since(began)
				said := errs.String()
				if err != nil {
					said += err.Error()
				}
				switch asked := slices.ContainsFunc(a.Requests()[2:], func(call string) bool { return strings.HasPrefix(call, strings.SplitAfter(operation, ".")[1]) }); {
				case took > most:
					t.Errorf("%s, %s hangs: it takes %s", command, operation, took)
				case asked && !strings.Contains(out.String()+said, " in time"):
					t.Errorf("%s, %s hangs: status %d, and it does not say so:\n%s%s", command, operation, status, out, said)
				}
			})
		}
	}
}

// Every endpoint hangs: apply gives up in time, and says how many it did not try. Endpoints that fail at once hold up no others.
func TestApply_endsInTimeWhileEveryEndpointHangs(t *testing.T) {
	for operation, fault := range map[string]awssim.Fault{
		"ApplicationAutoScaling.DescribeScalingPolicies": {Break: awssim.Hang}, "ApplicationAutoScaling.RegisterScalableTarget": {Break: awssim.Hang},
		"ApplicationAutoScaling.PutScalingPolicy": {Code: "AccessDeniedException"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := awstest.New(t, "a", "b", "c", "d", "e", "f")
			_, o, err := parse([]string{"apply", "--reconcile.endpoints=.*"}, &bytes.Buffer{})
			awstest.Must(t, err)
			o.transport = a.Transport()
			asked, polled := 0, sync.Once{}
			a.Before = func(call string, _ int) {
				if about, of := strings.CutPrefix(call, "DescribeScalableTargets endpoint/"); of { // the poll names none
					polled.Do(func() { a.AWS.SetFault(operation, fault) })
					asked = max(asked, int(about[0]-'a')+1)
				}
			}
			began := time.Now()
			_, err = execute(t.Context(), commandApply, o, &bytes.Buffer{}, &bytes.Buffer{})
			switch took := time.Since(began); {
			case err == nil || took > 100*time.Second:
				t.Errorf("%s: it takes %s: %v", operation, took, err)
			case fault.Code != "" && asked != 6:
				t.Errorf("%s is denied: %d endpoints were tried: %v", operation, asked, err)
			case fault.Code == "" && (asked != 2 || !strings.Contains(err.Error(), ": 4 endpoints not tried")):
				t.Errorf("%s hangs: %d endpoints were tried in %s: %v", operation, asked, took, err)
			}
		})
	}
}
