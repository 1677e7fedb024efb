package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/plan"
)

func TestCannotScaleToZero(t *testing.T) {
	wants := func(n int) func(*fixture) {
		return func(f *fixture) {
			selectedByName(f)
			f.wanted.MinCapacity.Value = n
		}
	}
	table(t, "cannot_scale_to_zero",
		row{"zero", nil, Info, false, nil},
		row{"one", changes(minimum(1)), Info, true, []string{"minimum of 1", "1 instance too many", "Lower the minimum to 0."}},
		row{"one, and nothing wakes it", changes(minimum(1), without("wake", "alarm")), Info, true, []string{"put a wake policy with its alarm first"}},
		row{"one, kept", changes(minimum(1), selected), Info, true, []string{"or write minCapacity in the policy that selects it."}},
		row{"one, enforced", changes(minimum(1), planned(plan.MinCapacity)), Warning, true, []string{"--reconcile"}},
		row{"zero, enforced", changes(selectedByName), Warning, false, nil},
		row{"what the policy says", changes(minimum(2), wants(2)), Warning, false, nil},
		row{"below what the policy says", changes(minimum(1), wants(2)), Warning, false, nil},
		row{"above what the policy says", changes(minimum(5), wants(2)), Warning, true, []string{"minimum of 5, where 2", "3 instances"}},
		row{"no target", changes(unregistered), absent, false, nil},
	)
}
