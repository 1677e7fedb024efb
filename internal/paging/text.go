package paging

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// WriteText writes for people what fires and is pending, in a table, and what keeps alerts from somebody. It returns the
// error of the writer.
func (s *State) WriteText(out io.Writer) error {
	var page strings.Builder
	firing := s.count(Firing)
	fmt.Fprintf(&page, "%s, %d pending, as of %s.\n", fleet.Plural(firing, "alert")+" firing", len(s.Alerts)-firing, s.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	if len(s.Alerts) > 0 {
		page.WriteString("\n")
		table := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "STATE\tSEVERITY\tALERT\tABOUT\tSINCE\tEXPLANATION")
		for i := range s.Alerts {
			a := &s.Alerts[i]
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", a.State, dash(a.Severity()), dash(a.Name()), dash(a.About()), fleet.Minute(a.Since(), s.At), dash(a.Sentence()))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if troubles := s.Troubles(); len(troubles) > 0 {
		page.WriteString("\n" + strings.Join(troubles, "\n") + "\n")
	}
	_, err := io.WriteString(out, page.String())
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
