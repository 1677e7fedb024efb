package awsapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// hostile is a server that answers one thing, whatever it is asked.
func hostile(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		if protocol := r.Header.Get("Smithy-Protocol"); protocol != "" {
			w.Header().Set("Smithy-Protocol", protocol)
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: server.URL, backoff: noBackoff, unlimited: true})
}

// askers ask for each operation, by its name.
func askers() map[string]func(context.Context, *Client) error {
	target := plan.Step{Kind: plan.ScalableTarget, ResourceID: "endpoint/e/variant/v", Target: &fleet.Target{MaxCapacity: 1}}
	policy := plan.Step{
		Kind: plan.TrackingPolicy, ResourceID: "endpoint/e/variant/v", Name: "p",
		Policy: &fleet.Policy{Type: fleet.TargetTracking, Tracking: &fleet.Tracking{TargetValue: 5, Predefined: "x"}},
	}
	alarm := plan.Step{Kind: plan.WakeAlarm, Name: "a", Alarm: &fleet.Alarm{
		Metric: fleet.Backlog.Query("e").Metric, Statistic: "Average", Period: time.Minute, Comparison: "GreaterThanThreshold", EvaluationPeriods: 1,
	}}
	write := func(step plan.Step) func(context.Context, *Client) error {
		return func(ctx context.Context, c *Client) error { _, err := WriterOf(c).Write(ctx, step); return err }
	}
	return map[string]func(context.Context, *Client) error{
		"ListEndpoints":             func(ctx context.Context, c *Client) error { _, err := c.ListEndpoints(ctx); return err },
		"DescribeEndpoint":          func(ctx context.Context, c *Client) error { _, err := c.DescribeEndpoint(ctx, "e"); return err },
		"DescribeEndpointConfig":    func(ctx context.Context, c *Client) error { _, err := c.DescribeEndpointConfig(ctx, "e"); return err },
		"ListTags":                  func(ctx context.Context, c *Client) error { _, err := c.ListTags(ctx, "arn"); return err },
		"DescribeScalableTargets":   func(ctx context.Context, c *Client) error { _, err := c.ScalableTargets(ctx); return err },
		"DescribeScalingPolicies":   func(ctx context.Context, c *Client) error { _, err := c.ScalingPolicies(ctx); return err },
		"DescribeScheduledActions":  func(ctx context.Context, c *Client) error { _, err := c.ScheduledActions(ctx); return err },
		"DescribeScalingActivities": func(ctx context.Context, c *Client) error { _, err := c.ScalingActivities(ctx, nil); return err },
		"DescribeAlarms":            func(ctx context.Context, c *Client) error { _, err := c.MetricAlarms(ctx); return err },
		"GetMetricData": func(ctx context.Context, c *Client) error {
			_, _, err := c.MetricData(ctx, queue("e"), at(10, 0), at(10, 5))
			return err
		},
		"GetMetricStatistics": func(ctx context.Context, c *Client) error {
			_, err := c.MetricUnit(ctx, fleet.Backlog.Query("e").Metric, at(10, 0), time.Minute)
			return err
		},
		"ListMetrics":        func(ctx context.Context, c *Client) error { _, _, err := c.EndpointsWithBacklog(ctx); return err },
		"ListAlarmMuteRules": func(ctx context.Context, c *Client) error { _, err := c.MuteRules(ctx); return err },
		"GetAlarmMuteRule":   func(ctx context.Context, c *Client) error { _, err := c.MuteRule(ctx, "r"); return err },
		"GetCallerIdentity":  func(ctx context.Context, c *Client) error { _, err := c.Identify(ctx); return err },
		"AssumeRole": func(ctx context.Context, c *Client) error {
			assumed := connect(ctxTB{}, Access{Region: "eu-west-1", RoleARN: "arn:aws:iam::111122223333:role/r"}, Options{BaseURL: *c.config.BaseEndpoint, backoff: noBackoff, unlimited: true})
			_, err := assumed.Identify(ctx)
			return err
		},
		"RegisterScalableTarget": write(target),
		"PutScalingPolicy":       write(policy),
		"PutMetricAlarm":         write(alarm),
	}
}

// ctxTB lets connect be called where there is no test to fail: what it gets is always good.
type ctxTB struct{ testing.TB }

func (ctxTB) Helper() {}

func (ctxTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func TestAskers_areOfEveryOperation(t *testing.T) {
	for _, operation := range Operations() {
		if askers()[operation.Name] == nil {
			t.Errorf("nothing asks %s", operation.Name)
		}
	}
}

// flood writes until nobody reads any more, 700 MB at most.
func flood(w io.Writer, begin string, part []byte) {
	_, err := io.WriteString(w, begin)
	for written := 0; err == nil && written < 700*mib; written += len(part) {
		_, err = w.Write(part)
	}
}

// lists are the names of the lists in the answers of each operation.
var lists = map[string]string{
	"ListEndpoints": "Endpoints", "DescribeEndpoint": "ProductionVariants", "DescribeEndpointConfig": "ProductionVariants", "ListTags": "Tags",
	"DescribeScalableTargets": "ScalableTargets", "DescribeScalingPolicies": "ScalingPolicies", "DescribeScheduledActions": "ScheduledActions",
	"DescribeScalingActivities": "ScalingActivities", "DescribeAlarms": "MetricAlarms", "GetMetricData": "MetricDataResults",
	"ListAlarmMuteRules": "AlarmMuteRuleSummaries", "GetAlarmMuteRule": "MuteTargets", "ListMetrics": "Metrics",
	"GetMetricStatistics": "Datapoints", "PutScalingPolicy": "Alarms",
}

func isCBOR(r *http.Request) bool { return r.Header.Get("Smithy-Protocol") != "" }

// attacks are answers that no AWS gives. Each is an error of every operation, but for those that have nothing to read.
var attacks = map[string]func(operation string, w http.ResponseWriter, r *http.Request){
	"a flood": func(_ string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			flood(w, "\xbf\x61x\x7f", append([]byte{0x79, 0xff, 0xff}, bytes.Repeat([]byte("x"), 0xffff)...))
			return
		}
		flood(w, `{"x":"`, bytes.Repeat([]byte("x"), mib))
	},
	"a flood with its length": func(_ string, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(700*mib))
		flood(w, `{"x":"`, bytes.Repeat([]byte("x"), mib))
	},
	"a flood of lists": func(_ string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			flood(w, "\xa1\x61x\x9f", bytes.Repeat([]byte{0xa0}, mib))
			return
		}
		flood(w, `{"x":[{}`, bytes.Repeat([]byte(",{}"), mib/3))
	},
	"a bomb": func(_ string, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb())
	},
	"lists in lists": func(_ string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			_, _ = w.Write(append([]byte("\xa1\x61x"), bytes.Repeat([]byte{0x81}, 50_000)...))
			return
		}
		_, _ = io.WriteString(w, `{"x":`+strings.Repeat("[", 50_000))
	},
	"a long number": func(_ string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) { // its numbers have a length; a list that says it is longer than the answer has no end
			_, _ = io.WriteString(w, "\xa1\x61x\x9b\x7f\xff\xff\xff\xff\xff\xff\xff")
			return
		}
		_, _ = io.WriteString(w, `{"x":`+strings.Repeat("9", 60_000)+`}`)
	},
	"many small values": func(operation string, w http.ResponseWriter, r *http.Request) {
		name, n := lists[operation], bounds[operation].body/4
		if isCBOR(r) {
			_, _ = io.WriteString(w, "\xa1"+string(cbor.Encode(cbor.String(name)))+"\x9f"+strings.Repeat("\xa0", n)+"\xff")
			return
		}
		_, _ = io.WriteString(w, `{"`+name+`":[{}`+strings.Repeat(",{}", n)+`]}`)
	},
	"a wrong type": func(operation string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			_, _ = w.Write(cbor.Encode(cbor.Map{lists[operation]: cbor.List{cbor.Uint(5)}}))
			return
		}
		_, _ = io.WriteString(w, `{"`+lists[operation]+`":[5],"PolicyARN":[]}`)
	},
	"null": func(_ string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			_, _ = w.Write([]byte{0xf6})
			return
		}
		_, _ = io.WriteString(w, "null")
	},
	"a null in the list": func(operation string, w http.ResponseWriter, r *http.Request) {
		if isCBOR(r) {
			_, _ = w.Write(cbor.Encode(cbor.Map{lists[operation]: cbor.List{&cbor.Nil{}, cbor.Map{}}}))
			return
		}
		_, _ = io.WriteString(w, `{"`+lists[operation]+`":[null]}`)
	},
	"nothing": func(_ string, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
	"an error that is a flood": func(_ string, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		if isCBOR(r) {
			flood(w, "\xa1\x61x\x9f", bytes.Repeat([]byte{0x9f}, mib))
			return
		}
		flood(w, `{"x":`, bytes.Repeat([]byte("["), mib))
	},
	"a header without end": func(_ string, w http.ResponseWriter, _ *http.Request) {
		for i := range 2_000 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", kib))
		}
		w.WriteHeader(http.StatusOK)
	},
}

// bomb is a few kilobytes that become 32 MiB.
var bomb = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = io.WriteString(writer, `{"x":"`)
	for range 32 {
		_, _ = writer.Write(make([]byte, mib))
	}
	_ = writer.Close()
	return packed.Bytes()
})

// harmless are attacks on operations that do not read what is attacked.
func harmless(operation, attack string) bool {
	switch attack {
	case "nothing":
		return operation == "RegisterScalableTarget" || operation == "PutMetricAlarm"
	case "null", "a wrong type", "a null in the list":
		return operation == "RegisterScalableTarget"
	}
	return false
}

func TestHostile_everyAnswerOfEveryOperationIsAnErrorAndCostsLittle(t *testing.T) {
	bomb()
	for operation, ask := range askers() {
		for attack, answer := range attacks {
			t.Run(operation+" "+attack, func(t *testing.T) {
				client := hostile(t, func(w http.ResponseWriter, r *http.Request) { answer(operation, w, r) })
				// All that was ever allocated, by the server too; so more was never in use. What goes on beside it is counted
				// in: the least of several times is what it takes.
				most, took := uint64(32*mib+12*bounds[operation].body), uint64(math.MaxUint64)
				var err error
				for range 5 {
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					err = ask(t.Context(), client)
					runtime.ReadMemStats(&after)
					if took = min(took, after.TotalAlloc-before.TotalAlloc); took <= most {
						break
					}
				}
				if took > most {
					t.Errorf("it took %d MiB", took/mib)
				}
				if err == nil != harmless(operation, attack) {
					t.Errorf("got %v", err)
				}
				if err != nil && (len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\n\r")) {
					t.Errorf("it says %q", err)
				}
			})
		}
	}
}

func TestHostile_theErrorNamesLimitAndOperation(t *testing.T) {
	for attack, want := range map[string]string{
		"a flood":                 "describing alarms: cloudwatch DescribeAlarms: answer longer than 8 MiB",
		"a flood with its length": "describing alarms: cloudwatch DescribeAlarms: answer longer than 8 MiB",
		"a bomb":                  "describing alarms: cloudwatch DescribeAlarms: answer longer than 8 MiB",
		"lists in lists":          "describing alarms: cloudwatch DescribeAlarms: answer nested deeper than 32 levels",
		"many small values":       "describing alarms: cloudwatch DescribeAlarms: answer of more than 100000 values",
		"a null in the list":      "describing alarms: cloudwatch DescribeAlarms: answer lacks MetricAlarms.AlarmName: check AWS_ENDPOINT_URL and proxies",
	} {
		var seen record
		client := hostile(t, func(w http.ResponseWriter, r *http.Request) { attacks[attack]("DescribeAlarms", w, r) })
		observed := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: *client.config.BaseEndpoint, backoff: noBackoff, Observe: seen.observe})
		if _, err := observed.MetricAlarms(t.Context()); fmt.Sprint(err) != want {
			t.Errorf("%s: got %v", attack, err)
		}
		// It is not asked again, unless the connection broke before so much was read.
		if strings.ReplaceAll(seen.String(), "CloudWatch.DescribeAlarms connection\n", "") != "CloudWatch.DescribeAlarms unreadable\n" {
			t.Errorf("%s: attempts %s", attack, &seen)
		}
	}
	client := hostile(t, func(w http.ResponseWriter, r *http.Request) { attacks["a long number"]("", w, r) })
	if err := client.Probe(t.Context()); fmt.Sprint(err) != "asking SageMaker in eu-west-1: sagemaker ListEndpoints: answer with a number longer than 64 characters" {
		t.Errorf("got %v", err)
	}
}

// endless answers pages with ever new tokens.
func endless(operation string) http.HandlerFunc {
	var mu sync.Mutex
	page := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		page++
		token := fmt.Sprint(page)
		mu.Unlock()
		if isCBOR(r) {
			row := cbor.Map{}
			switch operation {
			case "DescribeAlarms":
				row = cbor.Map{"AlarmName": cbor.String(token)}
			case "ListAlarmMuteRules":
				row = cbor.Map{"AlarmMuteRuleArn": cbor.String("arn:aws:cloudwatch:us-east-1:111122223333:alarm-mute-rule:" + token)}
			case "ListMetrics":
				row = cbor.Map{"MetricName": cbor.String("ApproximateBacklogSize")}
			case "GetMetricData":
				row = cbor.Map{"Id": cbor.String("q0"), "StatusCode": cbor.String("PartialData")}
			}
			_, _ = w.Write(cbor.Encode(cbor.Map{"NextToken": cbor.String(token), lists[operation]: cbor.List{row}}))
			return
		}
		body := whole(operation, `{"`+lists[operation]+`":[{}]}`).body.(map[string]any)
		body["NextToken"] = token
		_ = json.NewEncoder(w).Encode(body)
	}
}

func TestHostile_pagesWithoutEndEnd(t *testing.T) {
	for operation, ask := range askers() {
		most := bounds[operation].pages
		if operation == "GetMetricData" {
			most = mostPages(1, 5)
		}
		if most == 1 {
			continue
		}
		answer := endless(operation)
		client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", unlimited: true, http: doer(func(r *http.Request) (*http.Response, error) {
			recorder := httptest.NewRecorder()
			recorder.Header().Set("Smithy-Protocol", r.Header.Get("Smithy-Protocol"))
			answer(recorder, r)
			response := recorder.Result()
			response.Request = r
			return response, nil
		})})
		err := ask(t.Context(), client)
		if want := fmt.Sprintf(" %s: more than %d pages", operation, most); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// One question in many calls has the bounds of one question.
func TestHostile_callsOfOneQuestionAreBoundedTogether(t *testing.T) {
	names, list, calls := make([]string, 20*alarmNames), make(cbor.List, alarmNames), 0
	for i := range names { // the same in each call
		names[i] = fmt.Sprintf("alarm-%02d", i%alarmNames)
		list[i%alarmNames] = cbor.Map{"AlarmName": cbor.String(names[i]), "StateReason": cbor.String(strings.Repeat("x", 60*kib))}
	}
	answer := cbor.Encode(cbor.Map{"MetricAlarms": list})
	client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", unlimited: true, http: doer(func(r *http.Request) (*http.Response, error) {
		calls++
		recorder := httptest.NewRecorder()
		recorder.Header().Set("Smithy-Protocol", r.Header.Get("Smithy-Protocol"))
		_, _ = recorder.Write(answer)
		response := recorder.Result()
		response.Request = r
		return response, nil
	})})
	_, err := client.AlarmsNamed(t.Context(), names)
	if want := "describing alarms: cloudwatch DescribeAlarms: pages together longer than 48 MiB"; fmt.Sprint(err) != want || calls != 9 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	client = hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(cbor.Encode(cbor.Map{"MetricAlarms": cbor.List{cbor.Map{"AlarmName": cbor.String("other")}}}))
	})
	_, err = client.AlarmsNamed(t.Context(), names[:1])
	if want := `describing alarms: cloudwatch DescribeAlarms: answer is about "other": check AWS_ENDPOINT_URL and proxies`; fmt.Sprint(err) != want {
		t.Errorf("got %v", err)
	}
}

// What is kept for each endpoint, and the names in a list, are as long as AWS allows, and not a page.
func TestHostile_textsThatAreKeptAreBounded(t *testing.T) {
	tag := func(key, value int) error {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"Tags":[{"Key":%q,"Value":%q}]}`, strings.Repeat("k", key), strings.Repeat("v", value))
		})
		_, err := client.ListTags(t.Context(), "arn")
		return err
	}
	mute := func(length int) error {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(cbor.Encode(cbor.Map{"MuteTargets": cbor.Map{"AlarmNames": cbor.List{cbor.String(strings.Repeat("a", length))}}}))
		})
		_, err := client.MuteRule(t.Context(), "r")
		return err
	}
	for _, one := range []struct {
		err  error
		want string
	}{
		{tag(longestLabel, longestKept), "<nil>"},
		{tag(longestLabel+1, 1), "Tags.Key has 513 bytes, more than 512"},
		{tag(1, longestKept+1), "Tags.Value has 2049 bytes, more than 2048"},
		{mute(longestLabel), "<nil>"},
		{mute(longestLabel + 1), "MuteTargets.AlarmNames has 513 bytes, more than 512"},
	} {
		if !strings.Contains(fmt.Sprint(one.err), one.want) {
			t.Errorf("got %v, want %s", one.err, one.want)
		}
	}
}

// Datapoints are bounded by what was asked for.
func TestHostile_datapointsWithoutEndEnd(t *testing.T) {
	page := 0
	client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		points := make([]fleet.Point, 60)
		for i := range points {
			points[i] = fleet.Point{At: at(10, i%5), Value: 1}
		}
		page++
		answer := results(result("q0", "PartialData", points...)).body.(cbor.Map)
		answer["NextToken"] = cbor.String(fmt.Sprint(page))
		_, _ = w.Write(cbor.Encode(answer))
	})
	series, _, err := client.MetricData(t.Context(), queue("e"), at(10, 0), at(10, 5))
	if want := "reading metrics: cloudwatch GetMetricData: more than 110 datapoints, where 5 were asked for at most"; fmt.Sprint(err) != want || series[0].Complete || page != 2 {
		t.Errorf("got %v after %d pages", err, page)
	}
}

// A list of one byte texts, or of empty rows, is short on the wire and long in memory.
func TestHostile_listsInRowsAreBounded(t *testing.T) {
	empty := func(n int) cbor.List {
		list := make(cbor.List, n)
		for i := range list {
			list[i] = cbor.String("")
		}
		return list
	}
	pairs := func(n int) cbor.List {
		list := make(cbor.List, n)
		for i := range list {
			list[i] = cbor.Map{"Name": cbor.String(""), "Value": cbor.String("")}
		}
		return list
	}
	queries := func(n int) cbor.List {
		list := make(cbor.List, n)
		for i := range list {
			list[i] = cbor.Map{"Id": cbor.String("")}
		}
		return list
	}
	for name, list := range map[string]func(int) cbor.List{
		"AlarmActions": empty, "OKActions": empty, "InsufficientDataActions": empty, "Dimensions": pairs, "Metrics": queries,
	} {
		for items, want := range map[int]string{
			mostItems[name]: "<nil>", mostItems[name] + 1: fmt.Sprintf("describing alarms: cloudwatch DescribeAlarms: answer with more than %d %s in one row: check AWS_ENDPOINT_URL and proxies", mostItems[name], name),
		} {
			client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(cbor.Encode(cbor.Map{"MetricAlarms": cbor.List{cbor.Map{"AlarmName": cbor.String("a"), name: list(items)}}}))
			})
			if _, err := client.MetricAlarms(t.Context()); fmt.Sprint(err) != want {
				t.Errorf("%d %s: %v", items, name, err)
			}
		}
	}
	many := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	for name, policy := range map[string]func(int) string{
		"Alarms": func(n int) string { return `"Alarms":` + many(n, "{}") },
		"StepAdjustments": func(n int) string {
			return `"StepScalingPolicyConfiguration":{"StepAdjustments":` + many(n, "{}") + `}`
		},
		"Dimensions": func(n int) string {
			return `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":5,"CustomizedMetricSpecification":{"Dimensions":` + many(n, "{}") + `}}`
		},
	} {
		for items, want := range map[int]string{
			mostItems[name]: "<nil>", mostItems[name] + 1: fmt.Sprintf("answer with more than %d %s in one row: check AWS_ENDPOINT_URL and proxies", mostItems[name], name),
		} {
			client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(whole("DescribeScalingPolicies", `{"ScalingPolicies":[{`+policy(items)+`}]}`).body)
			})
			if _, err := client.ScalingPolicies(t.Context()); !strings.HasSuffix(fmt.Sprint(err), want) {
				t.Errorf("%d %s: %v", items, name, err)
			}
		}
	}
}

// Pages of which each is within every bound are not so many that their values together take the memory.
func TestHostile_valuesOfAllPagesAreBounded(t *testing.T) {
	page := 0
	client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		page++
		row, actions := cbor.Map{"AlarmName": cbor.String("a")}, make(cbor.List, 20)
		for i := range actions {
			actions[i] = cbor.String("")
		}
		for _, name := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
			row[name] = actions
		}
		rows := make(cbor.List, 1_000)
		for i := range rows {
			rows[i] = row
		}
		_, _ = w.Write(cbor.Encode(cbor.Map{"NextToken": cbor.String(fmt.Sprint(page)), "MetricAlarms": rows}))
	})
	_, err := client.MetricAlarms(t.Context())
	if want := "describing alarms: cloudwatch DescribeAlarms: pages together of more than 1258291 values"; fmt.Sprint(err) != want || page > 30 {
		t.Errorf("after %d pages: %v", page, err)
	}
}

func TestHostile_aMemberThatIsAbsentIsNamed(t *testing.T) {
	full := map[string]string{
		"ListEndpoints":    `{"Endpoints":[{}]}`,
		"DescribeEndpoint": `{"AsyncInferenceConfig":{"OutputConfig":{"S3OutputPath":"s3://o"}},"ProductionVariants":[{"InstancePools":[{}]}]}`,
		"DescribeEndpointConfig": `{"AsyncInferenceConfig":{"OutputConfig":{"S3OutputPath":"s3://o"}},
			"ProductionVariants":[{"InstancePools":[{}]}]}`,
		"ListTags":                  `{"Tags":[{}]}`,
		"DescribeScalableTargets":   `{"ScalableTargets":[{}]}`,
		"DescribeScheduledActions":  `{"ScheduledActions":[{}]}`,
		"DescribeScalingActivities": `{"ScalingActivities":[{"NotScaledReasons":[{}]}]}`,
		"DescribeScalingPolicies": `{"ScalingPolicies":[{"Alarms":[{}],"StepScalingPolicyConfiguration":{"StepAdjustments":[{}]},
			"TargetTrackingScalingPolicyConfiguration":{"TargetValue":5,"PredefinedMetricSpecification":{},"CustomizedMetricSpecification":{"Dimensions":[{}],
			"Metrics":[{"MetricStat":{"Metric":{"Dimensions":[{}]}}}]}}}]}`,
		"PutScalingPolicy": `{"Alarms":[{}]}`,
	}
	for operation, body := range full {
		ask := askers()[operation]
		answered := func(without string) error {
			answer := whole(operation, body).body
			remove(answer, strings.Split(without, "."))
			return ask(t.Context(), hostile(t, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(answer) }))
		}
		if err := answered(""); err != nil {
			t.Errorf("%s whole: %v", operation, err)
		}
		for _, path := range bounds[operation].required {
			if err := answered(path); err == nil || !strings.Contains(err.Error(), operation+": answer lacks "+path+": check") {
				t.Errorf("%s without %s: %v", operation, path, err)
			}
		}
	}
}

// remove takes a member out of an answer, wherever its path leads.
func remove(value any, path []string) {
	switch value := value.(type) {
	case []any:
		for _, row := range value {
			remove(row, path)
		}
	case map[string]any:
		if len(path) == 1 {
			delete(value, path[0])
			return
		}
		remove(value[path[0]], path[1:])
	}
}

// spoilt are answers with one number or time that cannot be, beside a good row where there are rows.
func TestHostile_aNumberOrTimeThatCannotBeIsRefusedWithItsItem(t *testing.T) {
	const good = `"ResourceId":"endpoint/good/variant/v","ScalableDimension":"` + fleet.VariantDimension + `"`
	list := func(name, spoilt string) string {
		return `{"` + name + `":[{"ResourceId":"endpoint/bad/variant/v","PolicyName":"p","ScheduledActionName":"s","ActivityId":"a","ScalableDimension":"` + fleet.VariantDimension + `",` + spoilt + `},{` + good + `}]}`
	}
	for _, test := range []struct{ operation, body, want string }{
		{"DescribeEndpoint", `{"ProductionVariants":[{"CurrentInstanceCount":-7}]}`, "describing endpoint e: sagemaker DescribeEndpoint: ProductionVariants.CurrentInstanceCount is -7, not 0 to 1000000: check AWS_ENDPOINT_URL and proxies"},
		{"DescribeEndpoint", `{"ProductionVariants":[{"DesiredInstanceCount":2147483647}]}`, "DesiredInstanceCount is 2147483647, not 0 to 1000000"},
		{"DescribeEndpoint", `{"ProductionVariants":[{"InstancePools":[{"CurrentInstanceCount":-1}]}]}`, "ProductionVariants.InstancePools.CurrentInstanceCount is -1"},
		{"DescribeEndpoint", `{"AsyncInferenceConfig":{"OutputConfig":{"S3OutputPath":"s3://o"},"ClientConfig":{"MaxConcurrentInvocationsPerInstance":-1}}}`, "MaxConcurrentInvocationsPerInstance is -1"},
		{"DescribeEndpoint", `{"EndpointConfigName":"` + strings.Repeat("x", 5_000) + `"}`, "EndpointConfigName has 5000 bytes, more than 512"},
		{"DescribeScalingActivities", list("ScalingActivities", `"NotScaledReasons":[{"Code":"`+strings.Repeat("x", 5_000)+`"}]`), "NotScaledReasons.Code has 5000 bytes, more than 512"},
		{"DescribeEndpoint", `{"FailureReason":"` + strings.Repeat("x", 5_000) + `"}`, "FailureReason has 5000 bytes, more than 2048"},
		{"DescribeEndpointConfig", `{"ProductionVariants":[],"AsyncInferenceConfig":{"OutputConfig":{"S3OutputPath":"` + strings.Repeat("x", 5_000) + `"}}}`, "S3OutputPath has 5000 bytes, more than 2048"},
		{"DescribeScalingActivities", list("ScalingActivities", `"Cause":"`+strings.Repeat("x", 70_000)+`"`), "Cause has 70000 bytes, more than 65536"},
		{"DescribeEndpoint", `{"CreationTime":1e300}`, "CreationTime is no time"},
		{"DescribeEndpointConfig", `{"ProductionVariants":[{"InstancePools":[{"Priority":-1}]}]}`, "describing endpoint config e: sagemaker DescribeEndpointConfig: ProductionVariants.InstancePools.Priority is -1"},
		{"DescribeScalableTargets", list("ScalableTargets", `"MaxCapacity":-3`), "describing scalable targets: refused endpoint/bad/variant/v: MaxCapacity is -3, not 0 to 1000000"},
		{"DescribeScalableTargets", list("ScalableTargets", `"MinCapacity":-5`), "MinCapacity is -5"},
		{"DescribeScalableTargets", list("ScalableTargets", `"CreationTime":1e300`), "CreationTime is no time"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"CreationTime":-1e300`), "refused endpoint/bad/variant/v policy p: CreationTime is no time"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":"NaN"}`), "TargetTrackingScalingPolicyConfiguration.TargetValue is no number"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":-5}`), "TargetValue is -5, not 4.25"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":0}`), "TargetValue is 0, not "},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":1.5e308}`), "TargetValue is 1.5e+308, not "},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"StepScalingPolicyConfiguration":{"StepAdjustments":[{"MetricIntervalLowerBound":5,"MetricIntervalUpperBound":1,"ScalingAdjustment":1}]}`), "MetricIntervalLowerBound is 5, not below MetricIntervalUpperBound 1"},
		{"DescribeScalableTargets", list("ScalableTargets", `"MinCapacity":900000,"MaxCapacity":0`), "refused endpoint/bad/variant/v: MinCapacity is 900000, above MaxCapacity 0"},
		{"DescribeScheduledActions", list("ScheduledActions", `"ScalableTargetAction":{"MinCapacity":2,"MaxCapacity":1}`), "MinCapacity is 2, above MaxCapacity 1"},
		{"DescribeScalingActivities", list("ScalingActivities", `"StartTime":1.7e9,"EndTime":1.6e9`), "refused a: EndTime is before StartTime"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":5,"ScaleInCooldown":-1}`), "ScaleInCooldown is -1"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"TargetTrackingScalingPolicyConfiguration":{"TargetValue":5,"ScaleOutCooldown":2147483647}`), "ScaleOutCooldown is 2147483647"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"StepScalingPolicyConfiguration":{"Cooldown":-1}`), "Cooldown is -1"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"StepScalingPolicyConfiguration":{"MinAdjustmentMagnitude":-1}`), "MinAdjustmentMagnitude is -1"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"StepScalingPolicyConfiguration":{"StepAdjustments":[{"ScalingAdjustment":-2000000}]}`), "ScalingAdjustment is -2000000"},
		{"DescribeScalingPolicies", list("ScalingPolicies", `"StepScalingPolicyConfiguration":{"StepAdjustments":[{"MetricIntervalLowerBound":"-Infinity"}]}`), "MetricIntervalLowerBound is no number"},
		{"DescribeScheduledActions", list("ScheduledActions", `"ScalableTargetAction":{"MinCapacity":-1}`), "refused endpoint/bad/variant/v scheduled action s: ScalableTargetAction.MinCapacity is -1"},
		{"DescribeScalingActivities", list("ScalingActivities", `"NotScaledReasons":[{"CurrentCapacity":-1}]`), "refused a: NotScaledReasons.CurrentCapacity is -1"},
		{"DescribeScalingActivities", list("ScalingActivities", `"StartTime":1e300`), "StartTime is no time"},
	} {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(whole(test.operation, test.body).body)
		})
		err := askers()[test.operation](t.Context(), client)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v", test.operation, test.body, err)
		}
		if rowsOf[test.operation] == "" {
			continue
		}
		var targets []fleet.Target
		var policies []fleet.Policy
		var scheduled []fleet.ScheduledAction
		var activities []fleet.Activity
		switch test.operation {
		case "DescribeScalableTargets":
			targets, err = client.ScalableTargets(t.Context())
		case "DescribeScalingPolicies":
			policies, err = client.ScalingPolicies(t.Context())
		case "DescribeScheduledActions":
			scheduled, err = client.ScheduledActions(t.Context())
		case "DescribeScalingActivities":
			activities, err = client.ScalingActivities(t.Context(), nil)
		}
		if refused := (*fleet.Refused)(nil); len(targets)+len(policies)+len(scheduled)+len(activities) != 1 || !errors.As(err, &refused) || len(refused.Items) != 1 {
			t.Errorf("%s: the good row: %v %v %v %v, %v", test.want, targets, policies, scheduled, activities, err)
		}
	}
}

func TestHostile_anAlarmThatCannotBeIsRefusedIfItConcernsAnEndpoint(t *testing.T) {
	for member, value := range map[string]cbor.Value{
		"Period": cbor.Uint(0), "EvaluationPeriods": cbor.Uint(0), "DatapointsToAlarm": cbor.Uint(6),
	} {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			row := cbor.Map{
				"AlarmName": cbor.String("bad"), "Namespace": cbor.String("AWS/SageMaker"), "EvaluationPeriods": cbor.Uint(5),
				"Dimensions": cbor.List{cbor.Map{"Name": cbor.String("EndpointName"), "Value": cbor.String("e")}},
			}
			row[member] = value
			_, _ = w.Write(cbor.Encode(cbor.Map{"MetricAlarms": cbor.List{row}}))
		})
		refused := (*fleet.Refused)(nil)
		if _, err := client.MetricAlarms(t.Context()); !errors.As(err, &refused) || !strings.Contains(err.Error(), member+" is ") {
			t.Errorf("%s: %v", member, err)
		}
	}
	for member, value := range map[string]cbor.Value{
		"Threshold": cbor.Float64(math.NaN()), "Period": cbor.NegInt(60), "EvaluationPeriods": cbor.Uint(1 << 30), "DatapointsToAlarm": cbor.NegInt(1),
		"StateUpdatedTimestamp": &cbor.Tag{ID: 1, Value: cbor.Float64(1e300)},
	} {
		row := func(name, dimension string) cbor.Map {
			return cbor.Map{
				"AlarmName": cbor.String(name), "Namespace": cbor.String("AWS/SageMaker"), "MetricName": cbor.String("ApproximateBacklogSize"),
				"Dimensions": cbor.List{cbor.Map{"Name": cbor.String(dimension), "Value": cbor.String("e")}},
			}
		}
		bad, foreign := row("bad", "EndpointName"), row("foreign", "InstanceId")
		foreign["Namespace"] = cbor.String("AWS/EC2")
		bad[member], foreign[member] = value, value
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(cbor.Encode(cbor.Map{"MetricAlarms": cbor.List{bad, foreign, row("good", "EndpointName")}}))
		})
		alarms, err := client.MetricAlarms(t.Context())
		refused := (*fleet.Refused)(nil)
		if !errors.As(err, &refused) || len(refused.Items) != 1 || refused.Items[0].Name != "bad" || !strings.Contains(err.Error(), member+" is ") {
			t.Errorf("%s: %v", member, err)
		}
		if len(alarms) != 2 || alarms[0].Name != "foreign" || alarms[1].Name != "good" {
			t.Errorf("%s: %v", member, alarms)
		}
	}
}

// Each number that is read has a range.
func TestRanges_areOfEveryNumberThatIsRead(t *testing.T) {
	read := regexp.MustCompile(`(?:ToInt32|ToFloat64|number|seconds)\((?:cmp\.Or\()?(?:\w+\.)+(\w+)|[a-z]+\.(MetricInterval\w+)`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "inputs.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range read.FindAllStringSubmatch(string(text), -1) {
			name := match[1] + match[2]
			if found[name] = true; ranges[name] == (span{}) {
				t.Errorf("%s reads %s, which has no range", file, name)
			}
		}
	}
	for name := range ranges {
		if !found[name] {
			t.Errorf("%s has a range and is not read", name)
		}
	}
}

// variants are so many production variants.
func variants(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"VariantName":"v%d"}`, i)
	}
	return strings.Join(list, ",")
}

// One outage is one warning, whatever part of the answers is quoted.
func TestKind_isTheSameWhateverIsQuoted(t *testing.T) {
	kinds := map[string]bool{}
	for _, body := range []string{
		`{"EndpointName":"other"}`, `{"EndpointName":"another"}`, `{"ProductionVariants":[{"CurrentInstanceCount":-7}]}`,
		`{"ProductionVariants":[{"CurrentInstanceCount":-8}]}`, `{"ProductionVariants":[{"VariantName":"a b"}]}`,
	} {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(whole("DescribeEndpoint", body).body)
		})
		_, err := client.DescribeEndpoint(t.Context(), "e")
		kind := interface{ Kind() string }(nil)
		if !errors.As(err, &kind) {
			t.Fatalf("%v has no kind", err)
		}
		kinds[kind.Kind()] = true
	}
	if len(kinds) != 1 {
		t.Errorf("got %v", kinds)
	}
}

func TestHostile_namesThatCannotBe(t *testing.T) {
	for _, test := range []struct{ operation, body, want string }{
		{"ListEndpoints", `{"Endpoints":[{"EndpointName":"e"},{"EndpointName":"bad name\n"}]}`, `Endpoints.EndpointName "bad name\n" is no name`},
		{"ListEndpoints", `{"Endpoints":[{"EndpointName":"-e"}]}`, `Endpoints.EndpointName "-e" is no name`},
		{"ListEndpoints", `{"Endpoints":[{"EndpointName":"` + strings.Repeat("e", 64) + `"}]}`, "is no name"},
		{"DescribeEndpoint", `{"EndpointName":"other"}`, `answer is about "other"`},
		{"DescribeEndpoint", `{"ProductionVariants":[{"VariantName":"a b"}]}`, `ProductionVariants.VariantName "a b" is no name`},
		{"DescribeEndpoint", `{"ProductionVariants":[{"VariantName":"v"},{"VariantName":"v"}]}`, "ProductionVariants has v twice"},
		{"DescribeEndpointConfig", `{"ProductionVariants":[{"VariantName":"v"},{"VariantName":"v"}]}`, "ProductionVariants has v twice"},
		{"DescribeEndpointConfig", `{"EndpointConfigName":"other","ProductionVariants":[{}]}`, `answer is about "other"`},
		{"DescribeEndpoint", `{"ProductionVariants":[` + variants(21) + `]}`, "describing endpoint e: sagemaker DescribeEndpoint: more than 20 production variants"},
		{"DescribeEndpointConfig", `{"ProductionVariants":[` + variants(480) + `]}`, "describing endpoint config e: sagemaker DescribeEndpointConfig: more than 20 production variants"},
		{"DescribeEndpoint", `{"ProductionVariants":[{"VariantName":"v","InstancePools":[{}` + strings.Repeat(",{}", 20) + `]}]}`, "sagemaker DescribeEndpoint: more than 20 instance pools in variant v"},
	} {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(whole(test.operation, test.body).body)
		})
		if err := askers()[test.operation](t.Context(), client); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.body, err)
		}
	}
	for _, name := range []string{"e", "E-1", "a--b", strings.Repeat("e", 63)} {
		if what := badName("", &name); what != "" {
			t.Error(what)
		}
	}
}

// An answer is one value: what follows it, and a member that is there twice, make it one that AWS never gave.
func TestHostile_anAnswerIsOneDocument(t *testing.T) {
	row := `{"EndpointName":"e","EndpointArn":"a","EndpointStatus":"InService","CreationTime":1e9,"LastModifiedTime":1e9}`
	good := `{"Endpoints":[` + row + `]}`
	for body, fine := range map[string]bool{
		good: true, " " + good + "\n\n": true, `{"Endpoints":[` + row + `],"Other":{"a":[{"b":1},{"b":2}],"b":{"b":"b"}}}`: true,
		`{"Endpoints":[],"NextToken":"Endpoints"}`: true,
		good + "x": false, good + good: false, good + "]": false, good + "null": false, good[:len(good)-1]: false,
		`{"Endpoints":[` + row + `],"Endpoints":[]}`:                   false,
		`{"Endpoints":[` + row + `],"\u0045ndpoints":[]}`:              false,
		`{"Endpoints":[` + row + `] , "Endpoints" : []}`:               false,
		`{"Endpoints":[` + row[:len(row)-1] + `,"EndpointName":"f"}]}`: false,
		`{"Endpoints":[` + row + `,]}`:                                 false,
		`{'Endpoints':[]}`:                                             false,
		"\ufeff" + good:                                                false,
		`{"Endpoints":[{"EndpointName":"e` + "\x01" + `"}]}`:           false,
	} {
		asked := 0
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked > 1 && strings.Contains(body, "NextToken") {
				body = good
			}
			_, _ = io.WriteString(w, body)
		})
		if _, err := client.ListEndpoints(t.Context()); err == nil != fine {
			t.Errorf("%s: %v", body, err)
		} else if err != nil && !strings.Contains(err.Error(), "does not answer like AWS") {
			t.Errorf("%s: it says %v", body, err)
		}
	}
}

func TestHostile_aCBORAnswerIsOneValue(t *testing.T) {
	alarm := cbor.Encode(cbor.Map{"AlarmName": cbor.String("a")})
	name, list := cbor.Encode(cbor.String("MetricAlarms")), append([]byte{0x81}, alarm...)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	good := join([]byte{0xa1}, name, list)
	for _, test := range []struct {
		name string
		body []byte
		fine bool
	}{
		{"good", good, true},
		{"of no said length", join([]byte{0xbf}, name, []byte{0x9f}, alarm, []byte{0xff, 0xff}), true},
		{"garbage behind it", join(good, []byte("x")), false},
		{"two", join(good, good), false},
		{"a break behind it", join(good, []byte{0xff}), false},
		{"a member twice", join([]byte{0xa2}, name, list, name, []byte{0x80}), false},
		{"a member twice, of no said length", join([]byte{0xbf}, name, list, name, []byte{0x80, 0xff}), false},
		{"a name in parts", join([]byte{0xa1, 0x7f, 0x66}, []byte("Metric"), []byte{0x66}, []byte("Alarms"), []byte{0xff}, list), false},
		{"a number for a name", join([]byte{0xa1, 0x01}, list), false},
		{"bytes for a name", join([]byte{0xa1, 0x4c}, []byte("MetricAlarms"), list), false},
		{"a name without a value", join([]byte{0xbf}, name, list, name, []byte{0xff}), false},
		{"a list that says it is longer", join([]byte{0xa1}, name, []byte{0x9a, 0x7f, 0xff, 0xff, 0xff}, alarm), false},
		{"a list of a negative length", join([]byte{0xa1}, name, []byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, alarm), false},
		{"a map of twice its length", join([]byte{0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0x01}, name, list), false},
		{"a text in parts of other kinds", join([]byte{0xa1}, name, []byte{0x81, 0xa1}, cbor.Encode(cbor.String("AlarmName")), []byte{0x7f, 0x01, 0xff}), false},
		{"a text in parts in parts", join([]byte{0xa1}, name, []byte{0x81, 0xa1}, cbor.Encode(cbor.String("AlarmName")), []byte{0x7f, 0x7f, 0x61, 'a', 0xff, 0xff}), false},
		{"a reserved length", join([]byte{0xa1}, name, []byte{0x9c}), false},
		{"a tag of no said number", []byte{0xdf, 0xa0}, false},
		{"a break in a list of said length", join([]byte{0xa1}, name, []byte{0x82}, alarm, []byte{0xff}), false},
		{"a list for a map", []byte{0x80}, false},
	} {
		client := hostile(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(test.body) })
		if alarms, err := client.MetricAlarms(t.Context()); err == nil != test.fine || test.fine && len(alarms) != 1 {
			t.Errorf("%s: %v, %v", test.name, alarms, err)
		}
	}
}

// A datapoint that cannot be is left out of its series, and the others are not touched.
func TestMetricData_aDatapointThatCannotBeIsRefusedAlone(t *testing.T) {
	good := fleet.Point{At: at(10, 1), Value: 7}
	tag := func(seconds float64) cbor.Value { return &cbor.Tag{ID: 1, Value: cbor.Float64(seconds)} }
	moment := float64(at(10, 2).Unix())
	for name, bad := range map[string]struct {
		at    cbor.Value
		value float64
	}{
		"negative": {tag(moment), -1}, "too large": {tag(moment), 1.5e308}, "more than a queue can have": {tag(moment), 2e9}, "infinite": {tag(moment), math.Inf(1)}, "no number": {tag(moment), math.NaN()},
		"no time": {tag(1e300), 1}, "not a number of seconds": {tag(math.NaN()), 1}, "before all times": {tag(-1e12), 1},
	} {
		f := metricFake(func(int, map[string]any) answer {
			spoilt := result("q0", "Complete", good)
			spoilt["Timestamps"] = append(spoilt["Timestamps"].(cbor.List), bad.at)
			spoilt["Values"] = append(spoilt["Values"].(cbor.List), cbor.Float64(bad.value))
			return results(spoilt, result("q1", "Complete", good))
		})
		series, _, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a", "b"), at(10, 0), at(10, 5))
		want := []fleet.Point{good}
		if err != nil || !series[0].Complete || series[0].Refused != 1 || !slices.Equal(series[0].Points, want) ||
			!series[1].Complete || series[1].Refused != 0 || !slices.Equal(series[1].Points, want) {
			t.Errorf("%s: %+v, %v", name, series, err)
		}
	}
}

func TestMetricData_aDatapointOutsideOfTheWindowSpoilsItsSeries(t *testing.T) {
	good := fleet.Point{At: at(10, 1), Value: 7}
	for _, minute := range []int{-1, 5, 600} {
		f := metricFake(func(int, map[string]any) answer {
			return results(result("q0", "Complete", good, fleet.Point{At: at(10, minute), Value: 1}), result("q1", "Complete", good))
		})
		series, _, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a", "b"), at(10, 0), at(10, 5))
		want := "reading metrics: 1 of 2 series are not complete (ApproximateBacklogSize 1): a datapoint is outside of the time that was asked for"
		if fmt.Sprint(err) != want || series[0].Complete || !series[1].Complete {
			t.Errorf("minute %d: %+v, %v", minute, series, err)
		}
	}
	f := metricFake(func(int, map[string]any) answer {
		return results(result("q0", "Complete", fleet.Point{At: at(10, 0), Value: 7}))
	})
	if series, _, err := talkTo(t, f, nil).MetricData(t.Context(), queue("a"), at(10, 0).Add(20*time.Second), at(10, 5)); err != nil || len(series[0].Points) != 1 {
		t.Errorf("CloudWatch moves the start back to a whole period: %+v, %v", series, err)
	}
}

func TestShape_isThatOfTheAnswer(t *testing.T) {
	if got := shapeOfJSON([]byte(`{"a":[{"b":"[,\"{"},{"c":-12.5e3}],"d":1}`)); got != (shape{depth: 3, values: 6, rows: 2, number: 7}) {
		t.Errorf("JSON: %+v", got)
	}
	encoded := cbor.Encode(cbor.Map{"a": cbor.List{cbor.Map{"b": cbor.String("x")}, stamp(at(10, 0))}})
	got, err := shapeOfCBOR(encoded)
	if err != nil || got.depth != 3 || got.rows != 2 {
		t.Errorf("CBOR: %+v, %v", got, err)
	}
	for cut := range encoded {
		if _, err := shapeOfCBOR(encoded[:cut]); err == nil {
			t.Errorf("%d bytes of %d are CBOR", cut, len(encoded))
		}
	}
}
