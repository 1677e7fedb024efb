package explain

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Text writes the explanation for people: what happens, why and what to do, then the chain link by link, and with verbose the
// facts, checks and steps of each. It returns the error of the writer.
func (e Explanation) Text(out io.Writer, verbose bool) error {
	page := page{Style: terminal.Of(out), at: e.At}
	page.width, _ = terminal.Width(out)
	head := e.Endpoint + "  " + strings.TrimSpace(e.Scope.AccountID+" "+e.Scope.Region)
	if e.Status != "" {
		head += "  " + e.Status
	}
	page.line(0, "%s  as of %s", head, e.At.Format("2006-01-02 15:04:05 UTC"))
	page.concluded(&e)
	page.chain(e.Links, len(e.Variants) > 1)
	variant := ""
	for i := range e.Links {
		link := &e.Links[i]
		if link.Variant != variant && len(e.Variants) > 1 {
			page.line(0, "variant %s", link.Variant)
		}
		variant = link.Variant
		page.link(link)
		if verbose {
			page.evidence(link)
			continue
		}
		for i := range link.Findings { // what has to be fixed is said, though it breaks no link
			if finding := &link.Findings[i]; serious(*finding) && finding.Problem() != link.Sentence {
				page.finding(link, finding)
			}
		}
	}
	if !verbose {
		page.painted(terminal.Quiet, "", "The facts, checks and steps of each link: --verbose")
	}
	_, err := io.WriteString(out, page.text.String())
	return err
}

// page is what Text has written so far.
type page struct {
	terminal.Style
	at    time.Time
	width int // of the terminal; 0: of any
	text  strings.Builder
}

func (p *page) line(indent int, format string, args ...any) {
	p.text.WriteString(strings.Repeat(" ", indent) + plan.Printable(fmt.Sprintf(format, args...)) + "\n")
}

// painted writes a line of which the beginning has a tone.
func (p *page) painted(tone terminal.Tone, begins, goesOn string) {
	p.text.WriteString(p.Paint(tone, begins) + plan.Printable(goesOn) + "\n")
}

// concluded writes the conclusion: the verdict, the cause, and what to do, each in a line.
func (p *page) concluded(e *Explanation) {
	c := &e.Conclusion
	p.line(0, "")
	if !c.Attention {
		p.painted(terminal.Good, "healthy: ", c.Sentence)
		p.line(0, "")
		return
	}
	verdict, cause := c.Cause, c.Why()
	if cause != verdict {
		verdict = strings.TrimSpace(strings.TrimSuffix(verdict, cause))
	} else {
		cause = ""
	}
	p.painted(terminal.Bad, "needs attention: ", verdict)
	if cause != "" {
		p.painted(terminal.Strong, "cause: ", cause)
	}
	remedy := strings.TrimSpace(strings.TrimPrefix(c.Sentence, c.Cause))
	var commands []string
	for _, command := range []string{c.Preview, c.Command} {
		if command != "" {
			remedy, commands = strings.ReplaceAll(remedy, " by "+command, ""), append(commands, command)
		}
	}
	if remedy == "" && c.Page != "" {
		remedy = "See " + c.Page + "."
	}
	if remedy != "" {
		p.painted(terminal.Strong, "action: ", remedy)
	}
	for _, command := range commands {
		p.text.WriteString("    " + p.Paint(terminal.Strong, plan.Printable(command)) + "\n")
	}
	if e.AWSSays != "" {
		p.painted(terminal.Strong, "AWS says: ", e.AWSSays)
	}
	p.line(0, "")
}

// tones are those of the verdicts.
var tones = map[Verdict]terminal.Tone{OK: terminal.Good, Waits: terminal.Warning, Broken: terminal.Bad, Unknown: terminal.Warning, Unused: terminal.Quiet}

// marks are the verdicts in the line of all links; others are as they are.
var marks = map[Verdict]string{Broken: "x", Unused: "-", Unknown: "?"}

// chain writes all links with their verdicts in a line, and those of each variant in one where there are several. A line that is too
// long for the terminal goes on in the next, below its second link.
func (p *page) chain(links []Link, several bool) {
	variant, at := "", 0
	for i := range links {
		link := &links[i]
		title := plan.Printable(link.Title())
		if link.Name == Target {
			title = "target"
		}
		mark := cmp.Or(marks[link.Verdict], string(link.Verdict))
		width := terminal.Columns(title) + 1 + len(mark)
		switch {
		case several && link.Variant != variant:
			p.text.WriteString("\n" + plan.Printable(link.Variant) + ":  ")
			at = terminal.Columns(link.Variant) + 3
		case at > 0 && p.width > 0 && at+2+width > p.width:
			p.text.WriteString("\n  ")
			at = 2
		case at > 0:
			p.text.WriteString("  ")
			at += 2
		}
		variant = link.Variant
		p.text.WriteString(title + " " + p.Paint(tones[link.Verdict], mark))
		at += width
	}
	if len(links) > 0 {
		p.text.WriteString("\n\n")
	}
}

func (p *page) link(l *Link) {
	padding := strings.Repeat(" ", len(Unknown)-len(l.Verdict))
	fmt.Fprintf(&p.text, "  %-15s  %s%s  %s\n", l.Title(), p.Paint(tones[l.Verdict], string(l.Verdict)), padding, plan.Printable(l.Sentence))
}

// severities are the tones of the severities of checks.
var severities = map[check.Severity]terminal.Tone{check.Critical: terminal.Bad, check.Warning: terminal.Warning}

// indent is where sentences begin.
const indent = 28

// finding writes a failing check of a link.
func (p *page) finding(link *Link, finding *check.Finding) {
	said := finding.Sentence
	if finding.Problem() == link.Sentence { // it is said already
		said = finding.Advice()
	}
	said = strings.TrimSuffix(fmt.Sprintf(" check %s: %s", finding.Check.Name, said), ": ")
	p.text.WriteString(strings.Repeat(" ", indent))
	p.painted(severities[finding.Severity], string(finding.Severity), said)
}

// evidence writes what is known of a link, which checks fail, and what would fix it.
func (p *page) evidence(link *Link) {
	for _, fact := range link.Facts {
		p.line(indent, "%s", fact.text(p.at))
	}
	for i := range link.Findings {
		p.finding(link, &link.Findings[i])
	}
	for _, step := range link.Steps {
		p.line(indent, "%s: %s %s", link.would(), step.Action, step.Title())
	}
	for _, held := range link.Withheld {
		p.line(indent, "withheld: %s: %s", held.Title(), reason(held))
	}
	if page := link.Page(); page != "" {
		p.line(indent, "runbook: %s", page)
	}
}

// Why is the cause without what waits and what runs.
func (c *Conclusion) Why() string {
	if _, why, ok := strings.Cut(c.Cause, c.Situation+". "); ok && c.Situation != "" {
		return why
	}
	return c.Cause
}

// Title is the name of the link for people.
func (l Link) Title() string { return strings.ReplaceAll(string(l.Name), "_", " ") }

// Page is the runbook that says what to do about the link; empty when there is none.
func (l Link) Page() string {
	if l.Verdict != Broken || l.Alert == "" {
		return ""
	}
	return Docs + check.RunbookOf(l.Alert)
}

// would says of whose plan the steps are.
func (l Link) would() string {
	if l.Planned {
		return "plan"
	}
	return "plan if it were selected"
}

func reason(held plan.Withheld) string {
	if held.Detail == "" {
		return string(held.Reason)
	}
	return string(held.Reason) + " (" + held.Detail + ")"
}

// Title is the name of the fact for people.
func (f Fact) Title() string { return strings.ReplaceAll(f.Name, "_", " ") }

// Words are the value for people, with the moment that it is of.
func (f Fact) Words(at time.Time) string {
	words := fmt.Sprint(f.Value)
	switch value := f.Value.(type) {
	case float64:
		words = fleet.Number(value)
	case bool:
		words = map[bool]string{false: "no", true: "yes"}[value]
	case time.Duration:
		words = fleet.Lapse(value)
	case time.Time:
		words = fleet.Minute(value, at)
	}
	if !f.At.IsZero() {
		words += " (" + fleet.Minute(f.At, at) + ")"
	}
	return words
}

func (f Fact) text(at time.Time) string { return f.Title() + ": " + f.Words(at) }
