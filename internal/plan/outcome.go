package plan

import (
	"fmt"
	"io"
	"strings"
)

// Outcome is how one step ended.
type Outcome struct {
	Step Step
	Err  error // nil: it was carried out
}

// TextOutcomes writes how steps ended, for people, in the order in which they were carried out. It returns the error of
// the writer.
func TextOutcomes(out io.Writer, outcomes []Outcome) error {
	var page strings.Builder
	applied, failed := 0, 0
	for i, outcome := range outcomes {
		if scope := outcome.Step.Scope; i == 0 || scope != outcomes[i-1].Step.Scope {
			fmt.Fprintf(&page, "%s %s\n", scope.AccountID, scope.Region)
		}
		outcome.Step.text(&page)
		if outcome.Err != nil {
			failed++
			page.WriteString("      failed: " + Printable(outcome.Err.Error()) + "\n")
		} else {
			applied++
		}
	}
	fmt.Fprintf(&page, "Apply: %d applied, %d failed.\n", applied, failed)
	_, err := io.WriteString(out, page.String())
	return err
}

type jsonOutcome struct {
	jsonStep
	Outcome string `json:"outcome"` // applied or failed
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
		ended := jsonOutcome{jsonStep: jsonStepOf(outcome.Step), Outcome: "applied"}
		if outcome.Err != nil {
			ended.Outcome, ended.Error = "failed", outcome.Err.Error()
		}
		result.Applied = append(result.Applied, ended)
	}
	return encode(out, result)
}
