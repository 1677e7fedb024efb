package fleet

import "time"

// Clock is how the time of the observed world follows the machine's: the moment Shown at the moment Machine, and from
// there on at the Speed. Of two processes on one machine, both tell the same time by it.
type Clock struct {
	Machine time.Time `json:"machine"`
	Shown   time.Time `json:"shown"`
	Speed   float64   `json:"speed"`
}

// At is what the clock shows, in UTC, at a moment of the machine's clock.
func (c Clock) At(machine time.Time) time.Time {
	if c.Speed == 1 && c.Shown.Equal(c.Machine) {
		return machine.UTC() // the machine's own clock, also when that is set
	}
	return c.Shown.Add(time.Duration(float64(machine.Sub(c.Machine)) * c.Speed)).UTC()
}

// Since is the same clock as told from a moment of the machine's clock. Told from a moment that this process has read,
// it does not jump when the machine's clock is set.
func (c Clock) Since(machine time.Time) Clock {
	return Clock{Machine: machine, Shown: c.At(machine), Speed: c.Speed}
}
