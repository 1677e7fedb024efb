package fleet

import (
	"math"
	"time"
)

// HistoryLength is how far the history of an endpoint reaches back.
const HistoryLength = historyMinutes * time.Minute

const historyMinutes = 180

// NoInstances says of a minute that it is not known how many instances ran.
const NoInstances = -1

// History is what the queue and the instances of an endpoint were in the last three hours, minute by minute, for pictures. It
// takes about a kilobyte. It is a value behind a pointer, so that a snapshot shares it: With returns another one.
type History struct {
	to        time.Time // the end of the newest minute
	backlog   [historyMinutes]float32
	instances [historyMinutes]int16
}

// With takes in the minutes of ApproximateBacklogSize that end before a moment, and how many instances run then: NoInstances
// where that is not known. Nil is a history without anything.
func (h *History) With(backlog []Point, to time.Time, instances int) *History {
	to = to.Truncate(time.Minute)
	next := &History{to: to}
	passed := historyMinutes
	if h != nil && !h.to.After(to) {
		passed = int(min(to.Sub(h.to)/time.Minute, historyMinutes))
	}
	kept := historyMinutes - passed
	if kept > 0 {
		copy(next.backlog[:], h.backlog[passed:])
		copy(next.instances[:], h.instances[passed:])
	}
	count := int16(min(max(instances, NoInstances), math.MaxInt16))
	between := int16(NoInstances)
	if kept > 0 && next.instances[kept-1] == count { // nothing says that it was another one in between
		between = count
	}
	for i := kept; i < historyMinutes; i++ {
		next.backlog[i], next.instances[i] = float32(math.NaN()), between
	}
	for _, point := range backlog {
		if i := next.index(point.At); i >= 0 && i < historyMinutes {
			next.backlog[i] = float32(point.Value)
		}
	}
	if passed > 0 {
		next.instances[historyMinutes-1] = count
	}
	return next
}

func (h *History) index(at time.Time) int {
	return historyMinutes + int(math.Floor(at.Sub(h.to).Minutes()))
}

// Moment is one minute of a history.
type Moment struct {
	At        time.Time // its beginning
	Backlog   float64   // the most requests waiting or in service; NaN where CloudWatch has no datapoint
	Instances int       // running; NoInstances where that is not known
}

// Minutes are those of the history, the oldest first. A history without anything has none.
func (h *History) Minutes() []Moment {
	if h == nil {
		return nil
	}
	minutes := make([]Moment, historyMinutes)
	for i := range minutes {
		minutes[i] = Moment{
			At: h.to.Add(time.Duration(i-historyMinutes) * time.Minute), Backlog: float64(h.backlog[i]), Instances: int(h.instances[i]),
		}
	}
	return minutes
}
