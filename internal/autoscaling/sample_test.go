package autoscaling

import (
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestSample_hasTheStatisticsOfCloudWatch(t *testing.T) {
	var s Sample
	for _, v := range []float64{4, 0, 2, 2} {
		s.Add(v)
	}
	for name, want := range map[string]float64{"Average": 2, "Sum": 8, "Minimum": 0, "Maximum": 4, "SampleCount": 4, "p50": 2, "p0": 0, "p100": 4, "p75": 3, "tm90": 2, "wm90": 2} {
		if got, ok := s.Statistic(name); !ok || got != want {
			t.Errorf("%s is %g, %t, want %g", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "p", "p101", "q5", "average", "IQM", "ts90"} {
		if _, ok := s.Statistic(name); ok {
			t.Errorf("%q is no statistic", name)
		}
	}
	if _, ok := (Sample{}).Statistic("Sum"); ok {
		t.Error("nothing has a sum")
	}
	if !IsPercentile("p90") || IsPercentile("tm90") || IsPercentile("Average") {
		t.Error("percentiles")
	}
}

// HasBacklogWithoutCapacity has one value of 0 or 1 a minute: by the minute every statistic is that value.
// What may be missing counts where it moves the bound.
func TestShow_whatMayBeMissingMovesOneBound(t *testing.T) {
	for _, test := range []struct {
		statistic     string
		there, absent Value // one minute of either
		want          string
	}{
		{"Maximum", Exactly(1), Exactly(0), "1"},
		{"Maximum", Exactly(1), Between(0, 4), "1 to 4"},
		{"Maximum", Missing(), Between(0, 4), "0 to 4 or no data"},
		{"Minimum", Exactly(1), Exactly(2), "1"},
		{"Minimum", Between(1, 3), Between(2, 4), "1 to 3"},
		{"Sum", Exactly(1), Exactly(0), "1"},
		{"Sum", Exactly(1), Exactly(-2), "-1 to 1"},
		{"Sum", Missing(), Exactly(2), "2 or no data"},
		{"Average", Exactly(1), Exactly(0), "0.5 to 1"},
		{"Average", Exactly(1), Exactly(3), "1 to 2"},
		{"Average", Between(1, 3), Between(2, 6), "1 to 4.5"},
		{"SampleCount", Exactly(1), Exactly(3), "1 to 2"},
		{"SampleCount", Missing(), Exactly(3), "1 or no data"},
		{"p90", Exactly(1), Exactly(3), "1 to 3"},
	} {
		got := show(test.statistic, []stretch{{test.there, 1}, {test.absent.OrMissing(), 1}}).String()
		if got != test.want {
			t.Errorf("%s of %s, and perhaps %s: %s, want %s", test.statistic, test.there, test.absent, got, test.want)
		}
	}
}

func TestPeriod_showsOneValueAMinute(t *testing.T) {
	values := []Value{Exactly(1), Exactly(1), Exactly(1), Exactly(1), Exactly(0), Missing(), Missing(), Missing(), Missing(), Missing(), Exactly(0).OrMissing(), Exactly(2)}
	over := func(ago, minutes int) (of [3]stretch) {
		for i := range minutes {
			v := values[min(ago+i, len(values)-1)]
			at := slices.IndexFunc(of[:], func(s stretch) bool { return s.minutes == 0 || s.value == v })
			of[at] = stretch{v, of[at].minutes + 1}
		}
		return of
	}
	for _, test := range []struct {
		statistic string
		period    time.Duration
		ago       int
		want      string
	}{
		{"Average", time.Minute, 0, "1"},
		{"Sum", time.Minute, 4, "0"},
		{"p90", time.Minute, 0, "1"},
		{"SampleCount", time.Minute, 4, "1"},
		{"Minimum", time.Minute, 5, "no data"},
		{"Average", 5 * time.Minute, 0, "0.8"},
		{"Maximum", 5 * time.Minute, 0, "1"},
		{"Minimum", 5 * time.Minute, 0, "0"},
		{"Sum", 5 * time.Minute, 0, "4"},
		{"SampleCount", 5 * time.Minute, 0, "5"},
		{"p90", 5 * time.Minute, 0, "0 to 1"},
		{"p90", 2 * time.Minute, 0, "1"},
		{"Average", 5 * time.Minute, 1, "no data"},
		{"SampleCount", 2 * time.Minute, 5, "1 to 2"},
		{"Average", 2 * time.Minute, 5, "1 to 2"},
		{"Maximum", 2 * time.Minute, 5, "2"},
		{"Minimum", 2 * time.Minute, 5, "0 to 2"},
		{"Sum", 2 * time.Minute, 5, "2"},
		{"Average", 30 * time.Second, 0, "no data"},
		{"Average", 30 * time.Second, 1, "1"},
		{"Average", 30 * time.Second, 9, "0"},
		{"Average", 10 * time.Second, 4, "no data"},
		{"Average", 10 * time.Second, 5, "1"},
		{"TC(1:2)", time.Minute, 0, "unknown"},
	} {
		got := period(test.statistic, test.period, test.ago, over).String()
		if got != test.want {
			t.Errorf("%s over %s, %d ago: %s, want %s", test.statistic, test.period, test.ago, got, test.want)
		}
	}
}

func TestPublished_isUnderExactlyTheseDimensions(t *testing.T) {
	endpoint := fleet.Dimension{Name: "EndpointName", Value: "e"}
	variant := fleet.Dimension{Name: "VariantName", Value: "v"}
	for _, test := range []struct {
		namespace, name string
		dimensions      []fleet.Dimension
		unit            string
		ok, known       bool
	}{
		{fleet.Namespace, "HasBacklogWithoutCapacity", []fleet.Dimension{endpoint}, "Count", true, true},
		{fleet.Namespace, "HasBacklogWithoutCapacity", []fleet.Dimension{endpoint, variant}, "", false, true},
		{fleet.Namespace, "ApproximateBacklogSizePerInstance", nil, "", false, true},
		{fleet.Namespace, "ModelLatency", []fleet.Dimension{endpoint, variant}, "Microseconds", true, true},
		{fleet.Namespace, "ModelLatency", []fleet.Dimension{endpoint}, "", false, true},
		{fleet.Namespace, "InvocationsPerInstance", []fleet.Dimension{endpoint, variant}, "", false, true},
		{fleet.Namespace, "CPUUtilization", []fleet.Dimension{endpoint, variant}, "", false, true},
		{fleet.HostNamespace, "CPUUtilization", []fleet.Dimension{endpoint, variant}, "Percent", true, true},
		{"Team", "Jobs", nil, "", false, false},
	} {
		unit, ok, known := Published(fleet.Metric{Namespace: test.namespace, Name: test.name, Dimensions: test.dimensions})
		if unit != test.unit || ok != test.ok || known != test.known {
			t.Errorf("%s %s %v: %q %t %t", test.namespace, test.name, test.dimensions, unit, ok, known)
		}
	}
}

func TestTriggers_theActionsOfTheState(t *testing.T) {
	a := fleet.Alarm{
		ActionsEnabled: true, AlarmActions: []string{"arn:p:createdBy/1234"}, OKActions: []string{"arn:q"}, InsufficientDataActions: []string{"arn:r"},
	}
	for state, want := range map[States]string{Alarm: "arn:p", OK: "arn:q", InsufficientData: "arn:r"} {
		if got := Triggers(&a, state); len(got) != 1 || got[0] != want {
			t.Errorf("%s triggers %v", state, got)
		}
	}
	if a.AlarmActions[0] != "arn:p:createdBy/1234" {
		t.Error("the alarm was changed")
	}
	a.ActionsEnabled = false
	if got := Triggers(&a, Alarm); len(got) != 0 {
		t.Errorf("disabled actions: %v", got)
	}
}

func TestStates_areNamedAsCloudWatchNamesThem(t *testing.T) {
	for _, name := range fleet.AlarmStates {
		if s := StateOf(name); s.String() != name || !s.Judged() {
			t.Errorf("%s is %s", name, s)
		}
	}
	if s := OK | Alarm; s.String() != "OK or ALARM" || s.Judged() || s.Certain(OK) || !s.Possible(OK) || s.Possible(InsufficientData) || StateOf("else") != 0 {
		t.Errorf("%s", s)
	}
}
