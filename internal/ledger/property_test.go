package ledger

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
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

// between is a duration up to the given one.
func (d dice) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d(int((most-least)/time.Second)+1))*time.Second
}

// process is a run of an exporter, one after the other.
type process struct {
	account  Account
	known    map[Minute]Amount // what was read of single minutes
	hours    map[Minute]Amount // and of whole hours
	counted  map[Minute]Amount // the highest sum of that by epoch, of the minutes that had settled
	interval time.Duration
	due      time.Time
	page     fleet.Total // as it was scraped last
	grown    Amount      // what Prometheus makes of the pages
	first    fleet.Total
}

// story is a metric and the processes that count it.
type story struct {
	testing.TB
	roll      dice
	metric    cloudwatch
	spread    Minute
	takesBack bool // CloudWatch lowers what it gave
	fractions bool // its Sums are finer than a microsecond
	at        time.Time
	processes [3]process
	highest   map[Minute]Amount // that any process counted, by epoch
	revisions int
}

// tell is a story of three days and a half at any minute of the year, of which the turn of a month is every third. Its
// processes start whenever they like, read as often as they like, fail and are restarted, the endpoint is deleted and made
// again, and CloudWatch is late by up to a day.
func tell(t testing.TB, roll dice) {
	s := &story{TB: t, roll: roll, metric: cloudwatch{}, takesBack: roll(4) == 0, fractions: roll(2) == 0, highest: map[Minute]Amount{}}
	s.spread = Minute(roll(int(Day)))
	s.at = clock("2026-01-01 00:00:00").Add(roll.between(0, 365*24*time.Hour))
	if roll(3) == 0 {
		s.at = fleet.Epoch(s.at).Add(-roll.between(0, 30*time.Hour))
	}
	end := s.at.Add(84 * time.Hour)
	quiet := s.at.Add(32 * time.Hour) // from then on nothing new is published
	s.publish(MinuteOf(quiet))
	for i := range s.processes {
		s.start(&s.processes[i])
	}
	for s.at.Before(end) {
		p := &s.processes[0]
		for i := range s.processes {
			if s.processes[i].due.Before(p.due) {
				p = &s.processes[i]
			}
		}
		s.scrape(p.due)
		s.turn(p)
	}
	if past := s.at.Sub(fleet.Epoch(s.at)); past < time.Hour { // the month turns: when it has, the truth of it is shown
		s.scrape(fleet.Epoch(s.at).Add(time.Hour))
		s.at = fleet.Epoch(s.at).Add(time.Hour)
	}
	for i := range s.processes { // nothing was published for two days: each has the truth
		p := &s.processes[i]
		s.poll(p)
		s.truth(p)
	}
}

// publish writes the metric down until the given minute: a minute in three has something, seen late by up to a day, and
// perhaps changed by then.
func (s *story) publish(until Minute) {
	s.put(MinuteOf(fleet.Epoch(s.at))+Minute(s.roll(5)), 0)
	for m := until - 40*Hour; m < until; m++ {
		if s.roll(3) != 0 {
			continue
		}
		delay := s.roll.between(0, 4*time.Minute)
		switch s.roll(30) {
		case 0, 1, 2:
			delay = s.roll.between(0, 15*time.Minute)
		case 3:
			delay = s.roll.between(0, 3*time.Hour)
		case 4:
			delay = s.roll.between(0, 24*time.Hour)
		}
		s.put(m, delay)
		if s.roll(6) == 0 {
			s.put(m, s.roll.between(delay, 24*time.Hour))
		}
	}
}

// put publishes a minute, or changes it later.
func (s *story) put(m Minute, delay time.Duration) {
	versions := s.metric[m]
	sum, samples := 0.0, 0
	if len(versions) > 0 {
		sum, samples = versions[len(versions)-1].sum, versions[len(versions)-1].samples
	}
	more := float64(1 + s.roll(20))
	if s.fractions {
		more += float64(s.roll(1000)) / 999
	}
	if s.takesBack && len(versions) > 0 && s.roll(2) == 0 {
		more = -min(more, sum/2)
	}
	s.metric[m] = append(versions, version{(m + 1).Time().Add(delay), sum + more, samples + 1})
}

// start begins a process anew, which knows nothing.
func (s *story) start(p *process) {
	*p = process{
		known: map[Minute]Amount{}, hours: map[Minute]Amount{}, counted: map[Minute]Amount{},
		interval: s.roll.between(10*time.Second, time.Hour), due: s.at.Add(s.roll.between(0, time.Hour)),
	}
	if s.roll(2) == 0 {
		p.account = Daily()
	}
}

// turn is what happens to a process when it is due.
func (s *story) turn(p *process) {
	s.Helper()
	s.at = p.due
	next := s.at.Add(p.interval)
	if last, ok := LastRead(s.at, next); ok {
		next = last
	}
	p.due = next
	switch s.roll(60) {
	case 0, 1, 2: // CloudWatch does not answer
		return
	case 3:
		if s.roll(3) == 0 {
			p.due = s.at.Add(s.roll.between(0, 5*time.Hour)) // an outage, or the endpoint sleeps
			return
		}
	case 4, 5: // another configuration, or a budget
		p.interval = s.roll.between(10*time.Second, time.Hour)
	case 6:
		if s.roll(4) == 0 {
			s.start(p)
			return
		}
	case 7, 8: // the endpoint is deleted, and made again
		s.lose(p)
		return
	}
	s.poll(p)
}

// lose lets a process forget the endpoint, as it does when that is gone.
func (s *story) lose(p *process) {
	kept := p.account.day.kept
	if !p.account.Forget(s.at) {
		p.account = Account{day: day{kept: kept}}
	}
	clear(p.known)
	clear(p.hours)
}

// poll reads what the account needs, and holds what it counts against a count of single minutes and against what any
// process counted before.
func (s *story) poll(p *process) {
	s.Helper()
	starts := p.account.Unread()
	read, revisions := s.metric.poll(&p.account, s.at, s.spread)
	s.revisions += revisions
	if starts && revisions > 0 {
		s.Fatalf("%s: %d revisions at the start", s.at, revisions)
	}
	s.takeIn(p, read)
	month, before := p.account.Totals()
	for _, total := range []Total{month, before} {
		if total.Since == 0 {
			continue
		}
		if want := s.count(p, total.Since); total.Amount != want {
			s.Fatalf("%s: since %s it is %+v, want %+v", s.at, total.Since.Time(), total.Amount, want)
		}
		highest := s.highest[total.Since]
		if starts && !s.takesBack && (total.Sum < highest.Sum || total.Samples < highest.Samples) {
			s.Fatalf("%s: one that starts counts %+v since %s, another one counted %+v", s.at, total.Amount, total.Since.Time(), highest)
		}
		s.highest[total.Since] = highest.most(total.Amount)
	}
	s.lastRead(p, before)
	if p.account.late < lateSince(p.account.to, s.spread) || p.account.whole < wholeSince(p.account.to, s.spread) {
		s.Fatalf("%s: a read is overdue", s.at)
	}
	if p.account.day.kept {
		s.day(p)
	}
}

// lastRead holds the total of the month before, as it is read between 00:15 and 00:20, against what CloudWatch showed of it
// at 00:15, however late that came.
func (s *story) lastRead(p *process, before Total) {
	s.Helper()
	epoch := MinuteOf(fleet.Epoch(s.at))
	if past := MinuteOf(s.at) - epoch; past < 15 || past >= 20 {
		return
	}
	sum, samples, minutes := 0.0, 0, 0.0
	for m := range s.metric {
		if before.Since <= m && m < epoch {
			v, n := s.metric.show(m, (epoch + 15).Time())
			sum, samples, minutes = sum+v, samples+n, minutes+1
		}
	}
	if p.account.Unread() || before.Since == 0 || float64(before.Sum) < sum-minutes || before.Samples < int64(samples) {
		s.Fatalf("%s: the month ended with %+v, CloudWatch showed %v of %d", s.at, before.Amount, sum, samples)
	}
}

// takeIn notes what was read.
func (s *story) takeIn(p *process, read Read) {
	for m := read.Minutes.From; m < read.Minutes.To; m++ {
		delete(p.known, m)
	}
	for _, point := range s.metric.read(read.Minutes, 1, s.at) {
		p.known[point.At] = point.Amount
	}
	if !read.Whole {
		return
	}
	for m := range p.known {
		if m < read.Minutes.From {
			delete(p.known, m)
		}
	}
	clear(p.hours)
	for _, point := range s.metric.read(read.Hours, Hour, s.at) {
		p.hours[point.At] = point.Amount
	}
}

// count is the highest sum yet of what was read of a month.
func (s *story) count(p *process, epoch Minute) Amount {
	in, sum := Span{epoch, MinuteOf(epoch.Time().AddDate(0, 1, 0))}, Amount{}
	for m, amount := range p.hours {
		if in.has(m) {
			sum = sum.plus(amount)
		}
	}
	for m, amount := range p.known {
		if in.has(m) && m < settledBy(MinuteOf(s.at)) {
			sum = sum.plus(amount)
		}
	}
	p.counted[epoch] = p.counted[epoch].most(sum)
	return p.counted[epoch]
}

// day holds the last hours against what was read.
func (s *story) day(p *process) {
	s.Helper()
	day, ok := p.account.Day(s.at)
	span, want := Span{(settledBy(MinuteOf(s.at)) - 1).hour() - 23*Hour, settledBy(MinuteOf(s.at))}, Amount{}
	for _, of := range []map[Minute]Amount{p.hours, p.known} {
		for m, amount := range of {
			if span.has(m) {
				want = want.plus(amount)
			}
		}
	}
	if !ok || day != (Total{span.From, want}) {
		s.Fatalf("%s: the day is %+v, want %+v since %s", s.at, day, want, span.From.Time())
	}
}

// scrape looks at all pages until the given moment: every ten minutes, each minute while the month turns, and then.
func (s *story) scrape(until time.Time) {
	s.Helper()
	for at := s.at; ; {
		for i := range s.processes {
			s.page(&s.processes[i], at)
		}
		if !at.Before(until) {
			return
		}
		pause := 10 * time.Minute
		if at.Sub(fleet.Epoch(at)) < time.Hour {
			pause = time.Minute
		}
		if at = at.Truncate(pause).Add(pause); at.After(until) {
			at = until
		}
	}
}

// page looks at one page as Prometheus does: a fall is a new beginning from 0.
func (s *story) page(p *process, at time.Time) {
	s.Helper()
	now := shown(&p.account, at)
	if now.Since.IsZero() || p.account.Unread() {
		return
	}
	if p.page.Since.IsZero() {
		p.page, p.first = now, now
		return
	}
	if epoch, zero := fleet.Shows(at); !now.Since.Equal(epoch) || zero && (now.Sum != 0 || now.Samples != 0) {
		s.Fatalf("%s: the page is %+v", at, now)
	}
	if now.Since.Equal(p.page.Since) && (now.Sum < p.page.Sum || now.Samples < p.page.Samples) {
		s.Fatalf("%s: it fell from %+v to %+v", at, p.page, now)
	}
	if now.Since.Before(p.page.Since) {
		s.Fatalf("%s: the month went back", at)
	}
	grew := func(from, to int64) int64 {
		if to < from {
			return to
		}
		return to - from
	}
	p.grown = p.grown.plus(Amount{grew(p.page.Sum, now.Sum), grew(p.page.Samples, now.Samples)})
	p.page = now
}

// truth holds what a process counted, and what Prometheus made of its pages, against what was published. Whatever was late
// has come by now.
func (s *story) truth(p *process) {
	s.Helper()
	s.page(p, s.at)
	month, _ := p.account.Totals()
	var sum float64
	var samples int64
	hours := 0.0
	for m, versions := range s.metric {
		if newest := versions[len(versions)-1]; m >= month.Since {
			sum, samples, hours = sum+newest.sum, samples+int64(newest.samples), hours+1
		}
	}
	if more := float64(month.Sum) - sum; !s.takesBack && (month.Samples != samples || more < -hours || more > sum*2*hourMargin || !s.fractions && more != 0) {
		s.Fatalf("%s: %+v since %s, the truth is %v of %d", s.at, month.Amount, month.Since.Time(), sum, samples)
	}
	want := Amount{p.page.Sum - p.first.Sum, p.page.Samples - p.first.Samples}
	if p.first.Since.Before(p.page.Since) { // it saw the month turn, and the old one at its highest
		old := p.counted[MinuteOf(p.first.Since)]
		want = Amount{p.page.Sum + old.Sum - p.first.Sum, p.page.Samples + old.Samples - p.first.Samples}
	}
	if p.grown != want {
		s.Fatalf("%s: Prometheus counts %+v, want %+v", s.at, p.grown, want)
	}
}

func TestAccount_countsWhatIsPublishedWhateverHappens(t *testing.T) {
	first, stories := uint64(0), uint64(30)
	if more := os.Getenv("LEDGER_STORIES"); more != "" { // the first seed and how many: a search that takes its time
		if _, err := fmt.Sscan(more, &first, &stories); err != nil {
			t.Fatal(err)
		}
	}
	for seed := first; seed < first+stories; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { tell(t, random(seed)) })
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
