package fleet

// WorkMetric is one of the CloudWatch metrics that tell what a variant has done. Each has exactly two dimensions,
// EndpointName and VariantName.
type WorkMetric int

// The metrics of the work done. The first ones count events, the others time them.
const (
	InvocationsProcessed WorkMetric = iota
	InvocationFailures
	Invocation4XXErrors
	Invocation5XXErrors
	ExpiredRequests
	RequestDownloadFailures
	ResponseUploadFailures
	NotificationFailures
	ModelLatency
	RequestDownloadLatency
	ResponseUploadLatency
	TimeInBacklog
	TotalProcessingTime
	workMetrics
)

// WorkMetrics lists the metrics of the work done.
func WorkMetrics() []WorkMetric {
	all := make([]WorkMetric, workMetrics)
	for i := range all {
		all[i] = WorkMetric(i)
	}
	return all
}

// String is the metric's name in CloudWatch.
func (m WorkMetric) String() string {
	return [workMetrics]string{
		"InvocationsProcessed", "InvocationFailures", "Invocation4XXErrors", "Invocation5XXErrors", "ExpiredRequests",
		"RequestDownloadFailures", "ResponseUploadFailures", "NotificationFailures", "ModelLatency",
		"RequestDownloadLatency", "ResponseUploadLatency", "TimeInBacklog", "TotalProcessingTime",
	}[m]
}

// Timed tells whether the metric times events and does not only count them.
func (m WorkMetric) Timed() bool { return m >= ModelLatency }

// Longest tells whether the longest single time of a minute is of interest.
func (m WorkMetric) Longest() bool { return m == ModelLatency || m == TimeInBacklog }

// AtZero tells whether the metric may count something although no instance runs.
func (m WorkMetric) AtZero() bool { return m == ExpiredRequests || m == NotificationFailures }

// Of is the metric of one variant.
func (m WorkMetric) Of(dimensions []Dimension) Metric {
	return Metric{Namespace: Namespace, Name: m.String(), Dimensions: dimensions}
}

// HostMetric is one of the CloudWatch metrics that tell how busy the instances of a variant are.
type HostMetric int

// The metrics of utilisation, in percent. Those of processors and cards are sums over all of an instance's.
const (
	CPUUtilization HostMetric = iota
	MemoryUtilization
	GPUUtilization
	GPUMemoryUtilization
	DiskUtilization
	hostMetrics
)

// HostMetrics lists the metrics of utilisation.
func HostMetrics() []HostMetric {
	return []HostMetric{CPUUtilization, MemoryUtilization, GPUUtilization, GPUMemoryUtilization, DiskUtilization}
}

// String is the metric's name in CloudWatch.
func (m HostMetric) String() string {
	return [hostMetrics]string{
		"CPUUtilization", "MemoryUtilization", "GPUUtilization", "GPUMemoryUtilization", "DiskUtilization",
	}[m]
}

// HostNamespace is the CloudWatch namespace of the metrics of instances.
const HostNamespace = "/aws/sagemaker/Endpoints"

// Of is the metric of one variant.
func (m HostMetric) Of(dimensions []Dimension) Metric {
	return Metric{Namespace: HostNamespace, Name: m.String(), Dimensions: dimensions}
}

// VariantDimensions are the dimensions of a variant's metrics.
func VariantDimensions(endpoint, variant string) []Dimension {
	return []Dimension{{Name: "EndpointName", Value: endpoint}, {Name: "VariantName", Value: variant}}
}

// Work is what a variant has done, and how busy it is. It is never changed.
type Work struct {
	Totals  [workMetrics]Total
	Longest [workMetrics]Reading // seconds, the longest of the newest settled minute with data; of some metrics only
	Hosts   [hostMetrics]Reading // ratio, 1 is all of it
	Pace    Reading              // invocations processed in a second, the mean of the newest settled minutes, ten at most

	// Of the last hours, 24 at most, in microseconds. Since is the first minute of them.
	Took   Total // TotalProcessingTime
	Waited Total // TimeInBacklog
}

// Lately is where what a metric counted in the last hours is kept; nil for one of which that is of no interest.
func (w *Work) Lately(metric WorkMetric) *Total {
	switch metric {
	case TotalProcessingTime:
		return &w.Took
	case TimeInBacklog:
		return &w.Waited
	default:
		return nil
	}
}
