package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// orphanedScaling is no check of a variant: there is none any more.
var orphanedScaling = &Check{Name: "orphaned_scaling", Severities: []Severity{Warning}, Needs: wiring, Stage: StageTarget}

// OrphanFinding is a finding of what is left of a variant that is gone, or of its endpoint where nothing tells which
// variant it was.
type OrphanFinding struct {
	Endpoint, Variant string // Variant may be empty
	Finding
}

// Orphans are the findings of what is left of endpoints that are gone: one for each variant, in the order of the orphans,
// all of them failed.
func Orphans(orphans ...fleet.Orphan) (findings []OrphanFinding) {
	for i := 0; i < len(orphans); {
		first, rest := orphans[i], orphans[i:]
		n := slices.IndexFunc(rest, func(o fleet.Orphan) bool { return o.Endpoint != first.Endpoint || o.Variant != first.Variant })
		if n < 0 {
			n = len(rest)
		}
		findings = append(findings, OrphanFinding{
			Endpoint: first.Endpoint, Variant: first.Variant,
			Finding: Finding{Check: orphanedScaling, Severity: Warning, Failed: true, Sentence: orphaned(rest[:n])},
		})
		i += n
	}
	return findings
}

// orphaned says in words what is left of one variant.
func orphaned(left []fleet.Orphan) string {
	var what, undo []string
	for _, orphan := range left {
		if orphan.Target {
			what = append(what, fmt.Sprintf("the scalable target of variant %q", orphan.Variant))
			undo = []string{"deregister the target"}
		}
	}
	for _, orphan := range left {
		if orphan.Alarm != "" {
			what = append(what, fmt.Sprintf("the wake alarm %q", orphan.Alarm))
			undo = slices.Compact(append(undo, "delete the alarm"))
		}
	}
	return fmt.Sprintf("Endpoint %q is gone and has left behind %s, at the cost of quota or alarm fees; it will act on the next endpoint with this name. "+
		"If none is to come, %s; reconcile never deletes anything.", left[0].Endpoint, strings.Join(what, " and "),
		strings.Join(undo, " and "))
}
