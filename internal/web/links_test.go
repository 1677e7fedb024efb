package web

import (
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestStatus_linksAWarningToItsRunbookAndAnInfoToNone(t *testing.T) {
	for severity, want := range map[check.Severity]bool{check.Critical: true, check.Warning: true, check.Info: false} {
		r := full()
		first(&r).Findings = []check.Finding{failing("wake_alarm_wrong_metric", severity, "Wrong.")}
		l := newLook(&r, at)
		shown, _ := l.endpoint(&r.Endpoints[0])
		for _, found := range slices.Concat(shown.Criticals, shown.Warnings, shown.Infos) {
			if (found.Runbook != "") != want {
				t.Errorf("%s: the runbook is %q", severity, found.Runbook)
			}
		}
	}
}

func TestPlaces_areThoseOfTheRegion(t *testing.T) {
	for region, want := range map[string][2]string{
		"eu-west-1": {
			"https://console.aws.amazon.com/sagemaker/home?region=eu-west-1#/endpoints/a-b",
			"https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FEndpoints$252Fa-b",
		},
		"cn-north-1": {
			"https://console.amazonaws.cn/sagemaker/home?region=cn-north-1#/endpoints/a-b",
			"https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FEndpoints$252Fa-b",
		},
		"us-gov-west-1": {
			"https://console.amazonaws-us-gov.com/sagemaker/home?region=us-gov-west-1#/endpoints/a-b",
			"https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FEndpoints$252Fa-b",
		},
	} {
		got := places(fleet.Scope{Region: region}, "a-b")
		if len(got) != 2 || got[0].URL != want[0] || got[1].URL != want[1] {
			t.Errorf("%s: got %+v", region, got)
		}
	}
}
