package iac

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/policy"
)

var update = flag.Bool("update", false, "write the golden files")

var home = fleet.Scope{AccountID: "111122223333", Region: "eu-west-1"}

// steps are those of a new variant, and of one whose objects stand under names and with texts that every language has to
// quote.
func steps() []plan.Step {
	fresh, old := fleet.ResourceID("fresh", "AllTraffic"), fleet.ResourceID("old-one", "v-2")
	target := func(resource string, lowest int) *fleet.Target {
		return &fleet.Target{ResourceID: resource, MinCapacity: lowest, MaxCapacity: 5}
	}
	tracking, wake, alarm := policy.Tracking("fresh", "AllTraffic"), policy.Wake("fresh", "AllTraffic"), policy.WakeAlarm("fresh", "AllTraffic", "")
	alarm.AlarmActions = nil
	hostile := `it's "${odd}" %{if} $HOME \ # $(id) \u0000PATH`
	ladder := fleet.Policy{ResourceID: old, Name: hostile, Type: fleet.StepScaling, Step: &fleet.Step{
		AdjustmentType: "PercentChangeInCapacity", Aggregation: "Maximum", MinAdjustmentMagnitude: new(int),
		Adjustments: []fleet.StepAdjustment{{Lower: new(float64), Upper: new(2.5), Adjustment: 50}, {Lower: new(2.5), Adjustment: 100}},
	}}
	math := fleet.Policy{ResourceID: old, Name: "math", Type: fleet.TargetTracking, Tracking: &fleet.Tracking{TargetValue: 0.5, Math: []fleet.MathQuery{
		{ID: "m1", Metric: &fleet.Metric{Namespace: fleet.Namespace, Name: "ApproximateBacklogSize", Dimensions: []fleet.Dimension{{Name: "EndpointName", Value: "old-one"}}}, Statistic: "Sum", ReturnData: new(bool)},
		{ID: "e1", Expression: `FILL(m1, 0) / 2`, Label: hostile},
	}}}
	paged := policy.WakeAlarm("old-one", "v-2", "arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1:resource/sagemaker/"+old+":policyName/p")
	paged.Name, paged.Description, paged.ActionsEnabled, paged.Statistic = hostile, hostile, false, "p90"
	paged.OKActions = []string{"arn:aws:sns:eu-west-1:111122223333:team", "arn:aws:sns:eu-west-1:111122223333:other"}
	paged.Extras = &fleet.AlarmExtras{LowSamples: "ignore", WallClock: new("Europe/Berlin")}
	query := policy.WakeAlarm("old-one", "v-2", "arn:x")
	query.Name, query.Unit, query.Extras = "as a query", "Count", &fleet.AlarmExtras{QueryID: "q1", QueryLabel: "l"}
	list := []plan.Step{
		{ResourceID: fresh, Kind: plan.ScalableTarget, Action: plan.Create, Target: target(fresh, 1)},
		{ResourceID: fresh, Kind: plan.WakePolicy, Name: wake.Name, Action: plan.Create, Policy: &wake},
		{ResourceID: fresh, Kind: plan.WakeAlarm, Name: alarm.Name, Action: plan.Create, Alarm: &alarm, Triggers: []string{fresh}, Wakes: []string{fresh}},
		{ResourceID: fresh, Kind: plan.TrackingPolicy, Name: tracking.Name, Action: plan.Create, Policy: &tracking},
		{ResourceID: fresh, Kind: plan.MinCapacity, Action: plan.Update, Target: target(fresh, 0), Effect: "may scale to zero", Expects: plan.Object{Target: target(fresh, 1)}},
		{ResourceID: old, Kind: plan.WakePolicy, Name: ladder.Name, Action: plan.Update, Policy: &ladder, Expects: plan.Object{Policy: &fleet.Policy{}}},
		{ResourceID: old, Kind: plan.WakeAlarm, Name: paged.Name, Action: plan.Update, Alarm: &paged, Wakes: []string{old}, Expects: plan.Object{Alarm: &fleet.Alarm{}}},
		{ResourceID: old, Kind: plan.WakeAlarm, Name: query.Name, Action: plan.Update, Alarm: &query, Wakes: []string{old}, Expects: plan.Object{Alarm: &fleet.Alarm{}}},
		{ResourceID: old, Kind: plan.TrackingPolicy, Name: math.Name, Action: plan.Create, Policy: &math},
		{ResourceID: old, Kind: plan.MinCapacity, Action: plan.Update, Target: target(old, 0), Expects: plan.Object{Target: target(old, 2)}},
	}
	for i := range list {
		list[i].Scope = home
	}
	return list
}

func TestWrite_aPolicyThatIsOnlyPutAgainTakesTheScript(t *testing.T) {
	p := policy.Tracking("e", "v")
	step := plan.Step{
		Scope: home, ResourceID: p.ResourceID, Kind: plan.TrackingPolicy, Name: p.Name, Action: plan.Update, Policy: &p, Expects: plan.Object{Policy: &p},
		Changes: []plan.Change{{Field: "alarms", Before: "gone: a", After: plan.AfterApply}},
	}
	for _, format := range []Format{Terraform, CloudFormation, CLI} {
		got := written(t, format, plan.Plan{Scope: home, Steps: []plan.Step{step}})
		if strings.Contains(got, "--format cli has the command") != (format != CLI) || !strings.Contains(got, p.Name) {
			t.Errorf("%s:\n%s", format, got)
		}
	}
}

func written(t *testing.T, format Format, plans ...plan.Plan) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, format, plans); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWrite_isTheGolden(t *testing.T) {
	p := plan.Plan{Scope: home, Steps: steps(), Withheld: []plan.Withheld{{
		Scope: home, ResourceID: fleet.ResourceID("held", "v"), Kind: plan.WakeAlarm, Name: "a\nb", Reason: plan.MaxSteps, Detail: "later",
	}}}
	for format, name := range map[Format]string{Terraform: "plan.tf", CloudFormation: "plan.yaml", CLI: "plan.sh"} {
		isGolden(t, name, written(t, format, plan.Plan{Scope: fleet.Scope{Region: "us-east-1"}}, p))
	}
}

func isGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s", name, got)
	}
}

// A template is read as YAML, and each text comes out as it went in.
func TestWrite_aTemplateKeepsEveryText(t *testing.T) {
	var template struct {
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			DependsOn  []string       `yaml:"DependsOn"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	page := written(t, CloudFormation, plan.Plan{Scope: home, Steps: steps()})
	if err := yaml.Unmarshal([]byte(page), &template); err != nil {
		t.Fatalf("%v in\n%s", err, page)
	}
	if n := len(template.Resources); n != 9 { // the new target is written twice, and is one resource
		t.Errorf("%d resources", n)
	}
	for _, step := range steps() {
		found := step.Name == ""
		for _, resource := range template.Resources {
			found = found || resource.Properties["AlarmName"] == step.Name || resource.Properties["PolicyName"] == step.Name
		}
		if !found {
			t.Errorf("no resource has the name %q", step.Name)
		}
	}
}

func TestWrite_withoutStepsIsCommentsAlone(t *testing.T) {
	for _, format := range Formats() {
		if page := written(t, Format(format), plan.Plan{Scope: home}); page != "# Nothing to change.\n" {
			t.Errorf("%s: %q", format, page)
		}
	}
}

func TestWrite_refusesTwoScopes(t *testing.T) {
	other := plan.Plan{Scope: fleet.Scope{AccountID: home.AccountID, Region: "us-east-1"}, Steps: steps()[:1]}
	if err := Write(&strings.Builder{}, CLI, []plan.Plan{{Scope: home, Steps: steps()}, other}); !errors.Is(err, ErrScopes) {
		t.Error(err)
	}
}

// An imported object keeps the tags that it has, and a new one gets those that the provider gives it.
func TestWrite_importedObjectsKeepTheirTags(t *testing.T) {
	for _, block := range strings.Split(written(t, Terraform, plan.Plan{Scope: home, Steps: steps()}), "\n# ")[1:] {
		imported, policy := strings.Contains(block, "\nimport {"), strings.Contains(block, `resource "aws_appautoscaling_policy"`)
		if keeps := strings.Contains(block, "ignore_changes = [tags, tags_all]"); keeps != (imported && !policy) {
			t.Errorf("%s", block)
		}
	}
}

// CloudFormation replaces such a text wherever it stands, so it is left out, and the comment has it.
func TestWrite_aDynamicReferenceIsLeftOutOfATemplate(t *testing.T) {
	alarm := policy.WakeAlarm("e", "v", "arn:x")
	alarm.Description = "see {{resolve:ssm:/x}}"
	p := plan.Plan{Scope: home, Steps: []plan.Step{{
		Scope: home, ResourceID: fleet.ResourceID("e", "v"), Kind: plan.WakeAlarm, Name: alarm.Name, Action: plan.Update, Alarm: &alarm, Expects: plan.Object{Alarm: &fleet.Alarm{}},
	}}}
	for line := range strings.Lines(written(t, CloudFormation, p)) {
		if strings.Contains(line, "{{resolve:") && !strings.HasPrefix(strings.TrimSpace(line), "# CloudFormation would replace the {{resolve: in AlarmDescription ") {
			t.Error(line)
		}
	}
	if page := written(t, CLI, p); !strings.Contains(page, alarm.Description) {
		t.Error(page)
	}
}

// What a shell and YAML would take for something else stays a text, also the account and the region of somebody's snapshot.
func TestWrite_believesNoText(t *testing.T) {
	scope := fleet.Scope{AccountID: "1$(touch x)", Region: "us-east-1\ntouch x"}
	p := policy.Tracking("no", "v")
	odd := plan.Plan{Scope: scope, Steps: []plan.Step{{Scope: scope, ResourceID: "endpoint/no/variant/v", Kind: plan.TrackingPolicy, Name: p.Name, Action: plan.Create, Policy: &p}}}
	if page := written(t, CLI, odd); !strings.HasPrefix(page, "# Account 1$(touch x), region us-east-1 touch x\nset -eu\n") ||
		!strings.Contains(page, "--region 'us-east-1\ntouch x' ") || !strings.Contains(page, `= '1$(touch x)' ]`) || strings.Contains(page, `for 1$`) {
		t.Errorf("%s", page)
	}
	if page := written(t, CloudFormation, odd); !strings.Contains(page, `Value: "no"`) {
		t.Errorf("%s", page)
	}
}

// Endpoints whose names differ in what an identifier cannot have are two objects.
func TestWrite_namesNoTwoObjectsAlike(t *testing.T) {
	var list []plan.Step
	for _, name := range []string{"a-b", "a--b", "a-b-2", "a-b2"} {
		p := policy.Wake(name, "v")
		list = append(list, plan.Step{Scope: home, ResourceID: fleet.ResourceID(name, "v"), Kind: plan.WakePolicy, Name: p.Name, Action: plan.Create, Policy: &p})
	}
	objects, err := objectsOf(list)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, o := range objects {
		seen[logicalID(o.id)] = true
	}
	if len(seen) != len(list) {
		t.Errorf("%v", seen)
	}
}

func TestLower_splitsAtWords(t *testing.T) {
	for name, want := range map[string]string{"OKActions": "ok_actions", "MinCapacity": "min_capacity", "TreatMissingData": "treat_missing_data", "PolicyARN": "policy_arn"} {
		if got := lower(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
