package web

import (
	"strconv"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// bill is what instances that run cost in an hour.
type bill struct {
	dollars  float64
	unpriced string // why something that runs is not in it; empty when everything is
}

// add puts the instances of a variant on the bill.
func (b *bill) add(prices map[string]float64, v *fleet.Variant) {
	pools := v.Pools
	if len(pools) == 0 {
		switch {
		case v.Current == nil:
			b.unpriced = "DescribeEndpoint does not say how many instances run"
			return
		case len(v.Types) == 0 && *v.Current > 0:
			b.unpriced = "the instance type is not known"
			return
		case len(v.Types) == 0:
			return
		}
		pools = []fleet.Pool{{InstanceType: v.Types[0], Current: *v.Current}}
	}
	for _, pool := range pools {
		price, known := prices[pool.InstanceType]
		if !known && pool.Current > 0 {
			b.unpriced = "no price of " + pool.InstanceType + " is known: add it to prices"
			continue
		}
		b.dollars += float64(pool.Current) * price
	}
}

// fact is the bill where all of it is known.
func (b *bill) fact() fact {
	if b.unpriced != "" {
		return unknown(b.unpriced)
	}
	return known(b.sum())
}

// Words are the bill as far as it is known.
func (b bill) Words() string {
	if b.unpriced != "" {
		return "at least " + b.sum()
	}
	return b.sum()
}

func (b bill) sum() string { return "$" + strconv.FormatFloat(b.dollars, 'f', 2, 64) }
