package simulate

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestCSV_readsATrace(t *testing.T) {
	const file = "\ufeffminute, arrivals,service_seconds,provision_seconds\n# noon\n2026-03-02T12:00:00Z,3,2.5,\n2026-03-02T12:02:00Z,4,,240\n" +
		"2026-03-02T14:03:00+02:00,0,,\n"
	trace, err := CSV("day.csv", strings.NewReader(file), 8*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []Minute{{3, 2500 * time.Millisecond}, {}, {4, 0}, {}}
	if !slices.Equal(trace.Minutes, want) || !slices.Equal(trace.Starts, []time.Duration{4 * time.Minute}) || trace.Source != "day.csv" {
		t.Errorf("got %+v", trace)
	}
	if mean, want := trace.MeanService(), 39500*time.Millisecond/7; (mean - want).Abs() > time.Microsecond {
		t.Errorf("a mean service time of %s, want %s", mean, want)
	}
	if numbers, err := CSV("n.csv", strings.NewReader("arrivals,minute\n1,2\n5,3\n"), time.Second); err != nil ||
		!slices.Equal(numbers.Minutes, []Minute{{}, {}, {1, 0}, {5, 0}}) {
		t.Errorf("%+v, %v", numbers, err)
	}
}

func TestCSV_saysWhatIsWrongAndWhere(t *testing.T) {
	for file, want := range map[string]string{
		"":                                               "t.csv:1: the file is empty: its first line names the columns, for example minute,arrivals",
		"minute,requests\n":                              `t.csv:1: "requests" is not a column: write some of minute, arrivals, service_seconds, provision_seconds`,
		"minute,minute,arrivals\n":                       "t.csv:1: the column minute is there twice",
		"minute\n":                                       "t.csv:1: there is no column arrivals: the first line names the columns, for example minute,arrivals",
		"# a\nminute,arrivals\n0,1,2\n":                  "t.csv:3: 3 fields, and the first line names 2 columns",
		"minute,arrivals\n0,1\n0,1\n":                    "t.csv:3: minute: it is not after the one before it",
		"minute,arrivals\n0,1\n-1,1\n":                   `t.csv:3: minute: "-1" is not a minute: write its number from 0, or a moment like 2026-03-02T09:00:00Z`,
		"minute,arrivals\n999999,1\n":                    "t.csv:2: minute: it is more than a year after the first",
		"minute,arrivals\n0,1.5\n":                       `t.csv:2: arrivals: "1.5" is not a number of requests: write for example 12`,
		"minute,arrivals\n0,-2\n":                        `t.csv:2: arrivals: "-2" is not a number of requests: write for example 12`,
		"minute,arrivals\n0,\n":                          `t.csv:2: arrivals: "" is not a number of requests: write for example 12`,
		"minute,arrivals\n2026-03-02T09:00:05Z,1\n":      `t.csv:2: minute: "2026-03-02T09:00:05Z" is not a whole minute`,
		"minute,arrivals\n2026-03-02T09:00:00Z,1\n5,1\n": "t.csv:3: minute: numbers and moments are mixed",
		"minute,arrivals\n2026-03-02T09:00:00Z,1\n2026-03-02T08:00:00Z,1\n": "t.csv:3: minute: it is not after the one before it",
		"minute,arrivals,service_seconds\n0,1,0\n":                          `t.csv:2: service_seconds: "0" is not a number of seconds above 0: write for example 12.5, or nothing`,
		"minute,arrivals,service_seconds\n0,1,NaN\n":                        `t.csv:2: service_seconds: "NaN" is not a number of seconds above 0: write for example 12.5, or nothing`,
		"minute,arrivals\n0,\"1\n":                                          "t.csv:2: extraneous or missing \" in quoted-field",
		"minute,arrivals\n":                                                 "t.csv has no minutes",
		"minute,arrivals\n0,0\n":                                            "t.csv has no requests: there is nothing to simulate",
		"minute,arrivals\n0,30000000\n":                                     "t.csv has 30000000 requests, and 20000000 are the most that can be simulated: take fewer days",
	} {
		if _, err := CSV("t.csv", strings.NewReader(file), time.Second); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s", file, err, want)
		}
	}
	_, err := CSV("t.csv", strings.NewReader("minute,arrivals,service_seconds\n0,1,2\n1,1,\n"), 0)
	if err == nil || !strings.Contains(err.Error(), "the requests of minute 1 take: give a mean by --service-time") {
		t.Errorf("without a service time: %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("minute,arrivals,service_seconds,provision_seconds\n2026-03-02T12:00:00Z,3,2.5,\n2026-03-02T12:02:00Z,4,,240\n")
	f.Add("arrivals,minute\n1,2\n5,3\n")
	f.Fuzz(func(t *testing.T, file string) {
		trace, err := CSV("f.csv", strings.NewReader(file), time.Second)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.csv") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		if trace.Arrivals() > 10_000 {
			return
		}
		requests := trace.Requests(1)
		if len(requests) != int(trace.Arrivals()) || !slices.IsSortedFunc(requests, byTime) {
			t.Errorf("%d requests of %v", len(requests), trace.Arrivals())
		}
	})
}

func byTime(a, b sim.Request) int { return int(a.At - b.At) }

func TestRequests_areThoseOfTheMinutes(t *testing.T) {
	trace := Trace{
		Source: "a test", Shape: HalfFixed, Service: 10 * time.Second, Minutes: []Minute{{Arrivals: 500}, {}, {Arrivals: 700, Service: time.Minute}},
	}
	for _, even := range []bool{false, true} {
		trace.Even = even
		requests := trace.Requests(3)
		perMinute := map[int]int{}
		sums := map[int]time.Duration{}
		for _, r := range requests {
			perMinute[int(r.At/time.Minute)]++
			sums[int(r.At/time.Minute)] += r.Took
		}
		if perMinute[0] != 500 || perMinute[2] != 700 || len(perMinute) != 2 || !slices.IsSortedFunc(requests, byTime) {
			t.Errorf("even %t: %v", even, perMinute)
		}
		if first, third := sums[0]/500, sums[2]/700; first < 9*time.Second || first > 11*time.Second || third < 55*time.Second || third > 65*time.Second {
			t.Errorf("even %t: they take %s and %s", even, first, third)
		}
		if !slices.Equal(requests, trace.Requests(3)) || slices.Equal(requests, trace.Requests(4)) {
			t.Errorf("even %t: the seed does not decide it", even)
		}
	}
	trace.Even, trace.Shape = true, Constant
	gaps := map[time.Duration]bool{}
	requests := trace.Requests(1)[:500]
	for i := range requests[1:] {
		gaps[(requests[i+1].At - requests[i].At).Round(time.Microsecond)] = true
	}
	if len(gaps) != 1 || requests[0].Took != 10*time.Second {
		t.Errorf("%d different gaps, %s", len(gaps), requests[0].Took)
	}
}

// The number of a Poisson process in a minute has the mean as its variance, and its gaps are exponential.
func TestRequests_ofAPatternAreAPoissonProcess(t *testing.T) {
	trace, err := Pattern("constant", .5, 10, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]float64, len(trace.Minutes))
	requests := trace.Requests(1)
	for _, r := range requests {
		counts[r.At/time.Minute]++
	}
	mean, squares := 0.0, 0.0
	for _, n := range counts {
		mean += n / float64(len(counts))
	}
	for _, n := range counts {
		squares += (n - mean) * (n - mean) / float64(len(counts))
	}
	if math.Abs(mean-30) > .3 || math.Abs(squares/mean-1) > .05 {
		t.Errorf("mean %.2f, variance %.2f", mean, squares)
	}
	long := 0
	for i := range requests[1:] {
		if requests[i+1].At-requests[i].At > 4*time.Second {
			long++
		}
	}
	if share := float64(long) / float64(len(requests)); math.Abs(share/math.Exp(-2)-1) > .03 {
		t.Errorf("%.4f of the gaps are longer than twice the mean, want %.4f", share, math.Exp(-2))
	}
}

func TestPattern_bringsItsMean(t *testing.T) {
	for _, name := range Patterns() {
		trace, err := Pattern(name, .25, 4, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if want := .25 * 4 * 24 * 3600; math.Abs(trace.Arrivals()/want-1) > 1e-6 {
			t.Errorf("%s: %v requests, want %v", name, trace.Arrivals(), want)
		}
	}
	for _, tt := range []struct {
		name string
		rate float64
		want string
	}{
		{"weekly", 1, `"weekly" is not a pattern: write one of constant, daily, bursts`},
		{"daily", 0, "0 is not a number of requests a second: write for example 0.5"},
		{"daily", math.NaN(), "NaN is not a number of requests a second: write for example 0.5"},
		{"daily", 1000, "the most that can be simulated"},
	} {
		if _, err := Pattern(tt.name, tt.rate, 10, time.Second); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %v: got %v, want %s", tt.name, tt.rate, err, tt.want)
		}
	}
}

func TestPeak_isThatOfTheBusiestMinutes(t *testing.T) {
	trace := Trace{Service: 30 * time.Second, Minutes: []Minute{{Arrivals: 4}, {Arrivals: 20}, {Arrivals: 10, Service: time.Minute}, {}}}
	for minutes, want := range map[int]float64{1: 5, 2: 5, 4: 22.0 / 4 / 2, 60: 22.0 / 4 / 2} {
		if got := trace.Peak(minutes, 2); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d minutes: %v busy instances, want %v", minutes, got, want)
		}
	}
}
