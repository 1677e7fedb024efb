// Package sim is a model of asynchronous inference endpoints on a virtual clock: their queue and instances, the metrics
// that CloudWatch publishes of them, its alarms, and Application Auto Scaling.
//
// It is pure and deterministic: it reads no clock, and the same seed gives the same world. What AWS leaves open is
// decided here once, with the conservative reading:
//
//   - A tracking policy at zero instances stays at zero: only the wake policy wakes.
//   - ApproximateBacklogSizePerInstance is not published at zero instances; the backlog and HasBacklogWithoutCapacity are.
//   - A removed instance gives its requests back to the front of the queue.
//   - What fails, in the model or in S3, counts as processed and as an invocation failure. That nobody could be told of an
//     end counts in the minute after it, for expired requests too, and is no invocation failure.
//   - The queue metrics have one value a minute: SampleCount is 1, and Sum is the Average.
//   - An alarm whose metric math is not understood keeps its state. An alarm that acts on missing data has no value to find a
//     step for, and so asks for nothing.
//
// Some of these can be switched for a Replay, which runs one endpoint by itself: the same model with less of it kept. When an
// alarm goes into which state, and what policies then ask for, is package autoscaling's.
package sim

// Error is an AWS error as the service words it.
type Error struct{ Code, Message string }

// Error is the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func invalid(message string) error { return &Error{"ValidationException", message} }
