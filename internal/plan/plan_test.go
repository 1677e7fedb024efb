package plan

import (
	"reflect"
	"slices"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What is looked up is what a look at every line finds, also where one name begins another.
func TestPlan_findsTheLinesOfAnEndpoint(t *testing.T) {
	endpoints := []string{"a", "a-b", "a-b-c", "b", "ab"}
	var p Plan
	for i, endpoint := range endpoints {
		for _, variant := range []string{"v", "v-2"} {
			resource := fleet.ResourceID(endpoint, variant)
			for _, kind := range Kinds()[:i%len(Kinds())] {
				p.Steps = append(p.Steps, Step{ResourceID: resource, Kind: kind})
				p.Withheld = append(p.Withheld, Withheld{ResourceID: resource, Kind: kind})
			}
		}
	}
	p.sort()
	for _, endpoint := range append(endpoints, "", "a-", "zzz") {
		want := slices.DeleteFunc(slices.Clone(p.Steps), func(s Step) bool { return s.Endpoint() != endpoint })
		if got := p.StepsOf(endpoint); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("steps of %q: %v, want %v", endpoint, got, want)
		}
		resource := fleet.ResourceID(endpoint, "v")
		held := slices.DeleteFunc(slices.Clone(p.Withheld), func(w Withheld) bool { return w.ResourceID != resource })
		if got := p.WithheldOf(resource); len(got) != len(held) || len(got) > 0 && !reflect.DeepEqual(got, held) {
			t.Errorf("withheld of %q: %v, want %v", resource, got, held)
		}
	}
}
