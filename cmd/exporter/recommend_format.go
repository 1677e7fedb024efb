package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/iac"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// writeSteps writes what brings the observed endpoints to recommended policies, those of each scope as a section of the
// configuration file, in the language of a pipeline. The reasons come first, as comments.
func (l *looking) writeSteps(stdout io.Writer, reports []report.Report, policies func(fleet.Scope) string, reasons []string) error {
	rules := l.cycleOptions().Rules
	rules.MaxSteps = 0
	var plans []plan.Plan
	for i := range reports {
		file, err := config.Parse("recommend", []byte(policies(reports[i].Snapshot.Scope)))
		if err != nil {
			return err
		}
		if rules.Policies = file.Policies(); len(rules.Policies) == 0 {
			continue
		}
		planned := report.Build(reports[i].Snapshot, rules, report.NewPast()).Plan
		if planned.Unknown != "" {
			return fmt.Errorf("%s: %s", reports[i].Snapshot.Scope.Region, planned.Unknown)
		}
		plans = append(plans, planned)
	}
	var page strings.Builder
	for _, reason := range reasons {
		page.WriteString("# " + plan.Printable(reason) + "\n")
	}
	if err := iac.Write(&page, iac.Format(l.options.format), plans); err != nil {
		return err
	}
	_, err := io.WriteString(stdout, page.String())
	return err
}

// chosen is the choice that --choice names, by default the first.
func chosen(choices []advise.Choice, name string) advise.Choice {
	for _, c := range choices {
		if c.Name == name {
			return c
		}
	}
	return choices[0]
}
