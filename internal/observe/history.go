package observe

import (
	"context"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// soonPictured is of how many endpoints the first read in one turn reaches as far back as pictures do. CloudWatch lets 180,000
// datapoints a second be read, so 5,000 endpoints would take 5 seconds before any is described; the others have it in their next turn.
const soonPictured = 500

// gates reads the gate of each endpoint, and remembers it for pictures. That of an endpoint without a history is read as
// far back as the pictures reach, because datapoints cost nothing; what is concluded from the gate is the same as of any
// other read. It is false when nothing was answered.
func (r *queueReader) gates(ctx context.Context, list []*inquiry, from, to time.Time) (answered bool) {
	var recent, long []*inquiry
	for _, i := range list {
		if i.known != nil || i.before.asked.IsZero() && len(long) >= soonPictured {
			recent = append(recent, i)
		} else {
			long = append(long, i)
		}
	}
	if len(recent) > 0 && r.read(ctx, recent, from, to) {
		answered = true
		for _, i := range recent {
			if i.known != nil {
				i.remember(from, to)
			}
		}
	}
	for some := range slices.Chunk(long, portion) { // their datapoints are many
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
