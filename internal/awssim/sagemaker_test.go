package awssim_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestListEndpoints_pagesThroughAllInOrder(t *testing.T) {
	server, _ := aFleet(t, 25)
	c := at(t, server)
	want := world(server, (*sim.World).Endpoints)
	slices.SortFunc(want, func(a, b fleet.EndpointSummary) int { return cmp.Compare(a.Name, b.Name) })
	var got []types.EndpointSummary
	pages := 0
	input := &sagemaker.ListEndpointsInput{SortBy: types.EndpointSortKeyName, SortOrder: types.OrderKeyAscending}
	for p := sagemaker.NewListEndpointsPaginator(c.sagemaker, input); p.HasMorePages(); pages++ {
		out, err := p.NextPage(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out.Endpoints...)
	}
	if pages != 3 || len(got) != len(want) {
		t.Fatalf("%d endpoints on %d pages, want %d on 3", len(got), pages, len(want))
	}
	for i, row := range got {
		summary := fleet.EndpointSummary{
			Name: *row.EndpointName, ARN: *row.EndpointArn, Status: string(row.EndpointStatus),
			Created: row.CreationTime.UTC(), LastModified: row.LastModifiedTime.UTC(),
		}
		check(t, "endpoint", summary, want[i])
	}
	check(t, "calls", server.Calls()["SageMaker.ListEndpoints"], 3)
}

func TestListEndpoints_filtersAndLimits(t *testing.T) {
	server, _ := aFleet(t, 25)
	c, ctx := at(t, server), soon(t)
	name := world(server, (*sim.World).Endpoints)[7].Name
	out := must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{NameContains: aws.String(name)}))
	if len(out.Endpoints) != 1 || *out.Endpoints[0].EndpointName != name || out.NextToken != nil {
		t.Errorf("NameContains %s: got %d endpoints", name, len(out.Endpoints))
	}
	out = must[sagemaker.ListEndpointsOutput](t)(c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{MaxResults: aws.Int32(100)}))
	check(t, "MaxResults 100", len(out.Endpoints), 25)
	newestFirst := slices.IsSortedFunc(out.Endpoints, func(a, b types.EndpointSummary) int { return b.CreationTime.Compare(*a.CreationTime) })
	check(t, "newest first", newestFirst, true)
	_, err := c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{MaxResults: aws.Int32(101)})
	wantCode(t, err, "ValidationException")
	_, err = c.sagemaker.ListEndpoints(ctx, &sagemaker.ListEndpointsInput{NextToken: aws.String("nonsense")})
	wantCode(t, err, "ValidationException")
}

func TestDescribeEndpoint_carriesEveryField(t *testing.T) {
	server := demo(t)
	c, ctx := at(t, server), soon(t)
	kinds := map[fleet.Kind]bool{}
	pools := false
	for _, summary := range world(server, (*sim.World).Endpoints) {
		var want fleet.EndpointDescription
		var config fleet.EndpointConfig
		var tags map[string]string
		server.Do(home.Region, func(w *sim.World) {
			var errs [3]error
			want, errs[0] = w.DescribeEndpoint(summary.Name)
			config, errs[1] = w.DescribeEndpointConfig(want.ConfigName)
			tags, errs[2] = w.ListTags(want.ARN)
			if errs != [3]error{} {
				t.Fatal(errs)
			}
		})
		kinds[config.Kind()] = true
		e := must[sagemaker.DescribeEndpointOutput](t)(c.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: &summary.Name}))
		check(t, "name", *e.EndpointName, want.Name)
		check(t, "arn", *e.EndpointArn, want.ARN)
		check(t, "status", string(e.EndpointStatus), want.Status)
		check(t, "config", *e.EndpointConfigName, want.ConfigName)
		check(t, "failure", aws.ToString(e.FailureReason), want.FailureReason)
		check(t, "created", e.CreationTime.UTC(), want.Created)
		check(t, "modified", e.LastModifiedTime.UTC(), want.LastModified)
		checkAsync(t, e.AsyncInferenceConfig, want.Async)
		check(t, "variants", len(e.ProductionVariants), len(want.Variants))
		for i, v := range e.ProductionVariants {
			check(t, "variant", *v.VariantName, want.Variants[i].Name)
			checkCount(t, "current", v.CurrentInstanceCount, want.Variants[i].Current)
			checkCount(t, "desired", v.DesiredInstanceCount, want.Variants[i].Desired)
			check(t, "pools", len(v.InstancePools), len(want.Variants[i].Pools))
			for j, pool := range v.InstancePools {
				pools = true
				got := fleet.PoolCount{InstanceType: string(pool.InstanceType), Current: int(*pool.CurrentInstanceCount)}
				check(t, "pool", got, want.Variants[i].Pools[j])
			}
		}
		checkConfig(t, c, config)
		list := must[sagemaker.ListTagsOutput](t)(c.sagemaker.ListTags(ctx, &sagemaker.ListTagsInput{ResourceArn: &want.ARN}))
		check(t, "tags", len(list.Tags), len(tags))
		for _, tag := range list.Tags {
			check(t, "tag "+*tag.Key, *tag.Value, tags[*tag.Key])
		}
	}
	if !kinds[fleet.KindAsync] || !kinds[fleet.KindRealTime] || !pools {
		t.Errorf("the demo has the kinds %v, pools: %v", kinds, pools)
	}
}

func checkConfig(t *testing.T, c account, want fleet.EndpointConfig) {
	t.Helper()
	out := must[sagemaker.DescribeEndpointConfigOutput](t)(c.sagemaker.DescribeEndpointConfig(soon(t),
		&sagemaker.DescribeEndpointConfigInput{EndpointConfigName: &want.Name}))
	check(t, "config name", *out.EndpointConfigName, want.Name)
	checkAsync(t, out.AsyncInferenceConfig, want.Async)
	check(t, "config variants", len(out.ProductionVariants), len(want.Variants))
	for i, v := range out.ProductionVariants {
		w := want.Variants[i]
		check(t, "config variant", *v.VariantName, w.Name)
		check(t, "instance type", string(v.InstanceType), w.InstanceType)
		check(t, "serverless", v.ServerlessConfig != nil, w.Serverless)
		check(t, "model", aws.ToString(v.ModelName), w.ModelName)
		check(t, "config pools", len(v.InstancePools), len(w.Pools))
		for j, pool := range v.InstancePools {
			check(t, "config pool", fleet.PoolConfig{InstanceType: string(pool.InstanceType), Priority: int(*pool.Priority)}, w.Pools[j])
		}
	}
}

func checkAsync(t *testing.T, got *types.AsyncInferenceConfig, want *fleet.AsyncConfig) {
	t.Helper()
	check(t, "async", got != nil, want != nil)
	if got == nil || want == nil {
		return
	}
	check(t, "output", aws.ToString(got.OutputConfig.S3OutputPath), want.S3OutputPath)
	check(t, "failures", aws.ToString(got.OutputConfig.S3FailurePath), want.S3FailurePath)
	var limit *int32
	if got.ClientConfig != nil {
		limit = got.ClientConfig.MaxConcurrentInvocationsPerInstance
	}
	checkCount(t, "concurrency", limit, want.MaxConcurrentInvocationsPerInstance)
}

func checkCount(t testing.TB, what string, got *int32, want *int) {
	t.Helper()
	if (got == nil) != (want == nil) || got != nil && int(*got) != *want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestDescribeEndpoint_thatIsMissingIsAValidationException(t *testing.T) {
	server, _ := aFleet(t, 1)
	_, err := at(t, server).sagemaker.DescribeEndpoint(soon(t), &sagemaker.DescribeEndpointInput{EndpointName: aws.String("gone")})
	if message := wantCode(t, err, "ValidationException"); !strings.Contains(message, "Could not find endpoint") {
		t.Errorf("got %q", message)
	}
}

// demo serves the demo's world, three hours old.
func demo(t testing.TB) *awssim.Server {
	t.Helper()
	c := &clock{at: start}
	server, err := awssim.StartDemo(awssim.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	home := world(server, (*sim.World).Scope)
	check(t, "the demo's region", env(server, "AWS_REGION"), home.Region)
	return server
}
