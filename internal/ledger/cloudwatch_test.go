package ledger

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// cloudwatch is a metric minute by minute: what it shows of each, and from when on.
type cloudwatch map[Minute][]version

// version is what CloudWatch says of a minute from a moment on.
type version struct {
	from    time.Time
	sum     float64
	samples int
}

// put publishes the sum of a minute; CloudWatch shows it after the delay that follows the minute's end.
func (c cloudwatch) put(m Minute, sum float64, delay time.Duration) {
	c[m] = append(c[m], version{(m + 1).Time().Add(delay), sum, 1})
}

func (c cloudwatch) show(m Minute, at time.Time) (sum float64, samples int) {
	for _, v := range c[m] {
		if !v.from.After(at) {
			sum, samples = v.sum, v.samples
		}
	}
	return sum, samples
}

// read answers a span at a period, as it is at the given moment.
func (c cloudwatch) read(s Span, period Minute, at time.Time) (points []Point) {
	for m := s.From; m < s.To; m += period {
		sum, samples := 0.0, 0
		for i := range period {
			v, n := c.show(m+i, at)
			sum, samples = sum+v, samples+n
		}
		if whole, ok := Whole(sum, period > 1); ok && samples > 0 {
			points = append(points, Point{m, Amount{whole, int64(samples)}})
		}
	}
	return points
}

// poll reads what the account needs, and takes it in.
func (c cloudwatch) poll(a *Account, at time.Time, spread Minute) (read Read, revisions int) {
	read = a.Next(at, spread)
	return read, a.Learn(at, read, c.read(read.Hours, Hour, at), c.read(read.Minutes, 1, at))
}

// shown is what the account shows at a moment.
func shown(a *Account, at time.Time) fleet.Total {
	month, before := a.Totals()
	if month.Since == 0 {
		return fleet.Total{}
	}
	total := fleet.Total{Since: month.Since.Time(), Sum: month.Sum, Samples: month.Samples}
	if before.Since != 0 {
		total.Before = fleet.Count{Since: before.Since.Time(), Sum: before.Sum, Samples: before.Samples}
	}
	return total.At(at)
}

func clock(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return at
}

func minute(text string) Minute { return MinuteOf(clock(text + ":00")) }

// never is a spread whose moments are far from those of the tests.
const never = 23*Hour + 59

// step is what an account is to show after a poll.
type step struct {
	at        string
	sum       int64
	revisions int
}

func (c cloudwatch) follows(t *testing.T, a *Account, steps ...step) {
	t.Helper()
	for _, step := range steps {
		at := clock(step.at)
		_, revisions := c.poll(a, at, never)
		if total := shown(a, at); total.Sum != step.sum || revisions != step.revisions {
			t.Errorf("%s: %d, %d revisions; want %d, %d", step.at, total.Sum, revisions, step.sum, step.revisions)
		}
	}
}
