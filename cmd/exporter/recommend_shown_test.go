package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/savings"
)

// Interrupted, recommend prints the endpoints that are ready, says how many they are, and calls none of the others an error.
func TestRecommendFleet_interruptedShowsWhatIsReady(t *testing.T) {
	ready, cut := savings.Row{Endpoint: "ready", Why: "Because."}, savings.Row{Endpoint: "cut", Err: context.Canceled}
	for _, test := range []struct {
		found *savings.Fleet
		says  string
	}{
		{nil, "interrupted"},
		{&savings.Fleet{Days: 15, Rows: []savings.Row{cut}}, "interrupted"},
		{&savings.Fleet{Days: 15, Rows: []savings.Row{ready, cut}}, "interrupted after 1 of 2 endpoints: these are shown, and nothing else is written"},
	} {
		var out bytes.Buffer
		err := (&looking{}).shown(test.found, &out)
		if err == nil || err.Error() != test.says {
			t.Errorf("%v, want %s", err, test.says)
		}
		if shown := strings.Contains(out.String(), "ready\n  Because."); shown != strings.Contains(test.says, "after") || strings.Contains(out.String(), "cut") {
			t.Errorf("%s: it shows\n%s", test.says, out.String())
		}
	}
}
