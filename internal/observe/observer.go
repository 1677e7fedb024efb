package observe

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/ledger"
)

// Options say what to observe of a scope and how often. They may change between two questions.
type Options struct {
	Selected     func(endpoint string) bool // by name; nil selects all
	Named        []string                   // endpoints that somebody asked for: they are described first, and where no list can be had
	Tags         map[string]string          // an endpoint must carry all of these; empty selects all
	TagLabels    []fleet.TagLabel           // tags that become labels
	Tagged       func(endpoint string) bool // by name, whose tags are read for another reason; nil is nobody's
	Sources      []fleet.SourceName         // the only ones that are asked, sorted; none is all
	Intervals    Intervals
	Budget       float64       // dollars a month for the metrics of all scopes; 0 is none
	Stretch      float64       // by how much the budget has made Intervals longer at most; 0 is not at all
	MaxStaleness time.Duration // older knowledge is no longer shown, unless three intervals are longer
	MostVariants int           // of all endpoints that are described; 0 is without bound
	Memory       int64         // bytes that the process keeps within; 0 is without bound
}

// Intervals say how often each kind of thing is asked.
type Intervals struct {
	Queue     time.Duration // the queue metrics
	Idle      time.Duration // the same of endpoints at zero instances with an empty queue; Queue at least
	Metrics   time.Duration // counters, latencies and utilisation
	Instances time.Duration // endpoints and their instances
	Scaling   time.Duration // scalable targets, policies, scheduled actions, alarms and activities
	Tags      time.Duration
}

// Of is how often the named source is asked.
func (i Intervals) Of(source fleet.SourceName) time.Duration {
	switch source {
	case fleet.SourceQueue:
		return i.Queue
	case fleet.SourceMetrics:
		return i.Metrics
	case fleet.SourceEndpoints:
		return i.Instances
	case fleet.SourceTags:
		return i.Tags
	default:
		return i.Scaling
	}
}

// idle is Idle with its default.
func (i Intervals) idle() time.Duration { return max(i.Idle, i.Queue) }

// Due is when the source is asked next, if it is asked now. The queue has a turn each minute at least, in which only those
// endpoints are asked that are due. Counters are also asked once after the end of a month,
// before the total of that is shown for the last time. Otherwise they are asked at whole intervals of the clock, so that
// replicas with the same interval seldom differ; no promise rests on that.
func (i Intervals) Due(source fleet.SourceName, now time.Time) time.Time {
	interval := i.Of(source)
	if source == fleet.SourceQueue {
		interval = i.turn()
	}
	if source != fleet.SourceMetrics {
		return now.Add(interval)
	}
	next := now.Truncate(interval).Add(interval)
	if last, ok := ledger.LastRead(now, next); ok {
		return last
	}
	return next
}

// wantsTags tells whether anything asks for tags; only then are they read.
func (o Options) wantsTags() bool { return o.wantsAllTags() || o.Tagged != nil }

// wantsAllTags tells whether something selects or labels by tags.
func (o Options) wantsAllTags() bool { return len(o.Tags) > 0 || len(o.TagLabels) > 0 }

// lifetime is how long after its last success a source may be shown.
func (o Options) lifetime(source fleet.SourceName) time.Duration {
	return max(o.MaxStaleness, 3*o.Intervals.Of(source))
}

// Observer knows what each source of one scope said last. It is used by one goroutine; only the functions that Question
// returns may run elsewhere, and at the same time.
type Observer struct {
	scope   fleet.Scope
	aws     AWS
	now     func() time.Time
	started time.Time
	options Options
	sources map[fleet.SourceName]fleet.Source

	endpoints   endpointMemory
	turns       turns
	inBatches   inBatches
	pass        *pass     // under way; nil: none is
	soFar       *soFar    // of the question about endpoints that is being asked; nil: none is
	passBegan   time.Time // when the newest one began
	tags        tagMemory
	queues      map[string]fleet.Queue    // by endpoint, as they were last read
	gates       map[string]gate           // by endpoint
	histories   map[string]*fleet.History // by endpoint
	wakes       map[string]wake
	awake       map[string]awake // by resource id
	metrics     metricsMemory
	watched     map[string][]fleet.Trigger // through which an endpoint wakes
	metricsLoad int                        // of SourceMetrics alone
	billed      uint64                     // metrics, as AWS counts them
	scaling     scalingMemory
	alarms      []fleet.Alarm
	alarmsRead  time.Time // when CloudWatch was asked for them; zero before the first answer
	others      []string  // names of the alarms that do not concern endpoints
	mutes       muteMemory
	lacks       error     // why the mute rules were not read the last time
	standIns    time.Time // since when some alarms were refused; zero: none is
	gaps        gaps      // what is not known for that
	orphans     []orphan
	joined      *fleet.Join // of scaling and alarms; nil when one of them has changed
	activity    activityMemory
}

// New returns an observer that knows nothing yet. Events that ended before now are not counted.
func New(scope fleet.Scope, aws AWS, now func() time.Time, options Options) *Observer {
	return &Observer{
		scope:     scope,
		aws:       aws,
		now:       now,
		started:   now(),
		options:   options,
		sources:   map[fleet.SourceName]fleet.Source{},
		queues:    map[string]fleet.Queue{},
		gates:     map[string]gate{},
		histories: map[string]*fleet.History{},
		wakes:     map[string]wake{},
	}
}

// Configure changes what is observed from the next question on.
func (o *Observer) Configure(options Options) {
	o.options = options
	if !options.wantsTags() {
		o.tags = nil
		delete(o.sources, fleet.SourceTags)
	}
}

// Sources lists the sources that are asked under the present options, sorted.
func (o *Observer) Sources() []fleet.SourceName { return sourcesOf(o.options) }

func sourcesOf(options Options) []fleet.SourceName {
	names := []fleet.SourceName{
		fleet.SourceActivities, fleet.SourceAlarms, fleet.SourceEndpoints, fleet.SourceMetrics, fleet.SourceQueue, fleet.SourceScaling,
	}
	if options.wantsTags() {
		names = append(names, fleet.SourceTags)
	}
	if len(options.Sources) > 0 {
		names = slices.DeleteFunc(names, func(name fleet.SourceName) bool { return !slices.Contains(options.Sources, name) })
	}
	return names
}

// Answerable tells whether the source can be asked now: metrics and tags are asked of endpoints, so these come first. The
// queue is asked of those that are known already, so in a first view there is to be one at least.
func (o *Observer) Answerable(source fleet.SourceName) bool {
	switch source {
	case fleet.SourceQueue:
		return !o.firstView() || o.pass != nil && len(o.selected())+len(o.early()) > 0
	case fleet.SourceMetrics, fleet.SourceTags:
		return o.described()
	default:
		return true
	}
}

// Answer is what one question brought. It carries everything that Learn needs and shares nothing with the observer.
type Answer struct {
	Source  fleet.SourceName
	Err     error // why the answer is missing or incomplete; what is there is nevertheless learned
	Refused error // which parts of a good answer cannot be and were left out; nil when there are none
	GoesOn  bool  // the next question of the source goes on with what this one has begun: it is to be asked at once
	began   time.Time
	ended   time.Time
	learn   func(*Observer) // nil when there is nothing to learn
}

// Question prepares what to ask for the source now. The function it returns asks AWS; it may run in another goroutine
// while the observer is used.
func (o *Observer) Question(source fleet.SourceName) func(context.Context) Answer {
	var ask func(context.Context) (func(*Observer), error)
	switch source {
	case fleet.SourceEndpoints:
		ask = o.askEndpoints()
	case fleet.SourceTags:
		ask = o.askTags()
	case fleet.SourceQueue:
		ask = o.askQueues(false)
	case fleet.SourceMetrics:
		ask = o.askMetrics()
	case fleet.SourceScaling:
		ask = o.askScaling()
	case fleet.SourceAlarms:
		ask = o.askAlarms()
	case fleet.SourceActivities:
		ask = o.askActivities()
	}
	return o.question(source, ask)
}

// NewTags is the question for the tags of endpoints of which none were read so far.
func (o *Observer) NewTags() func(context.Context) Answer {
	return o.question(fleet.SourceTags, o.askNewTags())
}

// NewQueues is the question for the queues of endpoints of which none was read so far. The turns of the queue stay as they are.
func (o *Observer) NewQueues() func(context.Context) Answer {
	return o.question(fleet.SourceQueue, o.askQueues(true))
}

// question is one that is asked by that function.
func (o *Observer) question(source fleet.SourceName, ask func(context.Context) (func(*Observer), error)) func(context.Context) Answer {
	now := o.now
	return func(ctx context.Context) Answer {
		answer := Answer{Source: source, began: now()}
		answer.learn, answer.Err = ask(ctx)
		if kept := (*leftOut)(nil); errors.As(answer.Err, &kept) {
			answer.Err, answer.Refused = kept.err, kept.refused
		}
		if errors.Is(answer.Err, errGoesOn) {
			answer.Err, answer.GoesOn = nil, true
		}
		answer.ended = now()
		return answer
	}
}

// Learn takes an answer in. What a failed source said before is kept.
func (o *Observer) Learn(answer Answer) {
	if answer.Source == fleet.SourceTags && !o.options.wantsTags() {
		return // asked under options that have changed since
	}
	if answer.Source == fleet.SourceEndpoints {
		o.soFar = nil
	}
	if answer.learn != nil {
		answer.learn(o)
	}
	if answer.GoesOn {
		return
	}
	if answer.Source == fleet.SourceEndpoints && answer.learn != nil {
		answer.began = o.passBegan
	}
	source := o.sources[answer.Source]
	source.Name = answer.Source
	source.LastAttempt = answer.ended
	source.Duration = answer.ended.Sub(answer.began)
	source.Err, source.Refused = "", refusals(answer.Err, answer.Refused)
	if answer.Err != nil {
		source.Err = answer.Err.Error()
	} else {
		source.LastSuccess, source.LastAnswer = answer.ended, answer.ended
	}
	o.sources[answer.Source] = source
}

// Snapshot freezes what is known now.
func (o *Observer) Snapshot() fleet.Snapshot {
	at := o.now()
	snapshot := fleet.Snapshot{
		Scope:         o.scope,
		At:            at,
		Targets:       o.scaling.targets,
		Policies:      o.scaling.policies,
		Scheduled:     o.scaling.scheduled,
		Alarms:        o.alarms,
		OtherAlarms:   o.others,
		Orphans:       o.orphansLeft(),
		TagLabels:     o.options.TagLabels,
		Ignored:       o.endpoints.ignored(),
		Stretch:       max(1, o.options.Stretch),
		BilledMetrics: o.billed,
		LateRevisions: o.metrics.revisions,
	}
	for _, name := range o.Sources() {
		source := o.sources[name]
		source.Name = name
		if !source.LastAnswer.IsZero() {
			source.Expires = source.LastAnswer.Add(o.options.lifetime(name))
		}
		if name == fleet.SourceAlarms && o.lacks != nil {
			source.Lacks = o.lacks.Error()
		}
		if name == fleet.SourceEndpoints {
			source.Progress = o.progress()
		}
		snapshot.Sources = append(snapshot.Sources, source)
	}
	if at := o.scaling.early; !at.IsZero() {
		snapshot.Early = fleet.Source{
			Name: fleet.SourceScaling, Err: o.sources[fleet.SourceScaling].Err, LastAttempt: at, LastSuccess: at, LastAnswer: at,
			Expires: at.Add(o.options.lifetime(fleet.SourceScaling)),
		}
	}
	names, early := o.selected(), o.early()
	snapshot.Load = o.load(slices.Concat(names, early))
	snapshot.Endpoints = make([]fleet.Endpoint, 0, len(names)+len(early))
	for _, name := range names {
		if endpoint := o.endpoint(name); at.Before(endpoint.Expires) {
			snapshot.Endpoints = append(snapshot.Endpoints, endpoint)
		}
	}
	if len(early) > 0 {
		for _, name := range early {
			snapshot.Endpoints = append(snapshot.Endpoints, o.undescribed(name))
		}
		slices.SortFunc(snapshot.Endpoints, func(a, b fleet.Endpoint) int { return cmp.Compare(a.Name, b.Name) })
	}
	return snapshot
}

// heard notes that a source which dates each thing that it says has said some of it: one endpoint or one metric that
// cannot be read for long must not hide the others.
func (o *Observer) heard(name fleet.SourceName, at time.Time) {
	source := o.sources[name]
	if at.After(source.LastAnswer) {
		source.LastAnswer = at
	}
	o.sources[name] = source
}

// Unreached is the snapshot of a scope that cannot be asked at all, because of err.
func Unreached(scope fleet.Scope, options Options, at time.Time, err error) fleet.Snapshot {
	snapshot := fleet.Snapshot{Scope: scope, At: at}
	for _, name := range sourcesOf(options) {
		snapshot.Sources = append(snapshot.Sources, fleet.Source{Name: name, Err: err.Error(), LastAttempt: at})
	}
	return snapshot
}

// selected names the asynchronous endpoints that are observed, sorted. An endpoint whose tags are not known yet is not
// selected by tags.
func (o *Observer) selected() []string {
	names := make([]string, 0, len(o.endpoints))
	for name, known := range o.endpoints {
		if known.kind() == fleet.KindAsync && o.options.selects(name, o.tags[known.description.ARN]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// selectsName tells whether the name alone lets the endpoint be observed.
func (o Options) selectsName(endpoint string) bool { return o.Selected == nil || o.Selected(endpoint) }

func (o Options) selects(endpoint string, tags map[string]string) bool {
	if !o.selectsName(endpoint) {
		return false
	}
	for key, value := range o.Tags {
		if got, ok := tags[key]; !ok || got != value {
			return false
		}
	}
	return true
}
