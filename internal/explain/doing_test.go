package explain

import (
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// What is wrong hides no state: beside that a link is broken it is known what the endpoint does.
func TestDoing_saysOfWhatIsBrokenWhatItDoes(t *testing.T) {
	full := func(s *scene) { s.v.Target.MaxCapacity = 2; s.inAlarm(fleet.RoleHigh, 30) }
	for _, test := range []struct {
		name    string
		running int
		waits   float64
		change  func(*scene)
		lacks   check.Scaling
		want    State
	}{
		{"no instance comes", 0, 3, nil, check.Wake, Stuck},
		{"an instance is desired and does not come", 0, 3, func(s *scene) { s.want(1) }, 0, Stuck},
		{"it works on nothing", 1, 3, func(s *scene) { s.e.Status = "Failed" }, 0, Stuck},
		{"it works on with a mix", 1, 3, func(s *scene) { s.e.Status = fleet.RollbackFailed }, 0, Working},
		{"scale-outs are refused", 1, 30, func(s *scene) { s.inAlarm(fleet.RoleHigh, 30) }, 0, Working},
		{"the maximum is too low", 2, 30, full, 0, AtMaximum},
		{"the maximum is enough", 2, 3, func(s *scene) { s.v.Target.MaxCapacity = 2 }, 0, Working},
		{"more do not come", 1, 30, func(s *scene) { s.want(2) }, 0, ScalingOut},
		{"busy instances are taken away", 2, 3, func(s *scene) { s.want(1) }, check.Keep, ScalingIn},
		{"busy instances are about to be", 2, 3, nil, check.Keep, ScalingIn},
		{"nothing would wake it", 0, 0, nil, check.Wake, Asleep},
		{"the first does not come, for nobody", 0, 0, func(s *scene) { s.want(1) }, 0, Waking},
		{"idle instances stay", 1, 0, nil, check.In, Idle},
		{"nothing scales it", 1, 3, func(s *scene) { s.v.Target, s.v.Policies, s.v.Alarms = nil, nil, nil }, 0, Fixed},
		{"the queue is not known", 1, 3, func(s *scene) { s.source(fleet.SourceQueue).Expires = noon }, 0, NotKnown},
		{"the instances are not known", 1, 3, func(s *scene) { s.v.Current = nil }, 0, NotKnown},
	} {
		s := running(test.running, test.waits)
		if test.change != nil {
			test.change(s)
		}
		r := report.Build(*s.Snapshot, s.rules, report.NewPast())
		l := look(&r, r.Endpoint("e"), noon)
		l.explain()
		if got := l.doing(&Link{lacks: test.lacks}); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
