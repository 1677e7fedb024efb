package fleet

import "time"

// Waited is how long the oldest request has waited at a moment, by a value of OldestAge that may be believed: as long as CloudWatch
// has measured and, while no instance runs, the time since too, because nothing works on it. since is then when it came, and zero
// while instances run or that is not known: it may well be done by now.
func (e Endpoint) Waited(at time.Time) (age time.Duration, since time.Time) {
	oldest := e.Queue[OldestAge]
	age = Seconds(oldest.Value)
	if running, known := e.Instances(); age <= 0 || !known || running > 0 {
		return age, time.Time{}
	}
	since = oldest.At.Add(-age)
	return max(age, at.Sub(since)), since
}
