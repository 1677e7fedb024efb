package cycle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/reconcile"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Scope is an account and region to observe, and how to reach it.
type Scope struct {
	Key     string      // tells scopes apart; a scope that is reached in another way is another one
	Name    string      // for people
	Known   fleet.Scope // as far as the configuration tells; Connect completes it
	Connect Connect
}

// Connect finds credentials and region, makes sure that AWS answers, and tells whose account it is. It may be called
// again after a failure; with the error goes the scope as far as it is known by then.
type Connect func(context.Context) (Connection, error)

// Connection is a scope that was reached.
type Connection struct {
	Scope   fleet.Scope
	AWS     observe.AWS
	Writing reconcile.AWS // reconciles; without a Writer nothing can be written
}

// Options say what to observe, and what to conclude from it.
type Options struct {
	Observe observe.Options
	Rules   report.Rules
	Leads   Leads
}

// Leads says whether this process may write now: what it returns is nil while it may not, and ends when it may no
// longer. A nil Leads is that of a process that always may.
type Leads func() context.Context

// leads is Leads with its default.
func (o Options) leads() context.Context {
	if o.Leads == nil {
		return context.Background()
	}
	return o.Leads()
}

// patience bounds one observation of one source in real time, so that a hung call ends; a source that is asked less
// often may take as long as its interval.
const patience = time.Minute

// connectPatience bounds one attempt to connect: bad credentials are a start-up error within ten seconds.
const connectPatience = 8 * time.Second

// Cycle observes one scope. All of its state belongs to the goroutine that runs Loop; only the questions to AWS run
// beside it, so that a slow source holds up no other.
type Cycle struct {
	scope     Scope
	clock     Clock
	options   Options
	board     *Board
	logger    log.Logger
	observer  *observe.Observer // nil until connected
	memory    *reconcile.Memory
	actor     *reconcile.Actor // nil: nothing is ever written
	published report.Report    // the newest

	reconfigured chan configured
	generation   atomic.Uint64 // of the newest options that were handed over
	since        uint64        // that of the options in force
	news         chan struct{} // the actor has changed the memory
	wrote        chan struct{} // the actor has ended a round in which something was written
	answers      chan observe.Answer
	running      map[fleet.SourceName]bool
	due          map[fleet.SourceName]time.Time // absent: at once
	connectDue   time.Time
	newTags      time.Time         // when the tags of new endpoints may be asked for again
	newQueues    bool              // endpoints were described: the queues of those that are new are asked at once
	intervals    observe.Intervals // those of the options, stretched by the budget
	complaints   complaints
	ignored      map[fleet.Kind]int
	looping      bool                        // Loop runs
	unmatched    map[string]bool             // policies that were said to select nothing
	lacks        map[fleet.SourceName]string // what each source does without, as it was logged
	passing      bool                        // a pass over the endpoints goes on, in batches
	glance       time.Time                   // when it is looked what the batch under way has brought so far
	awaited      bool                        // the first descriptions have waited for the queue
	awaitsQueue  bool                        // they wait for it now, until they are due
	progressed   time.Time                   // when it was last logged how far the pass has come, or when it began
}

// New returns the cycle of one scope. It does nothing before Connect.
func New(scope Scope, clock Clock, options Options, board *Board, logger log.Logger) *Cycle {
	return &Cycle{
		scope:        scope,
		clock:        clock,
		options:      options,
		intervals:    options.Observe.Intervals,
		memory:       &reconcile.Memory{},
		news:         make(chan struct{}, 1),
		wrote:        make(chan struct{}, 1),
		board:        board,
		logger:       log.With(logger, "scope", scope.Name),
		reconfigured: make(chan configured, 1),
		answers:      make(chan observe.Answer),
		running:      map[fleet.SourceName]bool{},
		due:          map[fleet.SourceName]time.Time{},
		complaints:   complaints{},
		unmatched:    map[string]bool{},
		lacks:        map[fleet.SourceName]string{},
	}
}

// Connect makes one attempt to reach the scope. Until one has succeeded, the scope is published as down.
func (c *Cycle) Connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	reached, err := c.scope.Connect(ctx)
	scope := reached.Scope
	if err == nil {
		if holder, ok := c.board.claim(c.scope.Key, scope); !ok {
			err = fmt.Errorf("%s in %s is observed by scope %s already: remove one of the two",
				scope.AccountID, scope.Region, holder)
		}
	}
	if err != nil {
		known := fleet.Scope{
			AccountID: cmp.Or(scope.AccountID, c.scope.Known.AccountID), Region: cmp.Or(scope.Region, c.scope.Known.Region),
		}
		c.board.put(c.scope.Key, report.Build(observe.Unreached(known, c.options.Observe, c.clock.Now(), err), c.options.Rules, c.memory.Past()))
		c.connectDue = c.clock.Now().Add(c.options.Observe.Intervals.Instances)
		return err
	}
	c.observer = observe.New(scope, reached.AWS, c.clock.Now, c.options.Observe)
	if reached.Writing.Writer != nil {
		c.actor = reconcile.NewActor(reconcile.Actor{
			AWS: reached.Writing, Clock: c.clock, Memory: c.memory, Logger: c.logger, Generation: &c.generation,
			Changed: func() { signal(c.news) }, Wrote: func() { signal(c.wrote) },
		})
	}
	c.publish()
	return nil
}

// signal wakes whoever waits for it, now or later, once.
func signal(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// OncePatience is for how long one observation is worth waiting for.
const OncePatience = time.Minute

// Once asks every source exactly once, publishing as each answers. It returns after that time at the latest, with what
// has answered by then; the sources say what is missing. Connect must have succeeded. The endpoints have two thirds of it: tags
// and metrics are asked for when they have answered.
func (c *Cycle) Once(whole context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(whole, within)
	defer cancel()
	waiting := c.observer.Sources()
	for {
		waiting = slices.DeleteFunc(waiting, func(source fleet.SourceName) bool {
			if !c.observer.Answerable(source) {
				return false
			}
			limit := within
			if source == fleet.SourceEndpoints {
				limit = within * 2 / 3
			}
			c.question(ctx, source, limit)
			return true
		})
		if len(c.running) == 0 {
			return
		}
		answer := <-c.answers
		if whole.Err() == nil { // an answer cut short by the end says nothing about AWS
			c.learn(answer)
			continue
		}
		delete(c.running, answer.Source)
		waiting = nil
	}
}

// Loop observes until the context ends: each source at its interval, a failed one again in the next turn. Where plans are
// carried out, the actor that does so runs beside it. It returns when no question and no write is under way any more.
func (c *Cycle) Loop(ctx context.Context) {
	c.looping = true
	var acting sync.WaitGroup
	defer func() {
		for len(c.running) > 0 {
			delete(c.running, (<-c.answers).Source)
		}
		acting.Wait()
	}()
	act := func() {
		if actor := c.actor; actor != nil {
			acting.Go(func() { actor.Run(ctx) })
		}
	}
	act()
	for {
		if c.observer == nil && comes(c.connectDue, c.clock.Now(), c.options.Observe.Intervals.Instances) {
			if err := c.Connect(ctx); err != nil {
				c.complain("connecting", err)
			} else {
				c.recovered("connecting")
				act()
			}
		}
		c.ask(ctx)
		c.progress()
		select {
		case <-ctx.Done():
			return
		case answer := <-c.answers:
			if ctx.Err() == nil { // an answer cut short by the end says nothing about AWS
				c.learn(answer)
				continue
			}
			delete(c.running, answer.Source)
		case options := <-c.reconfigured:
			c.configure(options)
		case <-c.news:
			c.publish()
		case <-c.wrote: // what was written is read at once
			for _, source := range plan.Grounds() {
				delete(c.due, source)
			}
		case <-c.clock.After(c.pause()):
		}
	}
}

// configured are options and their generation.
type configured struct {
	Options
	generation uint64
}

// Configure makes the running Loop observe by other options, at once. What is known stays on the board until the new
// answers replace it. When it returns, no write begins any more by the options before.
func (c *Cycle) Configure(options Options) {
	generation := c.generation.Add(1)
	select {
	case <-c.reconfigured: // the loop has not taken the options before these; they are overtaken
	default:
	}
	c.reconfigured <- configured{options, generation}
}

func (c *Cycle) configure(now configured) {
	options := now.Options
	c.options, c.intervals, c.since = options, options.Observe.Intervals, now.generation
	clear(c.due)
	clear(c.unmatched)
	if c.observer != nil {
		c.observer.Configure(options.Observe)
		c.publish()
	}
}

// comes tells whether something is due that is done at an interval. What is due much later than that was dated by a clock
// that has been set back since: to wait until then would be to show what is old for as long as it was set back.
func comes(due, now time.Time, interval time.Duration) bool {
	early := due.Sub(now)
	return early <= 0 || early > 2*interval
}

// ask starts a question for every source that is due and not being asked.
func (c *Cycle) ask(ctx context.Context) {
	if c.observer == nil {
		return
	}
	c.keepBudget()
	c.observer.InBatches()
	now := c.clock.Now()
	for _, source := range c.observer.Sources() {
		limit := max(patience, c.intervals.Of(source))
		switch {
		case c.running[source] || !c.observer.Answerable(source):
			continue
		case comes(c.due[source], now, c.intervals.Of(source)):
		case source == fleet.SourceTags && comes(c.newTags, now, c.intervals.Queue) && c.observer.Untagged():
			c.newTags = now.Add(c.intervals.Queue)
			c.beside(ctx, source, limit, c.observer.NewTags())
			continue
		case source == fleet.SourceQueue && c.newQueues:
			c.newQueues = false
			c.beside(ctx, source, limit, c.observer.NewQueues())
			continue
		default:
			continue
		}
		c.due[source] = c.intervals.Due(source, now)
		switch source {
		case fleet.SourceTags:
			c.newTags = now.Add(c.intervals.Queue)
		case fleet.SourceQueue:
			c.newQueues = false
		case fleet.SourceEndpoints:
			c.glance = now.Add(glanceEach)
			if !c.passing {
				c.progressed = now
			}
		}
		c.question(ctx, source, limit)
	}
}

// question asks for one source beside the loop, for so long at most.
func (c *Cycle) question(ctx context.Context, source fleet.SourceName, limit time.Duration) {
	c.beside(ctx, source, limit, c.observer.Question(source))
}

func (c *Cycle) beside(ctx context.Context, source fleet.SourceName, limit time.Duration, question func(context.Context) observe.Answer) {
	c.running[source] = true
	go func() {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		c.answers <- question(ctx)
	}()
}

// keepBudget asks less often where a month would cost more than the budget allows for all scopes together.
func (c *Cycle) keepBudget() {
	wished := c.options.Observe
	var load fleet.Load
	for _, r := range c.board.Set().Reports {
		load = load.Plus(r.Snapshot.Load)
	}
	kept := wished
	kept.Intervals, kept.Stretch = wished.Intervals.Stretched(load, wished.Budget, wished.MaxStaleness)
	if kept.Intervals == c.intervals {
		return
	}
	say := level.Debug // the load of a fleet changes all the time
	if c.intervals == wished.Intervals || kept.Intervals == wished.Intervals {
		say = level.Info
	}
	c.intervals = kept.Intervals
	c.observer.Configure(kept)
	say(c.logger).Log(
		"msg", "asking CloudWatch as often as the budget allows", "queue", kept.Intervals.Queue, "idle", kept.Intervals.Idle, "metrics", kept.Intervals.Metrics,
		"budget_dollars", wished.Budget, "projected_dollars", kept.Intervals.MonthlyDollars(load),
	)
}

// learn takes an answer in and publishes what is known now. A failed source is due again in the next turn of the fast
// loop, however seldom it is asked otherwise.
func (c *Cycle) learn(answer observe.Answer) {
	delete(c.running, answer.Source)
	if answer.Source == fleet.SourceEndpoints {
		c.passing = answer.GoesOn
	}
	if answer.GoesOn {
		c.goOn(answer)
		return
	}
	if answer.Err != nil {
		c.complain(string(answer.Source), answer.Err)
		now := c.clock.Now()
		retry := now.Add(retryAfter(answer.Source, now, c.intervals))
		if retry.Before(c.due[answer.Source]) {
			c.due[answer.Source] = retry
		}
	} else {
		c.recovered(string(answer.Source))
	}
	if answer.Source == fleet.SourceQueue && c.awaitsQueue {
		c.awaitsQueue = false
		delete(c.due, fleet.SourceEndpoints)
	}
	c.refuse(answer.Source, answer.Refused)
	c.observer.Learn(answer)
	c.publishAfter(answer.Source)
}

// queueFirst is for how long the first descriptions wait for the queue. Of 5,000 endpoints it takes one or two seconds; a queue that
// fails is not waited for.
const queueFirst = 10 * time.Second

// progressEach is how often it is logged how far the first view has come.
const progressEach = 10 * time.Second

// glanceEach is how long a batch of endpoints, which ends with its slowest description, may take before those that are described are
// published: longer than the five seconds of most batches.
const glanceEach = 6 * time.Second

// progress publishes how far the pass over the endpoints has come, where a batch of it takes long, and logs it of endpoints that are new.
func (c *Cycle) progress() {
	now := c.clock.Now()
	if c.running[fleet.SourceEndpoints] && comes(c.glance, now, glanceEach) {
		c.glance = now.Add(glanceEach)
		if c.observer.Glance() {
			c.newQueues = true
			c.publish()
		}
	}
	if source := c.described(); source.Progress.Of > 0 && comes(c.progressed.Add(progressEach), now, progressEach) {
		c.progressed = now
		level.Info(c.logger).Log("msg", source.Progress)
	}
}

// described is the source of the endpoints, as it was last published.
func (c *Cycle) described() fleet.Source {
	source, _ := c.published.Snapshot.Source(fleet.SourceEndpoints)
	return source
}

// goOn takes in a part of what a source is asked for, and asks for the next at once. The queue of endpoints that were just
// found is asked too.
func (c *Cycle) goOn(answer observe.Answer) {
	c.observer.Learn(answer)
	if answer.Source == fleet.SourceTags { // of new endpoints: those of all come in their turn
		c.publishAfter(answer.Source)
		return
	}
	delete(c.due, answer.Source)
	if answer.Source != fleet.SourceEndpoints {
		c.publishAfter(answer.Source)
		return
	}
	c.newQueues = true
	if !c.awaited && c.observer.AwaitsQueue() { // once: a queue that does not answer holds up nothing more
		c.due[answer.Source], c.awaitsQueue, c.awaited = c.clock.Now().Add(queueFirst), true, true
	}
	c.publishAfter(answer.Source)
}

// retryAfter is how long after a failure a source is due again: in the next turn of the fast loop. The last minutes of a
// month can be read until its totals are no longer shown; until then they are due again each minute.
func retryAfter(source fleet.SourceName, now time.Time, every observe.Intervals) time.Duration {
	after := min(every.Queue, every.Of(source))
	if shown, _ := fleet.Shows(now); source == fleet.SourceMetrics && shown.Before(fleet.Epoch(now)) {
		return min(after, time.Minute)
	}
	return after
}

func (c *Cycle) publish() {
	c.publishAfter("")
}

// publishAfter publishes what is known since a source has answered. Metrics come most often, and change no conclusion.
func (c *Cycle) publishAfter(source fleet.SourceName) {
	snapshot, kept := c.observer.Snapshot(), false
	if source == fleet.SourceQueue || source == fleet.SourceMetrics {
		c.published, kept = c.published.With(snapshot)
	}
	if !kept {
		rules := c.options.Rules
		rules.Leader = rules.Reconcile && c.options.leads() != nil
		c.memory.Update(func(p report.Past) report.Past { return p.Observe(&snapshot) })
		c.published = report.Build(snapshot, rules, c.memory.Past())
		c.observer.Watch(c.published.WakeAlarms())
	}
	c.mention(snapshot)
	c.mentionUnmatched()
	c.board.put(c.scope.Key, c.published)
	if c.actor != nil && !kept {
		c.actor.Saw(c.published, c.settings())
	}
}

// settings are what the actor goes by.
func (c *Cycle) settings() reconcile.Settings {
	return reconcile.Settings{
		Rules: c.options.Rules, Selects: c.options.Observe.Selects, Leads: c.options.Leads, Interval: c.intervals.Scaling, Since: c.since,
	}
}

// pause is how long nothing is due.
func (c *Cycle) pause() time.Duration {
	now := c.clock.Now()
	if c.observer == nil {
		return min(max(0, c.connectDue.Sub(now)), c.options.Observe.Intervals.Instances)
	}
	next := c.intervals.Of(fleet.SourceQueue)
	if c.running[fleet.SourceEndpoints] {
		next = min(next, max(0, c.glance.Sub(now)))
	}
	if c.described().Progress.Of > 0 {
		next = min(next, max(0, c.progressed.Add(progressEach).Sub(now)))
	}
	for _, source := range c.observer.Sources() {
		if !c.running[source] && c.observer.Answerable(source) {
			if source == fleet.SourceQueue && c.newQueues {
				return 0
			}
			next = min(next, max(0, c.due[source].Sub(now)))
		}
	}
	return next
}

// complaints are the kinds of errors that were logged since a source last worked, so that each is said once.
type complaints map[string]map[string]bool

// mostKinds is how many kinds of errors of one source are told apart: what follows is not said until the source has worked.
const mostKinds = 100

func (c *Cycle) complain(during string, err error) {
	said, kind := c.complaints[during], observe.Kind(err)
	if said[kind] || len(said) >= mostKinds {
		level.Debug(c.logger).Log("during", during, "err", err)
		return
	}
	if said == nil {
		said = map[string]bool{}
		c.complaints[during] = said
	}
	said[kind] = true
	level.Warn(c.logger).Log("msg", "down, what was known is shown until it is too old", "during", during, "err", err)
}

// refuse logs once that parts of good answers were left out, until there are none.
func (c *Cycle) refuse(source fleet.SourceName, err error) {
	during := string(source) + " refused"
	switch logged := len(c.complaints[during]) > 0; {
	case err == nil:
		delete(c.complaints, during)
	case !logged:
		c.complaints[during] = map[string]bool{observe.Kind(err): true}
		level.Warn(c.logger).Log("msg", "values refused", "during", string(source), "err", err)
	}
}

func (c *Cycle) recovered(during string) {
	if len(c.complaints[during]) > 0 {
		level.Info(c.logger).Log("msg", "up again", "during", during)
		delete(c.complaints, during)
	}
}

// mentionUnmatched warns of policies that select no variant: a name that was misspelt looks like that.
func (c *Cycle) mentionUnmatched() {
	if !c.looping || !c.published.Tried() || !c.published.Snapshot.Fresh(fleet.SourceEndpoints, c.published.Snapshot.At) {
		return
	}
	for _, match := range c.published.Matches {
		if said := c.unmatched[match.Policy]; match.Unknown > 0 || said == (match.Variants == 0) {
			continue
		}
		c.unmatched[match.Policy] = match.Variants == 0
		if match.Variants == 0 {
			level.Warn(c.logger).Log("msg", "the policy selects no variant", "policy", match.Policy)
		} else {
			level.Info(c.logger).Log("msg", "the policy selects variants", "policy", match.Policy, "variants", match.Variants)
		}
	}
}

// mention logs what is seen but not shown: endpoints of other kinds, and what a source does without.
func (c *Cycle) mention(snapshot fleet.Snapshot) {
	for _, source := range snapshot.Sources {
		if source.Lacks != c.lacks[source.Name] && source.Lacks != "" {
			level.Debug(c.logger).Log("msg", "source works without a part of it", "during", source.Name, "err", source.Lacks)
		}
		c.lacks[source.Name] = source.Lacks
	}
	source, _ := snapshot.Source(fleet.SourceEndpoints)
	if source.LastSuccess.IsZero() {
		return
	}
	counts := snapshot.Ignored
	if c.ignored != nil && counts[fleet.KindRealTime] == c.ignored[fleet.KindRealTime] &&
		counts[fleet.KindServerless] == c.ignored[fleet.KindServerless] &&
		counts[fleet.KindInferenceComponent] == c.ignored[fleet.KindInferenceComponent] {
		return
	}
	c.ignored = counts
	level.Info(c.logger).Log(
		"msg", "endpoints found", "async", len(snapshot.Endpoints), "ignored_real_time", counts[fleet.KindRealTime],
		"ignored_serverless", counts[fleet.KindServerless],
		"ignored_inference_component", counts[fleet.KindInferenceComponent],
	)
}
