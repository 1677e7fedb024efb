package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
)

// History is a trace of what CloudWatch has of an endpoint, with the service time and the provisioning times that were
// estimated of it.
func History(h advise.History, e advise.Estimates) (Trace, error) {
	t := Trace{
		Source:  fmt.Sprintf("the history of %s from %s to %s", h.Endpoint, h.From.UTC().Format(time.RFC3339), h.To.UTC().Format(time.RFC3339)),
		Minutes: make([]Minute, max(0, int(h.To.Sub(h.From)/time.Minute))), Shape: HalfFixed,
		Service: time.Duration(e.Service.Value * float64(time.Second)), Starts: e.Provisioning.Seen,
	}
	first, came := h.Came()
	before := int(first.Sub(h.From) / time.Minute)
	// Arrivals are whole numbers. Rounding is carried on, so that none is lost, and the number of all that have come never
	// falls.
	told := 0.0
	for i := 1; i < len(came); i++ {
		if whole := math.Round(came[i]); whole > told {
			t.Minutes[before+i-1].Arrivals, told = whole-told, whole
		}
	}
	return t, t.problem()
}
