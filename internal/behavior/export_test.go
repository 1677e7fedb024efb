package behavior

import "github.com/sagemaker-async/exporter/internal/fleet"

// Reached are the numbers of instances that a variant comes to by itself; all: any number up to the maximum.
func Reached(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context) (reached []int, all bool) {
	j := newJudge(endpoint, variant, context.rounded())
	j.evaluate()
	return j.reached()
}
