package ledger

import "math"

// Amount is what was counted: a Sum in the smallest unit that is ever needed, and how many samples it is of. A plain
// count leaves Samples at 0. Both are whole numbers, so that the same minutes give the same total in whatever order and
// groups they are added.
type Amount struct{ Sum, Samples int64 }

func (a Amount) plus(b Amount) Amount { return Amount{a.Sum + b.Sum, a.Samples + b.Samples} }

func (a Amount) most(b Amount) Amount { return Amount{max(a.Sum, b.Sum), max(a.Samples, b.Samples)} }

// Point is the amount of one minute, or of one hour that begins with the minute.
type Point struct {
	At Minute
	Amount
}

const (
	// minuteMargin is added to a minute before it is floored, as a part of it. CloudWatch's Sums are sums of float64: 12.345
	// milliseconds, seven times, may be 86.41499999999999. So a whole number of microseconds stays what it is.
	minuteMargin = 1.0 / (1 << 40)
	// hourMargin is added to a whole hour before it is floored, as a part of it: a billionth.
	hourMargin = 1.0 / (1 << 30)
	// most is the largest Sum that a float64 gives exactly, and more than any metric can reach.
	most = 1 << 53
)

// Whole makes a whole number of units of a value that CloudWatch gives of a minute, or of an hour; ok is false for what
// can be no Sum.
//
// Both are floored, and an hour with the larger margin, so that it is never less than the sum of its minutes: a process
// that has read the hour shows no less than one that has read its minutes. For let s be the true sum of an hour of n
// samples, in units, and e = n/2^53 the most by which adding them up in float64 errs, as a part of s. The minutes sum up
// to no more than s(1+e)(1+2^-40)(1+2^-52), and the hour, before it is floored, is no less than
// s(1-e)(1+2^-30)(1-2^-52), which is more as long as e < 2^-32: below two million samples an hour. A whole number that is
// not above another is not above what that is floored to.
//
// So a total is less than the truth by less than a unit for each minute or hour with data, and more by less than a
// billionth. A plain count is exact: whole numbers are added exactly, and the margin does not reach the next one below
// 2^29 events an hour, five hundred million.
func Whole(value float64, hour bool) (whole int64, ok bool) {
	margin := minuteMargin
	if hour {
		margin = hourMargin
	}
	floor := math.Floor(value * (1 + margin))
	if !(floor >= 0 && floor <= most) { // also what is not a number
		return 0, false
	}
	return int64(floor), true
}

// differs tells whether an hour or more that was counted as the first amount, by the minute or by the hour, and is the
// second now, by the hour, was changed by more than how Whole rounds.
func differs(was, is Amount, minutes Minute) bool {
	if was.Samples != is.Samples || was.Samples == 0 {
		return was != is
	}
	more := is.Sum - was.Sum
	return more < 0 || more > int64(minutes)+1+is.Sum>>29
}
