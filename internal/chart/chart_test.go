package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// trace is one of as many minutes as there are values; NaN and NoInstances are not known.
func trace(backlog []float64, instances []int) *Trace {
	t := &Trace{}
	for i := range backlog {
		t.Minutes = append(t.Minutes, fleet.Moment{At: noon.Add(time.Duration(i) * time.Minute), Backlog: backlog[i], Instances: instances[i]})
	}
	return t
}

var unknown = math.NaN()

// parsed fails the test unless the picture is one well-formed element.
func parsed(t *testing.T, picture string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v: %s", err, picture)
		}
	}
}

func TestSmall_drawsTheMostOfEachThreeMinutes(t *testing.T) {
	picture := Small(trace([]float64{0, 1, 2, unknown, unknown, unknown, 4, unknown, 3, 0, 0, 0}, []int{0, 0, 0, 1, 1, 1, 1, 2, 1, 2, 2, 2}))
	parsed(t, picture)
	for _, want := range []string{
		`<path class="area" d="M0 25V14H1V25ZM2 25V2H3V25H4V25Z"/>`, `<path class="steps" d="M0 25H1V14H2V2H4"/>`,
		"<title>Last 12 min: backlog 0, at most 4; 0 to 2 instances.</title>",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is not in %s", want, picture)
		}
	}
}

func TestPictures_areEmptyWhereNothingIsKnown(t *testing.T) {
	for _, nothing := range []*Trace{{}, trace([]float64{unknown}, []int{fleet.NoInstances})} {
		if Small(nothing) != "" || Large(nothing) != "" {
			t.Errorf("%+v has a picture", nothing)
		}
	}
}

func TestWords_sayWhatIsNotKnown(t *testing.T) {
	for want, test := range map[string]*Trace{
		"Last 1 min: the backlog is not known; 1 instance.":      trace([]float64{unknown}, []int{1}),
		"Last 2 min: backlog 3, at most 3; instances not known.": trace([]float64{3, unknown}, []int{fleet.NoInstances, fleet.NoInstances}),
		"Last 2 min: backlog 1, at most 3; 0 to 1 instance.":     trace([]float64{3, 1}, []int{0, 1}),
		"Last 3 h: backlog 0, at most 0; 0 instances.":           trace(make([]float64, 180), make([]int, 180)),
	} {
		if got := test.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLarge_drawsWhatIsAimedAtAndWhatHappened(t *testing.T) {
	const evil = `"><script>alert('1')</script>&`
	of := trace(make([]float64, 180), make([]int, 180))
	for i := 90; i < 180; i++ {
		of.Minutes[i].Backlog, of.Minutes[i].Instances = 20, 2
	}
	of.Target, of.Thresholds = 5, []Threshold{{"high alarm", 5}, {"low alarm", 4.5}, {"low alarm", 4.5}}
	of.Marks = []Mark{
		{noon.Add(90 * time.Minute), Wake, evil},
		{noon.Add(30 * time.Minute), Activity, "first"},
		{noon.Add(30*time.Minute + time.Second), Activity, "at its side"},
		{noon.Add(-time.Minute), Alarm, "before"},
		{noon.Add(4 * time.Hour), Alarm, "after"},
	}
	picture := Large(of)
	parsed(t, picture)
	for part, n := range map[string]int{
		`class="area"`: 1, `class="line"`: 1, `class="steps"`: 1, "target, high alarm 5</text>": 1, "low alarm 4.5</text>": 1, `class="mark`: 2,
		"<title>12:30 UTC first</title>": 1, "&lt;script&gt;": 1, "<script": 0, "before": 0, "after": 0, ">12:30</text>": 1, ">15:00</text>": 1,
		`class="target" d="M56 `: 1, `class="threshold" d="M56 `: 1,
		// 2 instances from the middle on: 10 requests each, twice the target
		`<path class="line" d="M502 `: 1,
	} {
		if got := strings.Count(picture, part); got != n {
			t.Errorf("%s is there %d times, want %d: %s", part, got, n, picture)
		}
	}
	if without := Large(trace([]float64{1}, []int{0})); strings.Contains(without, "per instance") {
		t.Error("what nothing tracks and nothing is known of is drawn")
	}
}

func TestMinutes_tellInstancesFromActivities(t *testing.T) {
	two := 2
	set := func(minute int, n, status string) fleet.Activity {
		end := noon.Add(time.Duration(minute) * time.Minute)
		return fleet.Activity{Description: "Setting desired instance count to " + n + ".", Status: status, Start: end.Add(-time.Minute), End: end}
	}
	var none *fleet.History
	for name, test := range map[string]struct {
		recent []fleet.Activity
		want   [3]int // an hour, half an hour and a minute before the first count
	}{
		"none":                    {nil, [3]int{2, 2, 2}},
		"one":                     {[]fleet.Activity{set(-40, "2", "Successful")}, [3]int{fleet.NoInstances, 2, 2}},
		"two and a failed one":    {[]fleet.Activity{set(-10, "4", "Failed"), set(-20, "2", "Successful"), set(-70, "1", "Successful")}, [3]int{1, 1, 2}},
		"one after the count":     {[]fleet.Activity{set(10, "5", "Successful")}, [3]int{2, 2, 2}},
		"one that goes on":        {[]fleet.Activity{{Description: "Setting desired instance count to 2.", Status: "InProgress", Start: noon.Add(-40 * time.Minute)}}, [3]int{fleet.NoInstances, fleet.NoInstances, fleet.NoInstances}},
		"one that was overridden": {[]fleet.Activity{set(-20, "2", "Successful"), set(-50, "3", "Overridden"), set(-70, "1", "Successful")}, [3]int{1, fleet.NoInstances, 2}},
		"somebody else did since": {[]fleet.Activity{set(-20, "1", "Successful"), set(-80, "0", "Successful")}, [3]int{0, 0, fleet.NoInstances}},
	} {
		e := fleet.Endpoint{
			History:  none.With(nil, noon, 2),
			Variants: []fleet.Variant{{Current: &two, Activity: fleet.ActivityState{Recent: test.recent}}},
		}
		minutes := Minutes(&e)
		n := len(minutes) - 1
		if got := [3]int{minutes[n-60].Instances, minutes[n-30].Instances, minutes[n-1].Instances}; got != test.want || minutes[n].Instances != 2 {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		e.History = none.With(nil, noon, fleet.NoInstances) // read before they were counted
		if read := Minutes(&e); read[n].Instances != 2 || read[n-60].Instances != test.want[0] {
			t.Errorf("%s: of a history without a count there are %d and %d", name, read[n].Instances, read[n-60].Instances)
		}
		e.History = none.With(nil, noon, 2)
		e.Variants = append(e.Variants, fleet.Variant{})
		if got := Minutes(&e)[n-60].Instances; got != fleet.NoInstances && got != 2 {
			t.Errorf("%s: with a variant of which nothing is known there are %d", name, got)
		}
	}
}
