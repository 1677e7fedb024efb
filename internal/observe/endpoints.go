package observe

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// errEndpointsUnknown says why metrics and tags cannot be asked for.
var errEndpointsUnknown = errors.New("not asked: the endpoints are not known")

// endpointsUnknown tells whether nothing can be asked of endpoints, of which so many are known: not that there are none,
// but that nobody has said so.
func (o *Observer) endpointsUnknown(known int) bool {
	return known == 0 && o.sources[fleet.SourceEndpoints].LastSuccess.IsZero()
}

// endpointMemory is what is known of endpoints of every kind, by name.
type endpointMemory map[string]knownEndpoint

// knownEndpoint is what was learned of one endpoint when it was last described.
type knownEndpoint struct {
	description fleet.EndpointDescription
	config      fleet.EndpointConfig
	listed      fleet.EndpointSummary // what ListEndpoints had said of it just before
	describedAt time.Time
	turn        uint64    // in which it was described
	seenAt      time.Time // when it was described, or listed with nothing to say that it had changed
}

// kind prefers the endpoint config; where that has been deleted, the description tells as much as it can.
func (k knownEndpoint) kind() fleet.Kind {
	if k.description.Async != nil {
		return fleet.KindAsync
	}
	return k.config.Kind()
}

// ignored counts the endpoints of the kinds that are left alone.
func (m endpointMemory) ignored() map[fleet.Kind]int {
	counts := map[fleet.Kind]int{}
	for _, known := range m {
		if kind := known.kind(); kind != fleet.KindAsync {
			counts[kind]++
		}
	}
	return counts
}

// configs indexes the endpoint configs by name. A config never changes, so it is asked for once.
func (m endpointMemory) configs() map[string]fleet.EndpointConfig {
	configs := make(map[string]fleet.EndpointConfig, len(m))
	for _, known := range m {
		if known.config.Name != "" {
			configs[known.config.Name] = known.config
		}
	}
	return configs
}

// limit leaves out the last endpoints, by name, of which the variants are more than there may be together. An endpoint without
// any counts as one. It tells whether there were any.
func (m endpointMemory) limit(most int) (over bool) {
	total := 0
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if total += max(1, len(m[name].description.Variants)); total > most {
			delete(m, name)
			over = true
		}
	}
	return over
}

// candidates are the listed endpoints, each with what is known of it.
func (m endpointMemory) candidates(listed map[string]fleet.EndpointSummary, last turns, signs signs) []candidate {
	list := make([]candidate, 0, len(listed))
	for name, summary := range listed {
		known, asked := m[name], last.asked[name]
		failed := asked > known.turn // such a question is due again
		list = append(list, candidate{
			name: name, describedAt: known.describedAt, asked: asked, moves: failed || signs.movement(known, summary),
		})
	}
	return list
}

// seen is what is known of the listed endpoints. They count as seen at that moment, but for those that were chosen to
// be described: these keep their date until they have answered.
func (m endpointMemory) seen(
	listed map[string]fleet.EndpointSummary, at time.Time, chosen []string,
) endpointMemory {
	next := make(endpointMemory, len(listed))
	for name := range listed {
		if known, ok := m[name]; ok {
			known.seenAt = at
			next[name] = known
		}
	}
	for _, name := range chosen {
		if known, ok := m[name]; ok {
			next[name] = known
		}
	}
	return next
}

// askEndpoints lists the endpoints and describes those that may have changed, and some of the others in turn; or it goes on
// with the pass that is under way.
func (o *Observer) askEndpoints() func(context.Context) (func(*Observer), error) {
	aws, now, options, known, last, signs := o.aws.Endpoints, o.now, o.options, o.endpoints, o.turns, o.signs()
	targets, alarms, before, inBatches := o.scaling.targets, o.alarms, o.pass, o.inBatches
	first, fresh := o.firstView(), options.lifetime(fleet.SourceEndpoints)/2
	find, hurry := o.finder(), o.aws.Hurry
	sofar := &soFar{}
	o.soFar = sofar
	return func(ctx context.Context) (func(*Observer), error) {
		p, next, turn, billed := before, maps.Clone(known), last.again(), 0
		if p.stale(now(), fresh) {
			began, found := now(), find(ctx)
			summaries, err := options.list(ctx, aws, known)
			queues := found()
			billed = queues.billed
			kept := (*unlisted)(nil)
			if err != nil && !errors.As(err, &kept) {
				return func(o *Observer) { o.pass, o.passBegan, o.billed = nil, began, o.billed+uint64(billed) }, err
			}
			at, listed := now(), make(map[string]fleet.EndpointSummary, len(summaries))
			for _, summary := range summaries {
				if options.selectsName(summary.Name) {
					listed[summary.Name] = summary
				}
			}
			chosen := options.first(choose(known.candidates(listed, last, signs), at, options.Intervals.Instances))
			next, turn = known.seen(listed, at, chosen), last.next(listed)
			p = &pass{began: began, at: at, listed: listed, rest: chosen, chosen: len(chosen), backlogs: queues.backlogs, unlisted: err}
			if kept == nil {
				p.orphans = orphaned(targets, alarms, summaries)
			}
		}
		at, configs := now(), known.configs()
		batch, later := p.batch(signs, first && bool(inBatches))
		if p != before && len(p.backlogs) > 0 {
			batch, later = nil, p.rest // their queues say which of them come first
		}
		if first && hurry != nil {
			ctx = hurry(ctx)
		}
		sofar.begin(at, p, next, turn)
		described := some(ctx, batch, inBatches.until(at, now, sofar), func(ctx context.Context, name string) (*knownEndpoint, error) {
			sofar.ask(name, now())
			endpoint, err := describe(ctx, aws, known[name], name, configs)
			if endpoint != nil {
				endpoint.listed, endpoint.turn, endpoint.describedAt = p.listed[name], turn.count, now()
				endpoint.seenAt = endpoint.describedAt
			}
			if err == nil || ctx.Err() == nil { // what the end of the turn cut off is the first to be asked in the next
				sofar.add(name, endpoint, err)
			}
			return endpoint, err
		})
		next = next.with(described.found)
		p = p.with(described.failed, described.failure, slices.Concat(described.left, later))
		if options.MostVariants > 0 && next.limit(options.MostVariants) {
			p.over = true
		}
		overdue := p.stale(now(), fresh) && (!first || !turn.unasked(p.rest))
		goesOn := bool(inBatches) && len(p.rest) > 0 && !described.hopeless && !overdue
		return func(o *Observer) {
			o.billed += uint64(billed)
			if !goesOn {
				p.rest = nil
			}
			o.learnEndpoints(at, p, next, turn, described.found)
		}, p.end(ctx, goesOn, options.MostVariants)
	}
}

// describe asks for one endpoint and, unless it is known, for its config; nil says that the endpoint was deleted since
// it was listed. A config may be deleted while its endpoint lives: the endpoint is then known by its description alone,
// and the config is not asked for again.
func describe(
	ctx context.Context, aws Endpoints, before knownEndpoint, name string, configs map[string]fleet.EndpointConfig,
) (*knownEndpoint, error) {
	description, err := aws.DescribeEndpoint(ctx, name)
	if errors.Is(err, fleet.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	config, ok := configs[description.ConfigName]
	deleted := before.description.ConfigName == description.ConfigName &&
		before.description.Created.Equal(description.Created) // it has been asked for before, and was not there
	if !ok && !deleted && description.ConfigName != "" {
		config, err = aws.DescribeEndpointConfig(ctx, description.ConfigName)
		if err != nil && !errors.Is(err, fleet.ErrNotFound) {
			return nil, err
		}
	}
	return &knownEndpoint{description: description, config: config}, nil
}

// forget drops what the other sources remember of endpoints that are gone.
func (o *Observer) forget() {
	early := o.early()
	gone := func(name string) bool {
		_, known := o.endpoints[name]
		if known {
			return false
		}
		_, found := slices.BinarySearch(early, name)
		return !found
	}
	maps.DeleteFunc(o.wakes, func(name string, _ wake) bool { return gone(name) })
	maps.DeleteFunc(o.gates, func(name string, _ gate) bool { return gone(name) })
	maps.DeleteFunc(o.histories, func(name string, _ *fleet.History) bool { return gone(name) })
	maps.DeleteFunc(o.queues, func(name string, _ fleet.Queue) bool { return gone(name) })
	maps.DeleteFunc(o.metrics.books, func(resource string, b *book) bool {
		_, here := o.awake[resource]
		return !here && !b.forget(o.now())
	})
}
