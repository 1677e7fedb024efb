package savings

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// column is one column of the table. The wide ones are left out where a terminal is too narrow for all.
type column struct {
	head string
	wide bool
	of   func(*Row) string
}

// instead is what an alternative costs in a month, with its attainment. Of several it is the cheapest that keeps the objective,
// else the one that comes nearest to it.
func instead(head string, names ...string) column {
	return column{head, true, func(r *Row) string {
		var shown *Alternative
		for i := range r.Alternatives {
			if a := &r.Alternatives[i]; slices.Contains(names, a.Name) && (shown == nil || a.better(shown)) {
				shown = a
			}
		}
		if shown == nil {
			return "-"
		}
		return r.costs(shown.Hours) + " " + percent(shown.Met)
	}}
}

func (a *Alternative) better(than *Alternative) bool {
	if a.keeps() && than.keeps() {
		return a.Hours < than.Hours
	}
	return a.Met > than.Met
}

// columns are those of the table. The name comes last, because it may be long.
func (f Fleet) columns() []column {
	known := func(of func(*Row) string) func(*Row) string {
		return func(r *Row) string {
			if r.Err != nil || r.Usage.Known == 0 {
				return "?"
			}
			return of(r)
		}
	}
	named := func(r *Row) string { return r.Endpoint }
	if slices.ContainsFunc(f.Rows, func(r Row) bool { return r.Scope != f.Rows[0].Scope }) {
		named = (*Row).name
	}
	return []column{
		{"SAVES A MONTH", false, func(r *Row) string {
			if r.Best == nil {
				return "-"
			}
			return r.costs(r.Saves())
		}},
		{"LAST " + strings.ToUpper(f.span()), false, known(func(r *Row) string {
			cost := money(r.Usage.Dollars)
			if !r.Usage.Priced {
				cost = hours(r.Usage.Hours)
			}
			if r.partly() {
				cost += " in " + fleet.Lapse(r.Usage.Known)
			}
			return cost
		})},
		{"NO WORK", false, known(func(r *Row) string {
			if r.Usage.Hours == 0 {
				return "-"
			}
			return percent(r.Usage.Share())
		})},
		{"NOW, A MONTH", false, instead("", Present).of},
		instead("MINIMUM 0", MinimumZero), instead("OTHER TARGET", Target), instead("OTHER MAXIMUM", Maximum), instead("OTHER COOLDOWNS", Cooldowns),
		instead("ALL VALUES", advise.Choices()...),
		{"ENDPOINT", false, func(r *Row) string { return plan.Printable(named(r)) }},
	}
}

// costs are dollars for instance-hours, or the hours where the price is not known.
func (r *Row) costs(h float64) string {
	if r.Price == 0 {
		return hours(h)
	}
	return money(h * r.Price)
}

func hours(h float64) string { return fmt.Sprintf("%.0f h", h) }

// Text writes the fleet for people: a line an endpoint with why below it. It returns the error of the writer.
func (f Fleet) Text(out io.Writer) error {
	_, err := io.WriteString(out, strings.Join(f.lines(out), "\n")+"\n")
	return err
}

func (f Fleet) lines(out io.Writer) []string {
	lines := []string{f.verdict()}
	if len(f.Rows) == 0 {
		return lines
	}
	table := f.table(out)
	lines = append(lines, "", table[0])
	for i := range f.Rows {
		r := &f.Rows[i]
		lines = append(lines, table[i+1], "  "+plan.Printable(r.reason()))
		for _, note := range r.notes() {
			lines = append(lines, "  note: "+plan.Printable(note))
		}
	}
	return append(lines, "", "Each column behind NOW is a replay of the same history with other values: what a month would cost, and how many requests are answered in time.")
}

// span is the length of the longest history, for people.
func (f Fleet) span() string {
	var longest time.Duration
	for i := range f.Rows {
		longest = max(longest, f.Rows[i].To.Sub(f.Rows[i].From))
	}
	if days := time.Duration(f.Days) * 24 * time.Hour; longest == 0 || longest > days-time.Hour {
		return fleet.Plural(f.Days, "day")
	}
	return fleet.Lapse(longest)
}

// verdict is the first line.
func (f Fleet) verdict() string {
	if len(f.Rows) == 0 {
		return "No asynchronous endpoint is observed."
	}
	cost, saves, saved, changes, unpriced := f.sums()
	amount, partly := money(cost), f.partly()
	if partly > 0 {
		amount = "at least " + amount
	}
	said := fmt.Sprintf("%s cost %s in the last %s.", fleet.Plural(len(f.Rows), "endpoint"), amount, f.span())
	if partly > 0 {
		said += fmt.Sprintf(" Of %d the instances are known of a part of that time alone.", partly)
	}
	switch {
	case changes == 0:
		said += " No other policy that was tried saves anything."
	case saves == 0 && saved > 0:
		said += fmt.Sprintf(" Changing %s saves %.0f instance-hours a month.", policies(changes), saved)
	case saves >= 0:
		said += fmt.Sprintf(" Changing %s saves %s a month.", policies(changes), money(saves))
	default:
		said += fmt.Sprintf(" Changing %s costs %s more a month, and more requests are answered in time.", policies(changes), money(-saves))
	}
	if unpriced > 0 {
		said += fmt.Sprintf(" Of %d the price is not known, which is not in it: add the instance type to prices.", unpriced)
	}
	return said
}

func policies(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return fmt.Sprintf("%d policies", n)
}

// table lays the rows out, with the columns that matter most where the terminal is too narrow for all.
func (f Fleet) table(out io.Writer) []string {
	lay := func(wide bool) []string {
		var heads []terminal.Column
		rows := make([][]terminal.Cell, len(f.Rows))
		for _, c := range f.columns() {
			if c.wide && !wide {
				continue
			}
			heads = append(heads, terminal.Column{Head: c.head, Right: c.head != "ENDPOINT"})
			for i := range f.Rows {
				rows[i] = append(rows[i], terminal.Cell{Text: c.of(&f.Rows[i]), Tone: f.Rows[i].tone()})
			}
		}
		return terminal.Of(out).Table(heads, rows)
	}
	lines := lay(true)
	if width, known := terminal.Width(out); known && terminal.Columns(lines[0]) > width {
		return lay(false)
	}
	return lines
}

// tone is that of a row: what saves is read first.
func (r *Row) tone() terminal.Tone {
	switch {
	case r.Err != nil:
		return terminal.Warning
	case r.Best != nil:
		return terminal.Strong
	}
	return ""
}

// notes are what the reader should know of a row.
func (r *Row) notes() []string {
	notes := append([]string(nil), r.Notes...)
	if r.partly() {
		notes = append(notes, fmt.Sprintf("How many instances ran is known of %s of %s: no scaling activity and no backlog tells it of the time before, which may have cost more.",
			fleet.Lapse(r.Usage.Known), fleet.Lapse(r.To.Sub(r.From))))
	}
	if r.Err != nil || len(r.Alternatives) == 0 {
		return notes
	}
	if observed := r.To.Sub(r.From); observed < 24*time.Hour {
		notes = append(notes, fmt.Sprintf("The history is of %s: load of other times of the day and of the week is not in it.", fleet.Lapse(observed)))
	}
	if known := r.Usage.Known; known > 0 {
		measured, replayed := r.Usage.Hours*month.Hours()/known.Hours(), r.Alternatives[0].Hours
		if off := measured - replayed; off > mostOff*replayed+hourly*10 || -off > mostOff*replayed+hourly*10 {
			notes = append(notes, fmt.Sprintf("The last days come to %s a month, and the replay of the present policy to %s: the policy was another one, or AWS did not do what the model does.",
				r.costs(measured), r.costs(replayed)))
		}
	}
	if r.Best != nil && r.Best.Policy.Max > r.Alternatives[0].Policy.Max {
		notes = append(notes, fmt.Sprintf("The maximum of %d is above the present one of %d: make sure that the account's quota of instances for endpoints allows it, or bound it by --max-capacity.",
			r.Best.Policy.Max, r.Alternatives[0].Policy.Max))
	}
	return notes
}

// partly tells whether the instances of an hour or more of the history are not known.
func (r *Row) partly() bool { return r.Err == nil && r.To.Sub(r.From)-r.Usage.Known >= time.Hour }

// partly is of how many endpoints that is so.
func (f Fleet) partly() (n int) {
	for i := range f.Rows {
		if f.Rows[i].partly() {
			n++
		}
	}
	return n
}

// mostOff is how far the replay of the present policy may be from what ran, as a share, before a note says it.
const mostOff = .25
