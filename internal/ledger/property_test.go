package ledger

import (
	"math/rand/v2"
	"testing"
	"time"
)

// dice decide a story; the same dice tell the same one.
type dice func(sides int) int

// random rolls dice of a seed.
func random(seed uint64) dice {
	source := rand.New(rand.NewPCG(seed, 0))
	return func(sides int) int { return source.IntN(sides) }
}

// written reads the dice from bytes; when these are used up it rolls on by their sum.
func written(data []byte) dice {
	var sum uint64
	for _, b := range data {
		sum = sum*31 + uint64(b)
	}
	then := random(sum)
	return func(sides int) int {
		if len(data) == 0 {
			return then(sides)
		}
		rolled := int(data[0])
		data = data[1:]
		return rolled % sides
	}
}

// process is one run of the exporter.
type process struct {
	account Account
	highest map[Minute]Amount // of the truths that it has read, by epoch
	before  Total
	known   bool
}

// story is a metric and the processes that count it, for some hours that may hold the turn of a month.
type story struct {
	testing.TB
	roll      dice
	metric    cloudwatch
	takesBack bool // CloudWatch lowers what it said
	restarts  bool
	turns     bool // the month turns
	at        time.Time
	replicas  [2]process
}

func tell(t testing.TB, roll dice) {
	s := &story{TB: t, roll: roll, metric: cloudwatch{}, takesBack: roll(2) == 1, restarts: roll(2) == 1, turns: roll(3) == 0}
	s.at = clock("2026-03-20 07:00:00").Add(time.Duration(roll(3600)) * time.Second)
	if s.turns {
		s.at = clock("2026-02-28 21:00:00").Add(time.Duration(roll(3600)) * time.Second)
	}
	s.publish()
	for i := range s.replicas {
		s.restart(&s.replicas[i])
	}
	var pages [2][]Amount
	for end := s.at.Add(8 * time.Hour); s.at.Before(end); {
		pause := time.Duration(30+roll(270)) * time.Second
		if roll(40) == 0 {
			pause = time.Duration(1+roll(300)) * time.Minute // an outage, or nobody asked
		}
		s.at = s.at.Add(pause)
		for i := range s.replicas {
			p := &s.replicas[i]
			switch roll(8) {
			case 0: // the poll fails
			case 1:
				if s.restarts && roll(4) == 0 {
					s.restart(p)
				}
			default:
				s.poll(p)
			}
			if total, ok := p.account.Total(); ok {
				pages[i] = append(pages[i], total.Amount)
			}
		}
	}
	if s.takesBack || s.turns && s.restarts {
		return // then only what each shows by itself is certain
	}
	for range 3 { // so long after a turn the new month is shown
		s.at = s.at.Add(10 * time.Minute)
		for i := range s.replicas {
			s.poll(&s.replicas[i])
			total, _ := s.replicas[i].account.Total()
			pages[i] = append(pages[i], total.Amount)
		}
	}
	s.increase(pages)
}

// publish writes the metric down: a minute in three has something, seen late by up to a quarter of an hour, and perhaps
// changed by then.
func (s *story) publish() {
	now := MinuteOf(s.at)
	s.metric.put(now-30*Hour, int64(s.roll(1000)), 0)
	for m := now - 3*Hour; m < now+14*Hour; m++ {
		if s.roll(3) != 0 {
			continue
		}
		delay := time.Duration(s.roll(240)) * time.Second
		if s.roll(10) == 0 {
			delay = time.Duration(s.roll(900)) * time.Second
		}
		sum := int64(1 + s.roll(20))
		s.metric.put(m, sum, delay)
		if s.roll(6) != 0 {
			continue
		}
		change := int64(s.roll(10))
		if s.takesBack {
			change -= 5
		}
		later := delay + time.Duration(s.roll(int(15*time.Minute-delay)/int(time.Second)+1))*time.Second
		s.metric.put(m, max(0, sum+change), later)
	}
}

func (s *story) restart(p *process) { *p = process{account: Daily(), highest: map[Minute]Amount{}} }

// poll reads what the account wants and holds what it then shows against the truth.
func (s *story) poll(p *process) {
	s.Helper()
	s.metric.poll(&p.account, s.at, created)
	total, ok := p.account.Total()
	if !ok {
		s.Fatalf("%s: nothing is shown after a complete read", s.at)
	}
	for _, t := range []*tally{p.account.closing, &p.account.present} {
		if t == nil {
			continue
		}
		end := t.end
		if end == 0 {
			end = MinuteOf(s.at)
		}
		truth, highest := s.metric.truth(t.epoch, end, s.at), p.highest[t.epoch]
		highest = Amount{max(truth.Sum, highest.Sum), max(truth.Samples, highest.Samples)}
		p.highest[t.epoch] = highest
		if t.shown != highest {
			s.Fatalf("%s: since %s it is %+v, the truth %+v, its highest %+v", s.at, t.epoch.Time(), t.shown, truth, highest)
		}
	}
	s.day(p)
	if p.known && p.before.Since == total.Since && (total.Sum < p.before.Sum || total.Samples < p.before.Samples) {
		s.Fatalf("%s: it fell from %+v to %+v", s.at, p.before, total)
	}
	if p.known && total.Since < p.before.Since {
		s.Fatalf("%s: the epoch went back", s.at)
	}
	p.before, p.known = total, true
}

// day holds the last hours against the truth. They begin with the day, or with the epoch that the process has read back.
func (s *story) day(p *process) {
	s.Helper()
	day, ok := p.account.Day(s.at)
	until := settledBy(MinuteOf(s.at))
	begin := (until - 1).hour() - 23*Hour
	if !ok || day.Since != begin && (day.Since < begin || day.Since != p.account.present.epoch) {
		s.Fatalf("%s: the day begins at %s, %t", s.at, day.Since.Time(), ok)
	}
	if truth := s.metric.truth(day.Since, until, s.at); day.Amount != truth {
		s.Fatalf("%s: the day since %s is %+v, the truth %+v", s.at, day.Since.Time(), day.Amount, truth)
	}
}

// increase holds what Prometheus would make of the pages of both replicas against what was published.
func (s *story) increase(pages [2][]Amount) {
	s.Helper()
	for i, p := range s.replicas {
		var grown Amount
		for n := 1; n < len(pages[i]); n++ {
			grown = Amount{
				grown.Sum + step(pages[i][n-1].Sum, pages[i][n].Sum), grown.Samples + step(pages[i][n-1].Samples, pages[i][n].Samples),
			}
		}
		var all Amount
		for _, highest := range p.highest {
			all = all.plus(highest)
		}
		want := Amount{all.Sum - pages[i][0].Sum, all.Samples - pages[i][0].Samples}
		if grown != want {
			s.Fatalf("increase is %+v, want %+v", grown, want)
		}
	}
}

// step is how Prometheus counts from one sample to the next: a fall is a new beginning from 0.
func step(from, to int64) int64 {
	if to < from {
		return to
	}
	return to - from
}

func TestAccount_isTheTruthOfTheSettledMinutes(t *testing.T) {
	for seed := range uint64(300) {
		tell(t, random(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzAccount(f *testing.F) {
	for seed := range uint64(8) {
		roll := random(seed)
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(roll(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { tell(t, written(data)) })
}
