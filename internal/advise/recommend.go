package advise

import (
	"fmt"
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// Wish is what is asked for.
type Wish struct {
	Latency  time.Duration // that a request may take in all, its time in the queue and that of the work on it
	Variants int           // that share the queue; 0 is one
	Price    float64       // dollars an hour for one instance; 0 is not known
	Most     int           // the highest maximum that may be recommended; 0 is any

	Defaulted bool // nobody has set Latency
}

// Choice is a policy that is recommended.
type Choice struct {
	Name             string // latency-first or cost-first
	Trade            string // what it gives for what
	TargetValue      float64
	MinCapacity      int
	MaxCapacity      int
	ScaleInCooldown  time.Duration
	ScaleOutCooldown time.Duration
	WakeCooldown     time.Duration
	Reasons          [len(numbers)]string // of each of Numbers

	// Dollars are what instances cost in a month of 30 days, at least and at most: for the work alone, and at MaxCapacity all the
	// time; zero where the price is not known.
	Dollars [2]float64
}

var numbers = [...]string{"targetValue", "minCapacity", "maxCapacity", "scaleInCooldown", "scaleOutCooldown", "wake cooldown"}

// Numbers names the values of a choice, as its Reasons are ordered.
func Numbers() []string { return numbers[:] }

// Values are the values of the choice in the order of Numbers, for people.
func (c Choice) Values() []string {
	return []string{
		fmt.Sprintf("%g", c.TargetValue), fmt.Sprint(c.MinCapacity), fmt.Sprint(c.MaxCapacity),
		fleet.Short(c.ScaleInCooldown), fleet.Short(c.ScaleOutCooldown), fleet.Short(c.WakeCooldown),
	}
}

// What Application Auto Scaling and CloudWatch take before anything happens, none of which can be tuned.
const (
	lag       = 3 * time.Minute  // until a minute is visible, at most
	high      = 3 * time.Minute  // of the high alarm of a tracking policy
	wakeAlarm = 2 * time.Minute  // of the documented wake alarm
	sleepy    = 15 * time.Minute // of the low alarm: who is never idle for so long never sleeps
	unknown   = 11 * time.Minute // the longest provisioning that was measured, where none was seen
)

// worth is how many times the highest target value that removes no busy instance a higher one has to be. In the model, lower
// ones save a tenth of the instance-hours at most and often cost more, and let requests wait longer: instances are removed
// while there is work for them, and come back minutes later. A test holds it.
const worth = 3

// headroom is how much more than the peak of an hour the maximum can do.
const headroom = 1.25

// kind is a kind of choice: the share of the budget that the target value uses up, because what comes in bursts or takes
// longer than the mean needs the rest, and whether the time until new instances work is taken off before.
type kind struct {
	name   string
	share  float64
	growth bool
	trade  string
}

var (
	latencyFirst = kind{"latency-first", .7, true, "It counts on the queue that grows until new instances work, and uses seven tenths of what is left of the budget: more instance-hours, " +
		"and room for bursts and for requests that take longer than the mean."}
	costFirst = kind{"cost-first", .8, false, "It uses eight tenths of the budget: fewer instance-hours, and while the load rises the queue outgrows the objective until new instances work."}
)

// Choices are the names of what Recommend makes, in its order.
func Choices() []string { return []string{latencyFirst.name, costFirst.name} }

// Recommend makes the choices. It fails if no policy can meet the wish.
func Recommend(e Estimates, w Wish) ([]Choice, error) {
	if w.Latency.Seconds() <= e.Service.Value {
		return nil, fmt.Errorf("the work on a request takes %s on average: no policy makes it end within %s", seconds(e.Service.Value), fleet.Short(w.Latency))
	}
	s := sizing{e, w, e.Idle >= sleepy || len(e.Wakes.Seen) > 0}
	return []Choice{
		s.choose(latencyFirst, s.wake() > w.Latency/2),
		s.choose(costFirst, !s.wakeFits()),
	}, nil
}

type sizing struct {
	Estimates
	Wish
	sleeps bool
}

// wake is how long the first request at zero waits for an instance.
func (s sizing) wake() time.Duration {
	if len(s.Wakes.Seen) > 0 {
		return s.Wakes.Most()
	}
	return lag + wakeAlarm + s.provisioned()
}

// provisioned is how long a new instance takes.
func (s sizing) provisioned() time.Duration {
	if len(s.Provisioning.Seen) == 0 {
		return unknown
	}
	return s.Provisioning.Most()
}

func (s sizing) wakeFits() bool { return s.wake().Seconds()+s.Service.Value < s.Latency.Seconds() }

// reaction is how long the queue grows before a scale-out has an effect.
func (s sizing) reaction() time.Duration { return lag + high + s.provisioned() }

func (s sizing) choose(k kind, keep bool) Choice {
	c := Choice{Name: k.name, Trade: k.trade}
	var budget time.Duration
	c.MinCapacity, budget, c.Reasons[1] = s.least(keep)
	c.TargetValue, c.Reasons[0] = s.target(k, budget)
	c.MaxCapacity, c.Reasons[2] = s.most(budget)
	c.MaxCapacity = max(c.MaxCapacity, c.MinCapacity)
	c.Dollars = s.dollars(c)
	c.ScaleInCooldown, c.Reasons[3] = s.scaleIn()
	c.ScaleOutCooldown, c.Reasons[4] = s.scaleOut()
	c.WakeCooldown, c.Reasons[5] = s.wakeCooldown()
	if c.TargetValue == autoscaling.FullTarget(int(s.Concurrency.Value)) {
		c.Trade = "No instance is taken away while it has all the work that it can do: requests wait for little but new instances, and more instances run."
	}
	switch {
	case s.sleeps && c.MinCapacity == 0:
		c.Trade += " It sleeps when nothing comes, and the first request after that waits for the wake."
	case s.sleeps:
		c.Trade += " One instance stays when nothing comes, so no request waits for a wake."
	}
	return c
}

// least is the minimum, and what is left of the budget for the queue.
func (s sizing) least(keep bool) (minimum int, budget time.Duration, why string) {
	wake := s.wakeWords()
	switch {
	case !s.sleeps:
		return 0, s.Latency, fmt.Sprintf("There was work all the time, the longest pause was %s: it does not sleep, and a minimum of 0 delays nothing.", fleet.Lapse(s.Idle))
	case !s.wakeFits():
		why = fmt.Sprintf("%s. That leaves nothing of the budget of %s: what comes while it sleeps misses it, whatever the target value is.", wake, fleet.Short(s.Latency))
	case keep:
		why = fmt.Sprintf("%s, more than half of the budget of %s: with an instance that stays no request pays for it.", wake, fleet.Short(s.Latency))
	default:
		return 0, s.Latency - s.wake(), fmt.Sprintf("%s, which is taken off the budget of %s: %s are left.", wake, fleet.Short(s.Latency), fleet.Short(s.Latency-s.wake()))
	}
	if s.Price > 0 {
		why += fmt.Sprintf(" It costs $%.0f a month at $%g an hour.", s.Price*24*30, s.Price)
	}
	return 1, s.Latency, why
}

func (s sizing) wakeWords() string {
	switch {
	case len(s.Wakes.Seen) > 0:
		return fmt.Sprintf("A wake from zero takes up to %s (%d seen)", fleet.Short(s.wake()), len(s.Wakes.Seen))
	case len(s.Provisioning.Seen) > 0:
		return fmt.Sprintf("A wake from zero takes about %s: %s until the metric is seen, %s of the alarm, %s of provisioning", about(s.wake()),
			fleet.Short(lag), fleet.Short(wakeAlarm), fleet.Short(s.provisioned().Round(time.Second)))
	}
	return fmt.Sprintf("A wake from zero is taken to need %s, because none was seen, nor a scale-out: %s of provisioning are the longest that were measured elsewhere", fleet.Short(s.wake()), fleet.Short(unknown))
}

// target is the backlog for each instance at which a request takes the share of the budget: T = c W / S.
func (s sizing) target(k kind, budget time.Duration) (value float64, why string) {
	c, full := s.Concurrency.Value, autoscaling.FullTarget(int(s.Concurrency.Value))
	words := ""
	if k.growth {
		left := min(budget, s.Latency-s.reaction())
		words = fmt.Sprintf("A scale-out has an effect after about %s. ", about(s.reaction()))
		if left <= 0 {
			return full, words + fmt.Sprintf("That is more than the budget: so it is the highest value at which instances that are full, with an empty queue, are not scaled in (%g / 0.9).", c)
		}
		budget = left
	}
	raw := k.share * c * budget.Seconds() / s.Service.Value
	words += fmt.Sprintf("%g x %g at once x %s / %s = %s", k.share, c, seconds(budget.Seconds()), seconds(s.Service.Value), figure(raw))
	switch {
	case raw <= full:
		return full, words + fmt.Sprintf(". But below %g instances that are full, with an empty queue, are scaled out for nothing: the time that is left is too near to the service time for a target value alone.", full)
	case raw < worth*full:
		return full, words + fmt.Sprintf(". Above %g instances that are busy are scaled in when the queue is short (check removes_busy_instances), and below %s that does not pay: "+
			"they are missed minutes later, so requests wait longer and hardly fewer instances run.", full, figure(worth*full))
	case raw < 10:
		value = math.Floor(raw*10) / 10
	default:
		value = math.Floor(raw)
	}
	return value, words + fmt.Sprintf(". Nine tenths of it are more than the %g that an instance works on, so instances that are busy are scaled in when the queue is short "+
		"(check removes_busy_instances); %g is the highest value that never does.", c, full)
}

// most is the maximum: enough for the peak of an hour with head-room, and for every burst to end within the budget.
func (s sizing) most(budget time.Duration) (instances int, why string) {
	if s.Arrivals.Rate.Samples == 0 {
		return policy.MaxCapacity, "No arrivals were seen: the documented value."
	}
	each := s.Concurrency.Value / s.Service.Value
	lasting := s.Arrivals.Peak(time.Hour)
	if lasting.Length == 0 {
		lasting = Window{s.Observed, float64(s.Arrivals.Rate.Samples)}
	}
	sustained := headroom * lasting.PerSecond() / each
	reaction := s.reaction()
	spare := budget.Seconds() - s.Service.Value
	late := spare <= reaction.Seconds()
	if !late {
		spare -= reaction.Seconds()
	}
	burst, need := Window{}, 0.0
	for _, w := range s.Arrivals.Windows {
		if n := w.Requests / (w.Length.Seconds() + spare) / each; n > need {
			burst, need = w, n
		}
	}
	instances = max(1, int(math.Ceil(math.Max(sustained, need)-1e-9)))
	if s.Variants > 1 {
		instances = (instances + s.Variants - 1) / s.Variants
	}
	why = fmt.Sprintf("The busiest %s brought %s requests a second, which keep %s instances busy; with a quarter of head-room %s.",
		fleet.Short(lasting.Length), figure(lasting.PerSecond()), figure(lasting.PerSecond()/each), figure(sustained))
	if need > 0 {
		why += fmt.Sprintf(" The %.0f requests of the busiest %s end in time with %s.", burst.Requests, fleet.Short(burst.Length), figure(need))
	}
	if late {
		why += fmt.Sprintf(" New instances work about %s after a burst has begun, which is too late for it: what the running ones cannot do misses the objective.", about(reaction))
	}
	if s.Variants > 1 {
		why += fmt.Sprintf(" %d variants share the queue and the work.", s.Variants)
	}
	if s.Most > 0 && instances > s.Most {
		why += fmt.Sprintf(" --max-capacity bounds it to %d of these %d: requests beyond that wait longer than the objective.", s.Most, instances)
		instances = s.Most
	}
	return instances, why
}

// dollars are the ends between which the bill of a month is.
func (s sizing) dollars(c Choice) [2]float64 {
	const hours = 24 * 30
	variants := float64(max(1, s.Variants))
	busy := s.Arrivals.Rate.Value * s.Service.Value / max(s.Concurrency.Value, 1)
	most := float64(c.MaxCapacity) * variants
	least := min(most, max(busy, float64(c.MinCapacity)*variants))
	return [2]float64{least * hours * s.Price, most * hours * s.Price}
}

func (s sizing) seen() string {
	if len(s.Provisioning.Seen) == 0 {
		return "no scale-out was seen"
	}
	return fmt.Sprintf("95 of 100 scale-outs take at most %s, of %d seen", fleet.Short(s.provisioned().Round(time.Second)), len(s.Provisioning.Seen))
}

// scaleOut is how long a scale-out is given to show its effect.
func (s sizing) scaleOut() (time.Duration, string) {
	if len(s.Provisioning.Seen) == 0 {
		return policy.Cooldown, "The documented value: " + s.seen() + "."
	}
	return upToMinute(s.provisioned()), "Until the instances of one scale-out work, the backlog says nothing of the next: " + s.seen() + "."
}

// scaleIn is at least the documented value: an instance that is removed too early has to be provisioned again.
func (s sizing) scaleIn() (time.Duration, string) {
	if d := upToMinute(s.provisioned()); len(s.Provisioning.Seen) > 0 && d > policy.Cooldown {
		return d, "An instance that is removed too early has to be provisioned again: " + s.seen() + "."
	}
	return policy.Cooldown, "The documented value; the low alarm takes 15 minutes by itself."
}

// wakeCooldown is how long the alarm may ring on until it sees that an instance works.
func (s sizing) wakeCooldown() (time.Duration, string) {
	d := max(policy.Cooldown, upToMinute(s.provisioned()+lag))
	return d, fmt.Sprintf("The alarm stays in ALARM until CloudWatch shows the first instance, and would start another one: provisioning (%s) and %s until it is seen.", s.seen(), fleet.Short(lag))
}

func upToMinute(d time.Duration) time.Duration {
	return (d + time.Minute - 1).Truncate(time.Minute)
}

// about is a duration to the minute.
func about(d time.Duration) string { return fleet.Short(d.Round(time.Minute)) }

// seconds are for people.
func seconds(s float64) string {
	if s < 100 {
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.0f s", s)
}

// figure is a number of three digits that matter, without an exponent.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
