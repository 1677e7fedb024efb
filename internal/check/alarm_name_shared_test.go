package check

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

func TestAlarmNameShared(t *testing.T) {
	shared := alarm(func(a *fleet.Alarm) { a.Name = policy.SharedAlarmName })
	table(t, "alarm_name_shared",
		row{"a name of its own", nil, Warning, false, nil},
		row{"the document's", changes(shared), Warning, true, []string{`"HasBacklogWithoutCapacity-Alarm"`, `"HasBacklogWithoutCapacity-Alarm-e-v"`}},
		row{"never at zero", changes(shared, minimum(1)), Warning, true, nil},
		row{"no alarm", changes(without("alarm")), absent, false, nil},
	)
}
