package simulate

import (
	"encoding/json"
	"io"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

type (
	foundJSON struct {
		Trace       traceJSON     `json:"trace"`
		Objective   objectiveJSON `json:"objective"`
		Assumptions []string      `json:"assumptions"`
		Searched    bool          `json:"searched"`
		Candidates  int           `json:"candidates"`
		Replays     int           `json:"replays"`
		Found       bool          `json:"found"` // a search found a policy that keeps the objective in every seed
		Policies    []policyJSON  `json:"policies"`
	}
	traceJSON struct {
		Source         string  `json:"source"`
		Minutes        int     `json:"minutes"`
		Requests       float64 `json:"requests"`
		ServiceSeconds float64 `json:"service_seconds"`
		Concurrency    int     `json:"concurrency"`
	}
	objectiveJSON struct {
		LatencySeconds float64 `json:"latency_seconds"`
		Share          float64 `json:"share"`
		Default        bool    `json:"default"` // nobody has set the latency
	}
	policyJSON struct {
		Role          string             `json:"role,omitempty"` // present, or documented without an endpoint; proposed
		Values        valuesJSON         `json:"values"`
		Seeds         int                `json:"seeds"`
		Met           int                `json:"met"`
		MetAtLeast    float64            `json:"met_at_least"` // share of all seeds, with a confidence of 95 %
		WaitSeconds   map[string]rangeOn `json:"wait_seconds"`
		MeanWait      float64            `json:"mean_wait_seconds"`
		Expired       rangeOn            `json:"expired"`
		Left          rangeOn            `json:"left"`
		ColdStarts    rangeOn            `json:"cold_starts"`
		PeakInstances rangeOn            `json:"peak_instances"`
		InstanceHours rangeOn            `json:"instance_hours"`
		Dollars       *rangeOn           `json:"dollars,omitempty"`
	}
	valuesJSON struct {
		MinCapacity      int      `json:"min_capacity"`
		MaxCapacity      int      `json:"max_capacity"`
		TargetValue      *float64 `json:"target_value"`       // null: nothing tracks the backlog
		ScaleInCooldown  *float64 `json:"scale_in_cooldown"`  // seconds; null: it does not scale in
		ScaleOutCooldown *float64 `json:"scale_out_cooldown"` // seconds
		WakeCooldown     *float64 `json:"wake_cooldown"`      // seconds; null: nothing wakes it
	}
	// rangeOn is over the seeds. Null is a wait that never ends.
	rangeOn struct {
		Median *float64 `json:"median"`
		Least  *float64 `json:"least"`
		Most   *float64 `json:"most"`
	}
)

// JSON writes for tools what a study found. Times are in seconds.
func (f Found) JSON(out io.Writer, s Study) error {
	document := foundJSON{
		Trace: traceJSON{
			Source: s.Trace.Source, Minutes: len(s.Trace.Minutes), Requests: f.Summaries[0].Requests,
			ServiceSeconds: s.Trace.MeanService().Seconds(), Concurrency: s.Concurrency,
		},
		Objective:   objectiveJSON{s.Objective.Latency.Seconds(), s.Objective.Share, s.Objective.Defaulted},
		Assumptions: append([]string{}, Assumed(s.Assumptions)...), Searched: f.Searched, Candidates: f.Candidates, Replays: f.Replays,
		Found: f.Searched && !f.None,
	}
	for i := range f.Summaries {
		document.Policies = append(document.Policies, f.Summaries[i].json(s))
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func (s Summary) json(study Study) policyJSON {
	p := policyJSON{
		Values: valuesOf(s.Scaling), Seeds: s.Seeds, Met: s.Met, MetAtLeast: s.AtLeast(), MeanWait: s.Mean.Seconds(),
		WaitSeconds: map[string]rangeOn{
			"p50": on(s.P50, waitNumber), "p95": on(s.P95, waitNumber), "p99": on(s.P99, waitNumber), "worst": on(s.Worst, waitNumber),
		},
		Expired: on(s.Expired, count), Left: on(s.Left, count), ColdStarts: on(s.Wakes, count), PeakInstances: on(s.Peak, count),
		InstanceHours: on(s.Hours, func(v float64) *float64 { return &v }),
	}
	if study.Price > 0 {
		dollars := on(s.Hours, func(v float64) *float64 { v *= study.Price; return &v })
		p.Dollars = &dollars
	}
	switch {
	case s.Present:
		p.Role = study.present()
	case s.Best:
		p.Role = "proposed"
	}
	return p
}

func on[T any](r Range[T], number func(T) *float64) rangeOn {
	return rangeOn{number(r.Median), number(r.Least), number(r.Most)}
}

func count(n int) *float64 {
	v := float64(n)
	return &v
}

func waitNumber(w Wait) *float64 {
	if w.Never {
		return nil
	}
	return secondsOf(w.Time)
}

func secondsOf(d time.Duration) *float64 {
	v := d.Seconds()
	return &v
}

func valuesOf(s sim.Scaling) valuesJSON {
	v := valuesJSON{MinCapacity: s.Min, MaxCapacity: s.Max}
	if !s.NoTracking {
		v.TargetValue, v.ScaleOutCooldown = &s.TargetValue, secondsOf(s.Out)
		if !s.NoScaleIn {
			v.ScaleInCooldown = secondsOf(s.In)
		}
	}
	if !s.NoWake {
		v.WakeCooldown = secondsOf(s.WakeCooldown)
	}
	return v
}
