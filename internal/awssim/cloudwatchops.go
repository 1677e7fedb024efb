package awssim

import (
	"fmt"
	"regexp"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var cloudwatchOperations = map[string]operation{
	"DeleteAlarmMuteRule": deleteAlarmMuteRule,
	"DeleteAlarms":        deleteAlarms,
	"DescribeAlarms":      describeAlarms,
	"GetAlarmMuteRule":    getAlarmMuteRule,
	"GetMetricData":       getMetricData,
	"GetMetricStatistics": getMetricStatistics,
	"ListAlarmMuteRules":  listAlarmMuteRules,
	"ListMetrics":         listMetrics,
	"PutAlarmMuteRule":    putAlarmMuteRule,
	"PutMetricAlarm":      putMetricAlarm,
	"SetAlarmState":       setAlarmState,
}

// badToken is CloudWatch's answer to a NextToken that is not its.
func badToken() *failure { return fail("InvalidNextToken", "The NextToken is not valid.") }

// invalid is CloudWatch's answer to input that breaks a rule.
func invalid(format string, values ...any) *failure {
	return fail("ValidationException", fmt.Sprintf(format, values...))
}

// mostMetrics is the page size of ListMetrics.
const mostMetrics = 500

func listMetrics(c *call) (record, error) {
	namespaces := one(c.in.text("Namespace"))
	if len(namespaces) == 0 {
		namespaces = []string{"/aws/sagemaker/Endpoints", fleet.Namespace}
	}
	var metrics []fleet.Metric
	for _, namespace := range namespaces {
		metrics = append(metrics, listed(c.place, "metrics of "+namespace, func() []fleet.Metric {
			return c.world.Metrics(namespace)
		})...)
	}
	filters := c.in.items("Dimensions")
	found := keep(metrics, func(m fleet.Metric) bool {
		for _, filter := range filters {
			value, ok := m.Dimension(filter.text("Name"))
			if !ok || filter.has("Value") && filter.text("Value") != value {
				return false
			}
		}
		return !c.in.has("MetricName") || m.Name == c.in.text("MetricName")
	})
	cut, next, err := page(c, found, metricKey, mostMetrics, badToken())
	if err != nil {
		return nil, err
	}
	return record{{"Metrics", list(cut, func(m fleet.Metric) any { return metricRecord(m) })}}.with("NextToken", next), nil
}

func metricKey(m fleet.Metric) string { return fmt.Sprint(m.Namespace, m.Name, m.Dimensions) }

// mostStatistics is how many datapoints GetMetricStatistics answers at most.
const mostStatistics = 1440

func getMetricStatistics(c *call) (record, error) {
	from, to, err := c.window()
	if err != nil {
		return nil, err
	}
	period, err := periodOf(c.in)
	if err != nil {
		return nil, err
	}
	statistics := append(c.in.texts("Statistics"), c.in.texts("ExtendedStatistics")...)
	if len(statistics) == 0 {
		return nil, fail("InvalidParameterCombinationException", "At least one of the parameters Statistics and ExtendedStatistics must be specified.")
	}
	if n := int(to.Sub(from) / period); n > mostStatistics {
		return nil, fail("InvalidParameterCombinationException", fmt.Sprintf("You have requested up to %d datapoints, which "+
			"exceeds the limit of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
			n, mostStatistics))
	}
	metric := metricOf(c.in)
	unit := c.world.Unit(metric)
	rows := map[time.Time]record{}
	var order []time.Time
	for _, statistic := range statistics {
		for _, point := range c.points(metric, statistic, c.in.text("Unit"), period, from, to) {
			if rows[point.At] == nil {
				order = append(order, point.At)
				rows[point.At] = record{{"Timestamp", point.At}}
			}
			rows[point.At] = rows[point.At].with(statistic, point.Value)
		}
	}
	datapoints := list(order, func(at time.Time) any { return rows[at].with("Unit", unit) })
	return record{{"Label", metric.Name}, {"Datapoints", datapoints}}, nil
}

// window reads the time range of a request.
func (c *call) window() (from, to time.Time, err error) {
	from, to = c.in.at("StartTime"), c.in.at("EndTime")
	switch {
	case from.IsZero():
		return from, to, fail("MissingRequiredParameterException", "The parameter StartTime is required.")
	case to.IsZero():
		return from, to, fail("MissingRequiredParameterException", "The parameter EndTime is required.")
	case !from.Before(to):
		return from, to, invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	return from, to, nil
}

// longestPeriod is a day, in seconds.
const longestPeriod = 24 * 60 * 60

func periodOf(in args) (time.Duration, error) {
	seconds := in.whole("Period")
	switch {
	case seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30:
	case seconds <= 0 || seconds%60 != 0 || seconds > longestPeriod:
		return 0, fail("InvalidParameterValueException", fmt.Sprintf(
			"The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60 up to %d, but is %d.", longestPeriod, seconds))
	}
	return time.Duration(seconds) * time.Second, nil
}

// statistics are those that CloudWatch knows: the plain ones, and percentiles and trimmed statistics.
var statistics = regexp.MustCompile(`^(Average|Maximum|Minimum|Sum|SampleCount|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|p100|(PR|TM|TC|TS|WM)\(.*\))$`)

// retentions are for how long CloudWatch keeps datapoints of which period.
var retentions = []struct {
	age    time.Duration
	period time.Duration // the shortest that is kept beyond the age
}{
	{15 * 24 * time.Hour, 5 * time.Minute},
	{63 * 24 * time.Hour, time.Hour},
}

// oldest is how long CloudWatch keeps anything.
const oldest = 455 * 24 * time.Hour

// points reads datapoints as far back as CloudWatch keeps them for the period. The range begins on a whole period.
func (c *call) points(m fleet.Metric, statistic, unit string, period time.Duration, from, to time.Time) []fleet.Point {
	if unit != "" && unit != c.world.Unit(m) {
		return nil
	}
	now := c.world.Now()
	for _, kept := range retentions {
		if from.Before(now.Add(-kept.age)) && period%kept.period != 0 {
			from = now.Add(-kept.age)
			break
		}
	}
	if from.Before(now.Add(-oldest)) {
		from = now.Add(-oldest)
	}
	return c.world.Datapoints(m, statistic, period, from.Truncate(period), to)
}
