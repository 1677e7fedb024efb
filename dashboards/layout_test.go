package dashboards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestPanels_fillTheGridWithoutOverlap(t *testing.T) {
	for name, b := range boards(t) {
		for _, problem := range misplaced(b.Panels) {
			t.Errorf("%s: %s", name, problem)
		}
		for _, row := range b.Panels {
			below := slices.Clone(row.Panels)
			for i := range below {
				below[i].GridPos.Y -= row.GridPos.Y + 1
			}
			for _, problem := range misplaced(below) {
				t.Errorf("%s: %s: %s", name, row.Title, problem)
			}
			if row.Collapsed != (len(below) > 0) {
				t.Errorf("%s: %s has %d panels in it, and is folded: %t", name, row.Title, len(below), row.Collapsed)
			}
		}
	}
}

// misplaced says which panels overlap, stick out or are too narrow to read, and where there are holes.
func misplaced(panels []drawn) []string {
	var problems []string
	taken := map[[2]int]string{}
	bottom := 0
	for _, p := range panels {
		at := p.GridPos
		if at.X < 0 || at.Y < 0 || at.X+at.W > columns || at.H < 1 {
			problems = append(problems, fmt.Sprintf("%q sticks out of the grid", p.Title))
		}
		if at.W < 4 { // 200 pixels on a screen of 1280
			problems = append(problems, fmt.Sprintf("%q is too narrow", p.Title))
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok && other != p.Title {
					problems = append(problems, fmt.Sprintf("%q overlaps %q", p.Title, other))
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		bottom = max(bottom, at.Y+at.H)
	}
	slices.Sort(problems)
	problems = slices.Compact(problems)
	if len(problems) == 0 && len(taken) != columns*bottom {
		problems = append(problems, fmt.Sprintf("%d cells of the grid are empty", columns*bottom-len(taken)))
	}
	return problems
}

func TestMisplaced_findsWhatItShould(t *testing.T) {
	place := func(title string, x, y, w, h int) drawn {
		p := drawn{Title: title}
		p.GridPos.X, p.GridPos.Y, p.GridPos.W, p.GridPos.H = x, y, w, h
		return p
	}
	for want, panels := range map[string][]drawn{
		"":                         {place("a", 0, 0, 12, 4), place("b", 12, 0, 12, 4)},
		`"b" overlaps "a"`:         {place("a", 0, 0, 12, 4), place("b", 8, 3, 16, 4)},
		`"a" sticks out`:           {place("a", 12, 0, 13, 4)},
		`"a" is too narrow`:        {place("a", 0, 0, 3, 1), place("b", 3, 0, 21, 1)},
		"48 cells of the grid are": {place("a", 0, 0, 12, 4)},
	} {
		if got := strings.Join(misplaced(panels), "; "); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	}
}

func TestPanels_sayWhatTheyShowAndWhatToDo(t *testing.T) {
	kinds := []string{"stat", "timeseries", "table", "state-timeline", "bargauge"}
	units := []string{"short", "none", "s", "percentunit", "reqps", "bytes", "currencyUSD", multiples}
	for name, b := range boards(t) {
		if b.Title == "" || b.Description == "" || b.SchemaVersion != 42 {
			t.Errorf("%s: title %q, description %q, schema %d", name, b.Title, b.Description, b.SchemaVersion)
		}
		titles := map[string]bool{}
		for _, p := range b.all() {
			if p.ID != nil || p.Title == "" {
				t.Errorf("%s: panel %q has an id, or no title", name, p.Title)
			}
			if titles[p.Title] {
				t.Errorf("%s: two panels are called %q", name, p.Title)
			}
			titles[p.Title] = true
			defaults := p.FieldConfig.Defaults
			switch {
			case !slices.Contains(kinds, p.Type):
				t.Errorf("%s: %q is a %s, which nobody has looked at here", name, p.Title, p.Type)
			case strings.Count(p.Description, " ") < 8 || !strings.HasSuffix(p.Description, "."):
				t.Errorf("%s: %q does not say what to do: %q", name, p.Title, p.Description)
			case !slices.Contains(units, defaults.Unit) && (p.Type != "table" || defaults.Unit != "string"):
				t.Errorf("%s: %q has the unit %q", name, p.Title, defaults.Unit)
			case defaults.NoValue == "":
				t.Errorf("%s: %q does not say why it is empty when it is", name, p.Title)
			case len(defaults.Thresholds.Steps) == 0 || defaults.Thresholds.Steps[0].Value != nil:
				t.Errorf("%s: %q has no thresholds, or none that begins at the bottom", name, p.Title)
			case len(p.Targets) == 0 || p.Datasource["uid"] != "${datasource}":
				t.Errorf("%s: %q has no query, or a datasource of its own", name, p.Title)
			}
			for i, target := range p.Targets {
				if target.RefID != refID(i) || target.Datasource["uid"] != "${datasource}" {
					t.Errorf("%s: query %d of %q is %s of %v", name, i, p.Title, target.RefID, target.Datasource)
				}
				if p.Type != "table" && target.LegendFormat == "" {
					t.Errorf("%s: query %d of %q has no legend", name, i, p.Title)
				}
			}
		}
	}
}

// Overrides that match nothing do nothing, and nobody sees it.
func TestOverrides_matchASeriesOfTheirPanel(t *testing.T) {
	for name, b := range boards(t) {
		for _, p := range b.all() {
			for _, override := range p.FieldConfig.Overrides {
				if override.Matcher.ID != "byRegexp" {
					continue
				}
				pattern := regexp.MustCompile(strings.Trim(override.Matcher.Options, "/"))
				legends := 0
				for _, target := range p.Targets {
					for _, variant := range seriesNames(target.LegendFormat) {
						if pattern.MatchString(variant) {
							legends++
						}
					}
				}
				if legends == 0 {
					t.Errorf("%s: %s in %q matches no series", name, override.Matcher.Options, p.Title)
				}
			}
		}
	}
}

// values are those that labels of legends have; the closed sets are those of docs/metrics.md.
var values = map[string][]string{
	"{{variant_name}}": {"AllTraffic"},
	"{{severity}}":     {"critical", "warning", "info"},
	"{{status}}":       {"Successful", "Overridden", "Unfulfilled", "Failed"},
	"{{outcome}}":      {"applied", "failed"},
	"{{action}}":       {"create", "update"},
	"{{code}}":         {"OK"},
	"{{reason}}": {
		"quota", "no_capacity", "other", "contested", "AlreadyAtMaxCapacity", "AlreadyAtMinCapacity", "AlreadyAtDesiredCapacity",
		"TargetServicePutResourceAsUnscalable", "AutoScalingAnticipatedFlapping",
	},
}

func seriesNames(legend string) []string {
	names := []string{legend}
	for label, choices := range values {
		var more []string
		for _, name := range names {
			if !strings.Contains(name, label) {
				more = append(more, name)
				continue
			}
			for _, choice := range choices {
				more = append(more, strings.ReplaceAll(name, label, choice))
			}
		}
		names = more
	}
	return names
}

func TestColours_areGrafanasByTheirMeaning(t *testing.T) {
	colour := regexp.MustCompile(`"(?:color|fixedColor|iconColor)": "([^"]*)"`)
	palette := []string{"green", "orange", "red", "blue", "purple", "text", "gray", "yellow", "light-blue"}
	for name := range described() {
		file, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := colour.FindAllSubmatch(file, -1)
		if len(found) < 20 {
			t.Errorf("%s has only %d colours", name, len(found))
		}
		for _, match := range found {
			if !slices.Contains(palette, string(match[1])) {
				t.Errorf("%s has the colour %s, which is not readable in both themes or means nothing here", name, match[1])
			}
		}
	}
}
