package fleet

// Kind is the kind of an endpoint, as its configuration tells.
type Kind string

// The kinds of endpoints. Only asynchronous ones are observed; the others are counted and left alone.
const (
	KindAsync              Kind = "async"
	KindRealTime           Kind = "real_time"
	KindServerless         Kind = "serverless"
	KindInferenceComponent Kind = "inference_component"
)

// EndpointConfig is what DescribeEndpointConfig says. It never changes for a given name.
type EndpointConfig struct {
	Name     string
	Async    *AsyncConfig // nil when the endpoint is not asynchronous
	Variants []VariantConfig
}

// AsyncConfig is the part of an endpoint config that makes an endpoint asynchronous.
type AsyncConfig struct {
	MaxConcurrentInvocationsPerInstance *int // nil when unset: SageMaker then chooses
	S3OutputPath                        string
	S3FailurePath                       string // empty: answers of failed requests are lost
}

// VariantConfig is one production variant of an endpoint config.
type VariantConfig struct {
	Name         string
	InstanceType string       // empty when the variant has pools, or is serverless
	Pools        []PoolConfig // the document's "multiple instance types"
	Serverless   bool
	ModelName    string // empty when the variant hosts inference components
}

// PoolConfig is one instance pool of a variant's configuration.
type PoolConfig struct {
	InstanceType string
	Priority     int // 1 to 5, 1 is tried first
}

// Kind tells what kind of endpoint this configuration makes. AsyncInferenceConfig decides over everything else.
func (c EndpointConfig) Kind() Kind {
	if c.Async != nil {
		return KindAsync
	}
	for _, variant := range c.Variants {
		switch {
		case variant.Serverless:
			return KindServerless
		case variant.ModelName == "":
			return KindInferenceComponent
		}
	}
	return KindRealTime
}
