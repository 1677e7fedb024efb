package observe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// batchTime is how long endpoints are described before those that have answered are published.
const batchTime = 5 * time.Second

// pass is one turn of the endpoints: the list, and the endpoints that are to be described. It may take longer than one
// question may, because calls are limited to a few a second: then it is made in batches, and the next question goes on where
// the one before ended. It is a value that is never changed.
type pass struct {
	began    time.Time                        // when the list was asked for
	at       time.Time                        // when it came
	listed   map[string]fleet.EndpointSummary // selected by name
	orphans  []orphan                         // as of the list
	rest     []string                         // still to be described, in order
	chosen   int                              // how many were to be
	failed   int
	failure  error // the first one
	over     bool  // there are more variants than the memory has room for
	unlisted error // why only the endpoints that somebody named are listed; nil: all are

	backlogs map[string]bool // in a first view, the endpoints of which CloudWatch knows a queue
}

// stale tells whether the pass goes by a list that is older than may be. There may be no pass.
func (p *pass) stale(at time.Time, fresh time.Duration) bool {
	return p == nil || at.Before(p.at) || !at.Before(p.at.Add(fresh))
}

// batch are the endpoints to describe next. In a first view those with a queue are a batch of their own, and come first.
func (p *pass) batch(signs signs, first bool) (batch, later []string) {
	if !first {
		return p.rest, nil
	}
	for _, name := range p.rest {
		if signs.backlog[name] {
			batch = append(batch, name)
		} else {
			later = append(later, name)
		}
	}
	if len(batch) == 0 {
		return later, nil
	}
	return batch, later
}

// with is the pass after another batch of it.
func (p *pass) with(failed int, failure error, rest []string) *pass {
	next := *p
	next.failed, next.failure, next.rest = p.failed+failed, cmp.Or(p.failure, failure), rest
	return &next
}

// end is errGoesOn when there is another batch to come, and else why the pass is not whole, nil when it is.
func (p *pass) end(ctx context.Context, goesOn bool, mostVariants int) error {
	if goesOn {
		return errGoesOn
	}
	err := cmp.Or(partial(p.failed+len(p.rest), p.chosen, cmp.Or(p.failure, ctx.Err(), errTooSlow)), p.unlisted)
	if err == nil && p.over {
		return &strange{"too many variants", fmt.Sprintf(
			"sagemaker DescribeEndpoint: more than %d production variants in the region, which is what the memory limit has room for: raise it, or select fewer endpoints",
			mostVariants)}
	}
	return err
}

// errGoesOn ends a question that the next question goes on with. It is no failure.
var errGoesOn = errors.New("there is more to ask")

// errTooSlow is the failure of endpoints that were to be described and had no turn before the list was too old.
var errTooSlow = errors.New("more endpoints change than can be described")

// inBatches tells whether passes are made in batches.
type inBatches bool

// mostBatchTime is how long a batch goes on in which a description takes longer than batches do: it ends with that one, and nothing
// else would be described meanwhile. It leaves half of the minute that a question may take.
const mostBatchTime = 30 * time.Second

// until is when no other description of the batch begins, which began at the given moment; nil is when all are described.
func (b inBatches) until(began time.Time, now func() time.Time, batch *soFar) func() bool {
	if !b {
		return nil
	}
	return func() bool {
		took := now().Sub(began)
		return took < 0 || took >= mostBatchTime || took >= batchTime && !batch.straggles(now(), batchTime)
	}
}

// InBatches lets the endpoints be described in batches: after a few seconds a question ends and the pass GoesOn with the
// next one. Otherwise one question describes all.
func (o *Observer) InBatches() { o.inBatches = true }

// firstView tells whether the endpoints were never described altogether.
func (o *Observer) firstView() bool { return o.sources[fleet.SourceEndpoints].LastAttempt.IsZero() }

// progress says how far the description of endpoints that are new has come; it is zero when none is under way.
func (o *Observer) progress() fleet.Progress {
	if o.pass == nil || !o.turns.unasked(o.pass.rest) {
		return fleet.Progress{}
	}
	p := fleet.Progress{Of: len(o.pass.listed)}
	for name := range o.pass.listed {
		if o.turns.asked[name] > 0 {
			p.Done++
		}
	}
	return p
}

// described tells whether enough endpoints were described for what is asked of each variant: all of them, or as many as
// could be in half the time that they are shown.
func (o *Observer) described() bool {
	return !o.firstView() || o.pass != nil && o.now().Sub(o.started) > o.options.lifetime(fleet.SourceEndpoints)/2
}

// findTime is how long the first view waits for the names of the endpoints with a queue.
const findTime = 5 * time.Second

// found are the endpoints of which CloudWatch knows a queue, and the number of metrics that AWS charges for the answer.
type found struct {
	backlogs map[string]bool
	billed   int
}

// finder returns a function that begins to ask for the endpoints of which CloudWatch knows a queue, and returns one that
// waits for the answer. They are asked for once, in a first view.
func (o *Observer) finder() func(context.Context) func() found {
	aws, known := o.aws.Backlogs, found{}
	if o.pass != nil {
		known.backlogs = o.pass.backlogs
	}
	// Which endpoints are selected by tags is not known before they are described.
	if aws == nil || o.pass != nil || !o.firstView() || !bool(o.inBatches) || len(o.options.Tags) > 0 || !slices.Contains(o.Sources(), fleet.SourceQueue) {
		return func(context.Context) func() found { return func() found { return known } }
	}
	return func(ctx context.Context) func() found {
		ctx, cancel := context.WithTimeout(ctx, findTime)
		answer := make(chan found, 1)
		go func() {
			defer cancel()
			names, billed, err := aws.EndpointsWithBacklog(ctx)
			if err != nil {
				names = nil // it only makes a better order: nothing is missing without it
			}
			backlogs := make(map[string]bool, len(names))
			for _, name := range names {
				backlogs[name] = true
			}
			answer <- found{backlogs, billed}
		}()
		return func() found { return <-answer }
	}
}

// early names the endpoints that are listed and have a queue but were not described yet, sorted. Which of them are selected
// by tags is not known.
func (o *Observer) early() (names []string) {
	if o.pass == nil || len(o.options.Tags) > 0 {
		return nil
	}
	for name := range o.pass.backlogs {
		if _, listed := o.pass.listed[name]; listed && o.turns.asked[name] == 0 && o.options.selectsName(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// AwaitsQueue tells whether the endpoints are described in better order once the queue has answered for the first time.
func (o *Observer) AwaitsQueue() bool {
	return o.sources[fleet.SourceQueue].LastAttempt.IsZero() && len(o.early()) > 0
}

// undescribed is what the list and the queue tell of an endpoint that was not described yet.
func (o *Observer) undescribed(name string) fleet.Endpoint {
	return fleet.Endpoint{
		EndpointSummary: o.pass.listed[name], Queue: o.queues[name], SeenAt: o.pass.at,
		Expires: o.pass.at.Add(o.options.lifetime(fleet.SourceEndpoints)),
	}
}
