package autoscaling

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// window is a row of AWS's tables: the newest datapoint is on the right, X breaches, 0 does not, - is missing.
func window(row string) func(ago int) Value {
	fields := strings.Fields(row)
	return func(ago int) Value {
		if ago >= len(fields) {
			return Missing()
		}
		switch fields[len(fields)-1-ago] {
		case "X":
			return Exactly(1)
		case "0":
			return Exactly(0)
		case "?":
			return Between(0, 1).Because("a reason")
		case "u":
			return Unknown("a reason")
		}
		return Missing()
	}
}

func alarmOf(periods, wanted int, treat string) *fleet.Alarm {
	return &fleet.Alarm{
		EvaluationPeriods: periods, DatapointsToAlarm: wanted, Threshold: 1, Comparison: "GreaterThanOrEqualToThreshold",
		TreatMissingData: treat, Period: 5 * time.Minute, Statistic: "Average", ActionsEnabled: true,
	}
}

// The tables are AWS's own: "Configuring how CloudWatch alarms treat missing data", Amazon CloudWatch User Guide,
// docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html. The range of both is 5.
func TestJudge_treatsMissingDataAsInTheTablesOfAWS(t *testing.T) {
	const retain = "retain"
	for _, table := range []struct {
		periods, wanted int
		rows            [][5]string // missing, ignore, breaching, notBreaching
	}{
		{3, 3, [][5]string{
			{"0 - X - X", "OK", "OK", "OK", "OK"},
			{"0 - - - -", "OK", "OK", "OK", "OK"},
			{"- - - - -", "INSUFFICIENT_DATA", retain, "ALARM", "OK"},
			{"0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
			{"- - X - -", "ALARM", retain, "ALARM", "OK"},
			// From "Avoiding premature transitions to alarm state" below the tables: not immediately into ALARM.
			{"- - - - X", retain, retain, "ALARM", "OK"},
			{"- - - X -", retain, retain, "ALARM", "OK"},
		}},
		{3, 2, [][5]string{
			{"0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"},
			{"0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"},
			{"0 - X - -", "OK", "OK", "ALARM", "OK"},
			{"- - - - 0", "OK", "OK", "ALARM", "OK"},
			{"- - - X -", "ALARM", retain, "ALARM", "OK"},
		}},
	} {
		for _, row := range table.rows {
			for i, treat := range []string{"missing", "ignore", "breaching", "notBreaching"} {
				a := alarmOf(table.periods, table.wanted, treat)
				if Range(a) != 5 {
					t.Fatalf("the range is %d", Range(a))
				}
				for _, before := range []States{OK, Alarm, InsufficientData} {
					want := row[i+1]
					if want == retain {
						want = before.String()
					}
					if got := Judge(a, before, window(row[0])); got.States.String() != want {
						t.Errorf("%d of %d, %s, missing data %s, before %s: %s, want %s", table.wanted, table.periods, row[0], treat, before, got.States, want)
					}
				}
			}
		}
	}
}

func TestJudge_readsWhatIsNotCertainInEachWay(t *testing.T) {
	for _, test := range []struct {
		row    string
		alarm  *fleet.Alarm
		before States
		want   States
		reason string
	}{
		{"0 0 0 0 ?", alarmOf(1, 1, "missing"), OK, OK | Alarm, "a reason"},
		{"0 0 X ? X", alarmOf(3, 2, "missing"), OK, Alarm, ""},
		{"0 0 0 ? 0", alarmOf(3, 2, "missing"), OK, OK, ""},
		{"? ? ? ? ?", alarmOf(3, 3, "missing"), OK, OK | Alarm, "a reason"},
		{"u u u u u", alarmOf(3, 3, "missing"), Alarm, OK | Alarm | InsufficientData, "a reason"},
		{"u u u u u", alarmOf(3, 3, "notBreaching"), Alarm, OK | Alarm, "a reason"},
		{"X X X X u", alarmOf(2, 1, "missing"), OK, Alarm, ""},
		{"- - - - -", alarmOf(2, 2, "ignore"), OK | Alarm, OK | Alarm, "the state before is not known"},
	} {
		got := Judge(test.alarm, test.before, window(test.row))
		if got.States != test.want || got.Reason != test.reason {
			t.Errorf("%s: %s because %q, want %s because %q", test.row, got.States, got.Reason, test.want, test.reason)
		}
	}
}

func TestJudge_comparesAsAWSDoes(t *testing.T) {
	for _, test := range []struct {
		comparison string
		states     [3]States // of a value below, at and above the threshold
	}{
		{"GreaterThanOrEqualToThreshold", [3]States{OK, Alarm, Alarm}},
		{"GreaterThanThreshold", [3]States{OK, OK, Alarm}},
		{"LessThanOrEqualToThreshold", [3]States{Alarm, Alarm, OK}},
		{"LessThanThreshold", [3]States{Alarm, OK, OK}},
		{"LessThanLowerOrGreaterThanUpperThreshold", [3]States{OK | Alarm, OK | Alarm, OK | Alarm}},
	} {
		a := alarmOf(1, 0, "") // DatapointsToAlarm defaults to EvaluationPeriods, missing data to missing
		a.Comparison = test.comparison
		for i, want := range test.states {
			if got := Judge(a, OK, func(int) Value { return Exactly(float64(i)) }).States; got != want {
				t.Errorf("%d %s 1: %s, want %s", i, test.comparison, got, want)
			}
		}
	}
}

func TestJudge_watchesTheNewestDatapointThatSpeaksForTheState(t *testing.T) {
	a := alarmOf(3, 1, "missing")
	values := []Value{Exactly(0), Exactly(7), Exactly(9)}
	got := Judge(a, OK, func(ago int) Value { return values[min(ago, 2)] })
	if v, ok := got.Watched.Exact(); got.States != Alarm || !ok || v != 7 {
		t.Errorf("%s rests on %s", got.States, got.Watched)
	}
	a.TreatMissingData = "breaching"
	if got := Judge(a, OK, window("- - - - -")); !got.Watched.IsMissing() || got.States != Alarm || !got.NoData {
		t.Errorf("%s rests on %s", got.States, got.Watched)
	}
}

func TestJudge_ofAPercentileOfFewSamplesNeverMoves(t *testing.T) {
	a := alarmOf(1, 1, "breaching")
	a.Statistic, a.Extras = "p90", &fleet.AlarmExtras{LowSamples: "ignore"}
	if got := Judge(a, OK, window("X")); got.States != OK || !got.Retained {
		t.Errorf("%+v", got)
	}
	a.Extras.LowSamples = "evaluate"
	if got := Judge(a, OK, window("X")); got.States != Alarm {
		t.Errorf("%+v", got)
	}
}

func TestRange_reachesDatapointsThatAreLate(t *testing.T) {
	for period, want := range map[time.Duration]int{30 * time.Second: 11, time.Minute: 7, 5 * time.Minute: 5, time.Hour: 5} {
		a := alarmOf(3, 3, "")
		a.Period = period
		if got := Range(a); got != want {
			t.Errorf("3 periods of %s: %d, want %d", period, got, want)
		}
	}
}
