package ledger

import "time"

// Minute is a minute since the Unix epoch. A datapoint belongs to the minute at whose start CloudWatch dates it.
type Minute int64

// Hour is how many minutes an hour has.
const Hour Minute = 60

// MinuteOf is the minute that runs at the given moment.
func MinuteOf(at time.Time) Minute { return Minute(at.Unix() / 60) }

// Time is the start of the minute.
func (m Minute) Time() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// hour is the start of the minute's hour.
func (m Minute) hour() Minute { return m - m%Hour }

// Span is a stretch of minutes, From inclusive, To exclusive.
type Span struct{ From, To Minute }

// Empty tells whether there is no minute in the span.
func (s Span) Empty() bool { return s.From >= s.To }

func (s Span) has(m Minute) bool { return s.From <= m && m < s.To }

// with is the span that holds both.
func (s Span) with(other Span) Span {
	switch {
	case s.Empty():
		return other
	case other.Empty():
		return s
	}
	return Span{min(s.From, other.From), max(s.To, other.To)}
}

// Amount is what was counted: a Sum in the smallest unit that is ever needed, and how many samples it is of. A plain
// count leaves Samples at 0. Both are whole numbers, so that the same minutes give the same total in whatever order and
// groups they are added.
type Amount struct{ Sum, Samples int64 }

func (a Amount) plus(b Amount) Amount { return Amount{a.Sum + b.Sum, a.Samples + b.Samples} }

// Point is the amount of one minute, or of one hour that begins with the minute.
type Point struct {
	At Minute
	Amount
}
