//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// hurried is a clock at which an hour of the demo is eighteen seconds, and ten minutes, after which what is known is no longer
// shown, are three.
const hurried = 200

const everyEndpoint = "--reconcile.endpoints=.*"

func TestApply_fromNothingToDocumented(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, hurried)
	// None of the three scales as they are, so that all of them are in service.
	names := []string{"align-new", "summarize", "embed"}
	flags := joining(aws, everyEndpoint)
	plan, apply := slices.Concat(flags, []string{"plan"}, names), slices.Concat(flags, []string{"apply"}, names)

	leaves(t, 2, plan...)
	if writes := aws.Writes(); len(writes) > 0 {
		t.Fatalf("plan wrote: %v", writes)
	}
	began := clockOf(aws)
	done := command(t, apply...)
	if want := fmt.Sprintf("Apply: %d applied, 0 failed.\n", len(aws.Writes())); !strings.Contains(done.out, want) {
		t.Errorf("apply printed:\n%swant:\n%s", done.out, want)
	}
	// On this clock what apply has made may scale an endpoint before apply has ended: then the last step waits.
	eventually(t, "done with apply", soon, func() error {
		if done.status == 2 {
			done = command(t, apply...)
		}
		switch done.status {
		case 0:
			return nil
		case 2:
			return errors.New(done.out)
		}
		return impossible{fmt.Errorf("apply left with status %d: %s%s", done.status, done.out, done.errors)}
	})
	same(t, "align-new after apply", scalingOf(aws, "align-new"), documented("align-new", "AllTraffic"))
	if want := "No changes. 3 variants match their policies.\n"; !strings.HasSuffix(done.out, want) {
		t.Errorf("apply printed:\n%swant at the end:\n%s", done.out, want)
	}

	aws.ResetCalls()
	leaves(t, 0, apply...)
	leaves(t, 0, plan...)
	if writes := aws.Writes(); len(writes) > 0 {
		t.Errorf("a second apply wrote: %v", writes)
	}
	for call := range aws.Calls() {
		if verb := call[strings.IndexByte(call, '.')+1:]; !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "List") && verb != "GetCallerIdentity" {
			t.Errorf("a second apply called %s", call)
		}
	}
	leaves(t, 1, joining(aws, everyEndpoint, "apply", "no-such-endpoint")...)
	leaves(t, 1, joining(aws, "apply")...) // nothing is selected

	eventually(t, "align-new at zero when idle", soon, func() error { return instancesAre(aws, "align-new", 0) })
	aws.Do(region, func(w *sim.World) { must(t, w.Invoke("align-new", 1)) })
	eventually(t, "align-new awake", soon, func() error { return woken(aws, "align-new", began) })
	eventually(t, "align-new done with its work", soon, func() error { return reads(aws, fleet.Backlog.Query("align-new"), began, 0) })

	eventually(t, "summarize awake", soon, func() error { return woken(aws, "summarize", began) })
	eventually(t, "summarize drained", soon, func() error { return reads(aws, fleet.Backlog.Query("summarize"), began, 0) })
	eventually(t, "embed drained", soon, func() error { // to what the policy tracks
		return reads(aws, fleet.BacklogPerInstance.Query("embed"), began, policy.TargetValue)
	})
	leaves(t, 0, plan...)
}

// instancesAre tells whether the first variant of an endpoint wants and has so many instances.
func instancesAre(aws *awssim.Server, endpoint string, want int) (err error) {
	aws.Do(region, func(w *sim.World) {
		var described fleet.EndpointDescription
		if described, err = w.DescribeEndpoint(endpoint); err != nil {
			return
		}
		if v := described.Variants[0]; *v.Current != want || *v.Desired != want {
			err = fmt.Errorf("%d instances run and %d are wanted", *v.Current, *v.Desired)
		}
	})
	return err
}

// woken tells whether the wake policy has started an instance of the endpoint since that time.
func woken(aws *awssim.Server, endpoint string, since time.Time) (err error) {
	aws.Do(region, func(w *sim.World) {
		for _, activity := range w.ScalingActivities() {
			if activity.ResourceID == fleet.ResourceID(endpoint, "AllTraffic") && activity.Start.After(since) &&
				activity.Status == "Successful" && strings.Contains(activity.Cause, "triggered policy "+policy.WakeName) {
				return
			}
		}
		err = fmt.Errorf("the wake policy has started nothing")
	})
	return err
}

// reads tells whether a metric has been as low as that since that time.
func reads(aws *awssim.Server, query fleet.Query, since time.Time, low float64) (err error) {
	aws.Do(region, func(w *sim.World) {
		points := w.Published(query.Metric, query.Statistic, since, w.Now())
		for _, point := range points {
			if point.Value <= low {
				return
			}
		}
		err = fmt.Errorf("%s was above %g in each of %d minutes", query.Metric.Name, low, len(points))
	})
	return err
}

func TestServe_reconcilesTheDemo(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, hurried)
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, []byte("recreateAfter: 10m\n"), 0o600))
	e := start(t, nil, joining(aws, "--reconcile", everyEndpoint, "--config.file="+file)...)

	e.eventually("documented", soon, func() error {
		if got, want := scalingOf(aws, "align-new").text(), documented("align-new", "AllTraffic").text(); got != want {
			return fmt.Errorf("align-new has %s", got)
		}
		page := e.metrics()
		if steps, series := sum(page, "sagemaker_async_plan_steps{"), count(page, "sagemaker_async_plan_steps{"); steps > 0 || series == 0 {
			return fmt.Errorf("%v steps are planned, in %d series", steps, series)
		}
		if held := sum(page, "sagemaker_async_plan_steps_withheld{"); held > 0 { // until it has been missing for long enough
			return fmt.Errorf("%v steps are withheld", held)
		}
		return nil
	})
	// A busy machine may take longer between two turns than what it knows is shown on this clock.
	e.eventually("showing what it has done", soon, func() error {
		page := e.metrics()
		for begin, want := range map[string]float64{
			`sagemaker_async_policy_selected{account_id="111122223333",endpoint_name="align-new",`: 1,
			`sagemaker_async_reconcile_enabled{`:                                                   1,
			`sagemaker_async_policy_matches{`:                                                      float64(count(page, "sagemaker_async_policy_selected{")),
			reconciled("align-new", "scalable_target", "applied"):                                  1,
			reconciled("align-new", "tracking_policy", "applied"):                                  1,
			reconciled("align-new", "wake_policy", "applied"):                                      1,
			reconciled("align-new", "wake_alarm", "applied"):                                       1,
			reconciled("summarize", "wake_alarm", "applied"):                                       1,
			reconciled("embed", "tracking_policy", "applied"):                                      1,
			reconciled("align-new", "wake_alarm", "failed"):                                        0,
		} {
			if count(page, begin) == 0 || value(page, begin) != want {
				return fmt.Errorf("%s is %v in %d series, want %v", begin, value(page, begin), count(page, begin), want)
			}
		}
		if at := value(page, "sagemaker_async_reconcile_last_success_timestamp_seconds{"); at == 0 {
			return errors.New("there is no time of the last success")
		}
		return nil
	})
	e.eventually("done with what it writes", soon, func() error {
		said, writes := strings.Count(e.log.String(), "step applied"), len(aws.Writes())
		if said != writes || said == 0 {
			return fmt.Errorf("the log has %d steps, and %d were written", said, writes)
		}
		return nil
	})
	for _, want := range []string{
		`step="update endpoint/embed/variant/AllTraffic min capacity" changes="min_capacity: 1 -> 0"`,
		`step="create endpoint/embed/variant/AllTraffic tracking policy AsyncBacklogTargetTracking" changes="metric: AWS/SageMaker ApproximateBacklogSizePerInstance; `,
		`dimensions: EndpointName=summarize, VariantName=AllTraffic -> EndpointName=summarize`,
		`step="create endpoint/align-new/variant/AllTraffic scalable target" changes="min_capacity: 1; max_capacity: 5"`,
		`step="update endpoint/align-new/variant/AllTraffic min capacity" changes="min_capacity: 1 -> 0"`,
	} {
		if !strings.Contains(e.log.String(), want) {
			t.Errorf("the log does not say %s", want)
		}
	}
}

// reconciled begins a series of the steps that were carried out.
func reconciled(endpoint, kind, outcome string) string {
	return fmt.Sprintf(`sagemaker_async_reconcile_steps_total{account_id="111122223333",endpoint_name=%q,kind=%q,outcome=%q,region="us-east-1",variant_name="AllTraffic"}`,
		endpoint, kind, outcome)
}

func TestApply_namesTheMissingPermissionAndGoesOn(t *testing.T) {
	t.Parallel()
	aws := demoAt(t, 1)
	aws.SetFault("CloudWatch.PutMetricAlarm", awssim.Fault{Code: "AccessDeniedException"})
	done := leaves(t, 1, joining(aws, everyEndpoint, "apply", "align-new", "summarize", "embed")...)
	if want := "the role lacks cloudwatch:PutMetricAlarm"; !strings.Contains(done.out, want) {
		t.Errorf("apply does not say %q:\n%s", want, done.out)
	}
	if want := "Apply: 5 applied, 3 failed."; !strings.Contains(done.out, want) {
		t.Errorf("apply does not say %q:\n%s", want, done.out)
	}
	want := documented("align-new", "AllTraffic")
	want.Alarms = map[string]fleet.Alarm{}
	resource := fleet.ResourceID("align-new", "AllTraffic")
	target := want.Targets[resource]
	target.MinCapacity = 1 // nothing wakes it, so it may not sleep
	want.Targets[resource] = target
	same(t, "align-new without the permission", scalingOf(aws, "align-new"), want)
	aws.SetFault("CloudWatch.PutMetricAlarm", awssim.Fault{})
	// Embed may be starting instances by the policies that it has now, and is then not ended.
	leaves(t, 0, joining(aws, everyEndpoint, "apply", "align-new", "summarize")...)
	same(t, "align-new with the permission", scalingOf(aws, "align-new"), documented("align-new", "AllTraffic"))
}
