package awssim_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// units are the metrics of work done, by the units that CloudWatch has them in.
var units = map[string]types.StandardUnit{
	"InvocationsProcessed": "Count", "InvocationFailures": "Count", "Invocation4XXErrors": "None", "Invocation5XXErrors": "None",
	"RequestDownloadFailures": "Count", "ResponseUploadFailures": "Count", "NotificationFailures": "Count",
	"ModelLatency": "Microseconds", "RequestDownloadLatency": "Microseconds", "ResponseUploadLatency": "Microseconds",
	"TimeInBacklog": "Milliseconds", "TotalProcessingTime": "Milliseconds",
}

// theDemo serves the demo as it is when it is first looked at.
func theDemo(t *testing.T) (*awssim.Server, *clock) {
	t.Helper()
	c := &clock{at: start.Add(29 * time.Minute)}
	server, err := awssim.StartDemo(awssim.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, c
}

// live is a metric of the demo's busy endpoint.
func live(name string) fleet.Metric {
	return fleet.Metric{Namespace: fleet.Namespace, Name: name, Dimensions: []fleet.Dimension{
		{Name: "EndpointName", Value: "transcribe-live"}, {Name: "VariantName", Value: "AllTraffic"},
	}}
}

// hourly asks for a metric of the busy endpoint in hours, since the first of the month.
func hourly(c *clock, name string) *cloudwatch.GetMetricStatisticsInput {
	in := &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(fleet.Namespace), MetricName: aws.String(name),
		StartTime: aws.Time(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)), EndTime: aws.Time(c.now()), Period: aws.Int32(3600),
		Statistics: []types.Statistic{types.StatisticSum, types.StatisticSampleCount},
	}
	for _, d := range live(name).Dimensions {
		in.Dimensions = append(in.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return in
}

// The demo began three hours ago at 6:29; the month began weeks before.
func TestHours_sinceTheFirstOfTheMonthAreTheVisibleMinutesInThem(t *testing.T) {
	server, clock := theDemo(t)
	c := at(t, server)
	hours := []time.Time{start.Add(-3 * time.Hour), start.Add(-2 * time.Hour), start.Add(-time.Hour), start}
	for name, unit := range units {
		minutes := world(server, func(w *sim.World) []fleet.Point {
			return w.Datapoints(live(name), "Sum", time.Minute, start.Add(-24*time.Hour), clock.now())
		})
		want := map[time.Time]float64{}
		for _, minute := range minutes {
			want[minute.At.Truncate(time.Hour)] += minute.Value
		}
		in := hourly(clock, name)
		statistics := must[cloudwatch.GetMetricStatisticsOutput](t)(c.cloudwatch.GetMetricStatistics(soon(t), in))
		data := must[cloudwatch.GetMetricDataOutput](t)(c.cloudwatch.GetMetricData(soon(t), &cloudwatch.GetMetricDataInput{
			StartTime: in.StartTime, EndTime: in.EndTime, ScanBy: types.ScanByTimestampAscending,
			MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("a"), MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions},
				Period: in.Period, Stat: aws.String("Sum"),
			}}},
		}))
		got := points(data.MetricDataResults[0])
		if len(statistics.Datapoints) != len(want) || len(got) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d hours of statistics and %d of data, want %d", name, len(statistics.Datapoints), len(got), len(want))
			continue
		}
		for i, point := range got {
			stats := statistics.Datapoints[i]
			if !slices.Contains(hours, point.At) || point.Value != want[point.At] || *stats.Sum != point.Value || !stats.Timestamp.Equal(point.At) {
				t.Errorf("%s: the hour of %s is %v and %v, want %v", name, point.At, point.Value, *stats.Sum, want[point.At])
			}
			check(t, "the unit of "+name, stats.Unit, unit)
		}
	}
}

func TestGetMetricStatistics_saysTheUnitInThreeProtocols(t *testing.T) {
	server, clock := theDemo(t)
	for name, unit := range units {
		in := hourly(clock, name)
		out := must[cloudwatch.GetMetricStatisticsOutput](t)(at(t, server).cloudwatch.GetMetricStatistics(soon(t), in))
		_, _, text := post(t, server, jsonHeader("GraniteServiceVersion20100801.GetMetricStatistics"), fmt.Sprintf(
			`{"Namespace":"AWS/SageMaker","MetricName":%q,"Dimensions":[{"Name":"EndpointName","Value":"transcribe-live"},
			{"Name":"VariantName","Value":"AllTraffic"}],"StartTime":%d,"EndTime":%d,"Period":3600,"Statistics":["Sum"]}`,
			name, in.StartTime.Unix(), in.EndTime.Unix()))
		var inJSON struct{ Datapoints []struct{ Unit string } }
		if err := json.Unmarshal([]byte(text), &inJSON); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		_, _, text = post(t, server, queryHeader, query("GetMetricStatistics", "Namespace", "AWS/SageMaker", "MetricName", name,
			"Dimensions.member.1.Name", "EndpointName", "Dimensions.member.1.Value", "transcribe-live",
			"Dimensions.member.2.Name", "VariantName", "Dimensions.member.2.Value", "AllTraffic", "Period", "3600",
			"StartTime", in.StartTime.Format(time.RFC3339), "EndTime", in.EndTime.Format(time.RFC3339), "Statistics.member.1", "Sum"))
		var inXML struct {
			Units []string `xml:"GetMetricStatisticsResult>Datapoints>member>Unit"`
		}
		if err := xml.Unmarshal([]byte(text), &inXML); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		var inCBOR, fromJSON []string
		for _, point := range out.Datapoints {
			inCBOR = append(inCBOR, string(point.Unit))
		}
		for _, point := range inJSON.Datapoints {
			fromJSON = append(fromJSON, point.Unit)
		}
		if len(inCBOR) == 0 || inCBOR[0] != string(unit) || !slices.Equal(inCBOR, fromJSON) || !slices.Equal(inCBOR, inXML.Units) {
			t.Errorf("%s: %q in CBOR, %q in JSON, %q in query, want %s", name, inCBOR, fromJSON, inXML.Units, unit)
		}
	}
}

func TestRevise_isWhatIsAnsweredFromThenOn(t *testing.T) {
	server, clock := theDemo(t)
	c := at(t, server)
	total := func() (sum float64) {
		for _, hour := range must[cloudwatch.GetMetricStatisticsOutput](t)(
			c.cloudwatch.GetMetricStatistics(soon(t), hourly(clock, "InvocationsProcessed"))).Datapoints {
			sum += *hour.Sum
		}
		return sum
	}
	before := total()
	server.Do(home.Region, func(w *sim.World) {
		if err := w.Revise(live("InvocationsProcessed"), start.Add(-time.Hour), 7, 0); err != nil {
			t.Error(err)
		}
	})
	check(t, "after the revision", total(), before+7)
}
