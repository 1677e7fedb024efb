package ledger

import "slices"

// daily is how many hours a day has: the present one and those before it.
const daily = 24

// day keeps the amounts of single hours of what an account has made one number of. The zero value keeps nothing.
type day struct {
	kept  bool
	since Minute  // from where on nothing is missing; 0 while nothing was read
	hours []Point // of the minutes that are not told apart any more, by the first minute of their hour, sorted
}

// Daily is an account that also knows what it counted in the last 24 hours.
func Daily() Account { return Account{day: day{kept: true}} }

// first is the first minute of the day of which all minutes before until have settled.
func (d *day) first(until Minute) Minute { return max((until-1).hour()-(daily-1)*Hour, d.since) }

// whole takes in the hours of a read of everything, as far as they belong to one epoch.
func (d *day) whole(t *tally, read Read, hours []Point) {
	if !d.kept {
		return
	}
	if d.since == 0 || d.since > t.epoch {
		d.since = t.epoch
	}
	d.hours = slices.DeleteFunc(slices.Clone(d.hours), func(p Point) bool { return p.At >= t.epoch })
	for _, hour := range hours {
		if t.part(read.Hours).has(hour.At) {
			d.hours = append(d.hours, hour)
		}
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
	first := d.first(until)
	d.hours = slices.DeleteFunc(d.hours, func(p Point) bool { return p.At < first })
}
