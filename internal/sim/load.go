package sim

import (
	"fmt"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Fleet is a world for load runs: as many asynchronous endpoints with documented scaling as are asked for. One in ten is
// busy, one in ten sleeps with a request now and then, the others sleep.
func Fleet(scope fleet.Scope, start time.Time, endpoints int, seed uint64) *World {
	w := New(scope, start, seed)
	for i := range endpoints {
		name := fmt.Sprintf("endpoint-%05d", i)
		spec := EndpointSpec{
			Name: name, Config: async(name, "ml.g5.xlarge", 4), Work: Work{Service: 20 * time.Second},
			Tags: tags(fmt.Sprintf("team-%d", i%7), "prod"),
		}
		switch i % 10 {
		case 0:
			spec.Instances, spec.Rate = 1, constant(.1)
		case 1:
			spec.Rate = constant(1.0 / 3600)
		}
		w.add(spec, scaling{})
	}
	return w
}
