package awsapi

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func TestListEndpoints_readsAllPagesSortedAndOnce(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"ListEndpoints": func(call int, request map[string]any) answer {
			if want := []any{nil, "next"}[call]; request["NextToken"] != want || request["MaxResults"] != 100.0 || request["SortBy"] != "Name" {
				t.Errorf("request %d: %v", call, request)
			}
			return whole("ListEndpoints", []string{
				`{"Endpoints":[{"EndpointName":"b","EndpointArn":"arn:b","EndpointStatus":"InService","CreationTime":1763600000.5,"LastModifiedTime":1763600060}],"NextToken":"next"}`,
				`{"Endpoints":[{"EndpointName":"a"},{"EndpointName":"b","EndpointArn":"arn:b"}]}`,
			}[call])
		},
	})
	got, err := talkTo(t, f, nil).ListEndpoints(t.Context())
	want := []fleet.EndpointSummary{{Name: "a", ARN: "-", Status: "-", Created: filled, LastModified: filled}, {
		Name: "b", ARN: "arn:b", Status: "InService",
		Created:      time.Unix(1763600000, 500e6).UTC(),
		LastModified: time.Unix(1763600060, 0).UTC(),
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestDescribeEndpoint_convertsVariantsAndPools(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"DescribeEndpoint": func(_ int, request map[string]any) answer {
			return whole("DescribeEndpoint", `{"EndpointName":"`+request["EndpointName"].(string)+`","EndpointArn":"arn:x","EndpointConfigName":"c-7",
				"EndpointStatus":"Failed","FailureReason":"no image","CreationTime":1763600000,"LastModifiedTime":1763600000,
				"ProductionVariants":[
					{"VariantName":"Second"},
					{"VariantName":"AllTraffic","CurrentInstanceCount":0,"DesiredInstanceCount":3,
					 "InstancePools":[{"InstanceType":"ml.g5.xlarge","CurrentInstanceCount":2},{"InstanceType":"ml.g6.xlarge"}]}]}`)
		},
	})
	got, err := talkTo(t, f, nil).DescribeEndpoint(t.Context(), "x")
	moment := time.Unix(1763600000, 0).UTC()
	want := fleet.EndpointDescription{
		EndpointSummary: fleet.EndpointSummary{Name: "x", ARN: "arn:x", Status: "Failed", Created: moment, LastModified: moment},
		ConfigName:      "c-7",
		FailureReason:   "no image",
		Variants: []fleet.VariantDescription{
			{Name: "AllTraffic", Current: ptr(0), Desired: ptr(3), Pools: []fleet.PoolCount{{InstanceType: "ml.g5.xlarge", Current: 2}, {InstanceType: "ml.g6.xlarge", Current: 0}}},
			{Name: "Second"},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestDescribeEndpointConfig_tellsTheKind(t *testing.T) {
	bodies := map[string]string{
		"async": `{"EndpointConfigName":"async","AsyncInferenceConfig":{"OutputConfig":{"S3OutputPath":"s3://o","S3FailurePath":"s3://f"},
			"ClientConfig":{"MaxConcurrentInvocationsPerInstance":4}},
			"ProductionVariants":[{"VariantName":"v","ModelName":"m","InstancePools":[
				{"InstanceType":"ml.z","Priority":2},{"InstanceType":"ml.b","Priority":1},{"InstanceType":"ml.a","Priority":2}]}]}`,
		"bare":       `{"EndpointConfigName":"bare","AsyncInferenceConfig":{"OutputConfig":{}},"ProductionVariants":[{"VariantName":"v","InstanceType":"ml.g5.xlarge"}]}`,
		"serverless": `{"EndpointConfigName":"serverless","ProductionVariants":[{"VariantName":"v","ModelName":"m","ServerlessConfig":{"MaxConcurrency":1,"MemorySizeInMB":1024}}]}`,
		"component":  `{"EndpointConfigName":"component","ProductionVariants":[{"VariantName":"v","InstanceType":"ml.g5.xlarge"}]}`,
		"realtime":   `{"EndpointConfigName":"realtime","ProductionVariants":[{"VariantName":"v","ModelName":"m","InstanceType":"ml.g5.xlarge"}]}`,
	}
	f := newFake(map[string]func(int, map[string]any) answer{
		"DescribeEndpointConfig": func(_ int, request map[string]any) answer {
			return whole("DescribeEndpointConfig", bodies[request["EndpointConfigName"].(string)])
		},
	})
	client := talkTo(t, f, nil)
	kinds := map[string]fleet.Kind{
		"async": fleet.KindAsync, "bare": fleet.KindAsync, "serverless": fleet.KindServerless,
		"component": fleet.KindInferenceComponent, "realtime": fleet.KindRealTime,
	}
	for name, kind := range kinds {
		got, err := client.DescribeEndpointConfig(t.Context(), name)
		if err != nil || got.Kind() != kind || got.Name != name {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if name != "async" {
			continue
		}
		want := fleet.EndpointConfig{
			Name:  "async",
			Async: &fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: ptr(4), S3OutputPath: "s3://o", S3FailurePath: "s3://f"},
			Variants: []fleet.VariantConfig{{Name: "v", ModelName: "m", Pools: []fleet.PoolConfig{
				{InstanceType: "ml.b", Priority: 1}, {InstanceType: "ml.a", Priority: 2}, {InstanceType: "ml.z", Priority: 2},
			}}},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v", got)
		}
	}
}

func TestDescribe_ofWhatIsGoneIsNotFound(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"DescribeEndpoint": func(int, map[string]any) answer {
			return awsError(400, "ValidationException", `Could not find endpoint "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x".`)
		},
		"DescribeEndpointConfig": func(int, map[string]any) answer {
			return awsError(400, "ValidationException", `Could not find endpoint configuration "arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/x".`)
		},
		"ListTags": func(int, map[string]any) answer { return awsError(400, "ResourceNotFound", "gone") },
	})
	client := talkTo(t, f, nil)
	_, endpoint := client.DescribeEndpoint(t.Context(), "x")
	_, config := client.DescribeEndpointConfig(t.Context(), "x")
	_, tags := client.ListTags(t.Context(), "arn:x")
	for _, err := range []error{endpoint, config, tags} {
		if !errors.Is(err, fleet.ErrNotFound) || !strings.HasSuffix(err.Error(), ": not found") {
			t.Errorf("got %v", err)
		}
	}
}

func TestDescribeEndpoint_otherwiseInvalidIsNotNotFound(t *testing.T) {
	_, err := talkTo(t, failing(400, "ValidationException", "1 validation error detected"), nil).DescribeEndpoint(t.Context(), "x")
	if errors.Is(err, fleet.ErrNotFound) || fmt.Sprint(err) != "describing endpoint x: ValidationException: 1 validation error detected" {
		t.Errorf("got %v", err)
	}
}

func TestListTags_pagesAndIsEmptyWithoutTags(t *testing.T) {
	f := newFake(map[string]func(int, map[string]any) answer{
		"ListTags": func(call int, _ map[string]any) answer {
			return answer{body: []string{
				`{"Tags":[{"Key":"team","Value":"speech"}],"NextToken":"2"}`, `{"Tags":[{"Key":"env","Value":""}]}`, `{}`,
			}[call]}
		},
	})
	client := talkTo(t, f, nil)
	got, err := client.ListTags(t.Context(), "arn:x")
	if err != nil || !reflect.DeepEqual(got, map[string]string{"team": "speech", "env": ""}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err = client.ListTags(t.Context(), "arn:x"); err != nil || got == nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}
