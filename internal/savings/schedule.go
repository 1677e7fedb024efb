package savings

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/simulate"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Morning is a schedule that has instances ready before the first request, beside waking on demand and a constant minimum.
type Morning struct {
	Scope    fleet.Scope
	Endpoint string
	Patterns []Prepared // by the time of the day
	Others   int        // beginnings of work that the schedule does not help
	Actions  []fleet.ScheduledAction
	Ways     []Way // on demand, scheduled, constant
	Price    float64
	Notes    []string // sentences
}

// Prepared is a pattern with the instances that are to be ready for it.
type Prepared struct {
	advise.Pattern
	Instances int
}

// Way is one of the ways to be ready, replayed.
type Way struct {
	Name  string        `json:"name"`
	First time.Duration `json:"-"` // the longest wait of the first half hour, in the middle of the beginnings
	Wait  float64       `json:"first_requests_wait"`
	Met   float64       `json:"answered_in_time"`
	Cold  float64       `json:"cold_starts_per_month"`
	Hours float64       `json:"instance_hours_per_month"`
}

// Morning looks for a pattern and compares a schedule by replay. Its errors say why there is none to propose.
func (s Subject) Morning(stopped func() error) (m Morning, err error) {
	h := s.Advice.History
	if s.Unknown != nil {
		return m, s.Unknown
	}
	estimates, err := advise.Look(h, s.Advice.Given)
	if err != nil {
		return m, err
	}
	m = Morning{Scope: s.Advice.Scope, Endpoint: h.Endpoint, Price: s.Advice.Wish.Price, Notes: s.scheduleNotes()}
	found, err := h.Patterns()
	if err != nil {
		return m, err
	}
	trace, err := simulate.History(h, estimates)
	if err != nil {
		return m, err
	}
	base := tracked(s.Present, advise.Choice{})
	base.Min = 0
	c := max(1, int(math.Round(estimates.Concurrency.Value)))
	m.prepare(found, fleet.ResourceID(h.Endpoint, h.Variants[0]), provision(estimates), func(requests float64) int {
		return max(1, min(base.Max, int(math.Ceil(requests*estimates.Service.Value/(1800*float64(c))))))
	})
	constant := base
	for _, p := range m.Patterns {
		constant.Min = max(constant.Min, p.Instances)
	}
	study := simulate.Study{
		Trace: trace, Concurrency: c, Instances: s.Instances, TTL: s.TTL, Start: h.From, Seed: 1,
		Objective: simulate.Objective{Latency: s.Advice.Wish.Latency, Share: Share},
	}
	requests := trace.Requests(study.Seed)
	for _, way := range []struct {
		name      string
		policy    sim.Scaling
		scheduled []fleet.ScheduledAction
	}{{"on demand", base, nil}, {"scheduled", base, m.Actions}, {fmt.Sprintf("minimum of %d", constant.Min), constant, nil}} {
		if err := stopped(); err != nil {
			return m, err
		}
		r, err := study.Run(simulate.Job{Scaling: way.policy, Scheduled: way.scheduled, Seed: study.Seed, Timeline: true}, requests)
		if err != nil {
			return m, fmt.Errorf("replaying: %w", err)
		}
		m.Ways = append(m.Ways, m.way(way.name, r, h.From, trace.Length()))
	}
	return m, nil
}

// prepare takes the patterns whose scheduled actions do not undo each other, and makes these. A pattern needs the instances that
// its first requests keep busy.
func (m *Morning) prepare(found advise.Patterns, resource string, provision time.Duration, instances func(requests float64) int) {
	m.Others = len(found.Others)
	for _, p := range found.Each {
		if slices.ContainsFunc(m.Patterns, func(before Prepared) bool { return before.Meets(p, provision) }) {
			m.Others += len(p.Begins)
			continue
		}
		suffix := ""
		if n := len(m.Patterns); n > 0 {
			suffix = fmt.Sprintf("-%d", n+1)
		}
		ready := Prepared{p, instances(p.FirstRequests)}
		m.Patterns = append(m.Patterns, ready)
		m.Actions = append(m.Actions, p.Scheduled(resource, suffix, ready.Instances, 0, provision)...)
		if p.Missed > 0 {
			m.Notes = append(m.Notes, fmt.Sprintf("Work did not begin so on the newest %s of these: make sure that it still does.", fleet.Plural(p.Missed, "day")))
		}
	}
	for _, ended := range found.Ended {
		m.Notes = append(m.Notes, fleet.Capital(ended)+".")
	}
}

// scheduleNotes are what the proposal rests on that is not so now.
func (s Subject) scheduleNotes() (notes []string) {
	for _, note := range s.Notes {
		notes = append(notes, fleet.Capital(note)+".")
	}
	if s.Present.NoWake || s.Present.NoTracking {
		notes = append(notes, "The replays have the documented policies, which this endpoint does not have in full: apply its policy first, or requests at other times find no instance.")
	}
	return notes
}

// provision is how long instances take until they serve; where none was seen, the model's five minutes and as many again.
func provision(e advise.Estimates) time.Duration {
	if most := e.Provisioning.Most(); most > 0 {
		return most
	}
	return 10 * time.Minute
}

func (m *Morning) way(name string, r simulate.Result, from time.Time, length time.Duration) Way {
	scale := month.Hours() / length.Hours()
	var firsts []time.Duration
	for _, p := range m.Patterns {
		for _, at := range p.Begins {
			worst := time.Duration(0)
			for i := max(0, int(at.Sub(from)/time.Minute)); i < min(len(r.Minutes), int(at.Sub(from)/time.Minute)+30); i++ {
				worst = max(worst, r.Minutes[i].Worst)
			}
			firsts = append(firsts, worst)
		}
	}
	slices.Sort(firsts)
	first := firsts[len(firsts)/2]
	return Way{
		Name: name, First: first, Wait: first.Seconds(), Met: advise.Round(1 - float64(r.Late)/float64(max(r.Requests, 1))),
		Cold: advise.Round(float64(r.Wakes) * scale), Hours: advise.Round(r.Hours * scale),
	}
}

// Text writes the schedule for people. It returns the error of the writer.
func (m Morning) Text(out io.Writer) error {
	lines := append(m.Reasons(), "")
	heads := []terminal.Column{{Head: "WAY"}, {Head: "FIRST REQUESTS WAIT", Right: true}, {Head: "IN TIME", Right: true}, {Head: "COLD STARTS A MONTH", Right: true}, {Head: "A MONTH", Right: true}}
	var rows [][]terminal.Cell
	price := Row{Price: m.Price}
	for _, w := range m.Ways {
		rows = append(rows, []terminal.Cell{
			{Text: w.Name}, {Text: fleet.Short(w.First.Round(time.Second))}, {Text: percent(w.Met)}, {Text: fmt.Sprintf("%.0f", w.Cold)}, {Text: price.costs(w.Hours)},
		})
	}
	lines = append(lines, terminal.Of(out).Table(heads, rows)...)
	lines = append(lines, "", "These commands make the schedule; nothing is written here, and reconcile leaves scheduled actions alone:", "")
	lines = append(lines, m.commands()...)
	for i := range lines {
		lines[i] = plan.Printable(lines[i])
	}
	_, err := io.WriteString(out, strings.Join(lines, "\n")+"\n")
	return err
}

// Reasons say what the pattern is, how sure it is, and what to know of the proposal.
func (m Morning) Reasons() []string {
	var lines []string
	for _, p := range m.Patterns {
		lines = append(lines, fmt.Sprintf("%s: %s.", m.Endpoint, p.Words()),
			fmt.Sprintf("%s: so it does on at least %s of such days, with 95 %% confidence.", fleet.Capital(p.Trial.Words()), percent(math.Floor(p.Trial.AtLeast()*100)/100)))
	}
	others := "All work after a pause began at these times."
	if m.Others > 0 {
		others = fmt.Sprintf("%s of work after a pause came at other times.", fleet.Plural(m.Others, "beginning"))
	}
	lines = append(lines, others)
	for _, note := range m.Notes {
		lines = append(lines, "note: "+note)
	}
	return lines
}

// commands make the scheduled actions with the AWS CLI.
func (m Morning) commands() (lines []string) {
	for _, a := range m.Actions {
		lines = append(lines, fmt.Sprintf("aws application-autoscaling put-scheduled-action --region %s --service-namespace %s --scalable-dimension %s --resource-id %s --scheduled-action-name %s --timezone %s --schedule '%s' --scalable-target-action MinCapacity=%d",
			m.Scope.Region, fleet.ServiceNamespace, fleet.VariantDimension, fleet.ShellWord(a.ResourceID), a.Name, a.Timezone, a.Schedule, *a.MinCapacity))
	}
	return lines
}

// JSON writes the schedule for tools: durations are seconds. It returns the error of the writer.
func (m Morning) JSON(out io.Writer) error {
	type action struct {
		Name        string `json:"name"`
		ResourceID  string `json:"resource_id"`
		Schedule    string `json:"schedule"`
		Timezone    string `json:"timezone"`
		MinCapacity int    `json:"min_capacity"`
	}
	type pattern struct {
		Pattern   string  `json:"pattern"`
		Days      int     `json:"days"`
		Held      int     `json:"days_held"`
		Weeks     int     `json:"weeks"`
		TrialDays int     `json:"trial_days"`
		TrialHeld int     `json:"trial_days_held"`
		Sure      float64 `json:"held_at_least"`
		Instances int     `json:"instances"`
	}
	doc := struct {
		AccountID string    `json:"account_id"`
		Region    string    `json:"region"`
		Endpoint  string    `json:"endpoint"`
		Patterns  []pattern `json:"patterns"`
		Others    int       `json:"other_beginnings"`
		Ways      []Way     `json:"ways"`
		Actions   []action  `json:"scheduled_actions"`
		Notes     []string  `json:"notes"`
	}{m.Scope.AccountID, m.Scope.Region, m.Endpoint, nil, m.Others, m.Ways, nil, append([]string{}, m.Notes...)}
	for _, p := range m.Patterns {
		doc.Patterns = append(doc.Patterns, pattern{
			p.Words(), p.Days, p.Held, p.Weeks, p.Trial.Days, p.Trial.Held, advise.Round(p.Trial.AtLeast()), p.Instances,
		})
	}
	for _, a := range m.Actions {
		doc.Actions = append(doc.Actions, action{a.Name, a.ResourceID, a.Schedule, a.Timezone, *a.MinCapacity})
	}
	return plan.WriteJSON(out, doc)
}
