package web

import (
	"cmp"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// trouble is how much an endpoint needs somebody, the most first.
type trouble int

// The troubles.
const (
	stuck    trouble = iota // requests wait, and will wait until somebody acts
	critical                // they would, if some came
	unseen                  // nothing is known
	doubtful                // a warning
	pending                 // a plan to carry out
	none
)

// judge says of an endpoint in which state it is, what is wrong and what to do. Only endpoints at which something waits,
// moves or fails are explained, because an explanation costs more than a row.
func (l *look) judge(e *report.Endpoint, shown *endpointView) {
	shown.trouble, shown.Class = none, "plain"
	state, resting := explain.Resting(l.Report, e, l.at)
	if !resting {
		c := explain.Brief(l.Report, e, l.at)
		state = c.State
		if c.Attention && c.State == explain.Failing {
			shown.trouble, shown.Conclusion, shown.Action, shown.Guide = critical, c.Cause, c.Preview, c.Page
			if said := shown.sentence(c.Check); said == "" {
				shown.Advice = c.Advice
			} else {
				shown.Conclusion = strings.ToUpper(c.Situation[:1]) + c.Situation[1:] + ". " + said
			}
			if shown.waiting > 0 {
				shown.trouble = stuck
			}
		}
	}
	shown.judgeBy(shown.Criticals, critical)
	shown.judgeBy(shown.Warnings, doubtful)
	if steps := len(shown.Steps) + len(shown.Withheld); steps > 0 {
		if shown.Conclusion == "" {
			shown.Conclusion = "The plan has " + fleet.Plural(steps, "step") + " for it."
		}
		shown.Action = cmp.Or(shown.Action, l.Started.Command("plan", l.Snapshot.Scope, e.Name))
		shown.trouble = min(shown.trouble, pending)
	}
	shown.State, shown.Attention = known(words(state)), shown.trouble != none
	switch {
	case shown.trouble <= critical:
		shown.Class = string(check.Critical)
	case shown.Attention:
		shown.Class = string(check.Warning)
	}
}

// judgeBy takes the first failing check for the conclusion where there is no worse one.
func (e *endpointView) judgeBy(failing []findingView, is trouble) {
	if len(failing) == 0 {
		return
	}
	if e.Conclusion == "" {
		e.Conclusion, e.Guide = failing[0].Sentence, explain.Docs+failing[0].check.Guide()
	}
	e.trouble = min(e.trouble, is)
}

// sentence is what a failing check says; empty when it does not fail.
func (e *endpointView) sentence(of string) string {
	for _, failing := range [][]findingView{e.Criticals, e.Warnings} {
		for i := range failing {
			if failing[i].check.Name == of {
				return failing[i].Sentence
			}
		}
	}
	return ""
}

// words is a state for people.
func words(s explain.State) string { return strings.ReplaceAll(string(s), "_", " ") }
