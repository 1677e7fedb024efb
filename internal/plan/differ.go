package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// differ makes the plan of one scope.
type differ struct {
	snapshot *fleet.Snapshot
	rules    Rules
	history  History
	plan     Plan
	states   map[string]*state      // by resource id
	siblings map[string]*siblings   // by endpoint
	alarms   map[string]*alarmDraft // by name: variants may share one
	names    []string               // of the alarms, in the order in which they were met
	asleep   map[string]string      // by resource id: what is withheld without which the variant would not wake
}

// variant compares one variant with its policy. Its alarm may be shared, and waits for finishAlarms.
func (d *differ) variant(s *policy.Subject) {
	resource := s.Resource
	if why := s.Selection.TagsUnknown; why != "" {
		d.unknown(resource, TagsUnknown, why)
		return
	}
	if detail := d.stale(); detail != "" {
		d.unknown(resource, SourceFailed, detail)
		return
	}
	if s.Endpoint.Unread {
		d.unknown(resource, SourceFailed, s.Endpoint.Refused)
		return
	}
	st := d.state(s)
	d.states[resource] = st
	d.scalable(st)
	d.tracking(st)
	d.wakes(st)
}

// unknown withholds everything of a variant.
func (d *differ) unknown(resource string, reason Reason, why string) {
	if d.history.variant(resource).debt.minimum > 0 {
		why = unpaid(why)
	}
	d.withhold(resource, ScalableTarget, "", reason, why)
}

// stale says which source is too old to compare anything with; it is empty when all are fresh.
func (d *differ) stale() string {
	for _, name := range grounds {
		if source, _ := d.snapshot.Source(name); !source.Fresh(d.snapshot.At) {
			return fmt.Sprintf("%s: %s", name, cmp.Or(source.Err, "too old"))
		}
	}
	return ""
}

// grounds are what Grounds lists.
var grounds = []fleet.SourceName{fleet.SourceAlarms, fleet.SourceScaling}

// Grounds lists the sources that a write rests on, beside the description of its own endpoint.
func Grounds() []fleet.SourceName { return slices.Clone(grounds) }

// obstacle is a reason that withholds steps; the zero one withholds nothing.
type obstacle struct {
	reason Reason
	detail string
}

// obstacle finds what withholds every step of a kind, whatever it changes.
func (d *differ) obstacle(s *policy.Subject, kind Kind) obstacle {
	if detail := d.unread(s); detail != "" {
		return obstacle{SourceFailed, detail}
	}
	if target := s.Variant.Target; target != nil && target.Suspended != (fleet.Suspension{}) {
		return obstacle{Suspended, suspension(target.Suspended)}
	}
	switch status := s.Endpoint.Status; {
	case status == fleet.InService:
	case status == fleet.Updating && kind != ScalableTarget && kind != MinCapacity:
		// A thrashing endpoint is always updating, and needs its policies fixed the most. Without a target there are none,
		// and what is in the way of the target is in the way of them.
	default:
		return obstacle{EndpointNotInService, status}
	}
	return obstacle{}
}

// unread says what a write would rest on that failed; it is empty when nothing did.
func (d *differ) unread(s *policy.Subject) string {
	for _, name := range grounds {
		if source, _ := d.snapshot.Source(name); source.Err != "" {
			return fmt.Sprintf("%s: %s", name, source.Err)
		}
	}
	if s.Endpoint.Refused != "" {
		return s.Endpoint.Refused
	}
	// An endpoint that was to be described and did not answer keeps its date; those that the failure spared do not.
	endpoints, _ := d.snapshot.Source(fleet.SourceEndpoints)
	if endpoints.Err != "" && s.Endpoint.SeenAt.Before(endpoints.LastAttempt.Add(-endpoints.Duration)) {
		return "endpoints: " + endpoints.Err
	}
	return ""
}

func suspension(s fleet.Suspension) string {
	var kinds []string
	for _, kind := range []struct {
		on   bool
		name string
	}{{s.ScaleIn, "scale-in"}, {s.ScaleOut, "scale-out"}, {s.Scheduled, "scheduled"}} {
		if kind.on {
			kinds = append(kinds, kind.name)
		}
	}
	return strings.Join(kinds, ", ")
}

// wakeless notes that the variants of a step would not wake because it is withheld.
func (d *differ) wakeless(step Step, reason Reason) {
	if step.Kind != WakePolicy && step.Kind != WakeAlarm {
		return
	}
	for _, resource := range append([]string{step.ResourceID}, step.Wakes...) {
		d.asleep[resource] = fmt.Sprintf("%s is withheld: %s", step.Title(), reason)
	}
}

func (d *differ) withhold(resource string, kind Kind, name string, reason Reason, detail string) {
	d.plan.Withheld = append(d.plan.Withheld, Withheld{
		Scope: d.plan.Scope, ResourceID: resource, Kind: kind, Name: name, Reason: reason, Detail: detail,
	})
}

// draft is one object on its way to becoming a step.
type draft struct {
	*differ
	step    Step
	touched bool     // something was corrected
	held    []string // the fields that are contested
}

func (d *differ) draft(s *policy.Subject, kind Kind, name string) *draft {
	return &draft{differ: d, step: Step{
		Scope: d.plan.Scope, ResourceID: s.Resource, Kind: kind, Name: name, Action: Update,
		config: s.Endpoint.ConfigName,
	}}
}

// free tells whether fields may be corrected, and takes it that they are. One that is contested is withheld, and stays as
// somebody else has it.
func (d *draft) free(fields ...string) bool {
	for _, name := range fields {
		if !d.frees(name, nil) {
			return false
		}
	}
	return true
}

// frees is free for a field that is to get a value.
func (d *draft) frees(name string, to Value) bool {
	if d.history.contested(d.step, name, to, d.snapshot.At) {
		d.held = append(d.held, name)
		return false
	}
	d.touched = true
	return true
}

// set corrects a field that differs.
func set[T comparable](d *draft, name string, at *T, want T) {
	if *at != want && d.frees(name, want) {
		*at = want
	}
}

// enforce corrects a field that differs where the policy enforces it.
func enforce[T comparable](d *draft, name string, at *T, want policy.Setting[T]) {
	if want.Enforced {
		set(d, name, at, want.Value)
	}
}

// enforceCooldown is enforce for a cooldown; nil is AWS's default.
func enforceCooldown(d *draft, name string, at **time.Duration, want policy.Setting[time.Duration]) {
	if now := fleet.Cooldown(*at); want.Enforced && now != want.Value && d.frees(name, want.Value) {
		*at = &want.Value
	}
}

// differing names the fields that differ.
func differing(before, after []named) (fields []string) {
	for i := range after {
		if !reflect.DeepEqual(before[i].value, after[i].value) {
			fields = append(fields, after[i].field)
		}
	}
	return fields
}

// named is a field with its value.
type named struct {
	field string
	value Value
}

// create makes the step of all fields. An obstacle withholds it, and is returned if it does.
func (d *draft) create(after []named, in obstacle) obstacle {
	d.step.Action = Create
	if in.reason == "" && !d.free(existence) {
		d.held, in = nil, obstacle{Contested, fmt.Sprintf("created %d times within seven days, and somebody deletes it", contestedAfter)}
	}
	return d.finish(nil, after, in)
}

// update makes the step of the fields that differ from what they were, if some were touched. An obstacle withholds it, and
// is returned if it does.
func (d *draft) update(in obstacle, fields func() (before, after []named)) obstacle {
	if !d.touched && len(d.held) == 0 {
		return obstacle{}
	}
	before, after := fields()
	return d.finish(before, after, in)
}

func (d *draft) finish(before, after []named, in obstacle) obstacle {
	for i := range after {
		switch {
		case before == nil && after[i].value != nil:
			d.step.Changes = append(d.step.Changes, Change{Field: after[i].field, After: after[i].value})
		case before == nil:
		case !reflect.DeepEqual(before[i].value, after[i].value):
			d.step.Changes = append(d.step.Changes, Change{after[i].field, before[i].value, after[i].value})
		}
	}
	if len(d.held) > 0 {
		d.withhold(d.step.ResourceID, d.step.Kind, d.step.Name, Contested, fmt.Sprintf(
			"%s corrected %d times within seven days, and somebody else changes it back", strings.Join(d.held, ", "), contestedAfter))
		d.wakeless(d.step, Contested)
	}
	switch {
	case len(d.step.Changes) == 0:
		return obstacle{}
	case in.reason != "":
		d.withhold(d.step.ResourceID, d.step.Kind, d.step.Name, in.reason, in.detail)
		d.wakeless(d.step, in.reason)
		return in
	}
	d.plan.Steps = append(d.plan.Steps, d.step)
	return obstacle{}
}
