package behavior

import (
	"slices"
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Cache keeps what was evaluated until its input changes. It belongs to one scope: variants are told apart by their resource.
// The zero Cache is empty, and a nil one keeps nothing. It may be used concurrently.
type Cache struct {
	mu   sync.Mutex
	kept map[string]*entry
	turn uint64
}

// entry is what one variant was evaluated from.
type entry struct {
	variant     fleet.Variant // its target, policies, alarms and scheduled actions
	concurrency int
	alone       bool // the only variant of the endpoint
	context     Context
	muted       []bool // the alarms that were
	until       time.Time
	turn        uint64
	behavior    *Behavior
}

// keptFor is how long an evaluation stands that follows scheduled actions or mute rules.
const keptFor = time.Hour

// Of is Of, or what it was when the configuration was the same.
func (c *Cache) Of(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context) *Behavior {
	if c == nil {
		return Of(endpoint, variant, context)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	context = context.rounded()
	resource := fleet.ResourceID(endpoint.Name, variant.Name)
	e := c.kept[resource]
	if e != nil && e.holds(endpoint, variant, context) {
		e.variant.Policies, e.variant.Alarms, e.turn = variant.Policies, variant.Alarms, c.turn
		return e.behavior
	}
	e = &entry{
		variant:     fleet.Variant{Target: variant.Target, Policies: variant.Policies, Alarms: variant.Alarms, Scheduled: variant.Scheduled},
		concurrency: concurrency(endpoint), alone: len(endpoint.Variants) < 2, context: context, muted: muted(variant.Alarms, context.At), turn: c.turn,
		behavior: Of(endpoint, variant, context),
	}
	if s := e.behavior.Scheduled; s != nil {
		e.until = context.At.Add(keptFor)
		if s.Next != "" && s.At.Before(e.until) {
			e.until = s.At
		}
	}
	if slices.ContainsFunc(variant.Alarms, func(a fleet.WiredAlarm) bool { return len(a.Mutes.Rules) > 0 }) {
		until := context.At.Add(keptFor)
		if s := e.behavior.Silence; s != nil && s.From.After(context.At) && s.From.Before(until) {
			until = s.From
		}
		if e.until.IsZero() || until.Before(e.until) {
			e.until = until
		}
	}
	if c.kept == nil {
		c.kept = map[string]*entry{}
	}
	c.kept[resource] = e
	return e.behavior
}

// Forget drops the variants that nobody has asked about since it was last called.
func (c *Cache) Forget() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for resource, e := range c.kept {
		if e.turn != c.turn {
			delete(c.kept, resource)
		}
	}
	c.turn++
}

func concurrency(endpoint *fleet.Endpoint) int {
	if c := endpoint.Async.MaxConcurrentInvocationsPerInstance; c != nil {
		return *c
	}
	return 0
}

// holds tells whether the evaluation would be the same again.
func (e *entry) holds(endpoint *fleet.Endpoint, variant *fleet.Variant, context Context) bool {
	return e.concurrency == concurrency(endpoint) && e.alone == (len(endpoint.Variants) < 2) && e.context.Latency == context.Latency && e.context.Service == context.Service &&
		(e.until.IsZero() || context.At.Before(e.until)) && sameTarget(e.variant.Target, variant.Target) &&
		equal(e.variant.Policies, variant.Policies, samePolicy) && equal(e.variant.Alarms, variant.Alarms, sameWired) &&
		equal(e.variant.Scheduled, variant.Scheduled, sameAction) &&
		slices.Equal(e.muted, muted(variant.Alarms, context.At))
}

// equal compares two lists; the same list needs no look.
func equal[T any](a, b []T, same func(a, b *T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 0 || &a[0] == &b[0] {
		return true
	}
	for i := range a {
		if !same(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// pointed compares what two pointers point at.
func pointed[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func sameTarget(a, b *fleet.Target) bool {
	return a == b || a != nil && b != nil && a.MinCapacity == b.MinCapacity && a.MaxCapacity == b.MaxCapacity && a.Suspended == b.Suspended
}

func samePolicy(a, b *fleet.Policy) bool {
	return a.Name == b.Name && a.ARN == b.ARN && a.Type == b.Type && slices.Equal(a.Lost, b.Lost) && sameTracking(a.Tracking, b.Tracking) && sameStep(a.Step, b.Step)
}

func sameTracking(a, b *fleet.Tracking) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.TargetValue == b.TargetValue && a.Predefined == b.Predefined && a.Statistic == b.Statistic && a.Unit == b.Unit &&
		a.DisableScaleIn == b.DisableScaleIn && sameMetric(a.Metric, b.Metric) && equal(a.Math, b.Math, sameQuery)
}

func sameStep(a, b *fleet.Step) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.AdjustmentType == b.AdjustmentType && pointed(a.MinAdjustmentMagnitude, b.MinAdjustmentMagnitude) &&
		equal(a.Adjustments, b.Adjustments, func(a, b *fleet.StepAdjustment) bool {
			return pointed(a.Lower, b.Lower) && pointed(a.Upper, b.Upper) && a.Adjustment == b.Adjustment
		})
}

func sameWired(a, b *fleet.WiredAlarm) bool {
	return sameAlarm(&a.Alarm, &b.Alarm) && equal(a.Mutes.Rules, b.Mutes.Rules, sameRule)
}

func sameRule(a, b *fleet.MuteRule) bool {
	return a.Name == b.Name && a.Expression == b.Expression && a.Duration == b.Duration && a.Timezone == b.Timezone &&
		a.Start.Equal(b.Start) && a.Ends.Equal(b.Ends) && a.Active == b.Active
}

func sameAlarm(a, b *fleet.Alarm) bool {
	return a.Name == b.Name && a.Statistic == b.Statistic && a.Unit == b.Unit && a.Period == b.Period &&
		a.EvaluationPeriods == b.EvaluationPeriods && a.DatapointsToAlarm == b.DatapointsToAlarm && a.Threshold == b.Threshold &&
		a.Comparison == b.Comparison && a.TreatMissingData == b.TreatMissingData && a.ActionsEnabled == b.ActionsEnabled &&
		slices.Equal(a.AlarmActions, b.AlarmActions) && slices.Equal(a.OKActions, b.OKActions) &&
		slices.Equal(a.InsufficientDataActions, b.InsufficientDataActions) && sameMetric(&a.Metric, &b.Metric) &&
		equal(a.Math, b.Math, sameQuery) && lowSamples(a) == lowSamples(b)
}

// lowSamples is the one of an alarm's extras by which it is evaluated.
func lowSamples(a *fleet.Alarm) string {
	if a.Extras == nil {
		return ""
	}
	return a.Extras.LowSamples
}

func sameQuery(a, b *fleet.MathQuery) bool {
	return a.ID == b.ID && a.Expression == b.Expression && a.Statistic == b.Statistic && a.Unit == b.Unit &&
		sameMetric(a.Metric, b.Metric) && pointed(a.ReturnData, b.ReturnData)
}

func sameMetric(a, b *fleet.Metric) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

func sameAction(a, b *fleet.ScheduledAction) bool {
	return a.Name == b.Name && a.Schedule == b.Schedule && a.Timezone == b.Timezone && a.Start.Equal(b.Start) && a.End.Equal(b.End) &&
		pointed(a.MinCapacity, b.MinCapacity) && pointed(a.MaxCapacity, b.MaxCapacity)
}

// muted tells of each alarm whether a mute rule silences it; nil where none is.
func muted(alarms []fleet.WiredAlarm, at time.Time) (muted []bool) {
	for i := range alarms {
		if silenced(&alarms[i].Alarm, at) {
			if muted == nil {
				muted = make([]bool, len(alarms))
			}
			muted[i] = true
		}
	}
	return muted
}

// silenced tells whether a mute rule silences the actions of an alarm at a moment.
func silenced(alarm *fleet.Alarm, at time.Time) bool {
	if at.IsZero() || len(alarm.Mutes.Rules) == 0 {
		return false
	}
	_, muted := alarm.Muted(at)
	return muted
}
