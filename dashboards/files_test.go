package dashboards

import (
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the dashboards")

func TestFiles_areTheDescriptionInTheCanonicalForm(t *testing.T) {
	for name, dashboard := range described() {
		want, err := canonical(dashboard.json())
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := fs.ReadFile(Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not what is described: run make generate", name)
		}
	}
}

func TestFiles_areAllDescribed(t *testing.T) {
	names, err := fs.Glob(Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	if described := slices.Sorted(maps.Keys(described())); !slices.Equal(names, described) {
		t.Errorf("the files are %q, described are %q", names, described)
	}
}

// board is what the tests read of a dashboard: the file, as Grafana gets it.
type board struct {
	UID, Title, Description string
	SchemaVersion           int
	Templating              struct {
		List []struct {
			Name, Type, AllValue, Definition string
			Multi, IncludeAll                bool
			Query                            any
		}
	}
	Annotations struct {
		List []struct{ Name, Expr, IconColor, TextFormat, TagKeys string }
	}
	Links []struct {
		Title, URL            string
		KeepTime, IncludeVars bool
	}
	Panels []drawn
}

type drawn struct {
	Type, Title, Description string
	ID                       *int
	Datasource               map[string]string
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct {
		Expr, LegendFormat, RefID, Format string
		Instant                           bool
		Datasource                        map[string]string
	}
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Thresholds    struct {
				Steps []struct {
					Color string
					Value *float64
				}
			}
		}
		Overrides []struct {
			Matcher    struct{ ID, Options string }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
}

// boards are the dashboards by the names of their files.
func boards(t *testing.T) map[string]board {
	t.Helper()
	all := map[string]board{}
	for name := range described() {
		file, err := fs.ReadFile(Files, name)
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(file, &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = b
	}
	return all
}
