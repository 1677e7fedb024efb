package awssim

import (
	"slices"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// metricOf reads what CloudWatch and Application Auto Scaling call a metric: Namespace, MetricName and Dimensions.
func metricOf(in args) fleet.Metric {
	metric := fleet.Metric{Namespace: in.text("Namespace"), Name: in.text("MetricName")}
	for _, dimension := range in.items("Dimensions") {
		metric.Dimensions = append(metric.Dimensions, fleet.Dimension{Name: dimension.text("Name"), Value: dimension.text("Value")})
	}
	slices.SortFunc(metric.Dimensions, func(a, b fleet.Dimension) int { return strings.Compare(a.Name, b.Name) })
	return metric
}

func metricRecord(m fleet.Metric) record {
	return record{}.
		with("Namespace", m.Namespace).
		with("MetricName", m.Name).
		with("Dimensions", list(m.Dimensions, func(d fleet.Dimension) any {
			return record{{"Name", d.Name}, {"Value", d.Value}}
		}))
}

// mathOf reads an entry of a metric-math list.
func mathOf(in args) fleet.MathQuery {
	query := fleet.MathQuery{ID: in.text("Id"), Expression: in.text("Expression"), Label: in.text("Label")}
	if in.has("ReturnData") {
		wanted := in.flag("ReturnData", true)
		query.ReturnData = &wanted
	}
	if stat := in.sub("MetricStat"); stat != nil {
		metric := metricOf(stat.sub("Metric"))
		query.Metric, query.Statistic, query.Unit = &metric, stat.text("Stat"), stat.text("Unit")
	}
	return query
}

// mathRecord writes an entry of a metric-math list; alarms name a period with each metric, policies do not.
func mathRecord(q fleet.MathQuery, period time.Duration) record {
	out := record{{"Id", q.ID}}.with("Expression", q.Expression).with("Label", q.Label)
	if q.Metric != nil {
		stat := record{{"Metric", metricRecord(*q.Metric)}}
		if period > 0 {
			stat = stat.with("Period", int(period/time.Second))
		}
		out = out.with("MetricStat", stat.with("Stat", q.Statistic).with("Unit", q.Unit))
	}
	return out.with("ReturnData", leaf(q.ReturnData))
}
