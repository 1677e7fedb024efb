package plan

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// The rune that draws an action, and its tone.
var (
	signs = map[Action]string{Create: "+", Update: "~"}
	tones = map[Action]terminal.Tone{Create: terminal.Good, Update: terminal.Warning}
)

// words name a kind for people.
func words(kind Kind) string { return strings.ReplaceAll(string(kind), "_", " ") }

// title names what a step writes.
func title(kind Kind, name string) string {
	if name == "" {
		return words(kind)
	}
	return words(kind) + " " + Quoted(name)
}

// Text writes plans for people, sorted by account and region. It returns the error of the writer.
func Text(out io.Writer, plans []Plan) error {
	var page strings.Builder
	style := terminal.Of(out)
	creates, updates, withheld, selected := 0, 0, 0, 0
	for _, p := range sortedByScope(plans) {
		selected += len(p.Selected)
		if p.Empty() && p.Unknown == "" {
			continue
		}
		fmt.Fprintf(&page, "%s %s\n", p.Scope.AccountID, p.Scope.Region)
		if p.Unknown != "" {
			page.WriteString("  (" + Printable(p.Unknown) + ")\n")
		}
		for _, step := range slices.SortedStableFunc(slices.Values(p.Steps), inText) {
			if step.Action == Create {
				creates++
			} else {
				updates++
			}
			step.text(&page, style)
		}
		for _, held := range p.Withheld {
			withheld++
			page.WriteString("  " + style.Paint(terminal.Bad, "!") + " " + held.Line() + "\n")
		}
	}
	switch {
	case creates+updates+withheld > 0:
		page.WriteString(summary(creates, updates, withheld) + "\n")
	case page.Len() > 0: // nothing is known of a scope yet
	case selected == 0:
		page.WriteString("No changes. No policy selects a variant.\n")
	case selected == 1:
		page.WriteString("No changes. 1 variant matches its policy.\n")
	default:
		fmt.Fprintf(&page, "No changes. %d variants match their policies.\n", selected)
	}
	for _, name := range optedOut(plans) {
		fmt.Fprintf(&page, "%s has opted out: its tag %s takes it out of every policy.\n", Quoted(name), policy.OptOutTag)
	}
	_, err := io.WriteString(out, page.String())
	return err
}

// optedOut are the endpoints of all plans that have opted out, sorted.
func optedOut(plans []Plan) (names []string) {
	for i := range plans {
		names = append(names, plans[i].OptedOut...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func summary(creates, updates, withheld int) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{creates, "to create"}, {updates, "to update"}, {withheld, "withheld"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return "Plan: " + strings.Join(parts, ", ") + "."
}

func sortedByScope(plans []Plan) []Plan {
	return slices.SortedStableFunc(slices.Values(plans), func(a, b Plan) int {
		return cmp.Or(cmp.Compare(a.Scope.AccountID, b.Scope.AccountID), cmp.Compare(a.Scope.Region, b.Scope.Region))
	})
}

func (s Step) text(page *strings.Builder, style terminal.Style) {
	fmt.Fprintf(page, "  %s %s  %s\n", style.Paint(tones[s.Action], signs[s.Action]), Quoted(s.ResourceID), s.Title())
	for _, line := range s.Lines() {
		page.WriteString("      " + line + "\n")
	}
	if s.Effect != "" {
		page.WriteString("      " + style.Paint(terminal.Strong, "effect: "+s.Effect) + "\n")
	}
	if s.Note != "" {
		page.WriteString("      note: " + Printable(s.Note) + "\n")
	}
}

func (c Change) text(action Action) string {
	if action == Create {
		return c.Field + ": " + written(c.After)
	}
	return fmt.Sprintf("%s: %s -> %s", c.Field, written(c.Before), written(c.After))
}

// Line is what is withheld, and why, in one line.
func (w Withheld) Line() string {
	line := fmt.Sprintf("%s  %s withheld: %s", Quoted(w.ResourceID), w.Title(), w.Reason)
	if w.Detail != "" {
		line += " (" + Printable(w.Detail) + ")"
	}
	return line
}

// Title names what is withheld: its kind, and its name if it has one.
func (w Withheld) Title() string { return title(w.Kind, w.Name) }

// Title names what the step writes: its kind, and its name if it has one.
func (s Step) Title() string { return title(s.Kind, s.Name) }

// Line is the step in one line without its changes, for a log.
func (s Step) Line() string {
	return fmt.Sprintf("%s %s %s", s.Action, Quoted(s.ResourceID), s.Title())
}

// Lines are the step's changes, one in a line.
func (s Step) Lines() []string {
	lines := make([]string, len(s.Changes))
	for i, change := range s.Changes {
		lines[i] = change.text(s.Action)
	}
	return lines
}

// Summary is the step's changes in one line, for a log.
func (s Step) Summary() string { return strings.Join(s.Lines(), "; ") }

// written is a value as people read it: durations as 5m, numbers without an exponent.
func written(v Value) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case time.Duration:
		return fleet.Short(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return cmp.Or(Quoted(v), "(none)")
	case []string:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = Quoted(part)
		}
		return cmp.Or(strings.Join(parts, ", "), "(none)")
	}
	return fmt.Sprint(v)
}

// Quoted is a name as it is, or in quotes where it holds what could be taken for something else: names of policies and
// alarms are what somebody chose.
func Quoted(name string) string {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' }) {
		return strconv.Quote(name)
	}
	return name
}

// Printable is a text on one line, without what a terminal would obey.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
