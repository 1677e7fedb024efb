package explain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Text writes the explanation for people: link by link, and the conclusion. It returns the error of the writer.
func (e Explanation) Text(out io.Writer) error {
	var page strings.Builder
	line := func(indent int, format string, args ...any) {
		page.WriteString(strings.Repeat(" ", indent) + plan.Printable(fmt.Sprintf(format, args...)) + "\n")
	}
	head := e.Endpoint + "  " + strings.TrimSpace(e.Scope.AccountID+" "+e.Scope.Region)
	if e.Status != "" {
		head += "  " + e.Status
	}
	line(0, "%s  as of %s", head, e.At.Format("2006-01-02 15:04:05 UTC"))
	variant := ""
	for _, link := range e.Links {
		if link.Variant != variant && len(e.Variants) > 1 {
			line(0, "variant %s", link.Variant)
		}
		variant = link.Variant
		line(2, "%-15s  %-7s  %s", link.Title(), link.Verdict, link.Sentence)
		for _, fact := range link.Facts {
			line(28, "%s", fact.text(e.At))
		}
		for i := range link.Findings {
			finding := &link.Findings[i]
			said := finding.Sentence
			if finding.Problem() == link.Sentence { // it is said already
				said = finding.Advice()
			}
			line(28, "%s", strings.TrimSuffix(fmt.Sprintf("%s check %s: %s", finding.Severity, finding.Check.Name, said), ": "))
		}
		for _, step := range link.Steps {
			line(28, "%s: %s %s", link.would(), step.Action, step.Title())
		}
		for _, held := range link.Withheld {
			line(28, "withheld: %s: %s", held.Title(), reason(held))
		}
		if page := link.Page(); page != "" {
			line(28, "runbook: %s", page)
		}
	}
	verdict := "healthy"
	if e.Conclusion.Attention {
		verdict = "needs attention"
	}
	line(0, "%s: %s", verdict, e.Conclusion.Sentence)
	_, err := io.WriteString(out, page.String())
	return err
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
