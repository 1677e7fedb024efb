package report

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestReady_needsEveryScopeTriedAndOneFresh(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	scope := func(region string, endpoints, alarms fleet.Source) Report {
		endpoints.Name, alarms.Name = fleet.SourceEndpoints, fleet.SourceAlarms
		return Build(fleet.Snapshot{
			Scope: fleet.Scope{Region: region}, Sources: []fleet.Source{alarms, endpoints},
		})
	}
	fresh := fleet.Source{LastAttempt: at, LastSuccess: at, Expires: at.Add(time.Hour)}
	down := fleet.Source{LastAttempt: at, Err: "access denied"}
	old := fleet.Source{LastAttempt: at, LastSuccess: at.Add(-time.Hour), Expires: at}
	for _, test := range []struct {
		name    string
		reports []Report
		want    string // part of the reason; empty is ready
	}{
		{"nothing yet", nil, "no scope has been observed yet"},
		{"one untried source", []Report{scope("us-east-1", fresh, fleet.Source{})}, "us-east-1 has not been observed yet"},
		{
			"one untried scope",
			[]Report{scope("us-east-1", fresh, fresh), Build(fleet.Snapshot{Scope: fleet.Scope{Region: "eu-west-1"}})},
			"eu-west-1 has not been observed yet",
		},
		{"good", []Report{scope("us-east-1", fresh, fresh)}, ""},
		{"one permission missing", []Report{scope("us-east-1", fresh, down)}, ""},
		{"one scope down", []Report{scope("us-east-1", down, down), scope("eu-west-1", fresh, fresh)}, ""},
		{"all down", []Report{scope("us-east-1", down, down)}, "us-east-1: access denied"},
		{"all old", []Report{scope("us-east-1", old, fresh)}, "too old"},
	} {
		err := Set{Reports: test.reports}.Ready(at)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: not ready: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}
