package sim

import (
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// track is a run of samples, one for each minute or one for each hour.
type track struct {
	first   int // the minute or hour of samples[0]
	samples []autoscaling.Sample
}

func (t *track) at(i int) autoscaling.Sample {
	if i -= t.first; i >= 0 && i < len(t.samples) {
		return t.samples[i]
	}
	return autoscaling.Sample{}
}

// slot is the place of a sample, made if it is not there yet.
func (t *track) slot(i int) *autoscaling.Sample {
	switch {
	case len(t.samples) == 0:
		t.first = i
	case i < t.first:
		t.samples = slices.Insert(t.samples, 0, make([]autoscaling.Sample, t.first-i)...)
		t.first = i
	}
	for t.first+len(t.samples) <= i {
		t.samples = append(t.samples, autoscaling.Sample{})
	}
	return &t.samples[i-t.first]
}

// drop forgets the samples before i.
func (t *track) drop(i int) {
	if extra := min(i-t.first, len(t.samples)); extra > 0 {
		t.samples = slices.Clone(t.samples[extra:])
		t.first += extra
	}
}

// series is one metric since the world began: by the minute of late, and before that by the hour if it counts work.
// Minutes and hours are numbered from the one in which the world began.
type series struct {
	metric   fleet.Metric
	unit     string
	seed     uint32                // of its delays
	keeps    int                   // hours that are held by the minute
	lead     int                   // how many minutes of its first hour were over when the world began
	slow     bool                  // always as late as it can be
	prompt   bool                  // always as early as it can be
	counts   bool                  // its hours are kept: what was done is added up over a month
	minutes  track                 // none before those that are kept, but for some that wait to be folded into hours
	hours    track                 // what the minutes came to that are gone
	withheld map[int]time.Duration // when minutes become visible that come late
}

// keepHoursByMinute and keepHours are how many whole hours of history a series holds by the minute, where the world says nothing
// else, and by the hour.
const (
	keepHoursByMinute = 26
	keepHours         = 40 * 24
)

// hour is the hour of a minute.
func (s *series) hour(minute int) int { return (minute + s.lead) / 60 }

// kept is the first minute that is answered from, in periods of whole hours or in shorter ones. It is the first of an
// hour and follows from the present alone: when minutes were folded into hours changes no answer.
func (s *series) kept(present int, hourly bool) int {
	hours := s.keeps
	if hourly && s.counts {
		hours = keepHours
	}
	return (s.hour(present)-hours)*60 - s.lead
}

// foldEvery is after how many minutes those that are no longer kept become hours: each folding copies the rest.
const foldEvery = 6 * 60

func (s *series) put(minute int, what autoscaling.Sample) {
	if what.N == 0 {
		return
	}
	if kept := s.kept(minute, false); kept-s.minutes.first >= foldEvery {
		s.fold(kept)
	}
	*s.minutes.slot(minute) = what
}

// fold adds the minutes before the given one up to hours.
func (s *series) fold(before int) {
	for i, what := range s.minutes.samples {
		if minute := s.minutes.first + i; s.counts && what.N > 0 && minute < before {
			s.hours.slot(s.hour(minute)).Merge(what)
		}
	}
	s.minutes.drop(before)
	s.hours.drop(s.hour(before) - keepHours)
}

// at is the sample of a minute.
func (s *series) at(minute int) autoscaling.Sample { return s.minutes.at(minute) }

// delay is how long after its end a minute becomes visible: one to three minutes, never the same order twice.
func (s *series) delay(minute int) time.Duration {
	switch {
	case s.prompt:
		return fleet.LagLeast
	case s.slow:
		return fleet.LagMost
	}
	mixed := (s.seed ^ uint32(minute)) * 2654435761
	return fleet.LagLeast + time.Duration(mixed>>16%120)*time.Second
}

// visible is the sample of a minute as CloudWatch shows it at the given moment since the world began.
func (s *series) visible(minute int, now time.Duration) autoscaling.Sample {
	what := s.at(minute)
	if what.N == 0 || time.Duration(minute+1)*time.Minute+s.delay(minute) > now || s.withheld[minute] > now {
		return autoscaling.Sample{}
	}
	return what
}

// merged is what a run of minutes comes to, read by the minute and, where those are gone, by the hour.
func (s *series) merged(from, to int, hourly bool, read func(*series, int) autoscaling.Sample) (all autoscaling.Sample) {
	for minute := from; minute < to; minute++ {
		if hourly && (minute+s.lead)%60 == 0 {
			all.Merge(s.hours.at(s.hour(minute)))
		}
		all.Merge(read(s, minute))
	}
	return all
}
