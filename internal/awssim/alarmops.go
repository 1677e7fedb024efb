package awssim

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func describeAlarms(c *call) (record, error) {
	names, prefix := c.in.texts("AlarmNames"), c.in.text("AlarmNamePrefix")
	if len(names) > 100 {
		return nil, invalid("The collection AlarmNames must not have a size greater than 100.")
	}
	if len(names) > 0 && prefix != "" {
		return nil, fail("InvalidParameterCombinationException", "AlarmNames and AlarmNamePrefix cannot be used together.")
	}
	size := 50
	if c.in.has("MaxRecords") {
		if size = c.in.whole("MaxRecords"); size < 1 || size > 100 {
			return nil, invalid("The value %d for parameter MaxRecords must be between 1 and 100.", size)
		}
	}
	alarms := listed(c.place, "alarms", c.world.Alarms)
	types := c.in.texts("AlarmTypes")
	if len(types) > 0 && !slices.Contains(types, "MetricAlarm") {
		alarms = nil
	}
	state, action := c.in.text("StateValue"), c.in.text("ActionPrefix")
	if len(names) > 0 || prefix != "" || state != "" || action != "" {
		ofName := anyOf(names)
		alarms = keep(alarms, func(a fleet.Alarm) bool {
			return ofName(a.Name) && strings.HasPrefix(a.Name, prefix) &&
				(state == "" || a.State == state) && (action == "" || acts(a, action))
		})
	}
	cut, next, err := page(c, alarms, func(a fleet.Alarm) string { return a.Name }, size, badToken())
	if err != nil {
		return nil, err
	}
	return record{
		{"MetricAlarms", list(cut, func(a fleet.Alarm) any { return alarmRecord(a) })},
		{"CompositeAlarms", []any{}},
	}.with("NextToken", next), nil
}

// acts tells whether an alarm has an action whose ARN begins so.
func acts(a fleet.Alarm, prefix string) bool {
	return slices.ContainsFunc(slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions), func(arn string) bool {
		return strings.HasPrefix(arn, prefix)
	})
}

func alarmRecord(a fleet.Alarm) record {
	out := record{}.
		with("AlarmName", a.Name).
		with("AlarmArn", a.ARN).
		with("AlarmDescription", a.Description).
		with("ActionsEnabled", a.ActionsEnabled).
		with("OKActions", inFull(a, a.OKActions)).
		with("AlarmActions", inFull(a, a.AlarmActions)).
		with("InsufficientDataActions", inFull(a, a.InsufficientDataActions)).
		with("StateValue", a.State).
		with("StateReason", a.StateReason).
		with("StateUpdatedTimestamp", a.StateUpdated)
	queries := a.Math
	if a.Extras != nil && a.Extras.QueryID != "" {
		only := true
		queries = []fleet.MathQuery{{
			ID: a.Extras.QueryID, Label: a.Extras.QueryLabel, Metric: &a.Metric, Statistic: a.Statistic, Unit: a.Unit, ReturnData: &only,
		}}
	}
	if len(queries) > 0 {
		out = out.with("Dimensions", []any{}).with("Metrics", list(queries, func(q fleet.MathQuery) any {
			return mathRecord(q, a.Period)
		}))
	} else {
		out = append(out, metricRecord(a.Metric)...).with(statisticMember(a.Statistic), a.Statistic)
		out = out.with("Period", int(a.Period/time.Second)).with("Unit", a.Unit)
	}
	out = out.
		with("EvaluationPeriods", a.EvaluationPeriods).
		with("DatapointsToAlarm", cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods)).
		with("Threshold", a.Threshold).
		with("ComparisonOperator", a.Comparison).
		with("TreatMissingData", a.TreatMissingData).
		with("StateTransitionedTimestamp", a.StateSince).
		with("AlarmConfigurationUpdatedTimestamp", a.ConfigurationUpdated)
	if a.Extras != nil {
		return append(out, extrasRecord(*a.Extras)...)
	}
	return out
}

func extrasRecord(extras fleet.AlarmExtras) record {
	out := record{}.with("EvaluateLowSampleCountPercentile", extras.LowSamples)
	if extras.WarmUpMinutes > 0 {
		out = out.with("WarmUpConfiguration", record{
			{"WarmUpPeriodDurationInMinutes", extras.WarmUpMinutes}, {"OnlyStartEvaluatingAfterWarmUpPeriodEnds", extras.WarmUpWhole},
		})
	}
	if extras.WallClock != nil {
		out = out.with("EvaluationWindow", record{{"WallClockWindow", record{}.with("Timezone", *extras.WallClock)}})
	}
	if tags := extras.TagsInNotification; tags != nil {
		propagation := record{{"Enabled", tags.Enabled}}
		if len(tags.Included) > 0 {
			propagation = propagation.with("IncludedTagKeys", texts(tags.Included))
		}
		if len(tags.Excluded) > 0 {
			propagation = propagation.with("ExcludedTagKeys", texts(tags.Excluded))
		}
		out = out.with("ActionConfiguration", record{{"AlarmTagsPropagation", propagation}})
	}
	return out
}

// statisticMember is where an alarm keeps its statistic.
func statisticMember(statistic string) string {
	switch statistic {
	case "Average", "Maximum", "Minimum", "Sum", "SampleCount":
		return "Statistic"
	}
	return "ExtendedStatistic"
}

// orNone makes no difference between a list that is empty and one that is not there.
func orNone(items []string) []string {
	if len(items) == 0 {
		return nil
	}
	return items
}

// texts copies a list that the model goes on to use; never nil.
func texts(items []string) []string { return append([]string{}, items...) }

func putMetricAlarm(c *call) (record, error) {
	a, err := alarmOf(c.in)
	if err != nil {
		return nil, err
	}
	c.wrote()
	return nil, c.world.PutMetricAlarm(a)
}

func alarmOf(in args) (fleet.Alarm, error) {
	for _, name := range []string{"AlarmName", "ComparisonOperator", "EvaluationPeriods"} {
		if !in.has(name) {
			return fleet.Alarm{}, fail("MissingRequiredParameterException", "The parameter "+name+" is required.")
		}
	}
	a := fleet.Alarm{
		Name:                    in.text("AlarmName"),
		Description:             in.text("AlarmDescription"),
		Statistic:               cmp.Or(in.text("Statistic"), in.text("ExtendedStatistic")),
		Unit:                    in.text("Unit"),
		EvaluationPeriods:       in.whole("EvaluationPeriods"),
		DatapointsToAlarm:       in.whole("DatapointsToAlarm"),
		Threshold:               in.number("Threshold"),
		Comparison:              in.text("ComparisonOperator"),
		TreatMissingData:        in.text("TreatMissingData"),
		ActionsEnabled:          in.flag("ActionsEnabled", true),
		AlarmActions:            shortened(in.texts("AlarmActions")),
		OKActions:               shortened(in.texts("OKActions")),
		InsufficientDataActions: shortened(in.texts("InsufficientDataActions")),
		Extras:                  extrasOf(in),
	}
	queries := in.items("Metrics")
	if len(queries) == 0 {
		a.Metric = metricOf(in)
		period, err := periodOf(in)
		a.Period = period
		return a, err
	}
	if in.has("MetricName") {
		return fleet.Alarm{}, fail("InvalidParameterCombinationException", "Metrics and MetricName cannot be used together.")
	}
	if id := onlyQuery(queries); id != "" {
		stat := queries[0].sub("MetricStat")
		a.Metric, a.Statistic, a.Unit = metricOf(stat.sub("Metric")), stat.text("Stat"), stat.text("Unit")
		period, err := periodOf(stat)
		a.Period = period
		return a, err
	}
	for _, query := range queries {
		a.Math = append(a.Math, mathOf(query))
		a.Period = max(a.Period, time.Duration(query.sub("MetricStat").whole("Period"))*time.Second)
	}
	return a, nil
}

// onlyQuery is the id of a query that names one metric and is all there is: the model evaluates it as one that is named in
// the older form. It is empty for metric math.
func onlyQuery(queries []args) (id string) {
	if len(queries) == 1 && queries[0].sub("MetricStat") != nil && !queries[0].has("AccountId") {
		return queries[0].text("Id")
	}
	return ""
}

func extrasOf(in args) *fleet.AlarmExtras {
	extras := fleet.AlarmExtras{LowSamples: in.text("EvaluateLowSampleCountPercentile")}
	if queries := in.items("Metrics"); onlyQuery(queries) != "" {
		extras.QueryID, extras.QueryLabel = onlyQuery(queries), queries[0].text("Label")
	}
	if warmUp := in.sub("WarmUpConfiguration"); warmUp != nil {
		extras.WarmUpMinutes = warmUp.whole("WarmUpPeriodDurationInMinutes")
		extras.WarmUpWhole = warmUp.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds", false)
	}
	if window := in.sub("EvaluationWindow").sub("WallClockWindow"); window != nil {
		timezone := window.text("Timezone")
		extras.WallClock = &timezone
	}
	if tags := in.sub("ActionConfiguration").sub("AlarmTagsPropagation"); tags != nil {
		extras.TagsInNotification = &fleet.TagsInAction{
			Enabled: tags.flag("Enabled", false), Included: orNone(tags.texts("IncludedTagKeys")), Excluded: orNone(tags.texts("ExcludedTagKeys")),
		}
	}
	for _, action := range slices.Concat(in.texts("AlarmActions"), in.texts("OKActions"), in.texts("InsufficientDataActions")) {
		if strings.Contains(action, createdBy) && !slices.Contains(extras.FullActions, action) {
			extras.FullActions = append(extras.FullActions, action)
		}
	}
	slices.Sort(extras.FullActions)
	if reflect.ValueOf(extras).IsZero() {
		return nil
	}
	return &extras
}

// createdBy is what AWS may append to the ARN of a scaling policy in an alarm's actions. The model triggers policies by
// their own ARNs; the wire has what was written.
const createdBy = ":createdBy/"

func shortened(actions []string) []string {
	for i, action := range actions {
		actions[i], _, _ = strings.Cut(action, createdBy)
	}
	return actions
}

// inFull are actions as they were written.
func inFull(a fleet.Alarm, actions []string) []string {
	full := texts(actions)
	if a.Extras == nil {
		return full
	}
	for i, action := range full {
		for _, longer := range a.Extras.FullActions {
			if strings.HasPrefix(longer, action+createdBy) {
				full[i] = longer
			}
		}
	}
	return full
}

func deleteAlarms(c *call) (record, error) {
	names := c.in.texts("AlarmNames")
	if len(names) > 100 {
		return nil, invalid("The collection AlarmNames must not have a size greater than 100.")
	}
	c.wrote()
	return nil, c.world.DeleteAlarms(names)
}

func setAlarmState(c *call) (record, error) {
	c.wrote()
	return nil, c.world.SetAlarmState(c.in.text("AlarmName"), c.in.text("StateValue"), c.in.text("StateReason"))
}
