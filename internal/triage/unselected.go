package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/report"
)

// mostNamed is how many endpoints a sentence names.
const mostNamed = 10

// Unselected says where no policy selects any endpoint what could be changed, and the command that previews it for the one of
// these that the list has first. It is empty where one is selected, where that is not known, and where nothing would be changed.
func Unselected(reports []report.Report, at time.Time) string {
	list := List{At: at}
	for i := range reports {
		v := Of(&reports[i], at)
		if len(v.Plan.Selected) > 0 || v.Plan.Unknown != "" || !v.Plan.Empty() {
			return ""
		}
		for j := range v.Endpoints {
			e := &v.Endpoints[j]
			if slices.ContainsFunc(e.Variants, func(variant report.Variant) bool { return variant.Unknown }) {
				return ""
			}
			if len(v.IfSelected(e).Steps) > 0 {
				row := v.row(e)
				row.Case.Preview = cmp.Or(row.Case.Preview, v.Started.Command("plan", row.Scope, e.Name))
				list.Rows = append(list.Rows, row)
			}
		}
	}
	if len(list.Rows) == 0 {
		return ""
	}
	list.sort()
	preview := list.Rows[0].Case.Preview
	names := make([]string, len(list.Rows))
	for i := range list.Rows {
		names[i] = plan.Quoted(list.Rows[i].Name)
	}
	slices.Sort(names)
	of := strings.Join(names[:min(len(names), mostNamed)], ", ")
	if more := len(names) - mostNamed; more > 0 {
		of += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("No endpoint is selected. %d could be changed: %s. Preview: %s", len(names), of, preview)
}
