package observe

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// One answer has bounds of its own, in awsapi. What many answers are together is bounded here: there is one for each endpoint,
// for each mute rule, or every few minutes. These are parts of the memory: an eighth for tags, a sixteenth for mute rules and
// a quarter for activities, of which 5,000 endpoints at work have 90 MB.
const (
	tagShare      = 8
	muteShare     = 16
	activityShare = 4
)

// What a value takes beside its texts: the headers of these, and its place in a map or a list.
const (
	tagCost      = 64
	ruleCost     = 300
	mutedCost    = ruleCost // each alarm has a copy of the rules that name it
	activityCost = 300
	idCost       = 100
	stateCost    = 500
)

// room is what is left for answers that are kept together. Several goroutines use it.
type room struct {
	left atomic.Int64
	most int64
	full *strange
}

// newRoom is that part of the memory in bytes, for what the operation says; without memory it has no bound.
func newRoom(memory, share int64, operation, what string) *room {
	r := &room{most: memory / share}
	r.left.Store(r.most)
	r.full = &strange{"too much together", fmt.Sprintf(
		"%s: %s take more than %d MiB together, which is what the memory limit has room for: raise it, or select fewer endpoints",
		operation, what, r.most>>20)}
	return r
}

// take tells whether there is room for so many bytes.
func (r *room) take(bytes int) bool { return r.most == 0 || r.left.Add(-int64(bytes)) >= 0 }

// holds tells whether so many bytes would be all that there may be, or less.
func (r *room) holds(bytes int) bool { return r.most == 0 || int64(bytes) <= r.most }

func (r *room) isFull() bool { return r.most > 0 && r.left.Load() < 0 }

// within asks as long as there is room for the answers.
func within[V any](r *room, bytes func(V) int, ask func(context.Context, string) (V, error)) func(context.Context, string) (V, error) {
	return func(ctx context.Context, key string) (none V, _ error) {
		if r.isFull() {
			return none, r.full
		}
		value, err := ask(ctx, key)
		if err == nil && !r.take(bytes(value)) {
			return none, r.full
		}
		return value, err
	}
}

func tagBytes(tags map[string]string) (bytes int) {
	for key, value := range tags {
		bytes += tagCost + len(key) + len(value)
	}
	return bytes
}

// ruleBytes is what a mute rule takes; nil is one that is gone.
func ruleBytes(rule *fleet.MuteRule) int {
	if rule == nil {
		return 0
	}
	bytes := ruleCost + len(rule.Name) + len(rule.Expression) + len(rule.Duration) + len(rule.Timezone)
	for _, alarm := range rule.Alarms {
		bytes += mutedCost + len(alarm)
	}
	return bytes
}

// bytes is what the memory takes.
func (m activityMemory) bytes() (bytes int) {
	for resource, state := range m.states {
		bytes += stateCost + len(resource)
		for i := range state.Recent {
			a := &state.Recent[i]
			bytes += activityCost + len(a.ID) + len(a.Cause) + len(a.Description) + len(a.Details) + len(a.StatusMessage)
		}
	}
	for id := range m.counted {
		bytes += idCost + len(id)
	}
	for id := range m.open {
		bytes += idCost + len(id)
	}
	return bytes
}

// withoutRecent keeps the counts alone.
func (m activityMemory) withoutRecent() activityMemory {
	m.states = maps.Clone(m.states)
	for resource, state := range m.states {
		state.Recent = nil
		m.states[resource] = state
	}
	return m
}

// within takes in what was read as with does, in that room: the activities that were read before make room for the new ones.
func (m activityMemory) within(r *room, read []fleet.Activity, started, oldest time.Time) (activityMemory, error) {
	next := m.with(read, started, oldest)
	if r.holds(next.bytes()) {
		return next, nil
	}
	if next = m.withoutRecent().with(read, started, oldest); r.holds(next.bytes()) {
		return next, nil
	}
	return m, r.full
}
