package web

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
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
		got := places(fleet.Scope{Region: region}, "a-b", "")
		if len(got) != 2 || got[0].URL != want[0] || got[1].URL != want[1] {
			t.Errorf("%s: got %+v", region, got)
		}
	}
}

// The dashboard that a page links is the one of the repository, by its uid and its variables.
func TestPlaces_linkTheDashboardWhereGrafanaIsKnown(t *testing.T) {
	text, err := os.ReadFile("../../dashboards/endpoint.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		UID        string `json:"uid"`
		Templating struct {
			List []struct {
				Name string `json:"name"`
			} `json:"list"`
		} `json:"templating"`
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"https://grafana.example.org/sub", "https://grafana.example.org/sub/"} {
		link, query, _ := strings.Cut(places(fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}, "a-b", base)[0].URL, "?")
		if want := "https://grafana.example.org/sub/d/" + dashboard.UID; link != want {
			t.Errorf("got %s, want %s", link, want)
		}
		if query != "var-account=111122223333&var-region=eu-west-1&var-endpoint=a-b" {
			t.Errorf("got %s", query)
		}
		for part := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(strings.TrimPrefix(part, "var-"), "=")
			if !slices.ContainsFunc(dashboard.Templating.List, func(v struct {
				Name string `json:"name"`
			},
			) bool {
				return v.Name == name
			}) {
				t.Errorf("the dashboard has no variable %s", name)
			}
		}
	}
}
