package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestBacklogSharedByVariants(t *testing.T) {
	table(t, "backlog_shared_by_variants",
		row{"one variant", nil, Info, false, nil},
		row{
			"two", changes(func(f *fixture) { f.endpoint.Variants = append(f.endpoint.Variants, fleet.Variant{Name: "w"}) }), Info, true,
			[]string{"2 variants", `"v"`, "2 instances"},
		},
	)
}
