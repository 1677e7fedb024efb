// Package terraform reads the plans that are written for Terraform with the parser that Terraform itself uses. It is a module
// of its own, so that the product's names none of it.
package terraform

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// The golden files of package iac: one plan in two languages.
const golden = "../../internal/iac/testdata/"

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(golden + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// blocks are those of a golden file by their kind.
func blocks(t *testing.T, name string) map[string][]*hclsyntax.Block {
	t.Helper()
	file, problems := hclsyntax.ParseConfig(read(t, name), name, hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	found := map[string][]*hclsyntax.Block{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		found[block.Type] = append(found[block.Type], block)
	}
	return found
}

// text is an attribute without a reference.
func text(t *testing.T, of *hclsyntax.Block, name string) string {
	t.Helper()
	attribute := of.Body.Attributes[name]
	if attribute == nil {
		return ""
	}
	value, problems := attribute.Expr.Value(nil)
	if problems.HasErrors() || value.Type() != cty.String {
		t.Fatalf("%s: %v", name, problems)
	}
	return value.AsString()
}

// Names, descriptions and labels come out as the script for the AWS CLI has them, whatever signs of a template are in them.
func TestPlan_keepsEveryText(t *testing.T) {
	script := string(read(t, "plan.sh"))
	kept := 0
	for _, resource := range blocks(t, "plan.tf")["resource"] {
		for _, name := range []string{"name", "alarm_name", "alarm_description"} {
			said := text(t, resource, name)
			if said == "" {
				continue
			}
			kept++
			encoded, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			if word := strings.ReplaceAll(string(encoded), "'", `'\''`); !strings.Contains(script, word) {
				t.Errorf("%s is %s, which the script does not have", name, word)
			}
		}
	}
	if kept < 8 {
		t.Errorf("%d texts", kept)
	}
}

// What is imported and what is referred to is a resource of the plan.
func TestPlan_refersToItsOwnResources(t *testing.T) {
	all := blocks(t, "plan.tf")
	declared := map[string]bool{}
	for _, resource := range all["resource"] {
		declared[strings.Join(resource.Labels, ".")] = true
	}
	var referred []string
	for _, block := range append(all["import"], all["resource"]...) {
		for _, attribute := range block.Body.Attributes {
			for _, variable := range attribute.Expr.Variables() {
				referred = append(referred, variable.RootName()+"."+variable[1].(hcl.TraverseAttr).Name)
			}
		}
	}
	if len(all["import"]) != 4 || len(referred) < 10 {
		t.Errorf("%d imports, %d references", len(all["import"]), len(referred))
	}
	for _, address := range referred {
		if !declared[address] {
			t.Errorf("%s is not declared", address)
		}
	}
}

// A schedule is one resource an action, with what the provider requires of each.
func TestSchedule_isAResourceForEachAction(t *testing.T) {
	script, all := string(read(t, "schedule.sh")), blocks(t, "schedule.tf")
	if len(all) != 1 || len(all["resource"]) != strings.Count(script, "put-scheduled-action") {
		t.Fatalf("%d kinds of blocks, %d resources", len(all), len(all["resource"]))
	}
	for _, resource := range all["resource"] {
		if resource.Labels[0] != "aws_appautoscaling_scheduled_action" || len(resource.Body.Blocks) != 1 || resource.Body.Blocks[0].Type != "scalable_target_action" {
			t.Errorf("%v", resource.Labels)
		}
		for _, name := range []string{"name", "service_namespace", "resource_id", "scalable_dimension", "schedule", "timezone"} {
			encoded, err := json.Marshal(text(t, resource, name))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(script, strings.ReplaceAll(string(encoded), "'", `'\''`)) || string(encoded) == `""` {
				t.Errorf("%s is %s, which the script does not have", name, encoded)
			}
		}
	}
}
