package observe

import (
	"context"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// gates reads the gate of each endpoint, and remembers it for pictures. That of an endpoint that was never read is read as
// far back as the pictures reach, because datapoints cost nothing; what is concluded from the gate is the same as of any
// other read. It is false when nothing was answered.
func (r *queueReader) gates(ctx context.Context, list []*inquiry, from, to time.Time) (answered bool) {
	var known, unread []*inquiry
	for _, i := range list {
		if i.known == nil {
			unread = append(unread, i)
		} else {
			known = append(known, i)
		}
	}
	if len(known) > 0 && r.read(ctx, known, from, to) {
		answered = true
		for _, i := range known {
			i.remember(from, to)
		}
	}
	for some := range slices.Chunk(unread, portion) { // their datapoints are many
		if !r.read(ctx, some, to.Add(-fleet.HistoryLength), to) {
			break // an outage costs a few calls, not all of them
		}
		answered = true
		for _, i := range some {
			i.remember(from, to)
		}
	}
	return answered
}

// remember takes the gate as it was read into the history, and leaves of it the minutes from the given one on.
func (i *inquiry) remember(from, to time.Time) {
	read := i.series[fleet.Backlog]
	if !read.Complete {
		return
	}
	i.known = i.known.With(read.Points, to, i.sight.counted(to))
	first, _ := slices.BinarySearchFunc(read.Points, from, func(p fleet.Point, from time.Time) int { return p.At.Compare(from) })
	read.Points = slices.Clone(read.Points[first:])
	i.series[fleet.Backlog] = read
}

// counted is how many instances run, if that is known and of lately.
func (s sight) counted(at time.Time) int {
	if s.seen.Before(at.Add(-recent)) {
		return fleet.NoInstances
	}
	return s.count
}
