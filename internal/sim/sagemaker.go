package sim

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func (w *World) endpointARN(name string) string {
	return "arn:aws:sagemaker:" + w.scope.Region + ":" + w.scope.AccountID + ":endpoint/" + name
}

func (w *World) noEndpoint(name string) error {
	return invalid("Could not find endpoint \"" + w.endpointARN(name) + "\".")
}

func (w *World) summary(e *endpoint) fleet.EndpointSummary {
	return fleet.EndpointSummary{
		Name: e.spec.Name, ARN: w.endpointARN(e.spec.Name), Status: e.status(w.now), Created: e.created, LastModified: e.modified,
	}
}

// Endpoints lists the endpoints of every kind, the newest first (ListEndpoints).
func (w *World) Endpoints() []fleet.EndpointSummary {
	list := make([]fleet.EndpointSummary, 0, len(w.order))
	for _, name := range slices.Backward(w.order) {
		list = append(list, w.summary(w.endpoints[name]))
	}
	return list
}

// DescribeEndpoint says what SageMaker says of an endpoint.
func (w *World) DescribeEndpoint(name string) (fleet.EndpointDescription, error) {
	e := w.endpoints[name]
	if e == nil {
		return fleet.EndpointDescription{}, w.noEndpoint(name)
	}
	description := fleet.EndpointDescription{EndpointSummary: w.summary(e), ConfigName: e.config.Name, Async: e.config.Async}
	for _, v := range e.variants {
		described := fleet.VariantDescription{Name: v.config.Name}
		if !v.config.Serverless {
			current, desired := len(v.running), v.desired
			described.Current, described.Desired = &current, &desired
		}
		for _, pool := range v.config.Pools {
			count := fleet.PoolCount{InstanceType: pool.InstanceType}
			for _, instanceType := range v.running {
				if instanceType == pool.InstanceType {
					count.Current++
				}
			}
			described.Pools = append(described.Pools, count)
		}
		description.Variants = append(description.Variants, described)
	}
	return description, nil
}

// DescribeEndpointConfig says what the config of the name holds.
func (w *World) DescribeEndpointConfig(name string) (fleet.EndpointConfig, error) {
	for _, e := range w.endpoints {
		if e.config.Name == name {
			return e.config, nil
		}
		if e.spec.Config.Name == name { // replaced by an update, and still there
			return e.spec.Config, nil
		}
	}
	return fleet.EndpointConfig{}, invalid("Could not find endpoint configuration \"arn:aws:sagemaker:" + w.scope.Region + ":" +
		w.scope.AccountID + ":endpoint-config/" + name + "\".")
}

// ListTags reads the tags of an endpoint.
func (w *World) ListTags(arn string) (map[string]string, error) {
	for _, e := range w.endpoints {
		if w.endpointARN(e.spec.Name) == arn {
			return maps.Clone(e.spec.Tags), nil
		}
	}
	return nil, invalid("Could not find resource \"" + arn + "\".")
}

// SetTags gives an endpoint these tags instead of those that it has.
func (w *World) SetTags(name string, tags map[string]string) error {
	e := w.endpoints[name]
	if e == nil {
		return w.noEndpoint(name)
	}
	e.spec.Tags = maps.Clone(tags)
	return nil
}

// deployment is how long an update of an endpoint takes.
const deployment = 8 * time.Minute

// UpdateEndpoint puts another config in force. It takes a while, and sets the instances back to the number that the
// endpoint began with, one at least. It is refused when the instance type changes under a scalable target.
func (w *World) UpdateEndpoint(name string, config fleet.EndpointConfig) error {
	e := w.endpoints[name]
	if e == nil {
		return w.noEndpoint(name)
	}
	for _, v := range e.variants {
		_, scaled := w.targets[fleet.ResourceID(name, v.config.Name)]
		for _, next := range config.Variants {
			if scaled && next.Name == v.config.Name && next.InstanceType != v.config.InstanceType {
				return invalid("Cannot update the instance type of a variant with autoscaling policies configured. " +
					"Deregister the scalable target first.")
			}
		}
	}
	e.config = config
	e.deployed, e.modified = w.now.Add(deployment), w.now
	for _, v := range e.variants {
		for _, next := range config.Variants {
			if next.Name == v.config.Name {
				v.config = next
			}
		}
		e.want(w, v, max(1, e.spec.Instances))
	}
	e.resize(w.elapsed())
	return nil
}

// variantOf finds a variant by its resource id.
func (w *World) variantOf(resource string) (*endpoint, *variant) {
	name, variantName, ok := fleet.SplitResourceID(resource)
	if !ok || w.endpoints[name] == nil {
		return nil, nil
	}
	for _, v := range w.endpoints[name].variants {
		if v.config.Name == variantName {
			return w.endpoints[name], v
		}
	}
	return nil, nil
}

// typeOf is the instance type by which quotas count a variant.
func typeOf(config fleet.VariantConfig) string {
	if len(config.Pools) == 0 {
		return config.InstanceType
	}
	first := slices.MinFunc(config.Pools, func(a, b fleet.PoolConfig) int { return cmp.Compare(a.Priority, b.Priority) })
	return first.InstanceType
}
