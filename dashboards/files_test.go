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
	Inputs                  []any `json:"__inputs"`
	Templating              struct{ List []variable }
	Annotations             struct {
		List []struct {
			Name, Expr, IconColor, TextFormat, TagKeys string
			UseValueForTime                            bool
		}
	}
	Links  []topLink
	Panels []drawn
}

type variable struct {
	Name, Type, AllValue, Definition, Regex string
	Hide                                    int
	Multi, IncludeAll                       bool
	Query                                   any
}

type topLink struct {
	Title, URL            string
	KeepTime, IncludeVars bool
}

type drawn struct {
	Type, Title, Description string
	Collapsed                bool
	ID                       *int
	Datasource               map[string]string
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []target
	FieldConfig              struct {
		Defaults  field
		Overrides []override
	}
	Options struct {
		Legend struct {
			Placement, SortBy string
			SortDesc          bool
		}
		MergeValues bool
		SortBy      []struct {
			DisplayName string
			Desc        bool
		}
	}
	Panels []drawn // of a folded row
}

type target struct {
	Expr, LegendFormat, RefID, Format string
	Instant, Range                    bool
	Datasource                        map[string]string
}

type field struct {
	Unit, NoValue string
	DisplayName   string
	Min, Decimals *float64
	Color         struct{ Mode, FixedColor string }
	Thresholds    ramp
	Links         []struct{ URL string }
	Mappings      []struct {
		Options map[string]struct{ Text, Color string }
	}
	Custom struct {
		Filterable                          bool
		AxisSoftMax                         *float64
		AxisPlacement, AxisLabel, DrawStyle string
	}
}

type ramp struct {
	Steps []struct {
		Color string
		Value *float64
	}
}

type override struct {
	Matcher    struct{ ID, Options string }
	Properties []struct {
		ID    string
		Value json.RawMessage
	}
}

// property reads a property of the override, if it has it.
func (o override) property(t *testing.T, id string, into any) bool {
	t.Helper()
	for _, p := range o.Properties {
		if p.ID == id {
			if err := json.Unmarshal(p.Value, into); err != nil {
				t.Fatal(err)
			}
			return true
		}
	}
	return false
}

// all are the panels of a dashboard without its headings, those of folded rows too.
func (b board) all() []drawn {
	var panels []drawn
	for _, p := range b.Panels {
		if p.Type != "row" {
			panels = append(panels, p)
		}
		panels = append(panels, p.Panels...)
	}
	return panels
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
