package awsapi

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Whatever comes instead of AWS's answer is an answer that can be used or an error on one line.
func FuzzAnswer(f *testing.F) {
	text := func(text string) []byte { return []byte(text) }
	for _, seed := range [][]byte{
		nil, text("{}"), text("<html>"), text("\xff\n\u202e"), text("null"), text("[]"), text(`{"Endpoints":[null,{}],"NextToken":"a"}`),
		text(`{"ProductionVariants":[{"InstancePools":[{}]},null],"AsyncInferenceConfig":{}}`),
		text(`{"ScalableTargets":[{"MinCapacity":-2147483648,"CreationTime":1e300}],"ScalingActivities":[{"NotScaledReasons":[null]}],"ScheduledActions":[{"StartTime":"x"}]}`),
		text(`{"ScalingPolicies":[{"Alarms":[{}],"StepScalingPolicyConfiguration":{"StepAdjustments":[{}],"Cooldown":2147483647},"TargetTrackingScalingPolicyConfiguration":{"TargetValue":"NaN","CustomizedMetricSpecification":{"Metrics":[{"MetricStat":{}}],"Dimensions":[{}]}}}]}`),
		text(`{"__type":"InvalidSignatureException","message":"line\nbreak x-amz-security-token:planted"}`), text(`{"Tags":[{"Key":"a"},{"Value":"b"}]}`),
		text(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`),
		cbor.Encode(cbor.Map{"MetricAlarms": cbor.List{cbor.Map{}, cbor.Map{"Metrics": cbor.List{cbor.Map{}}, "Dimensions": cbor.List{cbor.Map{}}}}, "NextToken": cbor.String("a")}),
		cbor.Encode(cbor.Map{"MetricDataResults": cbor.List{
			cbor.Map{"Id": cbor.String("q0"), "Timestamps": cbor.List{stamp(at(10, 0)), stamp(at(10, 0))}, "Values": cbor.List{cbor.Float64(1)}, "StatusCode": cbor.String("PartialData")},
			cbor.Map{"Id": cbor.String("q99999999999999999999")},
			cbor.Map{},
		}, "Messages": cbor.List{cbor.Map{}}}),
		cbor.Encode(cbor.Map{"Datapoints": cbor.List{cbor.Map{}, cbor.Map{"Unit": cbor.String("Seconds")}}}),
	} {
		for _, status := range []uint16{200, 400, 500} {
			f.Add(status, seed)
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		status = 200 + status%400
		client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", backoff: noBackoff, unlimited: true, http: doer(func(r *http.Request) (*http.Response, error) {
			header := http.Header{"Content-Type": {r.Header.Get("Content-Type")}}
			if protocol := r.Header.Get("Smithy-Protocol"); protocol != "" {
				header.Set("Smithy-Protocol", protocol)
			}
			return &http.Response{StatusCode: int(status), Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r, ContentLength: int64(len(body))}, nil
		})})
		ctx := t.Context()
		var errs []error
		note := func(err error) { errs = append(errs, err) }
		_, err := client.ListEndpoints(ctx)
		note(err)
		described, err := client.DescribeEndpoint(ctx, "a")
		note(err)
		_, err = client.DescribeEndpointConfig(ctx, described.ConfigName)
		note(err)
		_, err = client.ListTags(ctx, "arn:a")
		note(err)
		_, err = client.ScalableTargets(ctx)
		note(err)
		_, err = client.ScalingPolicies(ctx)
		note(err)
		_, err = client.ScheduledActions(ctx)
		note(err)
		_, err = client.ScalingActivities(ctx, func(_ []fleet.Activity, pages int) bool { return pages > 3 })
		note(err)
		_, err = client.MetricAlarms(ctx)
		note(err)
		query := fleet.BacklogPerInstance.Query("a")
		_, err = client.MetricUnit(ctx, query.Metric, at(9, 0), time.Minute)
		note(err)
		series, _, err := client.MetricData(ctx, []fleet.Query{query, query}, at(9, 0), at(11, 0))
		note(err)
		for _, s := range series {
			if !slices.IsSortedFunc(s.Points, func(a, b fleet.Point) int { return a.At.Compare(b.At) }) {
				t.Errorf("the points are in no order: %v", s.Points)
			}
		}
		_, err = client.Identify(ctx)
		note(err)
		note(client.Probe(ctx))
		for _, err := range errs {
			if err == nil {
				continue
			}
			if said := err.Error(); strings.TrimSpace(said) == "" || strings.ContainsAny(said, "\r\n") || len(said) > 1500 || strings.Contains(said, "planted") || utf8.Valid(body) && !utf8.ValidString(said) {
				t.Errorf("an error is %q", said)
			}
		}
	})
}
