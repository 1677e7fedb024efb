package observe

import (
	"context"
	"maps"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// tagMemory holds the tags by the endpoint's ARN. An endpoint without tags has an entry that is empty; one whose tags
// are not known has none.
type tagMemory map[string]map[string]string

// with is the memory with newer tags. It is a copy: a question that is under way reads the one before.
func (m tagMemory) with(read map[string]map[string]string) tagMemory {
	if len(read) == 0 {
		return m
	}
	next := maps.Clone(m)
	if next == nil {
		next = tagMemory{}
	}
	maps.Copy(next, read)
	return next
}

// readTags reads the tags of an endpoint that somebody insists on, because its tags may say that nothing is to be written
// there. One whose tags cannot be read answers no question. It is done as soon as the endpoint is described: the last of
// the others may take all the time there is.
func (k *knownEndpoint) readTags(ctx context.Context, aws Tags) (map[string]string, error) {
	tags, err := aws.ListTags(ctx, k.description.ARN)
	if err != nil {
		k.question = 0
	}
	return tags, err
}

// askTags reads the tags of every asynchronous endpoint that is selected by name, or of those that somebody asks for.
func (o *Observer) askTags() func(context.Context) (func(*Observer), error) {
	aws, before, all := o.aws.Tags, o.tags, o.options.wantsAllTags()
	var arns []string
	for name, known := range o.endpoints {
		if known.kind() == fleet.KindAsync && o.options.selectsName(name) && (all || o.options.Tagged(name)) {
			arns = append(arns, known.description.ARN)
		}
	}
	slices.Sort(arns)
	unknown := o.endpointsUnknown(len(o.endpoints))
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		read, err := each(ctx, arns, aws.ListTags)
		for _, arn := range arns {
			if _, ok := read[arn]; !ok && before[arn] != nil {
				read[arn] = before[arn]
			}
		}
		return func(o *Observer) { o.tags = read }, err
	}
}
