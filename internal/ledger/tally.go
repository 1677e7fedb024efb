package ledger

import "slices"

// tally is the total of one epoch. Minutes are told apart only while CloudWatch may still change them; what is older is
// one number.
type tally struct {
	epoch  Minute
	end    Minute  // where the epoch ends, exclusive; 0 while that is not known
	from   Minute  // the minutes before are in base
	to     Minute  // the minutes before have been read; 0 when none has
	base   Amount  // of the minutes from epoch to from
	recent []Point // of the minutes from from to to that are not 0, sorted
	shown  Amount  // the highest total yet, which is never gone below
}

// part is the part of a span that belongs to the epoch.
func (t *tally) part(s Span) Span {
	if t.end != 0 {
		s.To = min(s.To, t.end)
	}
	s.From = max(s.From, t.epoch)
	return s
}

// whole takes in a read of everything: whole hours, and the minutes after them.
func (t *tally) whole(read Read, hours, minutes []Point) {
	t.base = Amount{}
	for _, hour := range hours {
		if t.part(read.Hours).has(hour.At) {
			t.base = t.base.plus(hour.Amount)
		}
	}
	t.from = max(t.epoch, read.Minutes.From)
	if t.end != 0 {
		t.from = min(t.from, t.end)
	}
	t.minutes(read.Minutes, minutes)
}

// again takes in a read of the minutes that may have changed, and counts those that did after they had settled.
func (t *tally) again(span Span, minutes []Point) (revisions int) {
	old, until := t.recent, settledBy(t.to)
	t.minutes(span, minutes)
	return changes(old, t.recent, Span{t.from, min(until, settledBy(t.to))})
}

// minutes replaces what is known of the recent minutes: the read reaches back to all of them. The points are kept as
// they were given, and never changed.
func (t *tally) minutes(span Span, minutes []Point) {
	part := t.part(Span{t.from, span.To})
	for len(minutes) > 0 && minutes[0].At < part.From {
		minutes = minutes[1:]
	}
	for len(minutes) > 0 && minutes[len(minutes)-1].At >= part.To {
		minutes = minutes[:len(minutes)-1]
	}
	if nothing := func(p Point) bool { return p.Amount == Amount{} }; slices.ContainsFunc(minutes, nothing) {
		minutes = slices.DeleteFunc(slices.Clone(minutes), nothing)
	}
	t.recent, t.to = minutes, span.To
}

// fold makes one number of the minutes before the boundary, and says which that were.
func (t *tally) fold(boundary Minute) (folded []Point) {
	if t.end != 0 {
		boundary = min(boundary, t.end)
	}
	if boundary <= t.from {
		return nil
	}
	n := 0
	for n < len(t.recent) && t.recent[n].At < boundary {
		t.base = t.base.plus(t.recent[n].Amount)
		n++
	}
	folded, t.recent, t.from = t.recent[:n], t.recent[n:], boundary
	return folded
}

// total adds up the settled minutes. It never goes below what it was: a counter that falls would be taken for one that
// began anew, and its whole value be counted again.
func (t *tally) total() Amount {
	sum, settled := t.base, settledBy(t.to)
	for _, point := range t.recent {
		if point.At < settled {
			sum = sum.plus(point.Amount)
		}
	}
	t.shown = Amount{max(t.shown.Sum, sum.Sum), max(t.shown.Samples, sum.Samples)}
	return t.shown
}

// pace is the mean of the settled minutes that are told apart. Fewer than five of them tell of a moment, not of a pace.
func (t *tally) pace() (perMinute float64, ok bool) {
	span := Recent(t.to)
	span.From = max(span.From, t.from)
	minutes := span.To - span.From
	if t.to == 0 || minutes < 5 {
		return 0, false
	}
	sum := int64(0)
	for _, point := range t.recent {
		if span.has(point.At) {
			sum += point.Sum
		}
	}
	return float64(sum) / float64(minutes), true
}

// changes counts the minutes of the span that are not the same before and after. Both lists are sorted and leave out
// minutes of amount 0.
func changes(before, after []Point, span Span) (n int) {
	for len(before) > 0 || len(after) > 0 {
		var at Minute
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].At < after[0].At:
			at, before = before[0].At, before[1:]
		case len(before) == 0 || after[0].At < before[0].At:
			at, after = after[0].At, after[1:]
		default:
			same := before[0] == after[0]
			at, before, after = before[0].At, before[1:], after[1:]
			if same {
				continue
			}
		}
		if span.has(at) {
			n++
		}
	}
	return n
}
