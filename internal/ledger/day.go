package ledger

import (
	"slices"
	"time"
)

// day keeps the amounts of single hours of what an account has made one number of, whatever their month. The zero value
// keeps nothing.
type day struct {
	kept  bool
	hours []Point // of the minutes that are not told apart any more, by the first minute of their hour, sorted
}

// Daily is an account that also knows what it counted in the last 24 hours.
func Daily() Account { return Account{day: day{kept: true}} }

// Day is what an account that is Daily counted in the last hours, as far as their minutes have settled at the given
// moment: the hour of the newest of them and the 23 before it. Since is the first minute of it. Unlike a total it follows
// CloudWatch where that takes something back.
func (a *Account) Day(at time.Time) (Total, bool) {
	if !a.day.kept || a.to == 0 {
		return Total{}, false
	}
	to := MinuteOf(at)
	span := Span{firstOfDay(to), settledBy(to)}
	return Total{span.From, span.sum(a.day.hours).plus(span.sum(a.minutes))}, true
}

// firstOfDay is the first minute of the day that ends with the newest settled minute.
func firstOfDay(to Minute) Minute { return (settledBy(to) - 1).hour() - 23*Hour }

// whole takes in the hours of a read of everything.
func (d *day) whole(span Span, hours []Point) {
	if d.kept {
		d.hours = slices.Clone(span.part(hours))
	}
}

// add takes in minutes that are not told apart any more.
func (d *day) add(minutes []Point) {
	if !d.kept {
		return
	}
	for _, minute := range minutes {
		hour := minute.At.hour()
		i, found := slices.BinarySearchFunc(d.hours, hour, func(p Point, at Minute) int { return int(p.At - at) })
		if !found {
			d.hours = slices.Insert(d.hours, i, Point{At: hour})
		}
		d.hours[i].Amount = d.hours[i].plus(minute.Amount)
	}
}

// forget drops what is older than a day.
func (d *day) forget(until Minute) {
	first := firstOfDay(until + settled)
	d.hours = slices.DeleteFunc(d.hours, func(p Point) bool { return p.At < first })
}
