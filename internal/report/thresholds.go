package report

import "time"

// Limits are what an endpoint may do before an alert fires. A zero value is one that nothing is known of.
type Limits struct {
	LatencyMissRatio float64       // of the minutes, in which the oldest request may wait for longer than Latency
	Ticket, Page     Failures      // of invocations
	Processing       time.Duration // of one invocation
}

// Failures are how many invocations of half an hour have to fail, and above which ratio of all, for an alert.
type Failures struct {
	Least int
	Ratio float64
}

// Thresholds are values from which on an alert fires, for all endpoints of a scope. A zero value is one that nothing is known of.
type Thresholds struct {
	NearExpiryRatio     float64 // of the time to live, which the oldest request has waited
	DrainRatio          float64 // of a queue, by which it shrinks in 20 minutes
	IdleRatio           float64 // of a day with instances, in which no request was queued
	FlappingWakes       int     // in six hours
	FlappingQueuedRatio float64 // of the time at zero instances, in which requests were queued
}
