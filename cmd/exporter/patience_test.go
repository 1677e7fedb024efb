package main

import (
	"fmt"
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
				var hang sync.Once        // calls go side by side
				a.Before = func(_ string, n int) {
					if n >= 2 { // GetCallerIdentity and ListEndpoints, by which it connects
						hang.Do(func() { a.AWS.SetFault(operation, awssim.Fault{Break: awssim.Hang}) })
					}
				}
				r := typed(t.Context(), t, a, command, nil)
				switch asked := slices.ContainsFunc(a.Requests()[2:], func(call string) bool { return strings.HasPrefix(call, strings.SplitAfter(operation, ".")[1]) }); {
				case r.took > most:
					t.Errorf("%s, %s hangs: it takes %s", command, operation, r.took)
				case asked && !strings.Contains(r.said(), " in time"):
					t.Errorf("%s, %s hangs: status %d, and it does not say so:\n%s", command, operation, r.status, r.said())
				}
			})
		}
	}
}

// Every call is answered, and late: each command ends in the time that is documented, and says what is missing.
func TestCommands_endInTimeWhileEveryCallIsSlow(t *testing.T) {
	const observing = 70 * time.Second // connecting and one observation
	for command, most := range map[string]time.Duration{
		"plan e": observing, "plan --reconcile.endpoints=.*": observing, "explain e": observing, "explain nobody": observing + 20*time.Second,
		"recommend e --latency=10m": observing + 3*time.Minute, "simulate e --latency=10m": observing + 3*time.Minute,
		"apply e":                        observing + 30*time.Second + 4*5*time.Second + 25*time.Second,
		"apply --reconcile.endpoints=.*": observing + 30*time.Second + 20*5*time.Second + 25*time.Second,
		"apply --reconcile.endpoints=.* --reconcile.max-steps=2": observing + 30*time.Second + 2*5*time.Second + 25*time.Second,
	} {
		for _, delay := range []time.Duration{time.Second, 3 * time.Second, 9 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				a := awstest.New(t, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
				time.Sleep(3 * time.Hour) // there is some history
				var slow sync.Once
				a.Before = func(_ string, n int) {
					if n >= 2 {
						slow.Do(func() { a.AWS.SetFault("*", awssim.Fault{Delay: delay}) })
					}
				}
				r := typed(t.Context(), t, a, command, nil)
				if r.took > most {
					t.Errorf("%s, each answer takes %s: it takes %s: %v", command, delay, r.took, r.err)
				}
				if r.err == nil && strings.HasPrefix(command, "apply") && r.status != statusNothing && !strings.Contains(command, "max-steps") && !strings.Contains(r.out, "max_steps") {
					t.Errorf("%s, each answer takes %s: it does not say what is missing:\n%s", command, delay, r.said())
				}
			})
		}
	}
}

// apply gives up in time where all endpoints hang, and where AWS refuses what it writes, and says how many it did not try.
// A few that fail at once hold up no others.
func TestApply_givesUpWhatIsHopeless(t *testing.T) {
	hang, denied := awssim.Fault{Break: awssim.Hang}, awssim.Fault{Code: "AccessDeniedException"}
	for name, test := range map[string]struct {
		endpoints int
		line      string
		operation string
		fault     awssim.Fault
		tried     int
		says      string
	}{
		"reads hang":        {6, "", "ApplicationAutoScaling.DescribeScalingPolicies", hang, 2, "2 endpoints in a row could not be read, or a step was not answered, and that took 40s: 4 endpoints not tried"},
		"writes hang":       {6, "", "ApplicationAutoScaling.RegisterScalableTarget", hang, 2, ": 4 endpoints not tried"},
		"a few are refused": {6, "", "ApplicationAutoScaling.PutScalingPolicy", denied, 6, "6 of 12 steps failed"},
		"many are refused":  {40, " --reconcile.max-steps=500", "ApplicationAutoScaling.PutScalingPolicy", denied, 20, `AWS has refused 20 steps, the newest with "putting the scaling policy: access denied: `},
		"all are refused":   {40, " --reconcile.max-steps=500", "ApplicationAutoScaling.RegisterScalableTarget", denied, 20, ": 20 endpoints not tried"},
		"as many as steps":  {40, " --reconcile.max-steps=5", "ApplicationAutoScaling.RegisterScalableTarget", denied, 5, ": 35 endpoints not tried"},
		"reads are refused": {6, "", "ApplicationAutoScaling.DescribeScheduledActions", denied, 6, "reading endpoint e05"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var names []string
			for i := range test.endpoints {
				names = append(names, fmt.Sprintf("e%02d", i))
			}
			a := awstest.New(t, names...)
			tried, polled := map[string]bool{}, sync.Once{}
			a.Before = func(call string, _ int) {
				if about, of := strings.CutPrefix(call, "DescribeScalableTargets endpoint/"); of { // the poll names none
					polled.Do(func() { a.AWS.SetFault(test.operation, test.fault) })
					tried[about[:3]] = true
				}
			}
			r := typed(t.Context(), t, a, "apply --reconcile.endpoints=.*"+test.line, nil)
			if r.err == nil || r.took > 100*time.Second || len(tried) != test.tried || !strings.Contains(r.err.Error(), test.says) {
				t.Errorf("%s: %d endpoints were tried in %s: %v", name, len(tried), r.took, r.err)
			}
		})
	}
}
