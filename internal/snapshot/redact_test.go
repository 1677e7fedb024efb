package snapshot_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/cases"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/snapshot"
)

// secret is a snapshot in which every name is one that can be found again.
func secret() fleet.Snapshot {
	const resource, arn = "endpoint/Zebra-Live/variant/Ocelot", "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/"
	hb := fleet.WithoutCapacity.Query("Zebra-Live").Metric
	two := 2
	s := fleet.Snapshot{
		Scope: fleet.Scope{AccountID: "111122223333", Region: "us-east-1"},
		Sources: []fleet.Source{{
			Name: fleet.SourceTags, Err: "cannot assume role arn:aws:iam::444455556666:role/path/yak: see https://yak.example.com/x, ask gnu@example.com",
		}},
		Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{
				Name: "Zebra-Live", ARN: "arn:aws:sagemaker:us-east-1:111122223333:endpoint/zebra-live", Status: "InService",
			},
			ConfigName: "Lynx-7", FailureReason: "Lynx-7 of Zebra-Live failed",
			Async: fleet.AsyncConfig{S3OutputPath: "s3://Panda/out", S3FailurePath: "s3://Panda/failed"},
			Tags:  map[string]string{"Walrus": "Badger", "aws:cloudformation:stack-name": "Otter", "SageMaker-Async-Exporter/Reconcile": "Off"},
			Variants: []fleet.Variant{{
				Name: "Ocelot", Types: []string{"ml.g5.xlarge"}, Current: &two, Desired: &two,
				Activity: fleet.ActivityState{Recent: []fleet.Activity{{
					ResourceID: resource, Description: "Setting desired instance count to 2.", Status: "Successful",
					Cause: "monitor alarm Heron in state ALARM triggered policy Falcon",
				}}, Ended: map[string]int{"Successful": 1}},
			}},
		}},
		Targets: []fleet.Target{{ResourceID: resource, MaxCapacity: 5, RoleARN: "arn:aws:iam::111122223333:role/aws-service-role/Marmot"}},
		Policies: []fleet.Policy{
			{ResourceID: resource, Name: policy.WakeName, ARN: arn + resource + ":policyName/" + policy.WakeName, Alarms: []string{"Heron"}},
			{ResourceID: resource, Name: "Falcon", ARN: arn + resource + ":policyName/Falcon"},
		},
		Scheduled: []fleet.ScheduledAction{{ResourceID: resource, Name: "Raven", Schedule: "cron(0 5 * * ? *)"}},
		Alarms: []fleet.Alarm{
			{
				Name: "Heron", ARN: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:Heron", Metric: hb, Description: "wakes Zebra-Live/Ocelot (Terraform)",
				AlarmActions: []string{arn + resource + ":policyName/" + policy.WakeName, "arn:aws:sns:us-east-1:777788889999:Gibbon"},
				OKActions:    []string{arn + resource + ":policyName/Condor"}, // a policy that is gone
				Extras:       &fleet.AlarmExtras{FullActions: []string{arn + resource + ":policyName/Condor:createdBy/1-2"}},
				Mutes:        fleet.Mutes{Known: true, Rules: []fleet.MuteRule{{Name: "Tapir", Alarms: []string{"Heron", "Ibex"}}}},
			},
			{Name: "HasBacklogWithoutCapacity-Alarm-Zebra-Live-Ocelot", Metric: hb},
			{
				Name:   "TargetTracking-" + resource + "-AlarmHigh-0c8a2c56-2d1f-4c6e-9a55-5d1c0f0e7f01",
				Metric: fleet.Metric{Namespace: "Puma/Speech", Name: "Quokka", Dimensions: []fleet.Dimension{{Name: "Skunk", Value: "Wombat"}}},
			},
			{Name: "Math", Math: []fleet.MathQuery{{ID: "m1", Label: "Numbat", Expression: "SEARCH('{AWS/SageMaker,EndpointName} Zebra-Live', 'Average')"}}},
		},
		OtherAlarms: []string{"Ibex"},
		Orphans:     []fleet.Orphan{{Endpoint: "Dingo", Variant: "Ocelot", Alarm: "Heron"}},
		TagLabels:   []fleet.TagLabel{{Key: "Walrus", Label: "tag_Walrus"}},
	}
	s.At = s.At.AddDate(2025, 0, 0)
	s.Rejoin()
	return s
}

var animals = regexp.MustCompile(`(?i)zebra|ocelot|lynx|panda|walrus|badger|otter|heron|falcon|marmot|raven|gibbon|condor|tapir|ibex|puma|quokka|skunk|wombat|numbat|dingo|yak|gnu@|\b(?:111122223333|444455556666|777788889999)\b`)

func text(t *testing.T, f snapshot.File) string {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRedact_leavesNoNameAndNoAccount(t *testing.T) {
	f := snapshot.File{Scopes: []fleet.Snapshot{secret()}}
	before := text(t, f)
	redacted := f.Redact()
	after := text(t, redacted)
	for line := range strings.Lines(after) {
		if found := animals.FindString(line); found != "" {
			t.Errorf("%s is left: %s", found, line)
		}
	}
	if text(t, f) != before {
		t.Error("what is redacted was changed")
	}
	for _, kept := range []string{
		`"account_id": "000000000001"`, `"region": "us-east-1"`, "ml.g5.xlarge", `"SageMaker-Async-Exporter/Reconcile": "Off"`,
		"Setting desired instance count to 2.", "monitor alarm alarm-001 in state ALARM triggered policy policy-002",
		"HasBacklogWithoutCapacity-Alarm-endpoint-002-variant-001", policy.WakeName,
		"TargetTracking-endpoint/endpoint-002/variant/variant-001-AlarmHigh-0c8a2c56-2d1f-4c6e-9a55-5d1c0f0e7f01",
		"arn:aws:sagemaker:us-east-1:000000000001:endpoint/endpoint-002", "wakes endpoint-002/variant-001 (Terraform)",
		"resource/sagemaker/endpoint/endpoint-002/variant/variant-001:policyName/policy-001:createdBy/1-2",
	} {
		if !strings.Contains(after, kept) {
			t.Errorf("there is no %s in\n%s", kept, after)
		}
	}
	read, err := snapshot.Read([]byte(after))
	if err != nil || !reflect.DeepEqual(read, redacted) {
		t.Errorf("what is redacted is another after it was read: %v", err)
	}
}

// What is joined is joined alike under other names.
func TestRedact_keepsTheShapeOfEachCase(t *testing.T) {
	shape := func(s fleet.Snapshot) (lines []string) {
		for _, e := range s.Endpoints {
			for _, v := range e.Variants {
				lines = append(lines, fmt.Sprint(e.Status, v.Target != nil, len(v.Policies), len(v.Scheduled), len(v.Types)))
				var alarms []string
				for _, a := range v.Alarms {
					alarms = append(alarms, fmt.Sprint(a.Policy != "", a.Comparison, a.Threshold, a.State, a.Metric.Name, len(a.AlarmActions)))
				}
				slices.Sort(alarms)
				lines = append(lines, alarms...)
			}
		}
		return lines
	}
	for _, c := range cases.All() {
		own := strings.HasPrefix(c.Name, "07") // it watches a metric of its own, whose name is one
		c.Snapshot.Endpoints = slices.Clone(c.Snapshot.Endpoints)
		for i := range c.Snapshot.Endpoints { // as a process has it, and no file
			c.Snapshot.Endpoints[i].History = c.Snapshot.Endpoints[i].History.With(nil, c.Snapshot.At, 1)
		}
		redacted := snapshot.File{Scopes: []fleet.Snapshot{c.Snapshot}}.Redact()
		got, want := shape(redacted.Scopes[0]), shape(c.Snapshot)
		if !own && !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.Name, got, want)
		}
		if out := text(t, redacted); regexp.MustCompile(`\basr\b|pager-of|111122223333`).MatchString(out) {
			t.Errorf("%s: a name is left:\n%s", c.Name, out)
		}
	}
}

// Names that are words of AWS's own, parts of others, or nothing but signs.
func TestRedact_namesThatLookLikeSomethingElse(t *testing.T) {
	for _, name := range []string{"endpoint", "variant", "alarm", "a", "a-b", "arn", "desired", "policyName", "1", "us-east-1"} {
		resource := fleet.ResourceID(name, "a-b-c")
		s := fleet.Snapshot{
			At:        secret().At,
			Endpoints: []fleet.Endpoint{{EndpointSummary: fleet.EndpointSummary{Name: name}, Variants: []fleet.Variant{{Name: "a-b-c"}}}},
			Targets:   []fleet.Target{{ResourceID: resource}},
			Policies:  []fleet.Policy{{ResourceID: resource, Name: name, ARN: "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/" + resource + ":policyName/" + name}},
		}
		redacted := snapshot.File{Scopes: []fleet.Snapshot{s}}.Redact().Scopes[0]
		e := redacted.Endpoints[0]
		v := e.Variants[0]
		if v.Target == nil || len(v.Policies) != 1 || v.Target.ResourceID != fleet.ResourceID(e.Name, v.Name) || e.Name == name || v.Name == "a-b-c" {
			t.Errorf("%s: %+v", name, redacted)
		}
	}
}
