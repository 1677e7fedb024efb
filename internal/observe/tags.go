package observe

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// tagMemory holds the tags by the endpoint's ARN. An endpoint without tags has an entry that is empty; one whose tags
// are not known has none.
type tagMemory map[string]map[string]string

// askTags reads the tags of every asynchronous endpoint that is selected by name, or of those that somebody asks for.
func (o *Observer) askTags() func(context.Context) (func(*Observer), error) {
	aws, before, arns, room := o.aws.Tags, o.tags, o.tagged(false), o.tagRoom()
	unknown := o.endpointsUnknown(len(o.endpoints))
	return func(ctx context.Context) (func(*Observer), error) {
		if unknown {
			return nil, errEndpointsUnknown
		}
		read, err := each(ctx, arns, within(room, tagBytes, aws.ListTags))
		for _, arn := range arns {
			if _, ok := read[arn]; !ok && before[arn] != nil && room.take(tagBytes(before[arn])) {
				read[arn] = before[arn]
			}
		}
		return func(o *Observer) { o.tags = read }, err
	}
}

// askNewTags reads the tags of those of which none were read so far. It says nothing of the others.
func (o *Observer) askNewTags() func(context.Context) (func(*Observer), error) {
	aws, arns, room := o.aws.Tags, o.tagged(true), o.tagRoom()
	for _, tags := range o.tags {
		room.take(tagBytes(tags))
	}
	return func(ctx context.Context) (func(*Observer), error) {
		read, err := each(ctx, arns, within(room, tagBytes, aws.ListTags))
		return func(o *Observer) {
			maps.Copy(read, o.tags)
			o.tags = read
		}, cmp.Or(err, errGoesOn)
	}
}

// tagRoom has what the tags of all endpoints may take.
func (o *Observer) tagRoom() *room {
	return newRoom(o.options.Memory, tagShare, "sagemaker ListTags", "the tags of all endpoints")
}

// tagged are the ARNs of the endpoints whose tags are read, sorted: of all, or of those alone of which none were read so far.
func (o *Observer) tagged(onlyNew bool) (arns []string) {
	all := o.options.wantsAllTags()
	for name, known := range o.endpoints {
		if known.kind() != fleet.KindAsync || !o.options.selectsName(name) || !all && !o.options.Tagged(name) {
			continue
		}
		if _, read := o.tags[known.description.ARN]; !read || !onlyNew {
			arns = append(arns, known.description.ARN)
		}
	}
	slices.Sort(arns)
	return arns
}

// Untagged tells whether an endpoint is new since tags were read: one that was made, selected or found a moment ago.
func (o *Observer) Untagged() bool { return o.tags != nil && len(o.tagged(true)) > 0 }
