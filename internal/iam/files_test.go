package iam

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "rewrite what is generated")

const deploy = "../../deploy/iam/"

// written are the policies that users find in deploy/iam.
func written() map[string]Policy {
	return map[string]Policy{"read.json": Build(Options{}), "reconcile.json": Build(Options{Reconcile: true})}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hold compares a file with what is generated, and writes it with -update.
func hold(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := readFile(t, name); got != want {
		t.Errorf("%s is not what the code says: run make generate", name)
	}
}

// between puts a generated part between its two lines in a text.
func between(t *testing.T, text, begin, part, end string) string {
	t.Helper()
	before, rest, begun := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		t.Fatalf("there is no %q with its end", begin)
	}
	return before + begin + part + end + after
}

func TestFiles_areThePoliciesInJSON(t *testing.T) {
	for name, policy := range written() {
		text, err := policy.JSON()
		if err != nil {
			t.Fatal(err)
		}
		hold(t, deploy+name, string(text))
	}
}

const stack = deploy + "cloudformation.yaml"

// TestCloudFormation_isWritten writes the policies into the template, which cannot read them from a file.
func TestCloudFormation_isWritten(t *testing.T) {
	const indent = "        "
	text := readFile(t, stack)
	for name, policy := range written() {
		var part strings.Builder
		encoder := yaml.NewEncoder(&part)
		encoder.SetIndent(2)
		if err := encoder.Encode(inStack(policy)); err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(part.String(), indent+"$1")
		text = between(t, text, "# "+name+": written by make generate.\n", lines, indent+"# End of "+name+".\n")
	}
	hold(t, stack, text)
}

// inStack is the policy as a template has it: in the partition of the stack.
func inStack(policy Policy) any {
	type statement struct {
		Sid       string    `yaml:"Sid"`
		Effect    string    `yaml:"Effect"`
		Action    []string  `yaml:"Action"`
		Resource  []any     `yaml:"Resource"`
		Condition Condition `yaml:"Condition,omitempty"`
	}
	document := struct {
		Version   string      `yaml:"Version"`
		Statement []statement `yaml:"Statement"`
	}{Version: policy.Version}
	for _, s := range policy.Statement {
		var resources []any
		for _, arn := range s.Resource {
			if rest, ok := strings.CutPrefix(arn, "arn:aws:"); ok {
				resources = append(resources, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Sub", Value: "arn:${AWS::Partition}:" + rest, Style: yaml.DoubleQuotedStyle})
			} else {
				resources = append(resources, arn)
			}
		}
		document.Statement = append(document.Statement, statement{s.Sid, s.Effect, s.Action, resources, s.Condition})
	}
	return document
}

// TestCloudFormation_grantsWhatTheFilesDo reads the template as it stands, whoever wrote it.
func TestCloudFormation_grantsWhatTheFilesDo(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(readFile(t, stack)), &root); err != nil {
		t.Fatal(err)
	}
	filledIn(&root)
	var template struct {
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			Condition  string         `yaml:"Condition"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := root.Decode(&template); err != nil {
		t.Fatal(err)
	}
	for name, wanted := range map[string]struct{ file, condition string }{
		"ReadPolicy": {"read.json", "Reads"}, "ReconcilePolicy": {"reconcile.json", "Writes"},
	} {
		var want any
		if err := json.Unmarshal([]byte(readFile(t, deploy+wanted.file)), &want); err != nil {
			t.Fatal(err)
		}
		got := template.Resources[name]
		if !reflect.DeepEqual(got.Properties["PolicyDocument"], want) {
			t.Errorf("%s allows\n%v\n%s\n%v", name, got.Properties["PolicyDocument"], wanted.file, want)
		}
		if got.Condition != wanted.condition || got.Type != "AWS::IAM::ManagedPolicy" {
			t.Errorf("%s is %s, made if %s", name, got.Type, got.Condition)
		}
	}
	chosen := []any{[]any{"Writes", "ReconcilePolicy", "ReadPolicy"}}
	if role := template.Resources["Role"].Properties; !reflect.DeepEqual(role["ManagedPolicyArns"], chosen) || role["Policies"] != nil {
		t.Errorf("the role has %v and %v, want %v", role["ManagedPolicyArns"], role["Policies"], chosen)
	}
}

// filledIn makes of each function of CloudFormation what it is applied to, in the partition aws.
func filledIn(node *yaml.Node) {
	if node.Tag == "!Sub" {
		node.Value = strings.ReplaceAll(node.Value, "${AWS::Partition}", "aws")
	}
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		node.Tag = ""
	}
	for _, child := range node.Content {
		filledIn(child)
	}
}

var actionForm = regexp.MustCompile(`\b[a-z]+(-[a-z]+)*:[A-Z][A-Za-z]+\b`)

// The examples have no copy of the actions that nobody holds to the code.
func TestExamples_nameNoActionButThoseOfTheTrust(t *testing.T) {
	terraform, template := readFile(t, deploy+"terraform/main.tf"), readFile(t, stack)
	for name := range written() {
		template = between(t, template, "# "+name+": written by make generate.\n", "", "# End of "+name+".\n")
	}
	for name, text := range map[string]string{"main.tf": terraform, "cloudformation.yaml": template} {
		found := actionForm.FindAllString(strings.NewReplacer("AWS::", "", "aws:RequestTag", "").Replace(text), -1)
		if len(found) < 4 {
			t.Errorf("%s has only the actions %q", name, found)
		}
		for _, action := range found {
			if !slices.Contains([]string{"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"}, action) {
				t.Errorf("%s names %s: the actions come from the JSON files", name, action)
			}
		}
	}
	for name := range written() {
		if word := strings.TrimSuffix(name, ".json"); !strings.Contains(terraform, `"`+word+`"`) {
			t.Errorf("main.tf does not read %s", name)
		}
	}
	if !strings.Contains(terraform, `"${path.module}/../${var.reconcile ? "reconcile" : "read"}.json"`) {
		t.Error("main.tf does not choose its file by the variable reconcile")
	}
}

const page = "../../docs/iam.md"

// TestPage_hasTheTableOfActions writes the table of docs/iam.md.
func TestPage_hasTheTableOfActions(t *testing.T) {
	var table strings.Builder
	table.WriteString("| action | for what | AWS checks it too for |\n|---|---|---|\n")
	for _, reconcile := range []bool{false, true} {
		if reconcile {
			table.WriteString("| **with `--reconcile` and `apply` alone** | | |\n")
		}
		for _, permission := range Permissions() {
			if permission.Reconcile() == reconcile {
				fmt.Fprintf(&table, "| `%s` | %s | %s |\n", permission.Action,
					cmp.Or(permission.For, "the exporter never calls it"), permission.Checked)
			}
		}
	}
	text := readFile(t, page)
	hold(t, page, between(t, text, "<!-- Actions: written by make generate. -->\n", table.String(), "<!-- End of actions. -->\n"))
}
