package autoscaling

import (
	"strings"
	"unicode"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// published are the metrics of asynchronous endpoints by namespace, on AWS's pages "Monitor asynchronous endpoints" and
// "SageMaker AI instance metrics".
var published = map[string]map[string]struct {
	unit    string
	variant bool // under EndpointName and VariantName; else under EndpointName alone
}{
	fleet.Namespace: {
		fleet.Backlog.String():            {"Count", false},
		fleet.BacklogPerInstance.String(): {"Count", false},
		fleet.OldestAge.String():          {"Seconds", false},
		fleet.WithoutCapacity.String():    {"Count", false},
		"InvocationsProcessed":            {"Count", true},
		"InvocationFailures":              {"Count", true},
		"ExpiredRequests":                 {"Count", true},
		"RequestDownloadFailures":         {"Count", true},
		"ResponseUploadFailures":          {"Count", true},
		"NotificationFailures":            {"Count", true},
		"Invocation4XXErrors":             {"None", true},
		"Invocation5XXErrors":             {"None", true},
		"ModelLatency":                    {"Microseconds", true},
		"RequestDownloadLatency":          {"Microseconds", true},
		"ResponseUploadLatency":           {"Microseconds", true},
		"TimeInBacklog":                   {"Milliseconds", true},
		"TotalProcessingTime":             {"Milliseconds", true},
	},
	fleet.HostNamespace: {
		"CPUUtilization":       {"Percent", true},
		"MemoryUtilization":    {"Percent", true},
		"GPUUtilization":       {"Percent", true},
		"GPUMemoryUtilization": {"Percent", true},
		"DiskUtilization":      {"Percent", true},
	},
}

// Published tells in which unit AWS publishes a metric for asynchronous endpoints; ok is false if it never does under
// exactly these dimensions. Of namespaces other than SageMaker's two nothing is known, and known is false; unless it is one of
// the two misspelt.
func Published(m fleet.Metric) (unit string, ok, known bool) {
	names, known := published[m.Namespace]
	if !known {
		return "", false, misspelt(&m)
	}
	row, ok := names[m.Name]
	if !ok {
		return "", false, true
	}
	_, endpoint := m.Dimension("EndpointName")
	_, variant := m.Dimension("VariantName")
	dimensions := 1
	if row.variant {
		dimensions = 2
	}
	if !endpoint || variant != row.variant || len(m.Dimensions) != dimensions {
		return "", false, true
	}
	return row.unit, true, true
}

// Dimensions are the names of those under which AWS publishes a metric of an asynchronous endpoint; nil where it publishes none of its name.
func Dimensions(m fleet.Metric) []string {
	row, ok := published[m.Namespace][m.Name]
	switch {
	case !ok:
		return nil
	case row.variant:
		return []string{"EndpointName", "VariantName"}
	}
	return []string{"EndpointName"}
}

// Misnamed tells whether a metric has a name under which AWS publishes nothing for asynchronous endpoints, whatever its dimensions.
func Misnamed(m fleet.Metric) bool {
	if _, ok, known := Published(m); ok || !known {
		return false
	}
	for _, names := range published {
		if _, ok := names[m.Name]; ok {
			return false
		}
	}
	return true
}

// misspelt tells whether a metric is meant to be one of SageMaker's, under another namespace: CloudWatch tells upper from lower
// case, and below AWS/ only AWS publishes, the metrics of a queue nowhere else.
func misspelt(m *fleet.Metric) bool {
	row, ok := published[fleet.Namespace][m.Name]
	reserved := strings.HasPrefix(m.Namespace, "AWS/")
	if ok && !row.variant && reserved || reserved && strings.EqualFold(letters(m.Namespace), letters(fleet.Namespace)) {
		return true
	}
	for namespace, names := range published {
		if _, ok := names[m.Name]; ok && strings.EqualFold(letters(m.Namespace), letters(namespace)) {
			return true
		}
	}
	return false
}

// letters are those of a name.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, name)
}
