package paging

import (
	"fmt"
	"io"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// alertColumns are those of the table of alerts.
var alertColumns = []terminal.Column{{Head: "STATE"}, {Head: "SEVERITY"}, {Head: "SINCE"}, {Head: "ALERT"}}

// severities are the tones of the severities.
var severities = map[string]terminal.Tone{Critical: terminal.Bad, "warning": terminal.Warning}

// widest is how many columns a paragraph has where nobody says how wide the terminal is.
const widest = 100

// WriteText writes for people what fires and is pending, each with what it is about and its reason below it, and what keeps alerts from somebody. It
// returns the error of the writer.
func (s *State) WriteText(out io.Writer) error {
	style, firing := terminal.Of(out), s.count(Firing)
	summary := style.Paint(terminal.Good, fleet.Plural(firing, "alert")+" firing")
	if firing > 0 {
		summary = style.Paint(terminal.Bad, fleet.Plural(firing, "alert")+" firing")
	}
	lines := []string{fmt.Sprintf("%s, %d pending, as of %s.", summary, len(s.Alerts)-firing, s.At.UTC().Format("2006-01-02 15:04:05 UTC"))}
	if len(s.Alerts) > 0 {
		cells := make([][]terminal.Cell, len(s.Alerts))
		for i := range s.Alerts {
			a := &s.Alerts[i]
			tone := severities[a.Severity()]
			if a.State != Firing {
				tone = terminal.Quiet
			}
			cells[i] = []terminal.Cell{
				{Text: a.State, Tone: tone}, {Text: dash(a.Severity()), Tone: tone}, {Text: fleet.Minute(a.Since(), s.At)}, {Text: dash(a.Name())},
			}
		}
		table := style.Table(alertColumns, cells)
		lines = append(lines, "", table[0])
		for i := range s.Alerts {
			lines = append(lines, table[i+1])
			for _, below := range []string{s.Alerts[i].About(), s.Alerts[i].Sentence()} {
				if below != "" {
					lines = append(lines, "  "+below)
				}
			}
		}
	}
	if troubles := s.Troubles(); len(troubles) > 0 {
		lines = append(append(lines, ""), troubles...)
	}
	if _, wide := out.(*terminal.Screen); !wide { // who reads a file reads no line of a thousand characters either
		out = &terminal.Screen{Out: out, Size: func() (width, height int) { return widest, 0 }}
	}
	_, err := io.WriteString(out, strings.Join(lines, "\n")+"\n")
	return err
}

// count is how many alerts are in a state.
func (s *State) count(state string) (n int) {
	for i := range s.Alerts {
		if s.Alerts[i].State == state {
			n++
		}
	}
	return n
}

// dash is a cell of a table, on one line.
func dash(cell string) string {
	if cell = plan.Printable(cell); cell != "" {
		return cell
	}
	return "-"
}
