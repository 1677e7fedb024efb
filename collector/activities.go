package collector

import (
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

var fromActivities = []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceActivities}

const describeActivities = "DescribeScalingActivities"

var activityMetrics = []Metric{
	{
		Name: "scaling_activities_total", Type: Counter, Level: Variant, Labels: []string{"status"}, Needs: fromActivities,
		Help: "Scaling activities that ended since the process started, by status; not-scaled ones are left out (DescribeScalingActivities).", From: describeActivities,
		variant: func(v *report.Variant, put put) { counts(v.Activity.Ended, fleet.TerminalStatuses, put) },
	},
	{
		Name: "scaling_activity_failures_total", Type: Counter, Level: Variant, Labels: []string{"reason"}, Needs: fromActivities,
		Help: "Scaling activities that failed since the process started, by the reason that AWS's words give (DescribeScalingActivities StatusMessage).", From: describeActivities,
		variant: func(v *report.Variant, put put) { counts(v.Activity.Failures, fleet.FailureReasons, put) },
	},
	{
		Name: "scaling_not_scaled_total", Type: Counter, Level: Variant, Labels: []string{"reason"}, Needs: fromActivities,
		Help: "How often scaling was asked for and nothing scaled since the process started, by reason; begins at 0 when the reason first occurs, and counts that with the next read (DescribeScalingActivities NotScaledReasons).", From: describeActivities,
		variant: func(v *report.Variant, put put) {
			for reason, n := range v.Activity.NotScaled {
				put.value(float64(n), reason)
			}
		},
	},
	{
		Name: "scaling_activity_in_progress", Type: Gauge, Level: Variant, Needs: fromActivities,
		Help: "1 while a scaling activity is pending or in progress (DescribeScalingActivities StatusCode).", From: describeActivities,
		variant: func(v *report.Variant, put put) {
			on := false
			for _, activity := range v.Activity.Recent {
				on = on || activity.InProgress()
			}
			put.flag(on)
		},
	},
	{
		Name: "scaling_activity_last_start_timestamp_seconds", Type: Gauge, Level: Variant, Needs: fromActivities,
		Help: "When the newest scaling activity that changed capacity started, in Unix seconds; not-scaled ones are left out (DescribeScalingActivities StartTime).", From: describeActivities,
		variant: func(v *report.Variant, put put) {
			for _, activity := range v.Activity.Recent {
				if len(activity.NotScaled) == 0 {
					put.when(activity.Start)
					return
				}
			}
		},
	},
	{
		Name: "scale_out_duration_seconds", Type: Histogram, Level: Variant, Needs: fromActivities,
		Help: "Seconds from start to end of the successful scale-outs that ended since the process started; begins at 0 with the first scale-out under way (DescribeScalingActivities StartTime, EndTime).", From: describeActivities,
		variant: func(v *report.Variant, put put) {
			// Activities are read every few minutes, and many scale-outs are over by then: the instances show it sooner.
			if v.Desired != nil && v.Current != nil && *v.Desired > *v.Current {
				put.histogram(v.Activity.ScaleOuts.Begin())
				return
			}
			put.histogram(v.Activity.ScaleOuts)
		},
	},
}

// counts emits a counter for each member of a closed set, 0 for what has not been counted yet.
func counts(counted map[string]int, set []string, put put) {
	for _, member := range set {
		put.value(float64(counted[member]), member)
	}
}
