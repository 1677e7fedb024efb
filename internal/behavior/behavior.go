package behavior

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
)

// Verdict is the answer to a question about scaling.
type Verdict uint8

// The verdicts.
const (
	No        Verdict = iota
	Yes               // certain
	NotJudged         // it rests on something that is not understood
)

// String is the verdict as tools know it.
func (v Verdict) String() string { return [...]string{"no", "yes", "not_judged"}[v] }

// Path is an alarm and the policy that it triggers, by their names.
type Path struct {
	Alarm  string // empty for an alarm of AWS's own that was not read: AWS's habit is assumed
	Policy string
}

// Behavior is what the scaling of one variant does. It is never changed.
type Behavior struct {
	Sleeps    bool // the minimum is 0, now or after a scheduled action; not while scheduled actions hold the maximum at 0 as well
	Wakes     Wakes
	Joins     Joins
	ScalesOut ScalesOut
	ScalesIn  ScalesIn

	RemovesBusy         []Act // paths that leave fewer instances than have requests in service
	ScalesOutForNothing []Act // paths that add instances while nothing waits
	WakesForNothing     []Act // paths that start the first instance while the queue is empty

	Paths     []Wire   // every alarm with every policy that it triggers, sorted
	Alarms    []Alarm  // each once, sorted by name
	Policies  []Policy // in the order of the variant's policies
	NotJudged []Reason // what is not judged, sorted

	Scheduled *Scheduled // what scheduled actions change; nil without any
	Silence   *Silence   // when mute rules will next keep it from waking; nil: within a month they do not, or it does not wake now
}

// Wakes says whether queued requests start the first instance.
type Wakes struct {
	Verdict Verdict
	From    int           // the fewest requests from which it certainly wakes; 0 where none do
	UpTo    int           // the most requests for which it wakes; 0: without bound
	Leaves  bool          // with more than UpTo the alarm is not in State any more; else it is, and no step matches
	By      Path          // that wakes it from the fewest requests
	State   string        // of that alarm, in which it triggers the policy: ALARM for most
	To      int           // the instances that are then asked for
	After   time.Duration // from the first minute with them until the policy is triggered, the delay of metrics left out
	Reason  string        // why it is not judged
	Fault   *Fault        // the nearest cause why it does not wake; nil where it does, or is not judged
}

// Joins says whether queued requests start the first instance while another variant of the endpoint runs. Of the only variant of an
// endpoint it is not asked, and zero.
type Joins struct {
	Verdict Verdict
	From    int    // the fewest requests from which it certainly does; 0 where none do
	By      Path   // that starts it
	State   string // of that alarm, in which it triggers the policy
	Reason  string // why it is not judged
	Fault   *Fault // the switch or the dead action alone that keeps requests from starting it; nil where it is none
}

// Level says how much has to wait before instances are added.
type Level uint8

// The levels.
const (
	NotNeeded Level = iota // the maximum leaves no room
	Moderate               // as many requests as just miss the latency objective are enough
	BurstOnly              // only far more requests than that
	Never                  // nothing adds an instance to those that run
	LevelOpen              // not judged
	levelCount
)

// String is the level as tools know it.
func (l Level) String() string {
	return [levelCount]string{"not_needed", "moderate", "burst_only", "never", "not_judged"}[l]
}

// ScalesOut says whether a queue adds instances to those that run.
type ScalesOut struct {
	Level    Level
	By       Path
	Reason   string // why it is not judged
	Silenced bool   // a mute rule alone keeps a moderate overload from adding instances
}

// ScalesIn says whether idle instances are removed.
type ScalesIn struct {
	Verdict  Verdict
	To       int    // how many remain at most, as far as that is certain
	Possible int    // how few may remain, with what is not judged
	By       Path   // of the first step
	Reason   string // why it is not judged
	Silenced bool   // a mute rule alone keeps idle instances from being removed down to the minimum
}

// Act is one path that acts where it should not.
type Act struct {
	Path
	Situation Situation
	State     string        // of the alarm, in which it triggers the policy
	Tracking  bool          // the policy is target tracking
	From, To  int           // instances
	Requests  int           // that are there; 0 where that is all the same, or not known
	After     time.Duration // from the beginning of the situation
	Within    time.Duration // of instances that were just started: the longest start with which it happens; zero where that is all the same
}

// Reason says of an alarm or a policy why it is not judged.
type Reason struct {
	Path
	Text string
}

// Wire is what one alarm does through one policy.
type Wire struct {
	Path
	Adds      Situations // in which it certainly asks for more instances, the bounds of the target left out
	Removes   Situations // in which it certainly asks for fewer
	May       Situations // in which it may ask for either
	WakesFrom int        // the fewest requests from which it adds the first instance; 0: none
	Adding    Trigger    // when it adds instances; zero where it never does for certain
	Removing  Trigger    // the same of removing them

	made   made
	in     autoscaling.States // of the alarm, of which the policy is an action
	reason string             // why it only may act
	asleep string             // the same at zero instances
}

// Trigger is when an alarm triggers a policy.
type Trigger struct {
	State string        // of the alarm: one of fleet.AlarmStates
	After time.Duration // from the beginning of the first situation that brings the alarm into that state, the delay of metrics left out
}

// Acts are the situations in which it certainly changes the capacity.
func (w *Wire) Acts() Situations { return w.Adds | w.Removes }

// Alarm is what one alarm does.
type Alarm struct {
	Name      string
	Acts      Situations    // in which it certainly triggers a change of the capacity, the bounds of the target left out
	May       Situations    // in which it may
	Reaches   Situations    // in which it certainly goes into ALARM, whatever it triggers; asleep, with one request
	Never     Situations    // in which it certainly does not
	Triggers  []string      // policies of the variant among its actions in any state, by name, whether or not they are enabled
	Dead      []string      // actions on policies of the variant that do not exist
	Lambda    bool          // it calls a Lambda function
	Disabled  bool          // its actions are disabled
	Muted     bool          // a mute rule silences its actions
	AWS       bool          // AWS made it for a tracking policy: nobody may edit it
	Elsewhere string        // the other endpoint whose metrics it watches, and nothing else; empty where it does not
	Flaps     string        // why it changes its state again and again; empty if it does not
	After     time.Duration // until it is in ALARM in the first of the situations that it reaches, the delay of metrics left out
}

// Policy is what one policy does.
type Policy struct {
	Name        string
	Acts        Situations // in which it certainly changes the capacity, the bounds of the target left out
	May         Situations // in which it may
	Alarms      []string   // that trigger it, by name, sorted
	Adds        bool       // a step policy that adds instances to none, at some value
	Follows     Follows    // how a tracking policy follows the backlog
	Unpublished string     // tracking only: the metric that never has a value; empty where it has, or nobody can tell
	Elsewhere   string     // tracking only: the other endpoint whose metrics it follows, and nothing else; empty where it does not
}

// Alarm is the answer for an alarm; nil for one that the variant does not have.
func (b *Behavior) Alarm(name string) *Alarm {
	for i := range b.Alarms {
		if b.Alarms[i].Name == name {
			return &b.Alarms[i]
		}
	}
	return nil
}

// Policy is the answer for a policy; nil for one that the variant does not have.
func (b *Behavior) Policy(name string) *Policy {
	for i := range b.Policies {
		if b.Policies[i].Name == name {
			return &b.Policies[i]
		}
	}
	return nil
}

// Context is what decides beside the objects of the variant. The zero Context is fine.
type Context struct {
	At      time.Time     // scheduled actions and mute rules count from here on; zero: they are left out
	Latency time.Duration // the longest acceptable wait; zero: half an hour
	Service time.Duration // that a request takes on average; zero: not known, and a minute is assumed
}

// What is assumed where nobody says it.
const (
	assumedLatency = 30 * time.Minute
	assumedService = time.Minute
)

// rounded has one significant digit in its durations, so that an average that moves a little is no new question.
func (c Context) rounded() Context {
	for _, d := range []*time.Duration{&c.Latency, &c.Service} {
		one := time.Second
		for one*10 <= *d {
			one *= 10
		}
		*d = d.Truncate(one)
	}
	return c
}

// moderate is how many requests for each instance just miss the latency objective: by Little's law a request then waits
// for that many to be done. A concurrency that is not set counts as 1.
func (c Context) moderate(concurrency int) float64 {
	latency, service := c.Latency, c.Service
	if latency <= 0 {
		latency = assumedLatency
	}
	if service <= 0 {
		service = assumedService
	}
	at := float64(max(1, concurrency))
	return max(2*at, float64(int(at*latency.Seconds()/service.Seconds())))
}
