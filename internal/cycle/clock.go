package cycle

import "time"

// Clock tells the time of the world that is observed. The demo's clock may run faster than the machine's, and the
// exporter shares it with the embedded AWS.
type Clock struct {
	origin time.Time
	speed  float64
}

// NewClock returns a clock that shows the present time now and runs at the given speed; 1 is the machine's own.
func NewClock(speed float64) Clock { return Clock{origin: time.Now(), speed: speed} }

// Now is the clock's time in UTC.
func (c Clock) Now() time.Time {
	if c.speed == 1 {
		return time.Now().UTC() // follows the machine's clock when that is set
	}
	return c.origin.Add(time.Duration(float64(time.Since(c.origin)) * c.speed)).UTC()
}

// After fires once the clock has gone on by d.
func (c Clock) After(d time.Duration) <-chan time.Time {
	return time.After(time.Duration(float64(d) / c.speed))
}
