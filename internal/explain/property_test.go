package explain

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// spoiler changes values at random: what AWS may leave out, what is old, and what no sensible service would say.
type spoiler struct {
	*rand.Rand
	odds float64 // of each value to be changed
}

var (
	evil  = []string{"", "e", "v", "InService", "Failed", "ALARM", "OK", "InProgress", "Successful", "GreaterThanThreshold", "a\x1b[31m\nb\u202e", `"><script>`}
	times = []time.Time{{}, noon, noon.Add(-time.Minute), noon.Add(-30 * time.Hour), noon.Add(time.Hour), time.Unix(1<<40, 0)}
)

func (s spoiler) spoil(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		if s.Float64() < s.odds {
			v.Set(reflect.ValueOf(times[s.IntN(len(times))]))
		}
		return
	case reflect.TypeFor[time.Duration]():
		if s.Float64() < s.odds {
			v.SetInt([]int64{0, -1, int64(time.Second), int64(time.Hour), math.MaxInt64, math.MinInt64}[s.IntN(6)])
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				s.spoil(v.Field(i))
			}
		}
	case reflect.Pointer:
		switch {
		case s.Float64() < s.odds:
			v.SetZero()
		case !v.IsNil():
			fresh := reflect.New(v.Type().Elem()) // other scenes share what it points to
			fresh.Elem().Set(v.Elem())
			s.spoil(fresh.Elem())
			v.Set(fresh)
		}
	case reflect.Slice:
		if s.Float64() < s.odds {
			v.Set(v.Slice(0, s.IntN(v.Len()+1)))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			s.spoil(v.Index(i))
		}
	case reflect.String:
		if s.Float64() < s.odds {
			v.SetString(evil[s.IntN(len(evil))])
		}
	case reflect.Bool:
		if s.Float64() < s.odds {
			v.SetBool(!v.Bool())
		}
	case reflect.Int, reflect.Int64:
		if s.Float64() < s.odds {
			v.SetInt([]int64{-1, 0, 1, 7, math.MaxInt32}[s.IntN(5)])
		}
	case reflect.Float64:
		if s.Float64() < s.odds {
			v.SetFloat([]float64{-1, 0, 1, 1e300, math.NaN(), math.Inf(1), math.Inf(-1)}[s.IntN(7)])
		}
	}
}

// Whatever a snapshot holds, it is explained: with a conclusion, in words that no terminal obeys and as JSON, the same
// each time; and what needs no attention has no link that is broken or unknown.
func TestOf_concludesOnWhateverASnapshotHolds(t *testing.T) {
	rounds := 1500
	if testing.Short() { // make test-long has all of them
		rounds = 300
	}
	healthy := 0
	for round := range rounds {
		s := spoiler{rand.New(rand.NewPCG(uint64(round), 1)), []float64{0.01, 0.05, 0.3}[round%3]}
		scenes := []*scene{asleep(3), asleep(0), running(2, 9), running(1, 0), running(1, 3)}
		of := scenes[s.IntN(len(scenes))]
		of.did("InProgress", 1, 3, 0, "waiting")
		of.did("Failed", 2, 9, 0, "service limit")
		of.did("Successful", 1, 90, 4, "")
		of.v.Pools = []fleet.Pool{{InstanceType: "ml.a", Priority: 1, Current: 1}, {InstanceType: "ml.b", Priority: 2}}
		if s.IntN(3) == 0 {
			of.e.Variants = append(of.e.Variants, *running(1, 3).v)
			of.e.Variants[1].Name = "w"
		}
		s.spoil(reflect.ValueOf(of.Snapshot).Elem())
		if len(of.Endpoints) == 0 {
			continue
		}
		of.Endpoints[0].Name = "e"
		r := report.Build(*of.Snapshot, report.Rules{Policies: byName("e")[:s.IntN(2)]}, report.NewPast())
		explained := Of(&r, "e", noon)
		c := explained.Conclusion
		if c.Sentence == "" || c.State == "" || c.Attention == (c.Link == "") && c.State != NotKnown {
			t.Fatalf("round %d: it concludes %+v", round, c)
		}
		bad := slices.ContainsFunc(explained.Links, func(l Link) bool { return l.Verdict == Broken || l.Verdict == Unknown })
		if explained.Healthy() {
			healthy++
			if bad {
				t.Fatalf("round %d: it is healthy, with %+v", round, explained.Links)
			}
		}
		for _, link := range explained.Links {
			if link.Sentence == "" || !slices.Contains([]Verdict{OK, Waits, Broken, Unknown, Unused}, link.Verdict) {
				t.Fatalf("round %d: a link is %+v", round, link)
			}
		}
		var text, again, document bytes.Buffer
		if err := explained.Text(&text, true); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(text.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Fatalf("round %d: a terminal would obey %q", round, text.String())
		}
		if err := explained.JSON(&document); err != nil || !json.Valid(document.Bytes()) {
			t.Fatalf("round %d: %v", round, err)
		}
		_ = Of(&r, "e", noon).Text(&again, true)
		if again.String() != text.String() {
			t.Fatalf("round %d: it says\n%s and then\n%s", round, text.String(), again.String())
		}
	}
	if healthy < 10 || healthy > rounds-10 {
		t.Errorf("%d of %d are healthy: something is always or never so", healthy, rounds)
	}
}

func TestOf_concludesOnNothingAtAll(t *testing.T) {
	for name, snapshot := range map[string]fleet.Snapshot{
		"nothing":     {},
		"no variants": {Endpoints: []fleet.Endpoint{{EndpointSummary: fleet.EndpointSummary{Name: "e"}}}},
		"one variant": {Endpoints: []fleet.Endpoint{{
			EndpointSummary: fleet.EndpointSummary{Name: "e"}, Variants: []fleet.Variant{{Name: "v"}},
		}}},
	} {
		r := report.Build(snapshot, report.Rules{}, report.NewPast())
		if explained := Of(&r, "e", noon); explained.Healthy() || explained.Conclusion.State != NotKnown || explained.Conclusion.Sentence == "" {
			t.Errorf("%s: %+v", name, explained.Conclusion)
		}
	}
}
