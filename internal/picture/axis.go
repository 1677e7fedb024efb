package picture

import (
	"fmt"
	"time"
)

// axis is that of time: from the beginning to the first tick that no minute is behind.
type axis struct {
	each  int // minutes in a point
	every int // minutes from tick to tick, so many points
	ticks int // but the first
}

const (
	hour = 60 // minutes
	day  = 24 * hour
)

// The minutes that a point and the space between two ticks may have; each divides a day, or days do. Longer spaces are whole days.
var spaces = []int{1, 2, 5, 10, 15, 30, hour, 2 * hour, 3 * hour, 4 * hour, 6 * hour, 12 * hour, day}

// space is the shortest that is a multiple of the unit and that so many minutes have no more than most of.
func space(minutes, most, unit int) int {
	for _, s := range spaces {
		if s%unit == 0 && minutes <= s*most {
			return s
		}
	}
	return (minutes + most*day - 1) / (most * day) * day
}

func axisOf(minutes int) axis {
	a := axis{each: space(minutes, mostPoints, 1)}
	a.every = space(minutes, mostTicks, a.each)
	a.ticks = (minutes + a.every - 1) / a.every
	return a
}

// points is how many there are from the beginning to the last tick.
func (a axis) points() int { return a.ticks*a.every/a.each + 1 }

// moments are the labels of the points, as days and hours since the beginning; those at ticks are shown.
func (a axis) moments() []string {
	list := make([]string, a.points())
	for i := range list {
		at := time.Duration(i*a.each) * time.Minute
		list[i] = fmt.Sprintf("%dd", at/(24*time.Hour))
		if a.every%day != 0 {
			list[i] += fmt.Sprintf(" %02d:%02d", at%(24*time.Hour)/time.Hour, at%time.Hour/time.Minute)
		}
	}
	return list
}
