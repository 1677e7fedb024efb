package awsapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// outputs are the answers of the operations in the table, as the SDK has them.
var outputs = map[string]any{
	"DescribeScalableTargets":   applicationautoscaling.DescribeScalableTargetsOutput{},
	"DescribeScalingActivities": applicationautoscaling.DescribeScalingActivitiesOutput{},
	"DescribeScalingPolicies":   applicationautoscaling.DescribeScalingPoliciesOutput{},
	"DescribeScheduledActions":  applicationautoscaling.DescribeScheduledActionsOutput{},
	"PutScalingPolicy":          applicationautoscaling.PutScalingPolicyOutput{},
	"RegisterScalableTarget":    applicationautoscaling.RegisterScalableTargetOutput{},
	"DescribeAlarms":            cloudwatch.DescribeAlarmsOutput{},
	"GetMetricData":             cloudwatch.GetMetricDataOutput{},
	"GetMetricStatistics":       cloudwatch.GetMetricStatisticsOutput{},
	"ListAlarmMuteRules":        cloudwatch.ListAlarmMuteRulesOutput{},
	"GetAlarmMuteRule":          cloudwatch.GetAlarmMuteRuleOutput{},
	"ListMetrics":               cloudwatch.ListMetricsOutput{},
	"PutMetricAlarm":            cloudwatch.PutMetricAlarmOutput{},
	"AssumeRole":                sts.AssumeRoleOutput{},
	"AssumeRoleWithWebIdentity": sts.AssumeRoleWithWebIdentityOutput{},
	"GetCallerIdentity":         sts.GetCallerIdentityOutput{},
	"DescribeEndpoint":          sagemaker.DescribeEndpointOutput{},
	"DescribeEndpointConfig":    sagemaker.DescribeEndpointConfigOutput{},
	"ListEndpoints":             sagemaker.ListEndpointsOutput{},
	"ListTags":                  sagemaker.ListTagsOutput{},
}

// modelled reads from the source of an SDK module which members AWS's model calls required, as Type.Member.
func modelled(t *testing.T, service string) map[string]bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+service).Output()
	if err != nil {
		t.Fatal(err)
	}
	found, dir := map[string]bool{}, strings.TrimSpace(string(out))
	for _, pattern := range []string{"api_op_*.go", "types/types.go"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(node ast.Node) bool {
				of, ok := node.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if members, ok := of.Type.(*ast.StructType); ok {
					for _, member := range members.Fields.List {
						if len(member.Names) > 0 && strings.Contains(member.Doc.Text(), "This member is required.") {
							found[of.Name.Name+"."+member.Names[0].Name] = true
						}
					}
				}
				return false
			})
		}
	}
	return found
}

// requiredOf lists the paths of an answer's members that the model calls required.
func requiredOf(model map[string]bool, answer reflect.Type, path string, list []string) []string {
	for answer.Kind() == reflect.Slice || answer.Kind() == reflect.Pointer {
		answer = answer.Elem()
	}
	if answer.Kind() != reflect.Struct || answer == reflect.TypeFor[time.Time]() || strings.Count(path, ".") > 8 {
		return list
	}
	for i := range answer.NumField() {
		field := answer.Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		at := strings.TrimPrefix(path+"."+field.Name, ".")
		if model[answer.Name()+"."+field.Name] {
			list = append(list, at)
		}
		list = requiredOf(model, field.Type, at, list)
	}
	return list
}

// unread are members that are not read here, with all that is in them.
var unread = []string{
	"CompositeAlarms", "CoreDumpConfig", "CurrentServerlessConfig", "DataCaptureConfig", "DesiredServerlessConfig", "ExplainerConfig",
	"LastDeploymentConfig", "LogAlarms", "ManagedInstanceScaling", "PendingDeploymentSummary", "PredictiveScalingPolicyConfiguration",
	"RoutingConfig", "ServerlessConfig", "ShadowProductionVariants", "VariantStatus", "VpcConfig",
}

// The table has what AWS's model calls required, of what is read here, and says of everything else that it is our own.
func TestBounds_requireWhatTheModelRequires(t *testing.T) {
	t.Parallel()
	for operation, output := range outputs {
		answer := reflect.TypeOf(output)
		model := requiredOf(modelled(t, filepath.Base(answer.PkgPath())), answer, "", nil)
		model = slices.DeleteFunc(model, func(path string) bool {
			return slices.ContainsFunc(strings.Split(path, "."), func(name string) bool { return slices.Contains(unread, name) })
		})
		var table []string
		for _, path := range bounds[operation].required {
			if !strings.HasSuffix(path, "*") {
				table = append(table, path)
			}
		}
		slices.Sort(model)
		slices.Sort(table)
		if !slices.Equal(model, table) {
			t.Errorf("%s: the table requires\n%s\nthe model\n%s", operation, strings.Join(table, "\n"), strings.Join(model, "\n"))
		}
	}
}

func TestBounds_everyOperationHasAnEntry(t *testing.T) {
	if len(outputs) != len(bounds) {
		t.Errorf("%d operations have bounds, %d are compared with the model", len(bounds), len(outputs))
	}
	for _, operation := range Operations() {
		of, ok := bounds[operation.Name]
		if !ok || outputs[operation.Name] == nil {
			t.Errorf("%s has no bounds", operation.Name)
			continue
		}
		if of.body <= 0 || of.values <= 0 || of.rows <= 0 || of.total < of.body || of.pages <= 0 && operation.Name != "GetMetricData" {
			t.Errorf("%s is not bounded: %+v", operation.Name, of)
		}
	}
}
