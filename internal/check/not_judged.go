package check

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

var notJudged = &Check{
	Name: "not_judged", Severities: []Severity{Info}, Needs: wiring, run: runNotJudged, Stage: StageAlarm,
}

func runNotJudged(s *Subject) verdict {
	reasons := s.Behavior.NotJudged
	switch {
	case !s.scaled():
		return verdict{}
	case len(reasons) == 0:
		return pass(Info)
	}
	first := reasons[0]
	about, why := "The scaling of variant %q", first.Text
	if w := &s.Behavior.Wakes; w.Verdict == behavior.NotJudged && w.Reason != "" { // as the plan and explain say it
		about, why = "Whether queued requests wake variant %q", w.Reason
	} else if first.Path != (behavior.Path{}) {
		about = fleet.Capital(via(first.Path)) + " of variant %q"
	}
	more := ""
	if n := len(reasons) - 1; n > 0 {
		more = fmt.Sprintf(" %d more of its alarms or policies are not judged either.", n)
	}
	return fail(Info, about+" is not judged: %s.%s", s.Variant.Name, why, more).
		advise("Checks say nothing about it, and reconcile does not write over it.")
}
