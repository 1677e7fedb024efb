package cycle

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Clock tells the time of the world that is observed. The demo's clock may run faster than the machine's, and the
// exporter shares it with the embedded AWS.
type Clock struct {
	fleet.Clock
}

// NewClock returns a clock that shows the present time now and runs at the given speed; 1 is the machine's own.
func NewClock(speed float64) Clock {
	now := time.Now()
	return Clock{fleet.Clock{Machine: now, Shown: now, Speed: speed}}
}

// JoinClock returns a clock that shows the same as another process's on this machine.
func JoinClock(other fleet.Clock) Clock { return Clock{other.Since(time.Now())} }

// Now is the clock's time in UTC.
func (c Clock) Now() time.Time { return c.At(time.Now()) }

// After fires once the clock has gone on by d.
func (c Clock) After(d time.Duration) <-chan time.Time {
	return time.After(time.Duration(float64(d) / c.Speed))
}
