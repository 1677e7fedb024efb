package awssim_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// backlog asks for the backlog of an endpoint in the fleet.
func backlog(id, endpoint string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: aws.String(id), MetricStat: &types.MetricStat{
		Metric: &types.Metric{
			Namespace: aws.String(fleet.Namespace), MetricName: aws.String(fleet.Backlog.String()),
			Dimensions: []types.Dimension{{Name: aws.String("EndpointName"), Value: aws.String(endpoint)}},
		},
		Period: aws.Int32(60), Stat: aws.String("Maximum"),
	}}
}

func TestGetMetricData_answersWhatTheModelHas(t *testing.T) {
	server, clock := aFleet(t, 11)
	c, ctx := at(t, server), soon(t)
	from, to := clock.now().Add(-20*time.Minute), clock.now()
	absent := backlog("c", "nobody")
	out := must[cloudwatch.GetMetricDataOutput](t)(c.cloudwatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{backlog("a", "endpoint-00000"), backlog("b", "endpoint-00010"), absent},
	}))
	if len(out.MetricDataResults) != 3 || out.NextToken != nil {
		t.Fatalf("%d results, token %v", len(out.MetricDataResults), out.NextToken)
	}
	for i, endpoint := range []string{"endpoint-00000", "endpoint-00010", "nobody"} {
		want := world(server, func(w *sim.World) []fleet.Point {
			return w.Datapoints(fleet.Backlog.Query(endpoint).Metric, "Maximum", time.Minute, from, to)
		})
		result := out.MetricDataResults[i]
		check(t, "id", *result.Id, []string{"a", "b", "c"}[i])
		check(t, "label", *result.Label, "ApproximateBacklogSize")
		check(t, "status", result.StatusCode, types.StatusCodeComplete)
		if got := points(result); !slices.Equal(got, want) || endpoint != "nobody" && len(got) < 15 {
			t.Errorf("%s: got %v, want %v", endpoint, got, want)
		}
	}
}

func points(result types.MetricDataResult) (points []fleet.Point) {
	for i, at := range result.Timestamps {
		points = append(points, fleet.Point{At: at.UTC(), Value: result.Values[i]})
	}
	return points
}

func TestGetMetricData_startsInclusiveAndEndsExclusive(t *testing.T) {
	server, clock := aFleet(t, 1)
	from := clock.now().Add(-20 * time.Minute)
	out := must[cloudwatch.GetMetricDataOutput](t)(at(t, server).cloudwatch.GetMetricData(soon(t), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(from), EndTime: aws.Time(from.Add(3 * time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{backlog("a", "endpoint-00000")},
	}))
	var got []time.Duration
	for _, at := range out.MetricDataResults[0].Timestamps {
		got = append(got, at.Sub(from))
	}
	if !slices.Equal(got, []time.Duration{2 * time.Minute, time.Minute, 0}) {
		t.Errorf("got minutes %v", got)
	}
}

func TestGetMetricData_pagesByDatapointsWithoutLosingOne(t *testing.T) {
	server, clock := aFleet(t, 21)
	c, ctx := at(t, server), soon(t)
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(clock.now().Add(-30 * time.Minute)), EndTime: aws.Time(clock.now()),
		MetricDataQueries: []types.MetricDataQuery{backlog("a", "endpoint-00000"), backlog("b", "endpoint-00010"), backlog("c", "endpoint-00020")},
	}
	whole := must[cloudwatch.GetMetricDataOutput](t)(c.cloudwatch.GetMetricData(ctx, in))
	in.MaxDatapoints = aws.Int32(20)
	got, last, pages := map[string][]fleet.Point{}, map[string]types.StatusCode{}, 0
	for p := cloudwatch.NewGetMetricDataPaginator(c.cloudwatch, in); p.HasMorePages(); pages++ {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, result := range out.MetricDataResults {
			got[*result.Id] = append(got[*result.Id], points(result)...)
			last[*result.Id] = result.StatusCode
			n += len(result.Values)
		}
		if n > 20 {
			t.Errorf("%d datapoints on a page of 20", n)
		}
	}
	if pages < 4 {
		t.Errorf("%d pages", pages)
	}
	for _, result := range whole.MetricDataResults {
		check(t, "last word", last[*result.Id], types.StatusCodeComplete)
		if !slices.Equal(got[*result.Id], points(result)) {
			t.Errorf("%s: pages have %v, the whole %v", *result.Id, got[*result.Id], points(result))
		}
	}
}

func TestGetMetricData_refusesWhatAWSRefuses(t *testing.T) {
	server, clock := aFleet(t, 1)
	c, ctx := at(t, server), soon(t)
	now := clock.now()
	many := make([]types.MetricDataQuery, 501)
	for i := range many {
		many[i] = backlog(fmt.Sprint("q", i), "endpoint-00000")
	}
	odd := backlog("a", "endpoint-00000")
	odd.MetricStat.Period = aws.Int32(61)
	ages := backlog("a", "endpoint-00000")
	ages.MetricStat.Period = aws.Int32(2 * 24 * 60 * 60)
	for name, test := range map[string]struct {
		queries []types.MetricDataQuery
		to      time.Time
		token   *string
		code    string
	}{
		"501 queries":      {queries: many, to: now, code: "ValidationError"},
		"an expression":    {queries: []types.MetricDataQuery{{Id: aws.String("e"), Expression: aws.String("1+1")}}, to: now, code: "ValidationError"},
		"ids twice":        {queries: []types.MetricDataQuery{backlog("a", "x"), backlog("a", "y")}, to: now, code: "ValidationError"},
		"an id in upper":   {queries: []types.MetricDataQuery{backlog("A", "x")}, to: now, code: "ValidationError"},
		"an odd period":    {queries: []types.MetricDataQuery{odd}, to: now, code: "InvalidParameterValue"},
		"a period of ages": {queries: []types.MetricDataQuery{ages}, to: now, code: "InvalidParameterValue"},
		"an empty window":  {queries: many[:1], to: now.Add(-time.Hour), code: "ValidationError"},
		"a wrong token":    {queries: many[:1], to: now, token: aws.String("x"), code: "InvalidNextToken"},
	} {
		_, err := c.cloudwatch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
			MetricDataQueries: test.queries, StartTime: aws.Time(now.Add(-time.Hour)), EndTime: &test.to, NextToken: test.token,
		})
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		t.Log(name, "-", wantCode(t, err, test.code))
	}
}

func TestGetMetricStatistics_saysTheUnit(t *testing.T) {
	server, clock := aFleet(t, 1)
	c, ctx := at(t, server), soon(t)
	in := &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(fleet.Namespace), MetricName: aws.String(fleet.Backlog.String()),
		Dimensions: []types.Dimension{{Name: aws.String("EndpointName"), Value: aws.String("endpoint-00000")}},
		StartTime:  aws.Time(clock.now().Add(-20 * time.Minute)), EndTime: aws.Time(clock.now()),
		Period: aws.Int32(300), Statistics: []types.Statistic{types.StatisticAverage, types.StatisticMaximum},
	}
	out := must[cloudwatch.GetMetricStatisticsOutput](t)(c.cloudwatch.GetMetricStatistics(ctx, in))
	check(t, "datapoints", len(out.Datapoints), 4)
	for _, point := range out.Datapoints {
		check(t, "unit", point.Unit, types.StandardUnitCount)
		if point.Average == nil || point.Maximum == nil || point.Sum != nil || *point.Average > *point.Maximum {
			t.Errorf("%s", deep(point))
		}
	}
	in.Unit = types.StandardUnitSeconds
	out = must[cloudwatch.GetMetricStatisticsOutput](t)(c.cloudwatch.GetMetricStatistics(ctx, in))
	check(t, "datapoints in seconds", len(out.Datapoints), 0)
	in.StartTime, in.Period = aws.Time(clock.now().Add(-48*time.Hour)), aws.Int32(60)
	_, err := c.cloudwatch.GetMetricStatistics(ctx, in)
	wantCode(t, err, "InvalidParameterCombination")
}

func TestListMetrics_filtersByDimension(t *testing.T) {
	server, _ := aFleet(t, 3)
	c, ctx := at(t, server), soon(t)
	out := must[cloudwatch.ListMetricsOutput](t)(c.cloudwatch.ListMetrics(ctx, &cloudwatch.ListMetricsInput{
		Namespace: aws.String(fleet.Namespace), MetricName: aws.String(fleet.Backlog.String()),
	}))
	check(t, "backlogs", len(out.Metrics), 3)
	out = must[cloudwatch.ListMetricsOutput](t)(c.cloudwatch.ListMetrics(ctx, &cloudwatch.ListMetricsInput{
		MetricName: aws.String(fleet.Backlog.String()),
		Dimensions: []types.DimensionFilter{{Name: aws.String("EndpointName"), Value: aws.String("endpoint-00002")}},
	}))
	if len(out.Metrics) != 1 || *out.Metrics[0].Dimensions[0].Value != "endpoint-00002" {
		t.Errorf("got %s", deep(out.Metrics))
	}
}

func TestPutMetricAlarm_carriesEveryField(t *testing.T) {
	server, clock := aFleet(t, 1)
	c, ctx := at(t, server), soon(t)
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("wake"), AlarmDescription: aws.String("it's <odd> & \"quoted\", größer"), ActionsEnabled: aws.Bool(false),
		Namespace: aws.String("N"), MetricName: aws.String("M"), ExtendedStatistic: aws.String("p90"), Unit: types.StandardUnitCount,
		Dimensions: []types.Dimension{{Name: aws.String("A"), Value: aws.String("1")}, {Name: aws.String("B"), Value: aws.String("2")}},
		Period:     aws.Int32(120), EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(2), Threshold: aws.Float64(-1.5),
		ComparisonOperator: types.ComparisonOperatorLessThanThreshold, TreatMissingData: aws.String("notBreaching"),
		AlarmActions: []string{"arn:aws:sns:us-east-1:1:a"}, OKActions: []string{"arn:aws:sns:us-east-1:1:b"},
		InsufficientDataActions: []string{"arn:aws:sns:us-east-1:1:c"},
	}
	must[cloudwatch.PutMetricAlarmOutput](t)(c.cloudwatch.PutMetricAlarm(ctx, in))
	must[cloudwatch.SetAlarmStateOutput](t)(c.cloudwatch.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("wake"), StateValue: types.StateValueAlarm, StateReason: aws.String("by hand"),
	}))
	want := fleet.Alarm{
		Name: "wake", ARN: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:wake", Description: *in.AlarmDescription,
		Metric:    fleet.Metric{Namespace: "N", Name: "M", Dimensions: []fleet.Dimension{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}},
		Statistic: "p90", Unit: "Count", Period: 2 * time.Minute, EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: -1.5,
		Comparison: "LessThanThreshold", TreatMissingData: "notBreaching", AlarmActions: in.AlarmActions, OKActions: in.OKActions,
		InsufficientDataActions: in.InsufficientDataActions, State: "ALARM", StateReason: "by hand",
		StateUpdated: clock.now(), StateSince: clock.now(), ConfigurationUpdated: clock.now(),
	}
	if got := named(world(server, (*sim.World).Alarms), "wake"); !reflect.DeepEqual(got, want) {
		t.Errorf("in the model:\n%s\nwant\n%s", deep(got), deep(want))
	}
	out := must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"wake"}}))
	a := out.MetricAlarms[0]
	got := fleet.Alarm{
		Name: *a.AlarmName, ARN: *a.AlarmArn, Description: *a.AlarmDescription,
		Metric:    fleet.Metric{Namespace: *a.Namespace, Name: *a.MetricName},
		Statistic: *a.ExtendedStatistic, Unit: string(a.Unit), Period: time.Duration(*a.Period) * time.Second,
		EvaluationPeriods: int(*a.EvaluationPeriods), DatapointsToAlarm: int(*a.DatapointsToAlarm), Threshold: *a.Threshold,
		Comparison: string(a.ComparisonOperator), TreatMissingData: *a.TreatMissingData, ActionsEnabled: *a.ActionsEnabled,
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions,
		State: string(a.StateValue), StateReason: *a.StateReason,
		StateUpdated: a.StateUpdatedTimestamp.UTC(), StateSince: a.StateTransitionedTimestamp.UTC(),
		ConfigurationUpdated: a.AlarmConfigurationUpdatedTimestamp.UTC(),
	}
	for _, d := range a.Dimensions {
		got.Metric.Dimensions = append(got.Metric.Dimensions, fleet.Dimension{Name: *d.Name, Value: *d.Value})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("on the wire:\n%s\nwant\n%s", deep(got), deep(want))
	}
	must[cloudwatch.DeleteAlarmsOutput](t)(c.cloudwatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"wake"}}))
	_, err := c.cloudwatch.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("wake"), StateValue: types.StateValueOk, StateReason: aws.String("gone"),
	})
	wantCode(t, err, "ResourceNotFound")
}

func named(alarms []fleet.Alarm, name string) fleet.Alarm {
	for _, alarm := range alarms {
		if alarm.Name == name {
			return alarm
		}
	}
	return fleet.Alarm{}
}

func TestPutMetricAlarm_ofMetricMathKeepsItsQueries(t *testing.T) {
	server, _ := aFleet(t, 1)
	c, ctx := at(t, server), soon(t)
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("math"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		Metrics: []types.MetricDataQuery{
			backlog("m1", "endpoint-00000"),
			{Id: aws.String("e1"), Expression: aws.String("m1*2"), Label: aws.String("twice"), ReturnData: aws.Bool(true)},
		},
	}
	in.Metrics[0].ReturnData = aws.Bool(false)
	must[cloudwatch.PutMetricAlarmOutput](t)(c.cloudwatch.PutMetricAlarm(ctx, in))
	out := must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"math"}}))
	if got := out.MetricAlarms[0].Metrics; !reflect.DeepEqual(got, in.Metrics) {
		t.Errorf("got %s, want %s", deep(got), deep(in.Metrics))
	}
}

func TestDescribeAlarms_pagesAndFilters(t *testing.T) {
	server, _ := aFleet(t, 40) // three alarms each
	c, ctx := at(t, server), soon(t)
	first := must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}))
	check(t, "alarms on a page", len(first.MetricAlarms), 50)
	first = must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)}))
	rest := must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx,
		&cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100), NextToken: first.NextToken}))
	check(t, "alarms", len(first.MetricAlarms)+len(rest.MetricAlarms), 120)
	check(t, "a token after the last", rest.NextToken, (*string)(nil))
	for name, test := range map[string]struct {
		in   cloudwatch.DescribeAlarmsInput
		want int
	}{
		"prefix":     {cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("TargetTracking-endpoint/endpoint-00007/")}, 2},
		"state":      {cloudwatch.DescribeAlarmsInput{StateValue: types.StateValue("NONE")}, 0},
		"composites": {cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}, 0},
		"names":      {cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*first.MetricAlarms[0].AlarmName, "nobody"}}, 1},
	} {
		out := must[cloudwatch.DescribeAlarmsOutput](t)(c.cloudwatch.DescribeAlarms(ctx, &test.in))
		check(t, name, len(out.MetricAlarms), test.want)
	}
	_, err := c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(101)})
	wantCode(t, err, "ValidationError")
	_, err = c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: make([]string, 101)})
	wantCode(t, err, "ValidationError")
}

// post sends a request that no SDK of this language sends any more.
func post(t *testing.T, server *awssim.Server, header http.Header, body string) (status int, answer http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(soon(t), http.MethodPost, server.URL()+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header.Clone()
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+env(server, "AWS_ACCESS_KEY_ID")+
		"/20261124/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=00")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(read)
}

func jsonHeader(target string) http.Header {
	return http.Header{"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.0"}}
}

func query(action string, values ...string) string {
	form := url.Values{"Action": {action}, "Version": {"2010-08-01"}}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return form.Encode()
}

var queryHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}

// One question in the three protocols has one answer.
func TestCloudWatch_saysTheSameInThreeProtocols(t *testing.T) {
	server, clock := aFleet(t, 1)
	from, to := clock.now().Add(-20*time.Minute), clock.now()
	out := must[cloudwatch.GetMetricDataOutput](t)(at(t, server).cloudwatch.GetMetricData(soon(t), &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &to, MetricDataQueries: []types.MetricDataQuery{backlog("a", "endpoint-00000")},
	}))
	want := points(out.MetricDataResults[0])

	_, _, text := post(t, server, jsonHeader("GraniteServiceVersion20100801.GetMetricData"), fmt.Sprintf(`{"StartTime":%d,"EndTime":%d,
		"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Namespace":"AWS/SageMaker","MetricName":"ApproximateBacklogSize",
		"Dimensions":[{"Name":"EndpointName","Value":"endpoint-00000"}]},"Period":60,"Stat":"Maximum"}}]}`, from.Unix(), to.Unix()))
	var inJSON struct {
		MetricDataResults []struct {
			StatusCode string
			Timestamps []float64
			Values     []float64
		}
	}
	if err := json.Unmarshal([]byte(text), &inJSON); err != nil || len(inJSON.MetricDataResults) != 1 {
		t.Fatalf("%v in %s", err, text)
	}
	var got []fleet.Point
	for i, at := range inJSON.MetricDataResults[0].Timestamps {
		got = append(got, fleet.Point{At: time.Unix(int64(at), 0).UTC(), Value: inJSON.MetricDataResults[0].Values[i]})
	}
	if !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("JSON: got %v, want %v", got, want)
	}

	_, _, text = post(t, server, queryHeader, query("GetMetricData",
		"StartTime", from.Format(time.RFC3339), "EndTime", to.Format(time.RFC3339), "MetricDataQueries.member.1.Id", "a",
		"MetricDataQueries.member.1.MetricStat.Metric.Namespace", "AWS/SageMaker",
		"MetricDataQueries.member.1.MetricStat.Metric.MetricName", "ApproximateBacklogSize",
		"MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name", "EndpointName",
		"MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value", "endpoint-00000",
		"MetricDataQueries.member.1.MetricStat.Period", "60", "MetricDataQueries.member.1.MetricStat.Stat", "Maximum"))
	var inXML struct {
		Timestamps []time.Time `xml:"GetMetricDataResult>MetricDataResults>member>Timestamps>member"`
		Values     []float64   `xml:"GetMetricDataResult>MetricDataResults>member>Values>member"`
		RequestID  string      `xml:"ResponseMetadata>RequestId"`
	}
	if err := xml.Unmarshal([]byte(text), &inXML); err != nil || inXML.RequestID == "" {
		t.Fatalf("%v in %s", err, text)
	}
	got = nil
	for i, at := range inXML.Timestamps {
		got = append(got, fleet.Point{At: at, Value: inXML.Values[i]})
	}
	if !slices.Equal(got, want) {
		t.Errorf("query: got %v, want %v", got, want)
	}
}

func TestErrors_haveTheFormOfEachProtocol(t *testing.T) {
	server, _ := aFleet(t, 1)
	status, header, text := post(t, server, jsonHeader("GraniteServiceVersion20100801.DeleteAlarms"), `{"AlarmNames":["nobody"]}`)
	check(t, "JSON status", status, http.StatusNotFound)
	check(t, "JSON header", header.Get("X-Amzn-Query-Error"), "ResourceNotFound;Sender")
	if header.Get("X-Amzn-Requestid") == "" || !strings.Contains(text, `"__type":"ResourceNotFound"`) {
		t.Errorf("JSON: %v %s", header, text)
	}
	status, _, text = post(t, server, queryHeader, query("DeleteAlarms", "AlarmNames.member.1", "nobody"))
	check(t, "query status", status, http.StatusNotFound)
	if !strings.Contains(text, "<Error><Type>Sender</Type><Code>ResourceNotFound</Code><Message>") || !strings.Contains(text, "<RequestId>") {
		t.Errorf("query: %s", text)
	}
	status, _, text = post(t, server, queryHeader, query("PaintAlarms"))
	if status != http.StatusBadRequest || !strings.Contains(text, "<Code>InvalidAction</Code>") || !strings.Contains(text, "PaintAlarms") {
		t.Errorf("unknown in query: %d %s", status, text)
	}
	_, _, text = post(t, server, jsonHeader("SageMaker.CreateMuseum"), `{}`)
	if !strings.Contains(text, "UnknownOperationException") || !strings.Contains(text, "CreateMuseum") {
		t.Errorf("unknown in JSON: %s", text)
	}
	_, _, text = post(t, server, jsonHeader("SageMaker.ListEndpoints"), `{`)
	if !strings.Contains(text, "SerializationException") {
		t.Errorf("broken JSON: %s", text)
	}
}
