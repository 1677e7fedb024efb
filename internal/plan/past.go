package plan

import (
	"maps"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// A field is contested once it was corrected so often within this time: somebody else keeps writing another value.
const (
	contestedAfter  = 3
	contestedWithin = 7 * 24 * time.Hour
)

// existence stands for an object as a whole, among its fields.
const existence = "existence"

// Past is what a plan has to know of the time before: what is missing since when, what was corrected how often, and what
// failed the last time. It is kept in memory alone, so a restart forgets that a field is contested.
type Past struct {
	targets map[string]targetPast // by resource id
	listed  time.Time             // when the endpoints were last read whole, as of the newest snapshot
	fields  map[field]corrections
	failed  map[string]Kind // by resource id: the kind of the step that failed when the plan was last carried out
}

type targetPast struct {
	seen    bool      // a scalable target stood there since the process started
	missing time.Time // since when it is missing; zero while it is there
	config  string    // the endpoint config at that time
}

// field is one field of one object.
type field struct {
	resource string
	kind     Kind
	name     string // of the object
	field    string
}

type corrections struct {
	at        []time.Time
	wanted    policy.Wanted // by which it was corrected: another policy begins anew
	config    string        // of the endpoint, where it matters
	contested bool
}

// NewPast is the past of a process that has just started.
func NewPast() *Past {
	return &Past{targets: map[string]targetPast{}, fields: map[field]corrections{}, failed: map[string]Kind{}}
}

// TargetSeen tells whether a scalable target of the variant stood there since the process started.
func (p *Past) TargetSeen(resource string) bool { return p.targets[resource].seen }

func (p *Past) hasFailed(resource string) bool { return p.failed[resource] != "" }

// Observe notes which scalable targets are there and which are missing, while that is known. An endpoint is gone when a
// newer reading of all endpoints lacks it: one that a snapshot lacks because what is known of it has grown too old is not.
func (p *Past) Observe(s *fleet.Snapshot) {
	endpoints, _ := s.Source(fleet.SourceEndpoints)
	read := endpoints.LastSuccess.After(p.listed)
	p.listed = endpoints.LastSuccess
	scaling, _ := s.Source(fleet.SourceScaling)
	if !scaling.Fresh(s.At) || !s.Fresh(fleet.SourceEndpoints, s.At) {
		return
	}
	standing := map[string]bool{}
	for i := range s.Endpoints {
		endpoint := &s.Endpoints[i]
		for j := range endpoint.Variants {
			variant := &endpoint.Variants[j]
			resource := fleet.ResourceID(endpoint.Name, variant.Name)
			standing[resource] = true
			known := p.targets[resource]
			switch {
			case variant.Target != nil:
				known = targetPast{seen: true, config: endpoint.ConfigName}
			case known.missing.IsZero() || known.config != endpoint.ConfigName:
				known.missing, known.config = scaling.LastSuccess, endpoint.ConfigName
			}
			p.targets[resource] = known
		}
	}
	gone := func(resource string) bool { return read && !standing[resource] }
	maps.DeleteFunc(p.targets, func(resource string, _ targetPast) bool { return gone(resource) })
	maps.DeleteFunc(p.failed, func(resource string, _ Kind) bool { return gone(resource) })
	maps.DeleteFunc(p.fields, func(f field, _ corrections) bool { return gone(f.resource) })
}

// missingFor is how long the scalable target of a variant has been missing under the same endpoint config.
func (p *Past) missingFor(resource string, at time.Time) time.Duration {
	known := p.targets[resource]
	if known.missing.IsZero() {
		return 0
	}
	return at.Sub(known.missing)
}

// Learn notes how the steps of a plan ended.
func (p *Past) Learn(outcomes []Outcome, at time.Time) {
	clear(p.failed)
	for _, outcome := range outcomes {
		step := outcome.Step
		switch {
		case outcome.Err != nil:
			if !p.hasFailed(step.ResourceID) {
				p.failed[step.ResourceID] = step.Kind
			}
		case step.Action == Create:
			p.corrected(step, existence, at)
		default:
			for _, change := range step.Changes {
				if change.Field != step.follows {
					p.corrected(step, change.Field, at)
				}
			}
		}
	}
}

func (p *Past) corrected(step Step, name string, at time.Time) {
	key := field{step.ResourceID, step.Kind, step.Name, name}
	known := p.fields[key]
	if known.wanted != *step.wanted || name == existence && known.config != step.config {
		known = corrections{wanted: *step.wanted, config: step.config}
	}
	recent := []time.Time{at}
	for _, earlier := range known.at {
		if at.Sub(earlier) <= contestedWithin {
			recent = append(recent, earlier)
		}
	}
	known.at = recent
	known.contested = known.contested || len(recent) >= contestedAfter
	p.fields[key] = known
}

// contested tells whether somebody else keeps writing another value than the policy wants. An object that vanishes with
// each deployment is not contested: every endpoint config begins anew.
func (p *Past) contested(key field, wanted *policy.Wanted, config string) bool {
	known, ok := p.fields[key]
	return ok && known.contested && known.wanted == *wanted && (key.field != existence || known.config == config)
}
