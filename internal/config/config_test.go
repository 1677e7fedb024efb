package config

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// files reads every test file with an ending; there must be some.
func files(t *testing.T, ending string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*" + ending)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s files: %v", ending, err)
	}
	found := map[string][]byte{}
	for _, path := range paths {
		if found[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestParse_goodFiles(t *testing.T) {
	for path, data := range files(t, ".ok.yaml") {
		if _, err := Parse(path, data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A bad file begins with comments that are the exact errors.
func TestParse_badFilesSayWhatWouldBeRight(t *testing.T) {
	for path, data := range files(t, ".bad.yaml") {
		var want []string
		for line := range strings.Lines(string(data)) {
			if text, ok := strings.CutPrefix(line, "# "); ok {
				want = append(want, strings.TrimSuffix(text, "\n"))
			}
		}
		_, err := Parse("bad.yaml", data)
		var found Errors
		if !errors.As(err, &found) {
			t.Errorf("%s: got %v, want Errors", path, err)
			continue
		}
		if got := err.Error(); got != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, strings.Join(want, "\n"))
		}
	}
}

func TestParse_readsEveryKey(t *testing.T) {
	cfg, err := Load("testdata/full.ok.yaml")
	if err != nil {
		t.Fatal(err)
	}
	first := cfg.Scopes[0]
	if first.Region != "us-east-1" || first.RoleARN.AccountID() != "111122223333" || first.ExternalID != "shared-secret" {
		t.Errorf("scope: %+v", first)
	}
	for name, want := range map[string]bool{
		"transcribe-a": true, "ocr": true, "ocr-2": false, "my-transcribe-a": false, "sandbox-1": false,
	} {
		if got := cfg.Discovery.Selected(name); got != want {
			t.Errorf("%s is selected: %v, want %v", name, got, want)
		}
	}
	got := []time.Duration{
		cfg.Polling.Queue.Duration(), cfg.Polling.Instances.Duration(), cfg.Polling.Scaling.Duration(),
		cfg.Polling.Tags.Duration(), cfg.Polling.MaxStaleness.Duration(),
	}
	for i, want := range []time.Duration{90 * time.Second, 90 * time.Second, time.Hour, 24 * time.Hour, 20 * time.Minute} {
		if got[i] != want {
			t.Errorf("interval %d is %s, want %s", i, got[i], want)
		}
	}
	if cfg.Discovery.Tags["team"] != "speech" || TagLabel(cfg.Discovery.TagLabels[1]) != "tag_cost_center" {
		t.Errorf("tags: %+v", cfg.Discovery)
	}
}

func TestParse_leavesTheDefaults(t *testing.T) {
	cfg, err := Parse("some.yaml", []byte("polling: {scaling: 10m}"))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Polling.Queue.String() != "1m" || cfg.Polling.Scaling.String() != "10m" || len(cfg.Scopes) != 1 {
		t.Errorf("got %+v", cfg)
	}
	if !cfg.Discovery.Selected("anything") {
		t.Error("nothing is included by default")
	}
}

func TestParse_formerKeysWork(t *testing.T) {
	cfg := parsed(t, "polling:\n  activity: 10m\n  discovery: 1h\n")
	if p := cfg.Polling; p.Metrics.String() != "10m" || p.Tags.String() != "1h" || p.Activity != 0 || p.Discovery != 0 {
		t.Errorf("got %+v", p)
	}
	want := []string{
		"polling: activity is now called metrics; change the key in the config file",
		"polling: discovery is now called tags; change the key in the config file",
	}
	if got := cfg.Warnings(); !slices.Equal(got, want) {
		t.Errorf("warns of %q, want %q", got, want)
	}
	if text, err := cfg.Effective(); err != nil || strings.Contains(text, "activity") || !strings.Contains(text, "metrics: 10m") {
		t.Errorf("%v:\n%s", err, text)
	}
	if got := parsed(t, "polling: {metrics: 10m, tags: 1h}").Warnings(); len(got) > 0 {
		t.Errorf("warns of %q", got)
	}
}

func TestLoad_namesAFileThatIsNotThere(t *testing.T) {
	if _, err := Load("testdata/missing.yaml"); err == nil || !strings.Contains(err.Error(), "testdata/missing.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestWith_flagsWinOverTheFile(t *testing.T) {
	file, err := Load("testdata/full.ok.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := file.With(Overrides{
		Regions: []string{"us-west-2", "us-east-2"}, RoleARN: "arn:aws-us-gov:iam::444455556666:role/path/reader",
		Exclude: []string{"ocr"}, Poll: "30s", MaxStaleness: "5m",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Scopes) != 2 || cfg.Scopes[1].Region != "us-east-2" || cfg.Scopes[1].RoleARN.AccountID() != "444455556666" {
		t.Errorf("scopes: %+v", cfg.Scopes)
	}
	if cfg.Discovery.Selected("ocr") || !cfg.Discovery.Selected("transcribe-a") {
		t.Error("the flag replaces exclude and leaves include alone")
	}
	if cfg.Polling.Queue.String() != "30s" || cfg.Polling.Instances.String() != "30s" || cfg.Polling.Scaling.String() != "1h" ||
		cfg.Polling.MaxStaleness.String() != "5m" {
		t.Errorf("polling: %+v", cfg.Polling)
	}
	if unchanged, _ := file.With(Overrides{}); len(unchanged.Scopes) != 2 || unchanged.Scopes[0].ExternalID != "shared-secret" {
		t.Errorf("without a flag the file stands: %+v", unchanged.Scopes)
	}
}

func TestWith_aRoleAloneUsesTheRegionOfTheSDK(t *testing.T) {
	cfg, err := Default().With(Overrides{RoleARN: "arn:aws:iam::111122223333:role/r", ExternalID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Scopes) != 1 || cfg.Scopes[0].Region != "" || cfg.Scopes[0].ExternalID != "x" {
		t.Errorf("got %+v", cfg.Scopes)
	}
}

func TestWith_namesTheFlagThatIsWrong(t *testing.T) {
	for want, o := range map[string]Overrides{
		"--poll.interval: 5s is below the minimum of 10s":                                            {Poll: "5s"},
		`--poll.scaling-interval: "x" is not a duration`:                                             {PollScaling: "x"},
		"--poll.max-staleness: 1s is below":                                                          {MaxStaleness: "1s"},
		`--endpoints.include: "(" is not a regular expression`:                                       {Include: []string{"a", "("}},
		`--endpoints.exclude: "[" is not a regular expression`:                                       {Exclude: []string{"["}},
		"--aws.region: us-east-1 is given twice":                                                     {Regions: []string{"us-east-1", "us-east-1"}},
		"--aws.region: a region is empty":                                                            {Regions: []string{""}},
		`--reconcile.endpoints: "(" is not a regular expression`:                                     {ReconcileEndpoints: []string{"a", "("}},
		`--reconcile.endpoints: "" matches nothing`:                                                  {ReconcileEndpoints: []string{""}},
		"--reconcile.endpoints: a is given twice: leave one out":                                     {ReconcileEndpoints: []string{"a", "b", "a"}},
		`--aws.role-arn: "me" is not the ARN of a role`:                                              {RoleARN: "me"},
		"--aws.external-id: an external id needs --aws.role-arn":                                     {ExternalID: "x"},
		"--poll.interval: 1s is below the minimum of 10s\n--poll.max-staleness: 1s is below the min": {Poll: "1s", MaxStaleness: "1s"},
	} {
		if _, err := Default().With(o); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, ending := range []string{".ok.yaml", ".bad.yaml"} {
		paths, _ := filepath.Glob("testdata/*" + ending)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := Parse("fuzz.yaml", data)
		switch {
		case err != nil && strings.TrimSpace(err.Error()) == "":
			t.Error("an error without words")
		case err == nil && len(cfg.Scopes) == 0:
			t.Error("a good file without a scope")
		case err == nil && len(cfg.problems()) > 0:
			t.Errorf("a good file with problems: %v", cfg.problems())
		case err == nil:
			for i, entry := range cfg.Policies() {
				if broken := brokenRule(entry.Wanted); broken != "" {
					t.Errorf("policy %d: %s: %+v", i+1, broken, entry.Wanted)
				}
				entry.Endpoints.Match("e")
				entry.Variants.Match("v")
			}
			cfg.Muted("e", "no_wake_policy")
		}
	})
}

// brokenRule is the rule that a policy breaks which AWS would refuse, or which would never wake.
func brokenRule(w policy.Wanted) string {
	whole := func(d time.Duration) bool { return d >= 0 && d%time.Second == 0 }
	name := w.Alarm.Name("e", "v")
	switch {
	case w.MinCapacity.Value < 0 || w.MinCapacity.Value > w.MaxCapacity.Value || w.MaxCapacity.Value < 1:
		return "capacity"
	case !(w.Tracking.TargetValue.Value > 0 && w.Tracking.TargetValue.Value <= math.MaxFloat64):
		return "target value"
	case !whole(w.Tracking.ScaleInCooldown.Value) || !whole(w.Tracking.ScaleOutCooldown.Value) || !whole(w.Wake.Cooldown.Value):
		return "cooldown"
	case w.Wake.Adjustment.Value < 1:
		return "adjustment"
	case w.Tracking.Name == "" || w.Wake.Name == "" || w.Tracking.Name == w.Wake.Name:
		return "names"
	case w.Alarm.DatapointsToAlarm.Value < 1 || w.Alarm.DatapointsToAlarm.Value > w.Alarm.EvaluationPeriods.Value:
		return "datapoints"
	case name == "" || len([]rune(name)) > 255 || strings.ContainsAny(name, "{}"):
		return "alarm name"
	}
	return ""
}
