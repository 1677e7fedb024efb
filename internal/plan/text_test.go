package plan

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var update = flag.Bool("update", false, "rewrite golden files")

// plans are of two regions, with names that somebody chose to spoil a terminal.
func plans() []Plan {
	here := fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}
	there := fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}
	const live, ocr = "endpoint/transcribe/variant/AllTraffic", "endpoint/ocr/variant/AllTraffic"
	return []Plan{
		{
			Scope: here, Selected: []string{live, ocr},
			Steps: []Step{
				{
					Scope: here, ResourceID: live, Kind: ScalableTarget, Action: Update, Effect: "0 -> 2 instances",
					Changes: []Change{{"min_capacity", 1, 0}, {"max_capacity", 5, 20}},
				},
				{
					Scope: here, ResourceID: live, Kind: WakePolicy, Name: "HasBacklogWithoutCapacity-ScalingPolicy", Action: Create,
					Changes: []Change{{Field: "adjustment", After: 1}, {Field: "cooldown", After: 5 * time.Minute}},
				},
				{
					Scope: here, ResourceID: live, Kind: WakeAlarm, Name: "evil\x1b[2J\nname", Action: Update,
					Changes: []Change{
						{"period", 90 * time.Second, time.Hour},
						{"threshold", 0.5, 1.0},
						{"treat_missing_data", "", "missing"},
						{"dimensions", []string{}, []string{"EndpointName=transcribe"}},
						{"actions_enabled", false, true},
						{"alarm_actions", []string{"arn:a"}, []string{"arn:a", AfterApply}},
					},
				},
			},
			Withheld: []Withheld{{Scope: here, ResourceID: ocr, Kind: ScalableTarget, Reason: EndpointNotInService, Detail: "Updating"}},
		},
		{Scope: there, Selected: []string{live}, Withheld: []Withheld{{
			Scope: there, ResourceID: live, Kind: WakeAlarm, Name: "wake", Reason: SourceFailed, Detail: "alarms: two\nlines",
		}}},
	}
}

func TestPlan_textAndJSON(t *testing.T) {
	for file, write := range map[string]func(*bytes.Buffer) error{
		"testdata/plan.txt":  func(out *bytes.Buffer) error { return Text(out, plans()) },
		"testdata/plan.json": func(out *bytes.Buffer) error { return JSON(out, plans()) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) < 500 || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs; read the difference, then run go test -update:\n%s", file, got.String())
		}
	}
}

// An endpoint that is tagged to be left alone is named by who asks for its plan.
func TestText_saysWhoHasOptedOut(t *testing.T) {
	w := documented("v")
	w.Endpoints[0].Tags["sagemaker-async-exporter/reconcile"] = "off"
	p := w.plan()
	var text, document bytes.Buffer
	if err := errors.Join(Text(&text, []Plan{p, p}), JSON(&document, []Plan{p})); err != nil {
		t.Fatal(err)
	}
	const want = "No changes. No policy selects a variant.\ne has opted out: its tag sagemaker-async-exporter/reconcile takes it out of every policy.\n"
	if text.String() != want || !strings.Contains(document.String(), `"opted_out": [
    "e"
  ]`) {
		t.Errorf("got %q and %s", text.String(), document.String())
	}
	if kept := p.Only("f"); len(kept.OptedOut) != 0 || len(kept.With("e", p).OptedOut) != 1 {
		t.Errorf("of another endpoint: %q", kept.OptedOut)
	}
}

func TestText_saysWhyThereIsNothingToDo(t *testing.T) {
	for want, selected := range map[string][]string{
		"No changes. No policy selects a variant.\n":     nil,
		"No changes. 1 variant matches its policy.\n":    {"a"},
		"No changes. 2 variants match their policies.\n": {"a", "b"},
	} {
		var got bytes.Buffer
		if err := Text(&got, []Plan{{Selected: selected}}); err != nil || got.String() != want {
			t.Errorf("got %q, %v, want %q", got.String(), err, want)
		}
	}
}
