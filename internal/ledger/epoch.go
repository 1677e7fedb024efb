package ledger

import "time"

// Epoch is the minute from which totals are counted at the given moment: the first of the month, 00:00 UTC, or, if that
// is later, the creation of the endpoint floored to the hour. Everyone can know it without asking anyone, and no mistake
// lasts longer than a month.
func Epoch(at, created time.Time) Minute {
	at = at.UTC()
	month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return max(MinuteOf(month), MinuteOf(created).hour())
}

// before is the epoch that ended when the given one began, and whether there was one: at its creation an endpoint has
// no earlier total.
func before(epoch Minute, created time.Time) (Minute, bool) {
	earlier := Epoch((epoch - 1).Time(), created)
	return earlier, earlier < epoch
}
