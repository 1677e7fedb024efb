package advise

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// twoWeeks end on a Wednesday afternoon, as a command would read them.
var twoWeeks = search{from: time.Date(2026, 11, 17, 14, 25, 0, 0, time.UTC), to: time.Date(2026, 12, 2, 14, 13, 0, 0, time.UTC)}

// last is the end of it, of so many days.
func (s search) last(days int) search {
	s.from = s.to.Add(-time.Duration(days) * day)
	return s
}

// with has work whenever a request comes after a pause.
func (s search) with(requests []time.Time) search {
	slices.SortFunc(requests, time.Time.Compare)
	last := s.from
	for _, at := range requests {
		at = at.Truncate(time.Minute)
		if at.Before(s.from) || !at.Before(s.to) {
			continue
		}
		if quiet := at.Sub(last); quiet >= pause {
			s.begins = append(s.begins, beginning{at, quiet})
		}
		last = at.Add(time.Minute)
	}
	return s
}

// poisson are requests at any time, so many an hour.
func (s search) poisson(r *rand.Rand, perHour float64) (requests []time.Time) {
	for at := s.from; at.Before(s.to); {
		at = at.Add(time.Duration(r.ExpFloat64() / perHour * float64(time.Hour)))
		requests = append(requests, at)
	}
	return requests
}

// daily are requests at a time of each day that is so, give or take.
func (s search) daily(r *rand.Rand, since, give time.Duration, on func(midnight time.Time) bool) (requests []time.Time) {
	for midnight := s.from.Truncate(day).Add(-day); midnight.Before(s.to.Add(day)); midnight = midnight.Add(day) {
		if on(midnight) {
			requests = append(requests, midnight.Add(since+time.Duration((2*r.Float64()-1)*float64(give))))
		}
	}
	return requests
}

func always(time.Time) bool { return true }

func weekend(at time.Time) bool { return at.Weekday() == time.Saturday || at.Weekday() == time.Sunday }

func workday(at time.Time) bool { return !weekend(at) }

// Requests at any time, or at even distances, have no pattern. One is claimed of so few of them as chance may bring at 95 %.
func TestPatterns_claimNoneOfNoise(t *testing.T) {
	const rounds = 100
	for _, days := range []int{15, 7} {
		s := twoWeeks
		if days < 15 {
			s = s.last(days)
		}
		noise := map[string]func(*rand.Rand) []time.Time{
			"jobs 80 to 140 minutes apart": func(r *rand.Rand) (requests []time.Time) {
				for at := s.from; at.Before(s.to); at = at.Add(80*time.Minute + time.Duration(r.Float64()*float64(time.Hour))) {
					requests = append(requests, at)
				}
				return requests
			},
		}
		for _, perHour := range []float64{.05, .15, .3, .9, 2} {
			noise[fmt.Sprintf("%g requests an hour", perHour)] = func(r *rand.Rand) []time.Time { return s.poisson(r, perHour) }
		}
		for name, requests := range noise {
			claimed := 0
			for seed := range uint64(rounds) {
				if _, err := s.with(requests(rand.New(rand.NewPCG(seed, 1)))).patterns(); err == nil {
					claimed++
				}
			}
			if claimed > rounds*5/100 {
				t.Errorf("%s of %d days: a pattern is claimed in %d of %d", name, days, claimed, rounds)
			}
		}
	}
}

// What is plain is found, with its days and its time; each line is days and time of one pattern.
func TestPatterns_findWhatIsPlain(t *testing.T) {
	const rounds = 40
	hour := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	mostly := func(r *rand.Rand, on func(time.Time) bool, share float64) func(time.Time) bool {
		return func(at time.Time) bool { return on(at) && r.Float64() < share }
	}
	for name, tt := range map[string]struct {
		s     search
		tell  func(s search, r *rand.Rand) []time.Time
		want  string // without minutes
		least int    // of rounds
	}{
		"each morning":    {twoWeeks, func(s search, r *rand.Rand) []time.Time { return s.daily(r, hour(8.5), minutes(5), always) }, "every day 08", rounds},
		"around midnight": {twoWeeks, func(s search, r *rand.Rand) []time.Time { return s.daily(r, 0, minutes(10), always) }, "every day 23", rounds},
		"within an hour":  {twoWeeks, func(s search, r *rand.Rand) []time.Time { return s.daily(r, hour(8.5), minutes(29), always) }, "every day 08", rounds * 9 / 10},
		"nine days of ten": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return s.daily(r, hour(8.5), minutes(5), mostly(r, always, .9))
			}, "every day 08", rounds * 7 / 10,
		},
		"in seven days": {twoWeeks.last(7), func(s search, r *rand.Rand) []time.Time { return s.daily(r, hour(8.5), minutes(5), always) }, "every day 08", rounds},
		"Monday to Friday": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time { return s.daily(r, hour(8.5), minutes(5), workday) }, "on MON,TUE,WED,THU,FRI 08", rounds,
		},
		"Monday to Saturday": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return s.daily(r, hour(8.5), minutes(5), func(at time.Time) bool { return at.Weekday() != time.Sunday })
			}, "on MON,TUE,WED,THU,FRI,SAT 08", rounds,
		},
		"Tuesday and Thursday": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return s.daily(r, hour(8.5), minutes(5), func(at time.Time) bool { return at.Weekday() == time.Tuesday || at.Weekday() == time.Thursday })
			}, "on TUE,THU 08", rounds,
		},
		"another hour at the weekend": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return append(s.daily(r, hour(8.5), minutes(5), workday), s.daily(r, hour(14.5), minutes(5), weekend)...)
			}, "on MON,TUE,WED,THU,FRI 08\non SUN,SAT 14", rounds,
		},
		"two shifts": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return append(s.daily(r, hour(8.5), 0, always), s.daily(r, hour(20.5), 0, always)...)
			}, "every day 08\nevery day 20", rounds,
		},
		"with others now and then": {
			twoWeeks, func(s search, r *rand.Rand) []time.Time {
				return append(s.daily(r, hour(8.5), minutes(5), always), s.poisson(r, .1)...)
			}, "every day 0", rounds * 9 / 10,
		},
	} {
		found := map[string]int{}
		for seed := range uint64(rounds) {
			r := rand.New(rand.NewPCG(seed, 2))
			patterns, err := tt.s.with(tt.tell(tt.s, r)).patterns()
			var lines []string
			for _, p := range patterns.Each {
				lines = append(lines, p.DayWords()+" "+clock(p.First)[:2])
				if p.Held > p.Days || p.Trial.AtLeast() >= float64(p.Held)/float64(p.Days) {
					t.Errorf("%s: %+v", name, p)
				}
			}
			if err != nil {
				lines = []string{err.Error()}
			}
			got := strings.Join(lines, "\n")
			if strings.HasPrefix(got, tt.want) {
				got = tt.want
			}
			found[got]++
		}
		if found[tt.want] < tt.least {
			t.Errorf("%s: %d of %d; %v", name, found[tt.want], rounds, found)
		}
	}
}

// The share that is promised holds on later days, of patterns of any reliability: at most one of twenty promises too much.
func TestPatterns_promiseNoMoreThanLaterDaysHold(t *testing.T) {
	claims, broken := 0, 0
	for _, share := range []float64{.5, .65, .8, .95} {
		for seed := range uint64(150) {
			r := rand.New(rand.NewPCG(seed, 3))
			s := twoWeeks.with(twoWeeks.daily(r, 8*time.Hour, 10*time.Minute, func(time.Time) bool { return r.Float64() < share }))
			found, err := s.patterns()
			if err != nil {
				continue
			}
			for _, p := range found.Each {
				if claims++; p.Trial.AtLeast() > share {
					broken++
				}
			}
		}
	}
	if claims < 100 || broken*20 > claims {
		t.Errorf("%d of %d promise too much", broken, claims)
	}
}

// Work that came to an end is no pattern any more, and the reason says until when it was one.
func TestPatterns_refuseWhatHasEnded(t *testing.T) {
	until := func(last int) func(time.Time) bool {
		return func(at time.Time) bool {
			return at.Before(time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -last))
		}
	}
	for name, tt := range map[string]struct {
		on   func(time.Time) bool
		want string
	}{
		"three days ago":                   {until(2), "work began every day between 07:5# and 08:0# UTC, on 12 of 12 days until 2026-11-29, and on none of the 3 such days since: it seems to have ended"},
		"a week ago":                       {until(6), "work began every day between 07:5# and 08:0# UTC, on 8 of 8 days until 2026-11-25, and on none of the 7 such days since: it seems to have ended"},
		"Monday to Friday, three days ago": {func(at time.Time) bool { return workday(at) && until(4)(at) }, "work began on MON,TUE,WED,THU,FRI between 07:5# and 08:0# UTC, on 8 of 8 days until 2026-11-27, and on none of the 3 such days since"},
	} {
		r := rand.New(rand.NewPCG(1, 4))
		_, err := twoWeeks.with(twoWeeks.daily(r, 8*time.Hour, 5*time.Minute, tt.on)).patterns()
		if err == nil {
			t.Errorf("%s: a pattern", name)
			continue
		}
		got := err.Error()
		for _, at := range []string{"07:5", "08:0"} {
			if i := strings.Index(got, at); i >= 0 {
				got = got[:i+4] + "#" + got[i+5:]
			}
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// CloudWatch may publish nothing while an endpoint is idle: then what is missing is idle, and history begins where it was asked for.
func TestLearn_takesMissingMinutesForIdleWhereNoneIsPublished(t *testing.T) {
	tell := func(publishIdle bool) History {
		h := History{Endpoint: "e", Variants: []string{"v"}, From: twoWeeks.from, To: twoWeeks.to}
		queries := Queries(h.Endpoint, h.Variants)
		answers := make([]fleet.Series, len(queries))
		for i, q := range queries {
			answers[i].Complete = true
			value, ok := map[string]float64{"ApproximateBacklogSize": 40, "InvocationsProcessed": 2}[q.Metric.Name]
			for at := h.From; ok && at.Before(h.To); at = at.Add(time.Minute) {
				switch minute := at.Hour()*60 + at.Minute(); {
				case minute >= 8*60 && minute < 10*60:
					answers[i].Points = append(answers[i].Points, fleet.Point{At: at, Value: value})
				case publishIdle && q.Metric.Name == "ApproximateBacklogSize":
					answers[i].Points = append(answers[i].Points, fleet.Point{At: at})
				}
			}
		}
		h, err := h.Learn(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	want, err := tell(true).Patterns()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tell(false).Patterns()
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Each) != 1 || got.Each[0].Words() != want.Each[0].Words() || got.Each[0].FirstRequests != want.Each[0].FirstRequests || want.Each[0].FirstRequests < 60 {
		t.Errorf("%+v\n%+v", got.Each, want.Each)
	}
	late := tell(false)
	late.Minutes = slices.DeleteFunc(late.Minutes, func(m Minute) bool { return !m.works() })[:60] // an hour without a gap
	if n := len(late.withIdle()); n != len(late.Minutes) {
		t.Errorf("%d minutes of %d: what is missing before the first may be older than the metric", n, len(late.Minutes))
	}
	gone := tell(true)
	gone.Minutes = gone.Minutes[:len(gone.Minutes)/2]
	if n := len(gone.withIdle()); n != len(gone.Minutes) {
		t.Errorf("%d minutes of %d: where idle ones are published the others are not known", n, len(gone.Minutes))
	}
}

// Two patterns whose instances are given back while the others are asked for cannot both have scheduled actions.
func TestMeets_whereScheduledActionsUndoEachOther(t *testing.T) {
	at := func(hour float64, on ...time.Weekday) Pattern {
		p := Pattern{First: time.Duration(hour * float64(time.Hour)), Weekdays: on}
		return p
	}
	for name, tt := range map[string]struct {
		a, b Pattern
		want bool
	}{
		"the same day, hours apart":   {at(8, 1), at(10, 1), false},
		"the same day, minutes apart": {at(8, 1), at(8.6, 1), true},
		"other days":                  {at(8, 1), at(8.6, 2), false},
		"over midnight":               {at(23.9, 6), at(.2, 0), true},
	} {
		if got := tt.a.Meets(tt.b, 10*time.Minute); got != tt.want || tt.b.Meets(tt.a, 10*time.Minute) != got {
			t.Errorf("%s: %v", name, got)
		}
	}
}
