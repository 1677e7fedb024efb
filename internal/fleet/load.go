package fleet

// Load is how many of CloudWatch's metrics one refresh requests, counted as AWS bills them.
type Load struct {
	Queue int // the queue metrics
	Work  int // counters, latencies and utilisation
}

// Plus adds two loads up.
func (l Load) Plus(other Load) Load { return Load{l.Queue + other.Queue, l.Work + other.Work} }

// Times is the load of so many of the same.
func (l Load) Times(n int) Load { return Load{l.Queue * n, l.Work * n} }

// EndpointLoad is the load of one endpoint with that many variants, all of which run or sleep.
func EndpointLoad(variants int, asleep bool) Load {
	load := Load{Queue: len(QueueMetrics())}
	for range variants {
		load.Work += VariantLoad(func(m WorkMetric) bool { return !asleep || m.AtZero() }, !asleep)
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
