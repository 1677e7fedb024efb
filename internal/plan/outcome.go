package plan

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Outcome is how one step ended.
type Outcome struct {
	Step Step
	Err  error // nil: it was carried out
}

// End is how a step ended, in one word.
type End string

// The ends of a step.
const (
	Applied End = "applied"
	Failed  End = "failed"  // a RefusedError: nothing has changed
	Unknown End = "unknown" // the answer was lost: AWS may have carried it out
)

// End tells how the step ended. Without an answer nobody knows, so everything that is not a RefusedError is Unknown.
func (o Outcome) End() End {
	var refused *RefusedError
	switch {
	case o.Err == nil:
		return Applied
	case errors.As(o.Err, &refused):
		return Failed
	}
	return Unknown
}

// RefusedError is of a step that was certainly not carried out: AWS refused it, or nothing was sent.
type RefusedError struct {
	Err    error
	Passes bool // the reason passes by itself: the step may be written again, once what it rests on was read again
}

// Error is the text of the cause.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// TextOutcomes writes how steps ended, for people, in the order in which they were carried out. It returns the error of
// the writer.
func TextOutcomes(out io.Writer, outcomes []Outcome) error {
	var page strings.Builder
	style := terminal.Of(out)
	ends := map[End]int{}
	for i, outcome := range outcomes {
		if scope := outcome.Step.Scope; i == 0 || scope != outcomes[i-1].Step.Scope {
			fmt.Fprintf(&page, "%s %s\n", scope.AccountID, scope.Region)
		}
		outcome.Step.text(&page, style)
		end := outcome.End()
		ends[end]++
		switch end {
		case Applied:
		case Failed:
			page.WriteString("      " + style.Paint(terminal.Bad, "failed: ") + Printable(outcome.Err.Error()) + "\n")
		case Unknown:
			page.WriteString("      " + style.Paint(terminal.Warning, "unknown: ") + Printable(outcome.Err.Error()) + "; AWS may have carried it out\n")
		}
	}
	fmt.Fprintf(&page, "Apply: %d applied, %d failed", ends[Applied], ends[Failed])
	if n := ends[Unknown]; n > 0 {
		fmt.Fprintf(&page, ", %d unknown", n)
	}
	page.WriteString(".\n")
	_, err := io.WriteString(out, page.String())
	return err
}

type jsonOutcome struct {
	jsonStep
	Outcome End    `json:"outcome"`
	Error   string `json:"error"`
}

// JSONOutcomes writes how steps ended, and the plans of the observation after them, as one document for tools. It returns
// the error of the writer.
func JSONOutcomes(out io.Writer, outcomes []Outcome, after []Plan) error {
	result := struct {
		Applied []jsonOutcome `json:"applied"`
		document
	}{[]jsonOutcome{}, documentOf(after)}
	for _, outcome := range outcomes {
		ended := jsonOutcome{jsonStep: jsonStepOf(outcome.Step), Outcome: outcome.End()}
		if outcome.Err != nil {
			ended.Error = outcome.Err.Error()
		}
		result.Applied = append(result.Applied, ended)
	}
	return WriteJSON(out, result)
}
