package advise

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// busy is what instances did while all of them had all the work that they can do at the same time.
type busy struct {
	minutes   int
	instances int // added up over the minutes
	ended     int
	rates     []float64 // requests a second by an instance, of each minute
}

// busy looks for the minutes in which requests waited behind others while the number of instances stood still: what ends
// then, and what ends one service time later, has waited for long.
func (h History) busy(service time.Duration) (b busy) {
	const long = 2 // a wait of half a service time is no accident
	for i := 1; i+1 < len(h.Minutes); i++ {
		m, before, after := h.Minutes[i], h.Minutes[i-1], h.Minutes[i+1]
		if !before.end().Equal(m.At) || !m.end().Equal(after.At) {
			continue
		}
		n, known := m.Instances()
		earlier, ok := before.Instances()
		later, alsoOK := after.Instances()
		if !known || !ok || !alsoOK || n != earlier || n != later {
			continue
		}
		if long*h.waited(i, m.At, service) < service || long*h.waited(i, m.At.Add(service), service) < service {
			continue
		}
		ended := max(m.Processed, m.Total.Count)
		b.minutes, b.instances, b.ended = b.minutes+1, b.instances+n, b.ended+ended
		b.rates = append(b.rates, float64(ended)/60/float64(n))
	}
	return b
}

// waited is how long the next requests to end from a moment on had waited, 0 if none did soon. The search begins at a
// minute that is not after it.
func (h History) waited(from int, at time.Time, service time.Duration) time.Duration {
	soon := at.Add(service + 2*time.Minute)
	for _, m := range h.Minutes[from:] {
		switch {
		case m.At.After(soon):
			return 0
		case m.end().After(at) && m.Waited.Count > 0:
			return m.Waited.Sum / time.Duration(m.Waited.Count)
		}
	}
	return 0
}

// throughput is how many requests a second a busy instance ends.
func (b busy) throughput(service Estimate) Estimate {
	if b.instances == 0 {
		return Estimate{}
	}
	rate, squares := float64(b.ended)/60/float64(b.instances), 0.0
	for _, r := range b.rates {
		squares += (r - rate) * (r - rate)
	}
	e := Estimate{
		Value: rate, Samples: b.minutes, Spread: math.Sqrt(squares / float64(max(1, b.minutes-1))),
		How: fmt.Sprintf("%d requests that ended in %d minutes in which all instances were busy", b.ended, b.minutes),
	}
	// Ends of busy slots come as regularly as requests are alike.
	e.Error = rate * cmp.Or(service.Spread/service.Value, 1) / math.Sqrt(float64(max(1, b.ended)))
	return e
}

// concurrency is what the configuration says, or what busy instances show: by Little's law, throughput times service time.
func (h History) concurrency(given int, b busy, service Estimate) (Estimate, error) {
	switch {
	case given > 0:
		return Estimate{Value: float64(given), How: "given by --concurrency"}, nil
	case h.Concurrency > 0:
		return Estimate{Value: float64(h.Concurrency), How: "MaxConcurrentInvocationsPerInstance of the endpoint's configuration"}, nil
	case b.minutes < leastBusy:
		return Estimate{}, &ThinError{
			"concurrency of an instance, which the endpoint's configuration leaves to SageMaker",
			fmt.Sprintf("all instances were busy in %d minutes, and %d are needed", b.minutes, leastBusy), "--concurrency",
		}
	}
	rate := b.throughput(service)
	found := rate.Value * service.Value
	return Estimate{
		Value: math.Max(1, math.Round(found)), Spread: rate.Spread * service.Value,
		Error: math.Hypot(rate.Error*service.Value, service.Error*rate.Value), Samples: b.minutes,
		How: fmt.Sprintf("throughput of busy instances x service time = %.2f, from %d busy minutes", found, b.minutes),
	}, nil
}

// Durations are times of one kind that were seen.
type Durations struct {
	Seen []time.Duration // sorted
	How  string
}

// Mean is their mean, 0 if there are none.
func (d Durations) Mean() (mean time.Duration) {
	for _, one := range d.Seen {
		mean += one / time.Duration(len(d.Seen))
	}
	return mean
}

// Most is what 95 of a hundred do not exceed, the longest of a few; 0 if there are none.
func (d Durations) Most() time.Duration {
	if len(d.Seen) == 0 {
		return 0
	}
	return d.Seen[int(math.Ceil(.95*float64(len(d.Seen))))-1]
}

func durations(seen []time.Duration, how string) Durations {
	slices.Sort(seen)
	return Durations{seen, how}
}
