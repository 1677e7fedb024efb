package fleet

import "time"

// How long the parts of AWS take.
const (
	LagLeast    = time.Minute      // until a datapoint of CloudWatch is visible
	LagMost     = 3 * time.Minute  // the same
	ActsIn      = time.Minute      // an alarm in ALARM is acted on each minute
	startsLeast = 30 * time.Second // until an instance runs: the shortest that others have measured
	startsMost  = 11 * time.Minute // the longest
)

// Enough is from how many samples on an endpoint's own times tell more than everybody's.
const Enough = 3

// Starts is how long instances take to start.
type Starts struct {
	Least, Most time.Duration
	Samples     int // of how many scale-outs of the variant itself; 0: what others have measured
}

// StartsOf takes the times of the scale-outs that AWS still tells of, which are exact; else those that the process has
// seen, which it keeps in buckets; else what others have measured.
func StartsOf(a ActivityState) Starts {
	own := Starts{}
	for i := range a.Recent {
		activity := &a.Recent[i]
		if activity.Status != "Successful" || activity.End.IsZero() || !activity.ScaledOut(Earlier(a.Recent[i+1:])) {
			continue
		}
		took := max(0, activity.End.Sub(activity.Start))
		if own.Samples == 0 || took < own.Least {
			own.Least = took
		}
		own.Most = max(own.Most, took)
		own.Samples++
	}
	if own.Samples >= Enough {
		return own
	}
	if least, most, ok := a.ScaleOuts.Range(); ok && a.ScaleOuts.Count >= Enough {
		return Starts{least, most, int(min(a.ScaleOuts.Count, 1_000_000))}
	}
	return Starts{Least: startsLeast, Most: startsMost}
}

// First is within which time after a first request the first instance runs, if the wake alarm triggers its policy so long
// after the minute of the request.
func (s Starts) First(triggers time.Duration) (least, most time.Duration) {
	return LagLeast + triggers + s.Least, LagMost + triggers + time.Minute + ActsIn + s.Most
}
