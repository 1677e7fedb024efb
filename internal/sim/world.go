package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// World is one AWS account in one region on a virtual clock. It is not safe for concurrent use.
type World struct {
	scope fleet.Scope
	epoch time.Time // when it began, a whole minute
	now   time.Time
	rand  *rand.Rand
	ids   int
	ended int // minutes that are over

	endpoints map[string]*endpoint
	order     []string // of creation
	quotas    map[string]int
	shortages map[string]bool
	metrics   store

	targets    map[string]*target  // by resource id
	alarms     map[string]*alarm   // by name
	acting     map[string][]string // names of the alarms by the ARN they act on
	activities []*fleet.Activity   // oldest first
	open       []*fleet.Activity   // those that go on
	scheduled  []scheduledAction
	mutes      map[string]fleet.MuteRule
	script     []event // sorted by time
	assumes    Assumptions
	keeps      int           // hours of history that series hold by the minute
	told       time.Duration // rates of endpoints that are added now count from so long after the beginning
	lean       bool          // a replay: nothing is published but what alarms watch, and activities are not kept
}

type event struct {
	at time.Time
	do func(*World)
}

// New returns an empty world that begins at the given moment.
func New(scope fleet.Scope, start time.Time, seed uint64) *World {
	start = start.UTC().Truncate(time.Second)
	return &World{
		scope: scope, epoch: start.Truncate(time.Minute), now: start, keeps: keepHoursByMinute,
		rand:      rand.New(rand.NewPCG(seed, 0x5a6e)),
		endpoints: map[string]*endpoint{}, quotas: map[string]int{}, shortages: map[string]bool{}, metrics: store{},
		targets: map[string]*target{}, alarms: map[string]*alarm{}, acting: map[string][]string{},
	}
}

// Assume reads what AWS leaves open in another way, from now on and for the endpoints that are added then.
func (w *World) Assume(a Assumptions) { w.assumes = a }

// Scope is the account and region of the world.
func (w *World) Scope() fleet.Scope { return w.scope }

// Now is the world's clock.
func (w *World) Now() time.Time { return w.now }

// At lets something happen at a moment of the world's clock; at once if that has passed.
func (w *World) At(at time.Time, do func(*World)) {
	i, _ := slices.BinarySearchFunc(w.script, at, func(e event, at time.Time) int {
		if e.at.After(at) {
			return 1
		}
		return -1 // behind those of the same moment
	})
	w.script = slices.Insert(w.script, i, event{at, do})
}

// Advance runs everything that happens until the given moment. Going back in time does nothing.
func (w *World) Advance(to time.Time) {
	for w.now.Before(to) {
		next := w.now.Truncate(time.Minute).Add(time.Minute)
		if len(w.script) > 0 && w.script[0].at.Before(next) {
			next = w.script[0].at
		}
		if next.After(to) {
			next = to
		}
		if next.After(w.now) {
			w.now = next
		}
		w.work()
		for len(w.script) > 0 && !w.script[0].at.After(w.now) {
			do := w.script[0].do
			w.script = w.script[1:]
			do(w)
		}
		if over := int(w.elapsed() / time.Minute); over > w.ended {
			w.ended = over
			w.minute(over - 1)
		}
	}
}

// work brings every endpoint to the present.
func (w *World) work() {
	for _, name := range w.order {
		w.endpoints[name].run(w)
	}
}

// minute is what happens at the end of each minute: metrics are published, scheduled actions
// carried out, alarms evaluated, capacity changed.
func (w *World) minute(over int) {
	for _, name := range w.order {
		w.endpoints[name].publish(w, over)
	}
	w.settleActivities()
	w.schedule()
	w.evaluate()
	w.scale()
}

// SetQuota is the account's limit of instances of a type for endpoint usage.
func (w *World) SetQuota(instanceType string, instances int) { w.quotas[instanceType] = instances }

// SetShortage begins or ends a time in which AWS has no more instances of a type.
func (w *World) SetShortage(instanceType string, short bool) { w.shortages[instanceType] = short }

// elapsed is the time since the world began.
func (w *World) elapsed() time.Duration { return w.now.Sub(w.epoch) }
