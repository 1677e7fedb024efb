package simulate

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// Text writes for people what a study found.
func (f Found) Text(out io.Writer, s Study) error {
	first := f.Summaries[0]
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %.0f requests, %s each on an instance, %d at a time\n", s.Trace.Source, first.Requests,
		short(s.Trace.MeanService()), s.Concurrency)
	fmt.Fprintf(&text, "objective: %g %% of the requests answered within %s, tried with %d seed(s)\n", s.Objective.Share*100,
		short(s.Objective.Latency), first.Seeds)
	if names := Assumed(s.Assumptions); len(names) > 0 {
		fmt.Fprintf(&text, "assumed otherwise than usual: %s\n", strings.Join(names, ", "))
	}
	text.WriteString("\n")
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tmin\tmax\ttarget\tin\tout\twake\tp50\tp95\tp99\tworst\texpired\tleft\tcold starts\tinstance-hours\tdollars\tkeeps it")
	for i := range f.Summaries {
		f.Summaries[i].row(table, s.Price)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	text.WriteString("\n" + f.conclusion(s) + "\n")
	_, err := io.WriteString(out, trimRight(text.String()))
	return err
}

// trimRight takes away what a table has put at the ends of lines.
func trimRight(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func (s Summary) row(table io.Writer, price float64) {
	name := ""
	switch {
	case s.Present && s.Best:
		name = "present, best"
	case s.Present:
		name = "present"
	case s.Best:
		name = "proposed"
	}
	v := values(s.Scaling)
	dollars := "?"
	if price > 0 {
		dollars = fmt.Sprintf("%.2f", s.Hours.Median*price)
	}
	fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%.1f\t%s\t%d of %d\n", name, v[0], v[1], v[2], v[3], v[4], v[5],
		s.P50.Median, s.P95.Median, s.P99.Median, s.Worst.Median, s.Expired.Median, s.Left.Median, s.Wakes.Median, s.Hours.Median, dollars, s.Met, s.Seeds)
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
		said := fmt.Sprintf("The present policy keeps the objective in %s, with p95 between %s and %s.", present.sure(), present.P95.Least, present.P95.Most)
		if other := f.Other(); other != nil && other.Met == other.Seeds {
			v := values(other.Scaling)
			said += fmt.Sprintf("\nThe cheapest of the others that keeps it in every seed has MinCapacity %s, MaxCapacity %s, TargetValue %s, cooldowns %s in, "+
				"%s out, %s wake: in %s, with p95 between %s and %s.", v[0], v[1], v[2], v[3], v[4], v[5], other.sure(), other.P95.Least, other.P95.Most)
		}
		return said
	case best.Present:
		return fmt.Sprintf("The present policy is the cheapest of %d candidates: it keeps the objective in %s; %d replays.", f.Candidates+1, present.sure(), f.Replays)
	}
	v := values(best.Scaling)
	return fmt.Sprintf("Proposed: the cheapest of %d candidates has MinCapacity %s, MaxCapacity %s, TargetValue %s, cooldowns %s in, %s out, %s wake.\n"+
		"It keeps the objective in %s, with p95 between %s and %s, and takes %.1f to %.1f instance-hours%s; at present %.1f to %.1f. %d replays.",
		f.Candidates, v[0], v[1], v[2], v[3], v[4], v[5], best.sure(), best.P95.Least, best.P95.Most, best.Hours.Least, best.Hours.Most,
		price(best.Hours, s.Price), present.Hours.Least, present.Hours.Most, f.Replays)
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
