package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	root   = "../.."
	module = "github.com/sagemaker-async/exporter/"
)

// rule says what a package may import directly beside the standard library. A star allows everything.
type rule struct {
	ours   string // our packages, by their names under internal; with a slash before it under the root
	others string // packages of other modules, with everything below them
	why    string
}

const pure = "it is pure: it decides on values and knows neither AWS nor Prometheus"

// rules are the table of docs/architecture.md. Some rows are of packages that are yet to come.
var rules = map[string]rule{
	"internal/fleet":       {"", "", pure},
	"internal/ledger":      {"fleet", "", pure},
	"internal/autoscaling": {"fleet", "", pure},
	"internal/behavior":    {"fleet autoscaling", "", pure},
	"internal/policy":      {"fleet", "", pure},
	"internal/iam":         {"policy", "", pure},
	"internal/check":       {"fleet autoscaling behavior policy plan", "", pure},
	"internal/snapshot":    {"fleet policy", "", pure},
	"internal/cases":       {"fleet snapshot", "", pure},
	"internal/plan":        {"fleet policy behavior terminal", "", pure},
	"internal/report":      {"fleet behavior policy check plan", "", pure},
	"internal/sim":         {"autoscaling fleet policy", "", pure},
	"internal/explain":     {"fleet behavior policy check plan report sim terminal", "", pure},
	"internal/terminal":    {"", "", pure},
	"internal/triage":      {"fleet check plan report explain terminal", "", pure},
	"internal/advise":      {"fleet autoscaling behavior policy check plan report sim terminal", "", pure},
	"internal/simulate":    {"fleet behavior policy sim advise terminal", "", pure},
	"internal/savings":     {"fleet plan sim advise simulate terminal", "", pure},
	"internal/paging":      {"fleet plan terminal", "", pure},
	"internal/picture": {
		"sim", "github.com/go-analyze/charts",
		"it is the wall to the plotting library, and draws what a replay was",
	},
	"internal/config": {
		"policy check file", "go.yaml.in/yaml/v3 github.com/prometheus/common/model",
		"the file is read without knowing who uses it; check is there for the names of the checks that the file may mute, common/model for durations as Prometheus writes them",
	},
	"internal/observe": {"fleet ledger", "golang.org/x/sync", "it asks through its own interfaces and never sees the SDK"},
	"internal/reconcile": {
		"fleet observe policy plan report", "github.com/go-kit/log",
		"it reads and writes through its own interfaces, and leaves thinking to others; observe is there for what makes an endpoint of its parts",
	},
	"internal/awsapi": {
		"fleet plan", "github.com/aws/aws-sdk-go-v2 github.com/aws/smithy-go golang.org/x/time/rate golang.org/x/sync",
		"it is the wall to AWS and knows nothing of what is behind it",
	},
	"internal/iac": {
		"awsapi fleet plan", "go.yaml.in/yaml/v3",
		"it writes plans in the languages of pipelines, from the requests that awsapi would send",
	},
	"internal/awssim": {
		"sim fleet policy", "github.com/aws/smithy-go/encoding/cbor",
		"it must speak the wire protocols by itself: with the SDK it would prove nothing",
	},
	"internal/awstest": {"awsapi awssim fleet plan sim", "", "it is for tests: the embedded AWS and the client of it in one process"},
	"internal/cycle":   {"observe report reconcile plan fleet", "github.com/go-kit/log", "it turns the wheel and leaves thinking to others"},
	"internal/chart":   {"fleet", "", "it draws values for pages, which know the rest"},
	"internal/web": {
		"report chart advise explain triage fleet check plan daemon paging", "github.com/prometheus/exporter-toolkit",
		"a page shows what was published; fleet, check and plan are the values that a report is made of, paging those that the alerting command is told",
	},
	"internal/file": {"", "go.yaml.in/yaml/v3", "it reads files, and bounds what YAML may hold before it is decoded"},
	"internal/daemon": {
		"file", "github.com/alecthomas/kingpin/v2 github.com/prometheus/client_golang github.com/prometheus/exporter-toolkit github.com/go-kit/log github.com/tjhop/slog-gokit golang.org/x/sync github.com/prometheus/common/version",
		"it is what every command that serves has in common, and knows none of them",
	},
	"internal/alerting": {
		"paging plan file",
		"github.com/prometheus/prometheus github.com/prometheus/common github.com/prometheus/client_golang github.com/prometheus/sigv4 go.yaml.in/yaml/v3",
		"it is the wall to Prometheus' own engine: it scrapes the exporter like anybody else, and knows nothing of what is behind it; plan is there for what makes a text printable",
	},
	"internal/lease":       {"", "", "it is the wall to Kubernetes, which nothing else needs"},
	"internal/house":       {"", "", "it holds tests alone"},
	"internal/house/pages": {"", "", "it holds tests alone"},
	"collector": {
		"report fleet policy check plan explain advise paging",
		"github.com/prometheus/client_golang github.com/prometheus/client_model github.com/prometheus/common/expfmt github.com/prometheus/common/version google.golang.org/protobuf/types/known/timestamppb",
		"it is the wall to Prometheus: it reads reports and never asks AWS",
	},
	"alerts":       {"", "", "it carries a file"},
	"cmd/exporter": {"*", "*", "it wires everything"},
	"cmd/alerting": {"*", "*", "it wires the second command"},
	"dashboards":   {"/collector", "", "it carries files, and what they are written from: the labels of each metric too"},
	"e2e":          {"", "", "it holds tests alone"},
	"deploy/helm":  {"", "", "it holds tests alone"},
	"deploy/image": {"", "", "it holds tests alone"},
}

// packages parses the non-test files of the tree by package directory.
func packages(t *testing.T, mode parser.Mode) map[string][]*ast.File {
	t.Helper()
	found := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "tools"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, mode)
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), root+"/")
		found[dir] = append(found[dir], parsed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages were found", len(found))
	}
	return found
}

func importPath(t *testing.T, spec *ast.ImportSpec) string {
	t.Helper()
	imported, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		t.Fatal(err)
	}
	return imported
}

func TestImports_followTheTable(t *testing.T) {
	for dir, files := range packages(t, parser.ImportsOnly) {
		rule, ok := rules[dir]
		if !ok {
			t.Errorf("%s has no row in the table: say what it may import, and why", dir)
			continue
		}
		for _, file := range files {
			for _, spec := range file.Imports {
				if imported := importPath(t, spec); !rule.allows(imported) {
					t.Errorf("%s must not import %s: %s", dir, imported, rule.why)
				}
			}
		}
	}
}

func (r rule) allows(imported string) bool {
	if strings.HasPrefix(imported, module) {
		return r.ours == "*" || slices.Contains(r.ownPackages(), imported)
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return imported != "C" // the standard library; the binary is static
	}
	return r.others == "*" || slices.ContainsFunc(strings.Fields(r.others), func(prefix string) bool {
		return imported == prefix || strings.HasPrefix(imported, prefix+"/")
	})
}

// ownPackages are the import paths of our packages that the rule allows.
func (r rule) ownPackages() []string {
	var paths []string
	for _, name := range strings.Fields(r.ours) {
		if top, ok := strings.CutPrefix(name, "/"); ok {
			paths = append(paths, module+top)
		} else {
			paths = append(paths, module+"internal/"+name)
		}
	}
	return paths
}

// The test above passes on a tree that keeps the rules, so it does not show that the rules refuse anything.
func TestRules_refuseWhatTheyShould(t *testing.T) {
	for _, tt := range []struct {
		dir, imported string
		want          bool
	}{
		{"internal/fleet", "time", true},
		{"internal/fleet", "C", false},
		{"internal/fleet", module + "internal/policy", false},
		{"internal/report", module + "internal/fleet", true},
		{"internal/report", "github.com/go-kit/log", false},
		{"internal/observe", "golang.org/x/sync/errgroup", true},
		{"internal/observe", "golang.org/x/synctest", false},
		{"internal/observe", module + "internal/awsapi", false},
		{"internal/observe", "github.com/aws/aws-sdk-go-v2/service/sagemaker", false},
		{"internal/awsapi", "github.com/aws/aws-sdk-go-v2/service/sagemaker", true},
		{"internal/awsapi", "github.com/prometheus/client_golang/prometheus", false},
		{"internal/awssim", "github.com/aws/smithy-go/encoding/cbor", true},
		{"internal/awssim", "github.com/aws/smithy-go", false},
		{"internal/cycle", module + "collector", false},
		{"collector", module + "internal/awsapi", false},
		{"cmd/exporter", module + "internal/awsapi", true},
	} {
		if got := rules[tt.dir].allows(tt.imported); got != tt.want {
			t.Errorf("%s imports %s: allowed %t, want %t", tt.dir, tt.imported, got, tt.want)
		}
	}
}

// TestDepguard_hasTheSameTable: depguard shows a forbidden import in the editor; it must not have an opinion of its own.
func TestDepguard_hasTheSameTable(t *testing.T) {
	file, err := os.ReadFile(root + "/.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var lint struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						ListMode string   `yaml:"list-mode"`
						Files    []string `yaml:"files"`
						Allow    []string `yaml:"allow"`
						Deny     []struct {
							Pkg string `yaml:"pkg"`
						} `yaml:"deny"`
					} `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	if err := yaml.Unmarshal(file, &lint); err != nil {
		t.Fatal(err)
	}
	lists := lint.Linters.Settings.Depguard.Rules
	var denied, pureFiles []string
	for _, deny := range lists["pure"].Deny {
		denied = append(denied, strings.TrimSuffix(deny.Pkg, "$"))
	}
	for dir, rule := range rules {
		if rule.why == pure {
			pureFiles = append(pureFiles, "**/"+dir+"/*.go")
		}
	}
	slices.Sort(pureFiles)
	pureFiles = append(pureFiles, "!$test")
	if !slices.Equal(lists["pure"].Files, pureFiles) {
		t.Errorf("depguard: the files of pure are %q, want %q", lists["pure"].Files, pureFiles)
	}
	if !slices.Equal(denied, impure) {
		t.Errorf("depguard denies pure code %q, want %q", denied, impure)
	}
	delete(lists, "pure")
	for dir, rule := range rules {
		if rule.ours == "*" {
			continue
		}
		name := path.Base(dir)
		list, ok := lists[name]
		delete(lists, name)
		allow := slices.Concat([]string{"$gostd"}, rule.ownPackages(), strings.Fields(rule.others))
		files := []string{"**/" + dir + "/*.go", "!$test"}
		switch {
		case !ok:
			t.Errorf("depguard has no list %s", name)
		case list.ListMode != "strict":
			t.Errorf("depguard: the list-mode of %s is %q, want strict", name, list.ListMode)
		case !slices.Equal(list.Files, files):
			t.Errorf("depguard: the files of %s are %q, want %q", name, list.Files, files)
		case !slices.Equal(list.Allow, allow):
			t.Errorf("depguard: %s allows %q, want %q", name, list.Allow, allow)
		}
	}
	for name := range lists {
		t.Errorf("depguard has a list %s, the table has no such row", name)
	}
}

// impure are the packages of the standard library by which code acts on something or learns from elsewhere than from its
// arguments. math/rand/v2 is not among them: the model draws from a source with a seed.
var impure = []string{"crypto/rand", "io/ioutil", "log", "log/slog", "math/rand", "net", "net/http", "os", "os/exec", "runtime", "syscall"}

// clock are the functions of package time that read the clock or wait for it.
var clock = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}

func TestPure_readsNoClockAndActsOnNothing(t *testing.T) {
	for dir, files := range packages(t, parser.SkipObjectResolution) {
		if rules[dir].why != pure {
			continue
		}
		for _, file := range files {
			clockName := ""
			for _, spec := range file.Imports {
				imported := importPath(t, spec)
				if slices.Contains(impure, imported) {
					t.Errorf("%s imports %s: %s", dir, imported, pure)
				}
				if imported == "time" {
					clockName = "time"
					if spec.Name != nil {
						clockName = spec.Name.Name
					}
				}
				if spec.Name != nil && spec.Name.Name == "." {
					t.Errorf("%s imports %s with a dot: nobody can see where a name comes from", dir, imported)
				}
			}
			if clockName == "" {
				continue
			}
			ast.Inspect(file, func(node ast.Node) bool {
				selector, ok := node.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := selector.X.(*ast.Ident); ok && x.Name == clockName && slices.Contains(clock, selector.Sel.Name) {
					t.Errorf("%s uses time.%s: pure code is given the time", dir, selector.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestPackages_haveADocComment(t *testing.T) {
	for dir, files := range packages(t, parser.ParseComments) {
		if !slices.ContainsFunc(files, func(file *ast.File) bool { return file.Doc != nil }) {
			t.Errorf("%s has no package comment: one sentence says what it is for", dir)
		}
	}
}
