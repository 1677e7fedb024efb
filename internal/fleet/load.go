package fleet

// Load is how many of CloudWatch's metrics one refresh requests, counted as AWS bills them.
type Load struct {
	Queue   int // the queue metrics, of endpoints with instances or a queue
	Idle    int // the same of the others
	Metrics int // counters, latencies and utilisation
}

// Plus adds two loads up.
func (l Load) Plus(other Load) Load {
	return Load{l.Queue + other.Queue, l.Idle + other.Idle, l.Metrics + other.Metrics}
}

// Times is the load of so many of the same.
func (l Load) Times(n int) Load { return Load{l.Queue * n, l.Idle * n, l.Metrics * n} }

// Phase is what an endpoint does, as far as it decides what CloudWatch is asked of it.
type Phase int

// The phases of an endpoint.
const (
	Asleep  Phase = iota // no instance, and an empty queue
	Waiting              // instances, and an empty queue
	AtWork               // instances, and a queue
)

// EndpointLoad is the load of one endpoint with that many variants, all of which are in the phase. With an empty queue the
// other queue metrics follow from ApproximateBacklogSize; with instances HasBacklogWithoutCapacity follows in any case.
func EndpointLoad(variants int, phase Phase) Load {
	if phase == Asleep {
		return Load{Idle: 1}
	}
	load := Load{Queue: 1, Metrics: variants * VariantLoad(func(WorkMetric) bool { return true }, true)}
	if phase == AtWork {
		load.Queue = len(QueueMetrics()) - 1
	}
	return load
}

// VariantLoad is the load of the work of one variant, of which some metrics are asked, and the utilisation or not.
func VariantLoad(asked func(WorkMetric) bool, hosts bool) (n int) {
	for _, metric := range WorkMetrics() {
		if asked(metric) {
			n++
		}
	}
	if hosts {
		n += len(HostMetrics())
	}
	return n
}
