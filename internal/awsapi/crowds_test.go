package awsapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What acts on one variant is compared with each other. More of it than AWS allows is refused, and takes nothing from others.
func TestCrowds_areRefusedBeyondTheirBound(t *testing.T) {
	const arn = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:0:resource/sagemaker/endpoint/"
	row := func(endpoint, name, id string) string {
		return fmt.Sprintf(`{"ResourceId":"endpoint/%s/variant/v","ScalableDimension":%q,"ServiceNamespace":"sagemaker","PolicyName":%[3]q,"ScheduledActionName":%[3]q,"ScheduledActionARN":"a","Schedule":"rate(1 day)","CreationTime":1.7e9,"PolicyType":"StepScaling","PolicyARN":%[4]q}`,
			endpoint, fleet.VariantDimension, name, id)
	}
	var many []string
	for i := range mostScheduled + 5 {
		many = append(many, row("many", fmt.Sprint(i), fmt.Sprint(arn, "many/", i)))
	}
	many = append(many, row("few", "p", arn+"few"), row("few", "p", arn+"few"), row("twin", "p", arn+"few")) // the list moved between two pages
	many = append(many, many[0])
	client := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		name := "ScalingPolicies"
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "ScheduledActions") {
			name = "ScheduledActions"
		}
		_, _ = fmt.Fprintf(w, `{%q:[%s]}`, name, strings.Join(many, ","))
	})
	policies, err := client.ScalingPolicies(t.Context())
	refusedOf(t, "policies", err, mostScheduled+5-mostPolicies+1, "endpoint/many/variant/v has more than 100 scaling policies")
	if len(policies) != mostPolicies+1 || policies[0].ResourceID != "endpoint/few/variant/v" {
		t.Errorf("%d policies are taken, want those of the others and %d", len(policies), mostPolicies)
	}
	if last := (*fleet.Refused)(nil); errors.As(err, &last) && !strings.Contains(last.Items[len(last.Items)-1].What, "endpoint/few/variant/v policy p has its ARN") {
		t.Errorf("two of one ARN: %s", last.Items[len(last.Items)-1].What)
	}
	scheduled, err := client.ScheduledActions(t.Context())
	refusedOf(t, "scheduled actions", err, 5, "has more than 400 scheduled actions")
	if len(scheduled) != mostScheduled+2 {
		t.Errorf("%d scheduled actions are taken", len(scheduled))
	}
}

func TestCrowds_ofAlarmsAreThoseOfAnEndpoint(t *testing.T) {
	var list cbor.List
	for i := range mostAlarms + 3 {
		for _, dimension := range []string{"EndpointName", "InstanceId"} {
			list = append(list, cbor.Map{
				"AlarmName": cbor.String(fmt.Sprint(dimension, i)), "Namespace": cbor.String("AWS/SageMaker"), "MetricName": cbor.String("ApproximateBacklogSize"),
				"Dimensions": cbor.List{cbor.Map{"Name": cbor.String(dimension), "Value": cbor.String("many")}},
			})
		}
	}
	client := hostile(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(cbor.Encode(cbor.Map{"MetricAlarms": list}))
	})
	alarms, err := client.MetricAlarms(t.Context())
	refusedOf(t, "alarms", err, 3, "many has more than 500 alarms")
	if want := 2*mostAlarms + 3; len(alarms) != want {
		t.Errorf("%d alarms are taken, want %d: those that watch no endpoint count as none", len(alarms), want)
	}
}

// refusedOf holds that so many items are refused, the first for such a reason.
func refusedOf(t *testing.T, what string, err error, items int, reason string) {
	t.Helper()
	refused := (*fleet.Refused)(nil)
	if !errors.As(err, &refused) || len(refused.Items) != items || !strings.Contains(refused.Items[0].What, reason) {
		t.Errorf("%s: %v, want %d items refused: %s", what, err, items, reason)
	}
}
