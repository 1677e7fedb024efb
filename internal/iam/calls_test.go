package iam

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/awsapi"
)

const services = "github.com/aws/aws-sdk-go-v2/service/"

// prefixes are IAM's names of the services, by the packages of the SDK.
var prefixes = map[string]string{
	"applicationautoscaling": "application-autoscaling",
	"cloudwatch":             "cloudwatch",
	"sagemaker":              "sagemaker",
	"sts":                    "sts",
}

// free are the actions that every identity may call: AWS asks for no permission.
var free = []string{"sts:GetCallerIdentity"}

// neverCalled are the actions that AWS checks or uses on behalf of whoever registers targets and puts policies, and that
// the exporter itself never calls.
var neverCalled = []string{"cloudwatch:DeleteAlarms", "iam:CreateServiceLinkedRole", "sagemaker:UpdateEndpointWeightsAndCapacities"}

// invoked are the actions of the operations that Go files call, sorted, and what cannot be understood in them. A client of
// a service is what its NewFromConfig or New returns; each selector on one is an operation. A client that is given away
// could do anything, so that is a problem.
func invoked(files []*ast.File) (actions, problems []string) {
	found := map[string]bool{}
	for _, file := range files {
		makers := map[string]string{} // IAM's name of the service by the name of its package in this file
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			name, isService := strings.CutPrefix(imported, services)
			if err != nil || !isService || strings.Contains(name, "/") {
				continue // the types of a service are in a package below it
			}
			prefix, known := prefixes[name]
			if !known {
				problems = append(problems, "IAM's name of the service "+name+" is not known here")
				continue
			}
			if spec.Name != nil {
				name = spec.Name.Name
			}
			makers[name] = prefix
		}
		// makes is the service of a client that is made by the expression.
		makes := func(node ast.Node) string {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return ""
			}
			if maker, ok := call.Fun.(*ast.SelectorExpr); ok && (maker.Sel.Name == "NewFromConfig" || maker.Sel.Name == "New") {
				if of, ok := maker.X.(*ast.Ident); ok {
					return makers[of.Name]
				}
			}
			return ""
		}
		for _, declaration := range file.Decls {
			clients, understood := map[string]string{}, map[ast.Node]bool{}
			ast.Inspect(declaration, func(node ast.Node) bool {
				if assign, ok := node.(*ast.AssignStmt); ok && len(assign.Lhs) == len(assign.Rhs) {
					for i, made := range assign.Rhs {
						if to, ok := assign.Lhs[i].(*ast.Ident); ok && makes(made) != "" {
							clients[to.Name] = makes(made)
							understood[made], understood[to] = true, true
						}
					}
				}
				return true
			})
			ast.Inspect(declaration, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.SelectorExpr:
					service := makes(node.X)
					if of, ok := node.X.(*ast.Ident); ok {
						service = clients[of.Name]
					}
					if service != "" {
						found[service+":"+node.Sel.Name] = true
						understood[node.X] = true
					}
					understood[node.Sel] = true // a field or a method may be called like a client
				case *ast.KeyValueExpr:
					understood[node.Key] = true
				case *ast.CallExpr:
					if makes(node) != "" && !understood[node] {
						problems = append(problems, "a client of "+makes(node)+" is given away")
					}
				case *ast.Ident:
					if clients[node.Name] != "" && !understood[node] {
						problems = append(problems, "the client "+node.Name+" is given away")
					}
				}
				return true
			})
		}
	}
	return slices.Sorted(maps.Keys(found)), problems
}

// wall are the files of the one package that may import the SDK; package house sees to that.
func wall(t *testing.T) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("../awsapi/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// called are the actions of the exporter's own calls by its source.
func called(t *testing.T) []string {
	t.Helper()
	actions, problems := invoked(wall(t))
	for _, problem := range problems {
		t.Error(problem)
	}
	if len(actions) < 15 {
		t.Fatalf("only %d calls were found: %q", len(actions), actions)
	}
	return actions
}

func TestPermissions_areThoseOfTheCallsAndOfWhatAWSChecks(t *testing.T) {
	want := slices.DeleteFunc(called(t), func(action string) bool { return slices.Contains(free, action) })
	want = append(want, neverCalled...)
	slices.Sort(want)
	var got []string
	for _, permission := range Permissions() {
		got = append(got, permission.Action)
		if permission.Called() == slices.Contains(neverCalled, permission.Action) {
			t.Errorf("%s is called by the exporter: %t", permission.Action, permission.Called())
		}
		if !permission.Called() && permission.Checked == "" {
			t.Errorf("%s is needed by nobody", permission.Action)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the permissions are, in their order\n%q\nneeded are\n%q", got, want)
	}
}

// The table of package awsapi, which names the missing action in errors, is of the same calls.
func TestOperations_areTheCalls(t *testing.T) {
	service := map[string]string{"ApplicationAutoScaling": "application-autoscaling", "CloudWatch": "cloudwatch", "SageMaker": "sagemaker", "STS": "sts"}
	var got, writing []string
	for _, operation := range awsapi.Operations() {
		action := service[operation.Service] + ":" + operation.Name
		got = append(got, action)
		needs := action
		if slices.Contains(free, action) {
			needs = ""
		}
		if operation.Action != needs {
			t.Errorf("the table says that %s needs %q", action, operation.Action)
		}
		if operation.Writes {
			writing = append(writing, action)
		}
	}
	slices.Sort(got)
	if want := called(t); !slices.Equal(got, want) {
		t.Errorf("the table has\n%q\ncalled are\n%q", got, want)
	}
	for _, permission := range Permissions() {
		if permission.Called() && permission.Reconcile() != slices.Contains(writing, permission.Action) {
			t.Errorf("%s is needed to reconcile alone: %t", permission.Action, permission.Reconcile())
		}
	}
}

// A walk that finds too little would let a new call pass.
func TestInvoked_findsEveryCall(t *testing.T) {
	for name, tt := range map[string]struct {
		body     string
		actions  []string
		problems int
	}{
		"a method value":                  {"c := sagemaker.NewFromConfig(cfg); f := c.DeleteEndpoint; _ = f", []string{"sagemaker:DeleteEndpoint"}, 0},
		"a call":                          {"c := sagemaker.NewFromConfig(cfg); c.ListEndpoints(nil, nil)", []string{"sagemaker:ListEndpoints"}, 0},
		"a call without a name between":   {"tokens.New(o).GetSessionToken(nil, nil)", []string{"sts:GetSessionToken"}, 0},
		"two clients":                     {"a, b := sagemaker.New(o), tokens.New(o); b.AssumeRole(); a.ListTags()", []string{"sagemaker:ListTags", "sts:AssumeRole"}, 0},
		"in a literal":                    {"c := sagemaker.New(o); _ = all{listTags: c.ListTags}", []string{"sagemaker:ListTags"}, 0},
		"in a closure":                    {"c := sagemaker.New(o); func() { c.ListTags() }()", []string{"sagemaker:ListTags"}, 0},
		"a client given to a pager":       {"c := sagemaker.New(o); sagemaker.NewListTagsPaginator(c, nil)", nil, 1},
		"a new client given to a pager":   {"sagemaker.NewListTagsPaginator(sagemaker.New(o), nil)", nil, 1},
		"a client that is returned":       {"c := sagemaker.New(o); return c", nil, 1},
		"a client in a field":             {"return holder{c: sagemaker.New(o)}", nil, 1},
		"a field that is called the same": {"c := sagemaker.New(o); c.ListTags(); x.c.Close(); _ = holder{c: 1}", []string{"sagemaker:ListTags"}, 0},
	} {
		text := "package p\nimport (\n\"" + services + "sagemaker\"\n\"" + services + "sagemaker/types\"\ntokens \"" + services + "sts\"\n)\n" +
			"func f() any { " + tt.body + " }"
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(name, err)
		}
		actions, problems := invoked([]*ast.File{file})
		if !slices.Equal(actions, tt.actions) || len(problems) != tt.problems {
			t.Errorf("%s: found %q, %q", name, actions, problems)
		}
	}
	unknown, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\nimport \""+services+"ec2\"", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := invoked([]*ast.File{unknown}); len(problems) != 1 {
		t.Errorf("a service that is not known: %q", problems)
	}
}

// Package house lets no other package import the SDK but the program itself, which wires everything.
func TestProgram_callsAWSThroughTheWallAlone(t *testing.T) {
	names, err := filepath.Glob("../../cmd/exporter/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && strings.Contains(string(text), services) {
			t.Errorf("%s imports the SDK: nobody looks at its calls", name)
		}
	}
}
