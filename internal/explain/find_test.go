package explain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// observed are reports of one scope each, with the endpoints of the names.
func observed(scopes map[fleet.Scope][]string) (reports []report.Report) {
	for _, scope := range []fleet.Scope{{AccountID: "1", Region: "eu"}, {AccountID: "1", Region: "us"}, {AccountID: "2", Region: "us"}} {
		r := report.Report{Snapshot: fleet.Snapshot{Scope: scope}}
		for _, name := range scopes[scope] {
			observed := &fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: name}}
			r.Endpoints = append(r.Endpoints, report.Endpoint{Endpoint: observed})
		}
		reports = append(reports, r)
	}
	return reports
}

func TestFind_namesTheCandidatesOfWhatIsAmbiguousOrUnknown(t *testing.T) {
	reports := observed(map[fleet.Scope][]string{
		{AccountID: "1", Region: "eu"}: {"ocr", "whisper"}, {AccountID: "1", Region: "us"}: {"whisper"}, {AccountID: "2", Region: "us"}: {"tts", "whisper-batch"},
	})
	for _, test := range []struct{ argument, scope, err string }{
		{"ocr", "1 eu", ""},
		{"whisper", "", "whisper is observed in 2 places: write one of 1/eu/whisper, 1/us/whisper"},
		{"1/us/whisper", "1 us", ""},
		{"2/us/whisper", "", "2/us/whisper: no asynchronous endpoint of that name is observed; there are 1/eu/whisper, 1/us/whisper, whisper-batch"},
		{"Whisper-batch-2", "", "Whisper-batch-2: no asynchronous endpoint of that name is observed; there are 1/eu/whisper, 1/us/whisper, whisper-batch"},
		{"batch", "", "batch: no asynchronous endpoint of that name is observed; there are whisper-batch"},
		{"nobody", "", "nobody: no asynchronous endpoint of that name is observed; there are 1/eu/whisper, 1/us/whisper, ocr, tts, whisper-batch"},
		{"a\x1b[31m", "", `"a\x1b[31m": no asynchronous endpoint`},
		{"", "", `"" is no endpoint: write its name, or account/region/name`},
		{"us/whisper", "", "us/whisper is no endpoint"},
		{"1//whisper", "", "1//whisper is no endpoint"},
		{"1/eu/ocr/variant", "", "is no endpoint"},
	} {
		place, err := Parse(test.argument)
		var found *report.Report
		if err == nil {
			found, err = place.Find(reports)
		}
		switch {
		case test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err) && !strings.Contains(err.Error(), test.err)):
			t.Errorf("%q: got %v, want %s", test.argument, err, test.err)
		case test.err == "" && (err != nil || found.Snapshot.Scope.AccountID+" "+found.Snapshot.Scope.Region != test.scope):
			t.Errorf("%q: got %v, %v", test.argument, found, err)
		}
	}
}

func TestFind_namesNoMoreThanFitsOnAScreen(t *testing.T) {
	var names []string
	for i := range 50 {
		names = append(names, fmt.Sprintf("endpoint-%02d", i))
	}
	place := Place{Endpoint: "x"}
	_, err := place.Find(observed(map[fleet.Scope][]string{{AccountID: "1", Region: "eu"}: names}))
	if err == nil || !strings.HasSuffix(err.Error(), "endpoint-19, and 30 more") {
		t.Errorf("got %v", err)
	}
	if _, err := place.Find(nil); err == nil || !strings.HasSuffix(err.Error(), "nor any other") {
		t.Errorf("got %v", err)
	}
}
