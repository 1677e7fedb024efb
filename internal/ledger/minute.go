package ledger

import "time"

// Minute is a minute since the Unix epoch. A datapoint belongs to the minute at whose start CloudWatch dates it.
type Minute int64

const (
	// Hour is how many minutes an hour has.
	Hour Minute = 60
	// Day is how many minutes a day has.
	Day = 24 * Hour
)

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

// part are the points that lie in the span. Points are sorted.
func (s Span) part(points []Point) []Point {
	for len(points) > 0 && points[0].At < s.From {
		points = points[1:]
	}
	for len(points) > 0 && points[len(points)-1].At >= s.To {
		points = points[:len(points)-1]
	}
	return points
}

// sum adds up the points that lie in the span.
func (s Span) sum(points []Point) (sum Amount) {
	for _, point := range s.part(points) {
		sum = sum.plus(point.Amount)
	}
	return sum
}
