package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awssim"
)

// The policy that is printed is a good file, it is all that enforces these values, and no other endpoint is selected.
func TestRecommend_printsThePolicyThatThePlanThenHas(t *testing.T) {
	aws, err := awssim.StartDemo(awssim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = aws.Close() })
	ask := func(wanted int, args ...string) []byte {
		t.Helper()
		var out, complaints bytes.Buffer
		if status := run(t.Context(), append(args, "--demo", "--demo.aws="+aws.URL(), "--json"), &out, &complaints); status != wanted {
			t.Fatalf("%v: exit status %d\n%s", args, status, complaints.String())
		}
		return out.Bytes()
	}
	// align-new has no scaling at all, so its plan creates everything.
	for _, endpoint := range []string{"align-new", "transcribe-live", "diffusion"} {
		var advice struct {
			Choices map[string]map[string]any
		}
		if err := json.Unmarshal(ask(0, "recommend", endpoint, "--latency=25m"), &advice); err != nil {
			t.Fatal(err)
		}
		if len(advice.Choices) != 2 {
			t.Fatalf("%s: %d choices", endpoint, len(advice.Choices))
		}
		for name, choice := range advice.Choices {
			file := filepath.Join(t.TempDir(), "policy.yml")
			if err := os.WriteFile(file, []byte(choice["policy"].(string)), 0o600); err != nil {
				t.Fatal(err)
			}
			var plan struct {
				Steps []struct {
					ResourceID string `json:"resource_id"`
					Kind       string
					Action     string
					Changes    []struct {
						Field string
						After any
					}
				}
				Withheld []struct{ Kind, Reason string }
			}
			if err := json.Unmarshal(ask(2, "plan", "--config.file="+file), &plan); err != nil {
				t.Fatal(err)
			}
			after := map[string]string{}
			for _, step := range plan.Steps {
				if !strings.HasPrefix(step.ResourceID, "endpoint/"+endpoint+"/") {
					t.Errorf("%s of %s also changes %s", name, endpoint, step.ResourceID)
				}
				for _, change := range step.Changes {
					field := change.Field
					if step.Kind == "wake_policy" {
						field = "wake_" + field
					}
					after[field] = fmt.Sprint(change.After)
				}
			}
			for _, held := range plan.Withheld {
				if held.Kind != "scalable_target" || held.Reason != "max_below_running" {
					t.Errorf("%s of %s: %+v", name, endpoint, held)
				}
				after["max_capacity"] = fmt.Sprint(choice["max_capacity"]) // once fewer instances run
			}
			// What the plan does not change of an endpoint that is scaled has the value already.
			present := map[string]string{
				"target_value": "5", "min_capacity": "0", "scale_in_cooldown": "300", "scale_out_cooldown": "300", "wake_cooldown": "300",
				"max_capacity": map[string]string{"transcribe-live": "8", "diffusion": "2"}[endpoint],
			}
			for field, was := range present {
				got, changed := after[field]
				if !changed {
					got = was
				}
				if want := fmt.Sprint(choice[field]); got != want || endpoint == "align-new" && !changed {
					t.Errorf("%s of %s: the plan has %s %s, advised was %s", name, endpoint, field, got, want)
				}
			}
		}
	}
}

// serve has the two series from what it reads anyway.
func TestServe_advisesWhereThereIsEnoughToGoBy(t *testing.T) {
	p := launch(t, "--demo")
	p.ready()
	of := func(name, endpoint string) string {
		return name + " account_id=111122223333,endpoint_name=" + endpoint + ",region=us-east-1,variant_name=AllTraffic"
	}
	p.eventually("reading the work done", func() error {
		if _, ok := p.series()[of("recommended_target_value", "transcribe-live")]; !ok {
			return errors.New("there is no advice yet")
		}
		return nil
	})
	series := p.series()
	for endpoint, truth := range map[string]float64{ // 0.7 x concurrency x 30 minutes / service time
		"transcribe-live": .7 * 4 * 1800 / 26.5, "diffusion": .7 * 1800 / 30, "caption-pools": .7 * 2 * 1800 / 30, "upscale-quota": .7 * 1800 / 40,
	} {
		if got := series[of("recommended_target_value", endpoint)]; math.Abs(got-truth) > .15*truth {
			t.Errorf("%s: the target value should be %g, in truth %g", endpoint, got, truth)
		}
	}
	for _, endpoint := range []string{"ocr-nightly", "summarize", "embed"} { // too few requests, none, and concurrency unset
		if got, ok := series[of("recommended_target_value", endpoint)]; ok {
			t.Errorf("recommended_target_value of %s is %g", endpoint, got)
		}
		// Where the concurrency is unset, the pace of the newest minutes tells when the queue is worked off; of an endpoint that
		// sleeps nothing does.
		if got, ok := series[of("estimated_drain_seconds", endpoint)]; ok != (endpoint == "embed") {
			t.Errorf("estimated_drain_seconds of %s is %g, there is one: %t", endpoint, got, ok)
		}
	}
	backlog := series["backlog_requests account_id=111122223333,endpoint_name=diffusion,region=us-east-1"]
	if got, truth := series[of("estimated_drain_seconds", "diffusion")], backlog*30/2; backlog < 50 || math.Abs(got-truth) > .15*truth {
		t.Errorf("diffusion drains its %g in %g s, in truth %g s", backlog, got, truth)
	}
}
