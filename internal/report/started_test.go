package report_test

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

func TestStarted_commandRunsAsPrinted(t *testing.T) {
	scope := fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}
	const role, other = "arn:aws:iam::111122223333:role/read", "arn:aws:iam::444455556666:role/read"
	for want, started := range map[string]report.Started{
		"": {},
		" --demo --demo.aws=http://127.0.0.1:4711": {Flags: []string{"--demo", "--demo.aws=http://127.0.0.1:4711"}},
		" '--config.file=my files/it'\\''s.yml'":   {Flags: []string{"--config.file=my files/it's.yml"}},
		" --aws.region=eu-west-1":                  {Places: []report.Place{{}}},
		" --config.file=c.yml --aws.region=eu-west-1": {
			Flags: []string{"--config.file=c.yml"}, Places: []report.Place{{Region: "us-east-1"}, {Region: "eu-west-1"}},
		},
		" --aws.region=eu-west-1 --aws.role-arn=" + role: {Places: []report.Place{
			{Region: "us-east-1", RoleARN: role}, {Region: "eu-west-1", RoleARN: other}, {Region: "eu-west-1", RoleARN: role},
		}},
		" --aws.region=eu-west-1 --aws.role-arn=" + role + ` --aws.external-id="$SAGEMAKER_ASYNC_EXPORTER_AWS_EXTERNAL_ID"`: {
			Places: []report.Place{{RoleARN: role, ExternalID: true}},
		},
		" --config.file=two.yml": {
			Flags: []string{"--config.file=two.yml"}, Places: []report.Place{{Region: "eu-west-1"}, {Region: "eu-west-1", RoleARN: role}},
		},
	} {
		if got := started.Command("plan", scope, "asr"); got != "sagemaker-async-exporter plan asr"+want {
			t.Errorf("%+v: got %s", started, got)
		}
	}
}
