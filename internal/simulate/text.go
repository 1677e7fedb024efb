package simulate

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Text writes for people what a study found.
func (f Found) Text(out io.Writer, s Study) error {
	first := f.Summaries[0]
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %.0f requests, %s each on an instance, %d at a time\n", s.Trace.Source, first.Requests,
		short(s.Trace.MeanService()), s.Concurrency)
	objective := "objective"
	if s.Objective.Defaulted {
		objective = "default objective (set objectives: or --latency)"
	}
	fmt.Fprintf(&text, "%s: %g %% of the requests answered within %s, tried with %d seed(s)\n", objective, s.Objective.Share*100,
		short(s.Objective.Latency), first.Seeds)
	if names := Assumed(s.Assumptions); len(names) > 0 {
		fmt.Fprintf(&text, "assumed otherwise than usual: %s\n", strings.Join(names, ", "))
	}
	text.WriteString("\n" + f.table(out, s) + "\n\n" + f.conclusion(s) + "\n")
	_, err := io.WriteString(out, text.String())
	return err
}

// column is one column of the table of policies.
type column struct {
	head string
	last bool // it is left out where a terminal is too narrow for all
	of   func(s *Summary, study *Study) string
}

// wait, counts and value make columns of waits, of numbers, and of the values of a policy.
func wait(head string, last bool, of func(*Summary) Range[Wait]) column {
	return column{head, last, func(s *Summary, _ *Study) string { return of(s).Median.String() }}
}

func counts(head string, of func(*Summary) Range[int]) column {
	return column{head, true, func(s *Summary, _ *Study) string { return fmt.Sprint(of(s).Median) }}
}

func value(head string, i int, last bool) column {
	return column{head, last, func(s *Summary, _ *Study) string { return values(s.Scaling)[i] }}
}

// tabled are the columns of the table of policies.
var tabled = []column{
	{"", false, func(s *Summary, study *Study) string { return s.name(study) }},
	value("min", 0, false), value("max", 1, false), value("target", 2, false), value("in", 3, true), value("out", 4, true), value("wake", 5, true),
	wait("p50", true, func(s *Summary) Range[Wait] { return s.P50 }), wait("p95", false, func(s *Summary) Range[Wait] { return s.P95 }),
	wait("p99", true, func(s *Summary) Range[Wait] { return s.P99 }), wait("worst", false, func(s *Summary) Range[Wait] { return s.Worst }),
	counts("expired", func(s *Summary) Range[int] { return s.Expired }), counts("left", func(s *Summary) Range[int] { return s.Left }),
	counts("cold starts", func(s *Summary) Range[int] { return s.Wakes }),
	{"instance-hours", false, func(s *Summary, _ *Study) string { return fmt.Sprintf("%.1f", s.Hours.Median) }},
	{"dollars", false, func(s *Summary, study *Study) string { return s.dollars(study) }},
	{"keeps it", false, func(s *Summary, _ *Study) string { return fmt.Sprintf("%d of %d", s.Met, s.Seeds) }},
}

// table lays the policies out, with the columns that matter most where the terminal is too narrow for all.
func (f Found) table(out io.Writer, s Study) string {
	shown := tabled
	for {
		heads, rows := make([]terminal.Column, len(shown)), make([][]terminal.Cell, len(f.Summaries))
		for i, c := range shown {
			heads[i].Head = c.head
			for j := range f.Summaries {
				rows[j] = append(rows[j], terminal.Cell{Text: c.of(&f.Summaries[j], &s), Tone: f.Summaries[j].tone()})
			}
		}
		lines := terminal.Of(out).Table(heads, rows)
		if width, known := terminal.Width(out); !known || len(shown) < len(tabled) || terminal.Columns(lines[0]) <= width {
			return strings.Join(lines, "\n")
		}
		shown = slices.DeleteFunc(slices.Clone(tabled), func(c column) bool { return c.last })
	}
}

// tone is that of a row: what a search proposes is read first.
func (s *Summary) tone() terminal.Tone {
	if s.Best {
		return terminal.Strong
	}
	return ""
}

func (s *Summary) name(study *Study) string {
	switch {
	case s.Present && s.Best:
		return study.present() + ", best"
	case s.Present:
		return study.present()
	case s.Best:
		return "proposed"
	}
	return ""
}

// present is what the first policy is called: where no endpoint has one it is the documented.
func (s *Study) present() string {
	if s.Documented {
		return "documented"
	}
	return "present"
}

func (s *Summary) dollars(study *Study) string {
	if study.Price == 0 {
		return "?"
	}
	return fmt.Sprintf("%.2f", s.Hours.Median*study.Price)
}

// values are min, max, target value and the cooldowns of scale-in, scale-out and wake. What does not act is a dash.
func values(s sim.Scaling) [6]string {
	v := [6]string{
		fmt.Sprint(s.Min), fmt.Sprint(s.Max), fmt.Sprintf("%g", s.TargetValue), short(s.In), short(s.Out), short(s.WakeCooldown),
	}
	if s.NoTracking {
		v[2], v[3], v[4] = "-", "-", "-"
	}
	if s.NoScaleIn {
		v[3] = "-"
	}
	if s.NoWake {
		v[5] = "-"
	}
	return v
}

// conclusion says what was found, and how sure it is.
func (f Found) conclusion(s Study) string {
	present, best := f.Summaries[0], f.Best()
	switch {
	case f.None:
		return fmt.Sprintf("None of %d candidates keeps the objective in every seed; %d replays. A longer --latency, a higher --max-capacity or "+
			"a --min-capacity of 1 may help.", f.Candidates, f.Replays)
	case best == nil:
		said := fmt.Sprintf("The %s policy keeps the objective in %s, %s.", s.present(), present.sure(), present.waits())
		if other := f.Other(); other != nil && other.Met == other.Seeds {
			said += fmt.Sprintf("\nThe cheapest of the others that keeps it in every seed has %s: in %s, %s.%s", written(other.Scaling), other.sure(), other.waits(), s.beyond(other, &present))
		}
		return said
	case best.Present:
		return fmt.Sprintf("The %s policy is the cheapest of %d candidates: it keeps the objective in %s; %d replays.", s.present(), f.Candidates+1, present.sure(), f.Replays)
	}
	return fmt.Sprintf("Proposed: the cheapest of %d candidates has %s.\n"+
		"It keeps the objective in %s, %s, and takes %.1f to %.1f instance-hours%s; the %s policy %.1f to %.1f%s.%s %d replays.",
		f.Candidates, written(best.Scaling), best.sure(), best.waits(), best.Hours.Least, best.Hours.Most, price(best.Hours, s.Price),
		s.present(), present.Hours.Least, present.Hours.Most, price(present.Hours, s.Price), s.beyond(best, &present), f.Replays)
}

// written are the values of a policy in a sentence.
func written(s sim.Scaling) string {
	v := values(s)
	return fmt.Sprintf("MinCapacity %s, MaxCapacity %s, TargetValue %s, cooldowns %s in, %s out, %s wake", v[0], v[1], v[2], v[3], v[4], v[5])
}

// beyond warns of a maximum that the endpoint has never had: AWS may refuse it.
func (s *Study) beyond(proposed, present *Summary) string {
	if s.Documented || proposed.Scaling.Max <= present.Scaling.Max {
		return ""
	}
	return fmt.Sprintf(" Its MaxCapacity is above the present one of %d: make sure that the account's quota of instances for endpoints allows it, or bound the search by --max-capacity.", present.Scaling.Max)
}

// waits says between which times the 95th of a hundred requests is answered.
func (s *Summary) waits() string {
	switch {
	case s.P50.Least.Never:
		return "and most requests expire"
	case s.P95.Least.Never:
		return "and more than one in twenty requests expires"
	}
	return fmt.Sprintf("with p95 between %s and %s", s.P95.Least, s.P95.Most)
}

func price(hours Range[float64], price float64) string {
	if price == 0 {
		return ""
	}
	return fmt.Sprintf(" ($%.2f to $%.2f)", hours.Least*price, hours.Most*price)
}

func (s Summary) sure() string {
	if s.Met == 0 {
		return fmt.Sprintf("none of %d seeds", s.Seeds)
	}
	return fmt.Sprintf("%d of %d seeds (so in at least %.0f %% of all, with 95 %% confidence)", s.Met, s.Seeds, math.Floor(s.AtLeast()*100))
}

// String is the wait for people.
func (w Wait) String() string {
	if w.Never {
		return "never"
	}
	return short(w.Time)
}

// short is a time in as many digits as mean something here.
func short(d time.Duration) string {
	unit := time.Second
	switch {
	case d >= time.Hour:
		unit = time.Minute
	case d < time.Minute:
		return fmt.Sprintf("%.3gs", d.Seconds())
	}
	return fleet.Short(d.Round(unit))
}
