package web

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestBill_saysWhatIsNotOnIt(t *testing.T) {
	two, zero := 2, 0
	prices := map[string]float64{"a": 1.5, "b": .25}
	for _, test := range []struct {
		name    string
		variant fleet.Variant
		want    fact
		words   string
	}{
		{"two of a type", fleet.Variant{Current: &two, Types: []string{"a"}}, fact{Text: "$3.00"}, "$3.00"},
		{"none", fleet.Variant{Current: &zero, Types: []string{"dear"}}, fact{Text: "$0.00"}, "$0.00"},
		{"none, type not known", fleet.Variant{Current: &zero}, fact{Text: "$0.00"}, "$0.00"},
		{"type not known", fleet.Variant{Current: &two}, fact{Why: "the instance type is not known"}, "at least $0.00"},
		{"not said", fleet.Variant{Types: []string{"a"}}, fact{Why: "DescribeEndpoint does not say how many instances run"}, "at least $0.00"},
		{"pools", fleet.Variant{Current: &two, Types: []string{"a", "b"}, Pools: []fleet.Pool{{InstanceType: "a", Current: 1}, {InstanceType: "b", Current: 1}}}, fact{Text: "$1.75"}, "$1.75"},
		{
			"a pool without a price",
			fleet.Variant{Pools: []fleet.Pool{{InstanceType: "dear", Current: 1}, {InstanceType: "b", Current: 1}}},
			fact{Why: "no price of dear is known: add it to prices"},
			"at least $0.25",
		},
	} {
		var b bill
		b.add(prices, &test.variant)
		if b.fact() != test.want || b.Words() != test.words {
			t.Errorf("%s: got %+v, %q", test.name, b.fact(), b.Words())
		}
	}
}
