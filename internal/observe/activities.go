package observe

import (
	"context"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

const (
	// lookBack is how far activities are read back. An older one is counted only if it was seen before it ended.
	lookBack = 24 * time.Hour
	// maxPages bounds the pages of activities in one turn.
	maxPages = 20
	// page is the number of activities on a full page.
	page = 50
)

// askActivities reads the newest activities until it meets only what it knows already.
func (o *Observer) askActivities() func(context.Context) (func(*Observer), error) {
	aws, memory, at, started := o.aws.Activities, o.activity, o.now(), o.started
	room := newRoom(o.options.Memory, activityShare, "application-autoscaling DescribeScalingActivities", "the scaling activities of a day")
	oldest := at.Add(-lookBack)
	return func(ctx context.Context) (func(*Observer), error) {
		read, err := aws.ScalingActivities(ctx, func(read []fleet.Activity, pages int) bool {
			return pages >= maxPages || memory.covers(read, oldest)
		})
		refused := allRefused(err) // the others are counted; AWS may tell the truth of those later
		if err != nil && refused == nil {
			return nil, err
		}
		next, err := memory.within(room, read, started, oldest)
		if err != nil {
			return nil, err
		}
		return func(o *Observer) {
			o.activity = next
			o.heard(fleet.SourceActivities, at)
		}, withRefused(nil, refused)
	}
}

// covers tells whether reading on would bring nothing new: the last page holds only activities that are counted or too
// old, and none that was open is still to come. The order of activities over all resources is not documented, so a
// single known activity ends nothing.
func (m activityMemory) covers(read []fleet.Activity, oldest time.Time) bool {
	if len(read) == 0 {
		return true
	}
	met := 0
	for _, activity := range read {
		if m.open[activity.ID] {
			met++
		}
	}
	if met < len(m.open) && !read[len(read)-1].Start.Before(oldest) {
		return false
	}
	for _, activity := range read[max(0, len(read)-page):] {
		if _, counted := m.counted[activity.ID]; !counted && !activity.Start.Before(oldest) {
			return false
		}
	}
	return true
}
