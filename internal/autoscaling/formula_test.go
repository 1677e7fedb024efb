package autoscaling

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// series are rows of AWS's tables, the oldest datapoint first; nan is a missing one.
var nan = math.NaN()

// evaluated evaluates an expression over series named m1, m2, ...; the result is a row like AWS's.
func evaluated(t *testing.T, expression string, series ...[]float64) string {
	t.Helper()
	a := fleet.Alarm{Period: time.Minute, EvaluationPeriods: 5}
	for i := range series {
		hidden := false
		a.Math = append(a.Math, fleet.MathQuery{ID: fmt.Sprintf("m%d", i+1), Metric: &fleet.Metric{Name: fmt.Sprint(i)}, Statistic: "Average", ReturnData: &hidden})
	}
	a.Math = append(a.Math, fleet.MathQuery{ID: "e1", Expression: expression})
	w := Compile(&a)
	length := len(series[0])
	row := make([]string, length)
	for i := range length {
		v := w.At(length-1-i, func(input, ago int) Value {
			at := length - 1 - ago
			if at < 0 || math.IsNaN(series[input][at]) {
				return Missing()
			}
			return Exactly(series[input][at])
		})
		switch x, ok := v.Exact(); {
		case v.IsMissing():
			row[i] = "-"
		case ok:
			row[i] = fmt.Sprint(x)
		default:
			row[i] = "?" + v.Reason()
		}
	}
	return strings.Join(row, " ")
}

// Rows with the name of a table are AWS's: "Using metric math", Amazon CloudWatch User Guide,
// docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
func TestMath_asInTheTablesOfAWS(t *testing.T) {
	metric1, metric2 := []float64{30, 20, 0, 0}, []float64{20, nan, 20, nan}
	c, two, three := []float64{1, 1, 0, 0, nan}, []float64{30, nan, 0, 0, 30}, []float64{0, 0, 20, nan, 20}
	gaps := []float64{3, nan, nan, 4}
	for _, test := range []struct {
		expression string
		series     [][]float64
		want       string
	}{
		// Comparison and logical operators.
		{"m1 < m2", [][]float64{metric1, metric2}, "0 0 1 0"},
		{"m1 >= 30", [][]float64{metric1}, "1 0 0 0"},
		{"m1 > 15 AND m2 > 15", [][]float64{metric1, metric2}, "1 0 0 0"},
		{"m1 > 15 && m2 > 15 || m1 == 20", [][]float64{metric1, metric2}, "1 1 0 0"},
		// IF(metric1, metric2, metric3), and with a scalar in one place.
		{"IF(m1, m2, m3)", [][]float64{c, two, three}, "30 0 20 - -"},
		{"IF(m1, 5, m2)", [][]float64{c, three}, "5 5 20 - -"},
		{"IF(m1, m2, 5)", [][]float64{c, two}, "30 0 5 5 -"},
		{"IF(m1, m2)", [][]float64{c, two}, "30 0 - - -"},
		{"IF(m1 < 400, 10, 2)", [][]float64{{399, 400, nan}}, "10 2 -"},
		// Arithmetic: missing values are 0, a division by 0 is dropped.
		{"m1 + m2", [][]float64{metric1, metric2}, "50 20 20 0"},
		{"m1 / m2", [][]float64{metric1, metric2}, "1.5 - 0 -"},
		{"m1 * 2 - -1", [][]float64{gaps}, "7 - - 9"},
		{"2 ^ 3 ^ 2 * 0 + m1", [][]float64{gaps}, "3 - - 4"},
		{"-m1 ^ 2", [][]float64{gaps}, "-9 - - -16"},
		{"m1 / PERIOD(m1) * 60", [][]float64{gaps}, "3 - - 4"},
		// Functions.
		{"FILL(m1, 0)", [][]float64{gaps}, "3 0 0 4"},
		{"FILL(m1, REPEAT)", [][]float64{gaps}, "3 3 3 4"},
		{"FILL(m1, m2)", [][]float64{gaps, {1, 2, nan, 1}}, "3 2 - 4"},
		{"FILL(m1,0)+IF(FILL(m2,0)>0,5,0)", [][]float64{gaps, {nan, 1, nan, 0}}, "3 5 0 4"},
		{"IF(m1>=1 AND FILL(m2,0)==0,1,0)", [][]float64{gaps, {nan, 1, nan, 7}}, "1 0 0 0"},
		{"MAX([m1, m2])", [][]float64{{1, nan, 3, nan}, {2, 2, nan, nan}}, "2 2 3 -"},
		{"SUM([m1, m2])", [][]float64{{1, nan, 3, nan}, {2, 2, nan, nan}}, "3 2 3 -"},
		{"AVG(METRICS())", [][]float64{{1, nan, 3, nan}, {2, 2, nan, nan}}, "1.5 1 1.5 -"},
		{"SUM(METRICS(\"m2\"))+0", [][]float64{{1, 1}, {2, 5}}, "?the metric math SUM of a single series depends on how far back CloudWatch looks ?the metric math SUM of a single series depends on how far back CloudWatch looks"},
		{"MIN([m1, m2])", [][]float64{{1, nan}, {2, nan}}, "1 -"},
		{"SUM(100/[m1, m2])", [][]float64{{4}, {5}}, "45"},
		{"CEIL(m1/2)+FLOOR(m1/2)-ABS(-m1)", [][]float64{{3}}, "0"},
		{"TIME_SERIES(7)", [][]float64{{nan}}, "7"},
		// What is not modelled is unknown.
		{"RATE(m1)", [][]float64{{3}}, "?the metric math function RATE is not modelled"},
		{"ANOMALY_DETECTION_BAND(m1, 2)", [][]float64{{3}}, "?the metric math function ANOMALY_DETECTION_BAND is not modelled"},
		{"m9", [][]float64{{3}}, "?the metric math names m9, which is no query"},
		{"m1 +", [][]float64{{3}}, "?the metric math m1 + is not understood: it ends too early"},
		{"m1 % 2", [][]float64{{3}}, "?the metric math m1 % 2 is not understood: '%' is not understood"},
	} {
		if got := evaluated(t, test.expression, test.series...); got != test.want {
			t.Errorf("%s: %s, want %s", test.expression, got, test.want)
		}
	}
}

func TestMath_reckonsWithIntervals(t *testing.T) {
	values := map[string]Value{
		"any": Unknown("why"), "count": AtLeast(0).OrMissing().Because("why"), "one": Exactly(1), "some": Between(1, 3), "gone": Missing(), "zero": Exactly(0).OrMissing(),
	}
	for _, test := range []struct{ expression, want string }{
		{"MAX([count, one])", "at least 1"},
		{"MAX([any, one])", "at least 1"},
		{"MIN([count, one])", "0 to 1"},
		{"SUM([some, one])", "2 to 4"},
		{"some * -2", "-6 to -2"},
		{"some / some", "0.3333333333333333 to 3"},
		{"one / zero", "no data"},
		{"some >= 1", "1"},
		{"some > 1", "0 to 1"},
		{"IF(some > 1, 5, 7)", "5 to 7"},
		{"IF(zero, 5, 7)", "7 or no data"},
		{"FILL(zero, 4)", "0 to 4"},
		{"FILL(gone, count)", "at least 0 or no data"},
		{"any > 0 OR one", "1"},
		{"any > 0 AND gone > 0", "0 or no data"},
		{"any + one", "unknown"},
	} {
		a := fleet.Alarm{Period: time.Minute, EvaluationPeriods: 1, Math: []fleet.MathQuery{{ID: "e", Expression: test.expression}}}
		hidden := false
		for id := range values {
			a.Math = append(a.Math, fleet.MathQuery{ID: id, Metric: &fleet.Metric{Name: id}, ReturnData: &hidden})
		}
		w := Compile(&a)
		if got := w.At(0, func(input, _ int) Value { return values[w.Inputs[input].ID] }).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.expression, got, test.want)
		}
	}
}

func TestMath_hasOneResult(t *testing.T) {
	query := func(id, expression string) fleet.MathQuery { return fleet.MathQuery{ID: id, Expression: expression} }
	deep := strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200)
	for _, test := range []struct {
		queries []fleet.MathQuery
		want    string
	}{
		{[]fleet.MathQuery{query("a", "1"), query("b", "2")}, "more than one query of the metric math returns data"},
		{[]fleet.MathQuery{query("a", "a + 1")}, "the metric math is nested too deeply"},
		{[]fleet.MathQuery{query("a", "[1, 2]")}, "metric math that gives 2 series is not modelled"},
		{[]fleet.MathQuery{query("a", deep)}, "the metric math " + deep + " is not understood: it is nested too deeply"},
		{[]fleet.MathQuery{query("a", strings.Repeat("1+", 2000)+"1")}, "the metric math " + strings.Repeat("1+", 2000) + "1 is not understood: an expression of 4001 characters is too long"},
	} {
		got := Compile(&fleet.Alarm{Period: time.Minute, EvaluationPeriods: 1, Math: test.queries}).At(0, nil)
		if got.Reason() != test.want {
			t.Errorf("%v: %q, want %q", test.queries[0].ID, got.Reason(), test.want)
		}
	}
}

// Nothing that is read from an account makes the parser or the evaluator fail or hang.
func FuzzMath(f *testing.F) {
	for _, seed := range []string{"FILL(m1,0)+IF(FILL(m2,0)>0,5,0)", "MAX([m1,m2])^2", "METRICS('m')", "-(1e3)", "[]", "IF(", "1e", "m1 m2"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, expression string) {
		w := Compile(&fleet.Alarm{Period: time.Minute, EvaluationPeriods: 3, Math: []fleet.MathQuery{
			{ID: "e", Expression: expression}, {ID: "m1", Metric: &fleet.Metric{}, ReturnData: new(bool)},
		}})
		w.At(0, func(int, int) Value { return AtLeast(0) })
	})
}
