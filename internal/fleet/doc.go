// Package fleet holds the observed world as plain values: the asynchronous inference endpoints of one account in one
// region, what CloudWatch says of their queues, and the whole state of their scaling.
//
// Everything here is pure. A Snapshot is made by one observation and never changed afterwards, so any number of
// readers may share it. Durations are time.Duration, moments are time.Time in UTC, and an absent value is nil or the
// zero moment, never a made-up 0.
package fleet
