package observe

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// errEndpointsUnknown says why metrics and tags cannot be asked for.
var errEndpointsUnknown = errors.New("not asked: the endpoints are not known")

// endpointMemory is what is known of endpoints of every kind, by name.
type endpointMemory map[string]knownEndpoint

// knownEndpoint is what was learned of one endpoint when it was last described.
type knownEndpoint struct {
	description fleet.EndpointDescription
	config      fleet.EndpointConfig
	seenAt      time.Time
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

// needsDescribing tells whether DescribeEndpoint has to be asked. Instances of asynchronous endpoints move without a
// word in the summary, so these are asked each time. The others only tell their kind, which an update alone changes.
func (m endpointMemory) needsDescribing(summary fleet.EndpointSummary, at time.Time, discovery time.Duration) bool {
	known, ok := m[summary.Name]
	return !ok || known.kind() == fleet.KindAsync || known.description.EndpointSummary != summary ||
		at.Sub(known.seenAt) >= discovery
}

// askEndpoints lists the endpoints and describes those that may have changed.
func (o *Observer) askEndpoints() func(context.Context) (func(*Observer), error) {
	aws, now, options, known := o.aws.Endpoints, o.now, o.options, o.endpoints
	return func(ctx context.Context) (func(*Observer), error) {
		summaries, err := aws.ListEndpoints(ctx)
		if err != nil {
			return nil, err
		}
		next := make(endpointMemory, len(summaries))
		var pending []string
		for _, summary := range summaries {
			if !options.selectsName(summary.Name) {
				continue
			}
			if before, ok := known[summary.Name]; ok {
				next[summary.Name] = before
			}
			if known.needsDescribing(summary, now(), options.Intervals.Discovery) {
				pending = append(pending, summary.Name)
			}
		}
		configs := known.configs()
		described, err := each(ctx, pending, func(ctx context.Context, name string) (*knownEndpoint, error) {
			return describe(ctx, aws, now, name, configs)
		})
		for name, endpoint := range described {
			if endpoint == nil {
				delete(next, name)
				continue
			}
			next[name] = *endpoint
		}
		return func(o *Observer) {
			o.endpoints = next
			o.watchInstances()
			o.watchVariants()
			o.forget()
		}, err
	}
}

// describe asks for one endpoint and, unless it is known, for its config; nil says that the endpoint was deleted since
// it was listed. A config may be deleted while its endpoint lives: the endpoint is then known by its description alone.
func describe(
	ctx context.Context, aws Endpoints, now func() time.Time, name string, configs map[string]fleet.EndpointConfig,
) (*knownEndpoint, error) {
	description, err := aws.DescribeEndpoint(ctx, name)
	if errors.Is(err, fleet.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	config, ok := configs[description.ConfigName]
	if !ok && description.ConfigName != "" {
		config, err = aws.DescribeEndpointConfig(ctx, description.ConfigName)
		if err != nil && !errors.Is(err, fleet.ErrNotFound) {
			return nil, err
		}
	}
	return &knownEndpoint{description: description, config: config, seenAt: now()}, nil
}

// forget drops what the other sources remember of endpoints that are gone.
func (o *Observer) forget() {
	gone := func(name string) bool { _, ok := o.endpoints[name]; return !ok }
	maps.DeleteFunc(o.wakes, func(name string, _ wake) bool { return gone(name) })
	maps.DeleteFunc(o.queues, func(name string, _ fleet.Queue) bool { return gone(name) })
	maps.DeleteFunc(o.work.books, func(resource string, _ *book) bool { _, ok := o.awake[resource]; return !ok })
}
