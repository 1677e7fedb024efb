package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEffective_isReadAsTheSameConfiguration(t *testing.T) {
	good := files(t, ".ok.yaml")
	good["defaults"] = []byte("{}")
	for _, name := range slices.Sorted(maps.Keys(good)) {
		before, err := Parse(name, good[name])
		if err != nil {
			t.Fatal(err)
		}
		text, err := before.Effective()
		if err != nil {
			t.Fatal(err)
		}
		after, err := Parse("effective", []byte(text))
		if err != nil {
			t.Errorf("%s: the effective file is refused: %v\n%s", name, err, text)
			continue
		}
		again, err := after.Effective()
		if err != nil || again != text {
			t.Errorf("%s: a second reading gives (%v)\n%s, want\n%s", name, err, again, text)
		}
		before.Polling.Idle = before.Polling.OfIdle() // a default that follows from another key
		if !reflect.DeepEqual(after.Polling, before.Polling) || after.RecreateAfter != before.RecreateAfter {
			t.Errorf("%s: polling is %+v, want %+v", name, after.Polling, before.Polling)
		}
		if fmt.Sprint(after.Policies()) != fmt.Sprint(before.Policies()) { // no tags, or a map without any
			t.Errorf("%s: the policies are\n%+v, want\n%+v", name, after.Policies(), before.Policies())
		}
		if after.Thresholds != before.Thresholds {
			t.Errorf("%s: the thresholds are %+v, want %+v", name, after.Thresholds, before.Thresholds)
		}
		if !maps.Equal(after.InstancePrices(), before.InstancePrices()) {
			t.Errorf("%s: the prices are %v, want %v", name, after.InstancePrices(), before.InstancePrices())
		}
		for _, endpoint := range []string{"transcribe-a", "ocr", "x"} {
			o1, o2 := after.ObjectiveOf(endpoint), before.ObjectiveOf(endpoint)
			if o1.Endpoints = o2.Endpoints; o1 != o2 || after.Discovery.Selected(endpoint) != before.Discovery.Selected(endpoint) {
				t.Errorf("%s: %s is seen in another way", name, endpoint)
			}
		}
	}
}

func TestEffective_hidesSecrets(t *testing.T) {
	cfg, err := Load("testdata/full.ok.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := cfg.Effective()
	if err != nil || strings.Contains(text, "shared-secret") || !strings.Contains(text, "externalID: "+hidden) {
		t.Errorf("%v:\n%s", err, text)
	}
}
