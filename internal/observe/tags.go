package observe

import (
	"context"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// tagMemory holds the tags by the endpoint's ARN. An endpoint without tags has an entry that is empty; one whose tags
// are not known has none.
type tagMemory map[string]map[string]string

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
