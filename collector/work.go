package collector

import (
	"fmt"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// epochHelp ends the help of everything that is counted since an epoch.
const epochHelp = "counted since the first of the month UTC"

var workMetrics = []Metric{
	counted("invocations_processed_total", fleet.InvocationsProcessed, "Requests processed"),
	counted("invocation_failures_total", fleet.InvocationFailures, "Requests that failed"),
	counted("invocation_4xx_errors_total", fleet.Invocation4XXErrors, "Invocations of the model that it answered with a 4xx status"),
	counted("invocation_5xx_errors_total", fleet.Invocation5XXErrors, "Invocations of the model that it answered with a 5xx status"),
	counted("expired_requests_total", fleet.ExpiredRequests, "Requests that waited longer than their time to live"),
	counted("request_download_failures_total", fleet.RequestDownloadFailures, "Requests whose input could not be downloaded"),
	counted("response_upload_failures_total", fleet.ResponseUploadFailures, "Responses that could not be uploaded"),
	counted("notification_failures_total", fleet.NotificationFailures, "Notifications that could not be published"),
	timed("model_latency_seconds", fleet.ModelLatency, "Time that the model took for invocations,"),
	timed("request_download_latency_seconds", fleet.RequestDownloadLatency, "Time that downloading the input of requests took,"),
	timed("response_upload_latency_seconds", fleet.ResponseUploadLatency, "Time that uploading responses took,"),
	timed("time_in_backlog_seconds", fleet.TimeInBacklog, "Time that requests waited in the queue,"),
	timed("total_processing_time_seconds", fleet.TotalProcessingTime, "Time from the receipt of requests to their end,"),
	longest("model_latency_max_seconds", fleet.ModelLatency, "Longest time that the model took"),
	longest("time_in_backlog_max_seconds", fleet.TimeInBacklog, "Longest time that a request waited"),
	busy("cpu_utilization_ratio", fleet.CPUUtilization, "Processors in use; 1 is all of one, and an instance sums over its processors"),
	busy("memory_utilization_ratio", fleet.MemoryUtilization, "Memory in use; 1 is all of it"),
	busy("gpu_utilization_ratio", fleet.GPUUtilization, "GPUs in use; 1 is all of one, and an instance sums over its GPUs"),
	busy("gpu_memory_utilization_ratio", fleet.GPUMemoryUtilization, "GPU memory in use; 1 is all of one GPU's, and an instance sums over its GPUs"),
	busy("disk_utilization_ratio", fleet.DiskUtilization, "Disk space in use; 1 is all of it"),
}

// counted is a counter of events.
func counted(name string, metric fleet.WorkMetric, what string) Metric {
	return total(Metric{
		Name: name, Type: Counter,
		Help: fmt.Sprintf("%s, %s (CloudWatch %s, Sum).", what, epochHelp, metric), From: metric.String() + ", Sum",
	}, metric)
}

// timed is a summary of durations.
func timed(name string, metric fleet.WorkMetric, what string) Metric {
	return total(Metric{
		Name: name, Type: Summary,
		Help: fmt.Sprintf("%s in seconds, %s (CloudWatch %s, Sum and SampleCount).", what, epochHelp, metric),
		From: metric.String() + ", Sum and SampleCount",
	}, metric)
}

// total shows a total. It needs no source but the endpoints: each total knows when it grows too old.
func total(m Metric, metric fleet.WorkMetric) Metric {
	m.Level, m.Needs = Variant, fromEndpoints
	m.variant = func(v *report.Variant, put put) {
		if v.Work != nil {
			put.total(v.Work.Totals[metric])
		}
	}
	return m
}

// longest is a gauge of the longest duration.
func longest(name string, metric fleet.WorkMetric, what string) Metric {
	help := fmt.Sprintf("%s in the newest settled minute with data, in seconds (CloudWatch %s, Maximum).", what, metric)
	return newest(name, help, metric.String()+", Maximum", func(v *report.Variant) fleet.Reading { return v.Work.Longest[metric] })
}

// busy is a gauge of utilisation. Without instances there is nothing to use.
func busy(name string, metric fleet.HostMetric, what string) Metric {
	help := fmt.Sprintf("%s. Averaged over the instances, absent while none runs (CloudWatch %s, Average, percent / 100).", what, metric)
	return newest(name, help, metric.String()+", Average", func(v *report.Variant) fleet.Reading {
		if v.Current == nil || *v.Current <= 0 {
			return fleet.Reading{}
		}
		return v.Work.Hosts[metric]
	})
}

// newest is a gauge of a reading of a variant whose work is known.
func newest(name, help, from string, reading func(*report.Variant) fleet.Reading) Metric {
	return Metric{
		Name: name, Type: Gauge, Level: Variant, Needs: fromEndpoints, Help: help, From: from,
		variant: func(v *report.Variant, put put) {
			if v.Work != nil {
				put.reading(reading(v))
			}
		},
	}
}
