package triage

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// columns are those of the list. The name comes last, because it may be long.
var columns = []terminal.Column{{Head: "STATE"}, {Head: "SEVERITY"}, {Head: "BACKLOG", Right: true}, {Head: "OLDEST", Right: true}, {Head: "INSTANCES", Right: true}, {Head: "ENDPOINT"}}

// Text writes the list for people: a line an endpoint, and below those that need somebody why, and the command that previews the
// fix, or what else to do. It returns the error of the writer.
func (l *List) Text(out io.Writer) error {
	_, err := io.WriteString(out, strings.Join(l.lines(terminal.Of(out)), "\n")+"\n")
	return err
}

func (l *List) lines(style terminal.Style) []string {
	lines := []string{l.verdict(style) + l.unknown(style) + ", as of " + l.At.Format("2006-01-02 15:04:05 UTC") + "."}
	if l.Progress != "" {
		lines = append(lines, "The first view is not whole yet: "+l.Progress+".")
	}
	for _, unread := range l.Unread {
		lines = append(lines, style.Paint(terminal.Warning, plan.Printable(unread)))
	}
	if len(l.Rows) > 0 {
		cells := make([][]terminal.Cell, len(l.Rows))
		for i := range l.Rows {
			cells[i] = l.cells(&l.Rows[i])
		}
		table := style.Table(columns, cells)
		lines = append(lines, "", table[0])
		for i := range l.Rows {
			lines = append(lines, table[i+1])
			if l.Brief {
				continue
			}
			if short := l.Rows[i].Case.Short; short != "" {
				lines = append(lines, "  "+plan.Printable(short))
			}
			for _, action := range l.Rows[i].Case.actions() {
				lines = append(lines, "  "+style.Paint(terminal.Strong, plan.Printable(action)))
			}
		}
	}
	if len(l.Left) > 0 && !l.Brief {
		lines = append(lines, "", style.Paint(terminal.Warning, "Left of endpoints that are gone:"))
		for _, left := range l.Left {
			lines = append(lines, "  "+plan.Printable(left))
		}
	}
	return lines
}

// actions are what to do and to run, and where neither is known what to read; none where nothing needs somebody.
func (c *Case) actions() (actions []string) {
	for _, action := range []string{c.Advice, c.Preview} {
		if action != "" {
			actions = append(actions, action)
		}
	}
	if actions == nil && c.Guide != "" {
		actions = []string{"See " + c.Guide}
	}
	return actions
}

// unknown says behind the verdict of how many others the state is not known.
func (l *List) unknown(style terminal.Style) string {
	n := l.Count().Unknown
	if n == 0 {
		return ""
	}
	return ", the state of " + style.Paint(terminal.Warning, strconv.Itoa(n)) + " is not known"
}

func (l *List) verdict(style terminal.Style) string {
	switch n, of := l.Count().Attention, fleet.Plural(len(l.Rows), "endpoint"); {
	case len(l.Rows) == 0 && len(l.Unread) > 0:
		return "No endpoint is known"
	case len(l.Rows) == 0:
		return "No asynchronous endpoint is observed"
	case n == 0:
		return style.Paint(terminal.Good, "None of "+of) + " needs you"
	case n == 1:
		return style.Paint(terminal.Bad, "1 of "+of) + " needs you"
	default:
		return style.Paint(terminal.Bad, strconv.Itoa(n)+" of "+of) + " need you"
	}
}

// tones are those of the states of endpoints that need nobody; others have none.
var tones = map[explain.State]terminal.Tone{
	explain.Working: terminal.Good, explain.Waking: terminal.Good, explain.ScalingOut: terminal.Good, explain.ScalingIn: terminal.Good,
	explain.NotKnown: terminal.Warning, explain.Asleep: terminal.Quiet, explain.Idle: terminal.Quiet, explain.Fixed: terminal.Quiet,
}

// soon is what is to be expected next, as explain.Conclusion names it, in a word.
var soon = map[string]string{
	"instance_runs": "instance", "goes_into_alarm": "alarm", "auto_scaling_acts": "scaling", "cooldown_ends": "cooldown",
}

// cells are those of a row.
func (l *List) cells(r *Row) []terminal.Cell {
	c := &r.Case
	tone := tones[c.Doing]
	switch {
	case c.Trouble <= Critical:
		tone = terminal.Bad
	case c.Attention():
		tone = terminal.Warning
	}
	backlog, oldest, running := "-", "-", "-"
	if r.Backlog != nil {
		backlog = fleet.Number(*r.Backlog)
	}
	if r.Oldest != nil && *r.Oldest > 0 {
		oldest = fleet.Lapse(*r.Oldest)
	}
	if r.Running != nil {
		running = strconv.Itoa(*r.Running)
		if *r.Desired != *r.Running {
			running += " -> " + strconv.Itoa(*r.Desired)
		}
	}
	name := plan.Printable(r.Name)
	if l.scopes() {
		name = fmt.Sprintf("%s/%s/%s", r.Scope.AccountID, r.Scope.Region, name)
	}
	if what := soon[c.Next]; what != "" && !c.Attention() && !c.Latest.IsZero() {
		name += "  (" + what + " by " + strings.TrimSuffix(fleet.Minute(c.Latest, l.At), " UTC") + ")"
	}
	return []terminal.Cell{{Text: c.Word(), Tone: tone}, {Text: string(c.Severity()), Tone: tone}, {Text: backlog}, {Text: oldest}, {Text: running}, {Text: name}}
}

// scopes tells whether the rows are of several accounts or regions.
func (l *List) scopes() bool {
	for i := range l.Rows {
		if l.Rows[i].Scope != l.Rows[0].Scope {
			return true
		}
	}
	return false
}
