package simulate

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// foundSome is a search in which the present policy misses the objective, and one with a higher maximum keeps it.
func foundSome() Found {
	in := func(d time.Duration) Range[Wait] { w := Wait{Time: d}; return Range[Wait]{w, w, w} }
	never := Range[Wait]{Wait{Never: true}, Wait{Never: true}, Wait{Never: true}}
	present, best := sim.DocumentedScaling(), sim.DocumentedScaling()
	best.Max = present.Max + 5
	return Found{Candidates: 200, Searched: true, Replays: 230, Summaries: []Summary{
		{Scaling: present, Present: true, Seeds: 10, P50: never, P95: never, P99: never, Worst: never, Hours: Range[float64]{100, 90, 110}},
		{Scaling: best, Best: true, Seeds: 10, Met: 10, P50: in(time.Minute), P95: in(3 * time.Minute), P99: in(4 * time.Minute), Worst: in(5 * time.Minute), Hours: Range[float64]{50, 40, 60}},
	}}
}

func textOf(t *testing.T, f Found, s Study) string {
	t.Helper()
	var got strings.Builder
	if err := f.Text(&got, s); err != nil {
		t.Fatal(err)
	}
	return got.String()
}

func TestText_saysWhatWouldBeDearerOrRefused(t *testing.T) {
	s := Study{Price: 2, Concurrency: 1, Objective: Objective{Latency: 30 * time.Minute, Share: .95, Defaulted: true}}
	for _, test := range []struct {
		name           string
		change         func(*Found, *Study)
		wants, refuses []string
	}{
		{"a higher maximum", func(*Found, *Study) {}, []string{
			"\npresent   ", "\nproposed  ", "default objective (set objectives: or --latency): 95 % of the requests answered within 30m",
			"takes 40.0 to 60.0 instance-hours ($80.00 to $120.00); the present policy 90.0 to 110.0 ($180.00 to $220.00).",
			"Its MaxCapacity is above the present one of 5: make sure that the account's quota",
		}, []string{"documented"}},
		{"no endpoint", func(_ *Found, s *Study) { s.Documented, s.Objective.Defaulted = true, false }, []string{
			"\ndocumented  ", "; the documented policy 90.0 to 110.0", "\nobjective: 95 %",
		}, []string{"present", "quota", "default"}},
		{"no higher maximum", func(f *Found, _ *Study) { f.Summaries[1].Scaling.Max = 5 }, nil, []string{"quota"}},
		{"nothing ends", func(f *Found, _ *Study) { f.Summaries[1].Best = false; f.Searched = false }, []string{
			"The present policy keeps the objective in none of 10 seeds, and most requests expire.", "with p95 between 3m and 3m.",
		}, []string{"never and never"}},
		{"some end", func(f *Found, _ *Study) {
			f.Summaries[1].Best, f.Summaries[0].P50 = false, f.Summaries[1].P50
		}, []string{"none of 10 seeds, and more than one in twenty requests expires."}, []string{"most requests"}},
		{"no price", func(_ *Found, s *Study) { s.Price = 0 }, []string{"  ?  "}, []string{"$"}},
	} {
		f, study := foundSome(), s
		test.change(&f, &study)
		got := textOf(t, f, study)
		for _, want := range test.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: it does not say %q:\n%s", test.name, want, got)
			}
		}
		for _, refused := range test.refuses {
			if strings.Contains(got, refused) {
				t.Errorf("%s: it says %q:\n%s", test.name, refused, got)
			}
		}
	}
}

// A narrow terminal has the columns that matter most, each row in a line; a wide one and a pipe have all.
func TestText_fitsATerminal(t *testing.T) {
	for width, all := range map[int]bool{80: false, 200: true} {
		var got strings.Builder
		if err := foundSome().Text(&terminal.Screen{Out: &got, Size: func() (int, int) { return width, 24 }}, Study{Price: 2}); err != nil {
			t.Fatal(err)
		}
		table := strings.Split(got.String(), "\n\n")[1]
		if lines := strings.Split(table, "\n"); len(lines) != 3 || strings.Contains(lines[0], "cold starts") != all || !strings.Contains(lines[0], "dollars") {
			t.Errorf("%d columns:\n%s", width, table)
		}
	}
	if got := textOf(t, foundSome(), Study{}); !strings.Contains(got, "cold starts") {
		t.Errorf("a pipe has\n%s", got)
	}
}
