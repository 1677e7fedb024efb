package sim

// Assumptions are readings of what AWS leaves open, other than the ones that the package comment lists. The zero value is
// those.
type Assumptions struct {
	TrackingWakes bool   // the backlog per instance is published at zero as if one ran, and tracking reckons with one
	RemovedFinish bool   // a removed instance finishes what it has begun; it is no longer paid for
	SlowMetrics   bool   // every datapoint becomes visible three minutes after its end, instead of one to three
	SlowBut       string // with SlowMetrics, the name of the metric whose datapoints become visible after one minute all the same
	BillReady     bool   // an instance costs from when it serves; else from when it is asked for
}
