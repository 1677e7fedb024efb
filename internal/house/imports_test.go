package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sagemaker-async/exporter/"

// rule says what a package may import directly beside the standard library.
type rule struct {
	ours   string // names of our packages
	others string // prefixes of other modules
	why    string
}

const pure = "it is pure: it decides on values and knows neither AWS nor Prometheus"

// rules are the table of docs/architecture.md.
var rules = map[string]rule{
	"internal/fleet":   {"", "", pure},
	"internal/ledger":  {"", "", pure},
	"internal/policy":  {"fleet", "", pure},
	"internal/check":   {"fleet policy", "", pure},
	"internal/plan":    {"fleet policy", "", pure},
	"internal/report":  {"fleet policy check plan", "", pure},
	"internal/sim":     {"fleet policy", "", pure},
	"internal/explain": {"fleet policy check plan report sim", "", pure},
	"internal/advise":  {"fleet policy check plan report sim", "", pure},
	"internal/config": {
		"policy", "go.yaml.in/yaml/v3 github.com/prometheus/common/model",
		"the file is read without knowing who uses it",
	},
	"internal/observe": {"fleet ledger", "golang.org/x/sync", "it asks through its own interfaces and never sees the SDK"},
	"internal/apply":   {"plan", "", "it looks at nothing but the plan"},
	"internal/awsapi": {
		"fleet plan", "github.com/aws/aws-sdk-go-v2 github.com/aws/smithy-go golang.org/x/time/rate golang.org/x/sync",
		"it is the wall to AWS and knows nothing of what is behind it",
	},
	"internal/awssim": {
		"sim fleet policy", "github.com/aws/smithy-go/encoding/cbor",
		"it must speak the wire protocols by itself: with the SDK it would prove nothing",
	},
	"internal/cycle": {"observe report apply fleet", "github.com/go-kit/log", "it turns the wheel and leaves thinking to others"},
	"internal/web":   {"report explain", "github.com/prometheus/exporter-toolkit", "a page shows what was published"},
	"internal/house": {"", "", "it holds rules and nothing else"},
	"collector": {
		"report fleet policy check plan", "github.com/prometheus/client_golang github.com/prometheus/common/version",
		"it is the wall to Prometheus: it reads reports and never asks AWS",
	},
	"cmd/exporter": {"*", "*", "it wires everything"},
	"e2e":          {"", "", "it holds tests alone"},
}

// sources parses the non-test files of the tree by package directory.
func sources(t *testing.T, mode parser.Mode) map[string][]*ast.File {
	t.Helper()
	const root = "../.."
	found := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || entry.Name() == "testdata" || entry.Name() == "tools"):
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

func TestImports_followTheTable(t *testing.T) {
	for dir, files := range sources(t, parser.ImportsOnly) {
		rule, ok := rules[dir]
		if !ok {
			t.Errorf("%s has no row in the table: say what it may import, and why", dir)
			continue
		}
		for _, file := range files {
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if !rule.allows(imported) {
					t.Errorf("%s must not import %s: %s", dir, imported, rule.why)
				}
			}
		}
	}
}

func (r rule) allows(imported string) bool {
	if rest, ours := strings.CutPrefix(imported, module); ours {
		return r.ours == "*" || slices.Contains(strings.Fields(r.ours), path.Base(rest))
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return true // the standard library
	}
	return r.others == "*" || slices.ContainsFunc(strings.Fields(r.others), func(prefix string) bool {
		return imported == prefix || strings.HasPrefix(imported, prefix+"/")
	})
}

func TestPure_readsNoClockAndActsOnNothing(t *testing.T) {
	for dir, files := range sources(t, parser.SkipObjectResolution) {
		if rules[dir].why != pure {
			continue
		}
		for _, file := range files {
			for _, spec := range file.Imports {
				switch imported, _ := strconv.Unquote(spec.Path.Value); imported {
				case "os", "net", "net/http", "log", "log/slog", "os/exec", "math/rand":
					t.Errorf("%s imports %s: %s", dir, imported, pure)
				}
			}
			ast.Inspect(file, func(node ast.Node) bool {
				selector, ok := node.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := selector.X.(*ast.Ident); ok && x.Name == "time" &&
					slices.Contains([]string{"Now", "Since", "Until", "After", "NewTimer", "NewTicker", "Sleep", "Tick"}, selector.Sel.Name) {
					t.Errorf("%s uses time.%s: pure code is given the time", dir, selector.Sel.Name)
				}
				return true
			})
		}
	}
}

func TestPackages_haveADocComment(t *testing.T) {
	for dir, files := range sources(t, parser.ParseComments) {
		if !slices.ContainsFunc(files, func(file *ast.File) bool { return file.Doc != nil }) {
			t.Errorf("%s has no package comment: one sentence says what it is for", dir)
		}
	}
}
