package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func parsed(t *testing.T, text string) Config {
	t.Helper()
	cfg, err := Parse("some.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func loaded(t *testing.T, path string) Config {
	t.Helper()
	cfg, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestPolicies_whatTheFileSetsIsEnforced(t *testing.T) {
	got := loaded(t, "testdata/policies.ok.yaml").Policies()[0].Wanted
	want := policy.Wanted{
		MinCapacity: policy.Setting[int]{Value: 0, Enforced: true},
		MaxCapacity: policy.Setting[int]{Value: 20, Enforced: true},
		Tracking: policy.WantedTracking{
			Name:             "Backlog",
			TargetValue:      policy.Setting[float64]{Value: 12.5, Enforced: true},
			ScaleInCooldown:  policy.Setting[time.Duration]{Value: 10 * time.Minute, Enforced: true},
			ScaleOutCooldown: policy.Setting[time.Duration]{Value: 0, Enforced: true},
		},
		Wake: policy.WantedWake{
			Name:        "Wake",
			Adjustment:  policy.Setting[int]{Value: 2, Enforced: true},
			Cooldown:    policy.Setting[time.Duration]{Value: 90 * time.Second, Enforced: true},
			Aggregation: policy.Setting[string]{Value: "Maximum", Enforced: true},
		},
		Alarm: policy.WantedAlarm{
			NameTemplate:      "wake-{endpoint}",
			EvaluationPeriods: policy.Setting[int]{Value: 1, Enforced: true},
			DatapointsToAlarm: policy.Setting[int]{Value: 1, Enforced: true},
			TreatMissingData:  policy.Setting[string]{Value: "notBreaching", Enforced: true},
		},
		SetsWake: true,
	}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// Each key alone: a key that is read into the value of another one would show here.
func TestPolicies_aKeyEnforcesItsOwnValueAlone(t *testing.T) {
	for text, set := range map[string]func(*policy.Wanted){
		"{}":                    func(*policy.Wanted) {},
		"{minCapacity: keep}":   func(w *policy.Wanted) { w.KeepMinimum = true },
		"{minCapacity: 0}":      func(w *policy.Wanted) { enforced(&w.MinCapacity, 0) },
		"{maxCapacity: 5}":      func(w *policy.Wanted) { enforced(&w.MaxCapacity, 5) },
		"{tracking: {name: A}}": func(w *policy.Wanted) { w.Tracking.Name = "A" },
		"{tracking: {targetValue: 7}}": func(w *policy.Wanted) {
			enforced(&w.Tracking.TargetValue, 7)
		},
		"{tracking: {scaleInCooldown: 1s}}":     func(w *policy.Wanted) { enforced(&w.Tracking.ScaleInCooldown, time.Second) },
		"{tracking: {scaleOutCooldown: 1m}}":    func(w *policy.Wanted) { enforced(&w.Tracking.ScaleOutCooldown, time.Minute) },
		"{wake: {name: B}}":                     func(w *policy.Wanted) { w.Wake.Name = "B" },
		"{wake: {adjustment: 3}}":               func(w *policy.Wanted) { enforced(&w.Wake.Adjustment, 3) },
		"{wake: {cooldown: 1h}}":                func(w *policy.Wanted) { enforced(&w.Wake.Cooldown, time.Hour) },
		"{wake: {aggregation: Minimum}}":        func(w *policy.Wanted) { enforced(&w.Wake.Aggregation, "Minimum") },
		"{wake: {alarmName: 'C-{endpoint}'}}":   func(w *policy.Wanted) { w.Alarm.NameTemplate = "C-{endpoint}" },
		"{wake: {evaluationPeriods: 3}}":        func(w *policy.Wanted) { enforced(&w.Alarm.EvaluationPeriods, 3) },
		"{wake: {datapointsToAlarm: 1}}":        func(w *policy.Wanted) { enforced(&w.Alarm.DatapointsToAlarm, 1) },
		"{wake: {treatMissingData: missing}}":   func(w *policy.Wanted) { enforced(&w.Alarm.TreatMissingData, "missing") },
		"{strict: true}":                        func(w *policy.Wanted) { *w = w.Strict() },
		"{strict: false}":                       func(*policy.Wanted) {},
		"{strict: true, minCapacity: keep}":     func(w *policy.Wanted) { *w = w.Strict(); w.KeepMinimum = true },
		"{strict: true, wake: {adjustment: 3}}": func(w *policy.Wanted) { *w = w.Strict(); enforced(&w.Wake.Adjustment, 3) },
	} {
		want := policy.Documented()
		set(&want)
		want.SetsWake = strings.Contains(text, "wake:")
		if got := parsed(t, "policies: ["+text+"]").Policies()[0].Wanted; got != want {
			t.Errorf("%s: got\n%+v\nwant\n%+v", text, got, want)
		}
	}
}

func enforced[T comparable](setting *policy.Setting[T], value T) {
	*setting = policy.Setting[T]{Value: value, Enforced: true}
}

func TestPolicies_theFileComesBeforeTheFlag(t *testing.T) {
	cfg, err := parsed(t, "policies: [{endpoints: ocr, variants: canary}, {tags: {team: speech}}]").
		With(Overrides{ReconcileEndpoints: []string{"ocr", "transcribe-.*"}})
	if err != nil {
		t.Fatal(err)
	}
	policies := cfg.Policies()
	var names []string
	for i := range policies {
		names = append(names, policies.Name(i))
	}
	if got := strings.Join(names, ", "); got != "1 ocr, 2 .*, 3 ocr, 4 transcribe-.*" {
		t.Errorf("got %s", got)
	}
	if byName := policies[3].Wanted; !byName.MinCapacity.Enforced || byName.Tracking.TargetValue.Enforced {
		t.Errorf("by name: %+v", byName)
	}
	for _, tt := range []struct {
		endpoint, variant string
		tags              map[string]string
		entry             int
	}{
		{"ocr", "canary", map[string]string{}, 0},
		{"ocr", "AllTraffic", map[string]string{"team": "speech"}, 1},
		{"ocr", "AllTraffic", map[string]string{}, 2},
		{"ocr-2", "AllTraffic", map[string]string{}, -1},
		{"transcribe-a", "AllTraffic", map[string]string{}, 3},
	} {
		if got := policies.Select(tt.endpoint, tt.variant, tt.tags); got.Entry != tt.entry {
			t.Errorf("%s/%s has entry %d, want %d", tt.endpoint, tt.variant, got.Entry, tt.entry)
		}
	}
}

func TestPolicies_noneByDefault(t *testing.T) {
	cfg, err := Default().With(Overrides{})
	if err != nil || len(cfg.Policies()) != 0 || cfg.RecreateAfter.Duration() != 15*time.Minute {
		t.Errorf("got %v, %v, %v", cfg.Policies(), cfg.RecreateAfter, err)
	}
	if file := loaded(t, "testdata/policies.ok.yaml"); file.RecreateAfter != 0 {
		t.Errorf("recreateAfter is %s", file.RecreateAfter.Duration())
	}
}

func TestPolicies_anchorsAreReadAsTheirValues(t *testing.T) {
	for i, entry := range loaded(t, "testdata/anchors.ok.yaml").Policies() {
		want := []string{"transcribe", "ocr", "summarize"}[i]
		if entry.Endpoints.String() != want || entry.Wanted.Tracking.TargetValue != (policy.Setting[float64]{Value: 12, Enforced: true}) {
			t.Errorf("entry %d: %s, %+v", i, entry.Endpoints, entry.Wanted.Tracking)
		}
	}
}

func TestEnforces_saysWhatTheFileSets(t *testing.T) {
	for text, want := range map[string]string{
		"{}": "the structure alone, no value",
		"{minCapacity: 0, maxCapacity: 20, tracking: {targetValue: 12}}": "minCapacity 0, maxCapacity 20, targetValue 12",
		"{minCapacity: keep, wake: {cooldown: 90s, name: W}}":            "cooldown 90s",
		"{strict: true}":                  "strict: the documented values, but for the capacity",
		"{strict: true, maxCapacity: 20}": "maxCapacity 20; strict: the documented values for the rest, but for the capacity",
	} {
		if got := parsed(t, "policies: ["+text+"]").Entries[0].Enforces(); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestMuted_namesAndEndpoints(t *testing.T) {
	cfg := loaded(t, "testdata/policies.ok.yaml")
	for _, tt := range []struct {
		endpoint, check string
		want            bool
	}{
		{"legacy-1", "single_instance_type", true},
		{"legacy-1", "no_wake_policy", false},
		{"legacy-1", "differs_from_documented", true},
		{"other", "single_instance_type", false},
		{"other", "differs_from_documented", true},
	} {
		if got := cfg.Muted(tt.endpoint, tt.check); got != tt.want {
			t.Errorf("%s of %s is muted: %t", tt.check, tt.endpoint, got)
		}
	}
	if Default().Muted("legacy-1", "single_instance_type") {
		t.Error("a check is muted by default")
	}
}

func TestMute_everyCheckCanBeNamed(t *testing.T) {
	cfg := parsed(t, "checks: [{disable: ["+strings.Join(check.Names(), ", ")+"]}]")
	for _, name := range check.Names() {
		if !cfg.Muted("e", name) {
			t.Errorf("%s cannot be muted", name)
		}
	}
}

func TestPattern_literal(t *testing.T) {
	for text, want := range map[string]string{
		"ocr": "ocr", "^ocr$": "ocr", "(ocr)-(?:a)": "ocr-a", `a\.b`: "a.b", "^$": "",
		".*": "none", "ocr|tts": "none", "(?i)ocr": "none", "ocr?": "none", "oc[rs]": "none",
	} {
		pattern, err := ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := pattern.literal()
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestAlarmName_oneEndpointIsAsLongAsItIs(t *testing.T) {
	long := strings.Repeat("a", 250)
	for text, good := range map[string]bool{
		"{endpoints: ocr, variants: one, wake: {alarmName: '" + long + "{endpoint}'}}":          true,
		"{endpoints: ocr, variants: one, wake: {alarmName: '" + long + "{endpoint}{variant}'}}": false,
		"{endpoints: ocr.*, wake: {alarmName: '" + long + "{endpoint}'}}":                       false,
		"{endpoints: ocr.*, wake: {alarmName: '" + long[:192] + "{endpoint}'}}":                 true,
		"{endpoints: ocr.*, wake: {alarmName: '" + long[:193] + "{endpoint}'}}":                 false,
	} {
		if _, err := Parse("some.yaml", []byte("policies: ["+text+"]")); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The contract's page shows every key; TestParse_readsEveryKey and the tests above read them.
func TestKeys_ofAPolicyAreTheContracts(t *testing.T) {
	for goType, want := range map[string][]string{
		"config.Entry":    {"endpoints", "maxCapacity", "minCapacity", "strict", "tags", "tracking", "variants", "wake"},
		"config.tracking": {"name", "scaleInCooldown", "scaleOutCooldown", "targetValue"},
		"config.wake": {
			"adjustment", "aggregation", "alarmName", "cooldown", "datapointsToAlarm", "evaluationPeriods", "name", "treatMissingData",
		},
		"config.Mute": {"disable", "endpoints"},
	} {
		if got := keys()[goType]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %q, want %q", goType, got, want)
		}
	}
}

func TestParse_theContractsExampleIsGood(t *testing.T) {
	data, err := os.ReadFile("testdata/contract.ok.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := parsed(t, string(data)).Policies()[0].Wanted
	want := policy.Documented().Strict()
	want.Strictly, want.SetsWake = false, true
	enforced(&want.MinCapacity, 0)
	enforced(&want.MaxCapacity, 20)
	if got != want {
		t.Errorf("written out, the documented values are\n%+v\nwant\n%+v", got, want)
	}
}
