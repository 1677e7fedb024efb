package autoscaling

import (
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
func TestPeriod_showsOneValueAMinute(t *testing.T) {
	values := []Value{Exactly(1), Exactly(1), Exactly(1), Exactly(1), Exactly(0), Missing(), Missing(), Missing(), Missing(), Missing(), Exactly(0).OrMissing(), Exactly(2)}
	minute := func(ago int) Value { return values[min(ago, len(values)-1)] }
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
		{"Average", 2 * time.Minute, 5, "0 to 2"},
		{"Average", 30 * time.Second, 0, "no data"},
		{"Average", 30 * time.Second, 1, "1"},
		{"Average", 30 * time.Second, 9, "0"},
		{"Average", 10 * time.Second, 4, "no data"},
		{"Average", 10 * time.Second, 5, "1"},
		{"TC(1:2)", time.Minute, 0, "unknown"},
	} {
		got := Period(test.statistic, test.period, test.ago, minute).String()
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
