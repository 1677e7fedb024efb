package savings

import (
	"io"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// document is the fleet as tools read it. Durations are seconds, moments RFC 3339 in UTC, shares between 0 and 1; null is what is
// not known.
type document struct {
	Days      int       `json:"days"`
	Requested int       `json:"metrics_requested"`
	Dollars   float64   `json:"dollars"` // of the metrics
	Endpoints []jsonRow `json:"endpoints"`
	Policies  string    `json:"policies"`
}

type jsonRow struct {
	AccountID    string            `json:"account_id"`
	Region       string            `json:"region"`
	Endpoint     string            `json:"endpoint"`
	Latency      float64           `json:"latency"`
	Default      bool              `json:"latency_is_default"`
	From         *time.Time        `json:"from"`
	To           *time.Time        `json:"to"`
	Hours        *float64          `json:"instance_hours"`
	Known        *float64          `json:"instances_known"` // seconds between from and to of which the instances are known
	Cost         *float64          `json:"dollars"`
	Idle         *float64          `json:"share_without_work"`
	Best         *string           `json:"best"`
	SavesHours   *float64          `json:"saves_instance_hours_per_month"`
	Saves        *float64          `json:"saves_dollars_per_month"`
	Why          string            `json:"why"`
	Notes        []string          `json:"notes"`
	Alternatives []jsonAlternative `json:"alternatives"`
	Error        *string           `json:"error"`
}

type jsonAlternative struct {
	Name             string   `json:"name"`
	MinCapacity      int      `json:"min_capacity"`
	MaxCapacity      int      `json:"max_capacity"`
	TargetValue      *float64 `json:"target_value"`       // null: nothing tracks the backlog
	ScaleInCooldown  *float64 `json:"scale_in_cooldown"`  // null: it does not scale in
	ScaleOutCooldown *float64 `json:"scale_out_cooldown"` // null: nothing tracks the backlog
	WakeCooldown     *float64 `json:"wake_cooldown"`      // null: nothing wakes it
	Hours            float64  `json:"instance_hours_per_month"`
	Dollars          *float64 `json:"dollars_per_month"`
	Met              float64  `json:"answered_in_time"`
	Cold             float64  `json:"cold_starts_per_month"`
}

// JSON writes the fleet for tools. It returns the error of the writer.
func (f Fleet) JSON(out io.Writer) error {
	doc := document{Days: f.Days, Requested: f.Requested, Dollars: advise.Round(f.Dollars()), Endpoints: []jsonRow{}, Policies: f.Policies()}
	for i := range f.Rows {
		doc.Endpoints = append(doc.Endpoints, f.Rows[i].json())
	}
	return plan.WriteJSON(out, doc)
}

func (r *Row) json() jsonRow {
	written := jsonRow{
		AccountID: r.Scope.AccountID, Region: r.Scope.Region, Endpoint: r.Endpoint, Latency: r.Latency.Seconds(), Default: r.Defaulted,
		Why: r.Why, Notes: append([]string{}, r.notes()...), Alternatives: []jsonAlternative{},
	}
	if r.Err != nil {
		text := r.Err.Error()
		written.Error = &text
		return written
	}
	from, to := r.From.UTC(), r.To.UTC()
	written.From, written.To = &from, &to
	written.Known = pointer(r.Usage.Known.Seconds())
	if r.Usage.Known > 0 {
		written.Hours = pointer(r.Usage.Hours)
		if r.Usage.Hours > 0 {
			written.Idle = pointer(r.Usage.Share())
		}
		if r.Usage.Priced {
			written.Cost = pointer(r.Usage.Dollars)
		}
	}
	if r.Best != nil {
		written.Best, written.SavesHours = &r.Best.Name, pointer(r.Saves())
		if r.Price > 0 {
			written.Saves = pointer(r.Saves() * r.Price)
		}
	}
	for i := range r.Alternatives {
		written.Alternatives = append(written.Alternatives, r.Alternatives[i].json(r.Price))
	}
	return written
}

func (a *Alternative) json(price float64) jsonAlternative {
	p := a.Policy
	written := jsonAlternative{Name: a.Name, MinCapacity: p.Min, MaxCapacity: p.Max, Hours: advise.Round(a.Hours), Met: advise.Round(a.Met), Cold: advise.Round(a.Cold)}
	if !p.NoTracking {
		written.TargetValue, written.ScaleOutCooldown = &p.TargetValue, pointer(p.Out.Seconds())
		if !p.NoScaleIn {
			written.ScaleInCooldown = pointer(p.In.Seconds())
		}
	}
	if !p.NoWake {
		written.WakeCooldown = pointer(p.WakeCooldown.Seconds())
	}
	if price > 0 {
		written.Dollars = pointer(a.Hours * price)
	}
	return written
}

func pointer(v float64) *float64 {
	v = advise.Round(v)
	return &v
}
