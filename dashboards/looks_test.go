package dashboards

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// perPanel runs a check of every panel.
func perPanel(t *testing.T, check func(p drawn) []string) {
	t.Helper()
	for name, b := range boards(t) {
		for _, p := range b.all() {
			for _, problem := range check(p) {
				t.Errorf("%s: %q %s", name, p.Title, problem)
			}
		}
	}
}

// A stat that reads a range keeps its last value when the exporter is gone; a graph of the present has one point.
func TestPanels_askForThePresentOrForARange(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		present := slices.Contains([]string{"stat", "table", "bargauge"}, p.Type)
		for _, target := range p.Targets {
			if target.Instant != present || target.Range == present {
				problems = append(problems, fmt.Sprintf("is a %s, and its query %s is instant: %t", p.Type, target.RefID, target.Instant))
			}
			if (p.Type == "stat" || p.Type == "bargauge") && ranged.MatchString(target.Expr) && !strings.Contains(target.Expr, ") and on () count (") {
				problems = append(problems, "goes on for as long as it looks back when the exporter is gone")
			}
		}
		return problems
	})
}

// Grafana leaves out the name of an only bar, unless the panel gives it.
func TestBars_haveTheirNames(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type == "bargauge" && p.FieldConfig.Defaults.DisplayName == "" {
			problems = append(problems, "does not say whose its bar is where there is only one")
		}
		return problems
	})
}

// The colour below all thresholds is that of "no data": it must not say that all is well.
func TestColours_ofWhatIsNotKnownAreGrayOrRed(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		ramps := []ramp{p.FieldConfig.Defaults.Thresholds}
		for _, o := range p.FieldConfig.Overrides {
			var of ramp
			if o.property(t, "thresholds", &of) {
				ramps = append(ramps, of)
			}
		}
		for _, of := range ramps {
			if base := of.Steps[0].Color; base != gray && base != bad {
				problems = append(problems, "is "+base+" where nothing is known")
			}
		}
		return problems
	})
}

// Grafana merges equal values of a timeline by thresholds, if its colours come from there, and shows ranges of numbers then.
func TestTimelines_keepTheirWords(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type != "state-timeline" {
			return nil
		}
		defaults := p.FieldConfig.Defaults
		if defaults.Color.Mode != "fixed" || len(defaults.Mappings) == 0 {
			problems = append(problems, "has the colours "+defaults.Color.Mode+", or no words")
		}
		for _, m := range defaults.Mappings {
			for value, w := range m.Options {
				if w.Text == "" || w.Color == "" {
					problems = append(problems, "has no word or no colour for "+value)
				}
			}
		}
		return problems
	})
}

// fixed is the series name that an override paints, and its colour.
func (o override) fixed(t *testing.T) (pattern *regexp.Regexp, colour string) {
	t.Helper()
	var to struct{ FixedColor string }
	if !o.property(t, "color", &to) {
		return nil, ""
	}
	return regexp.MustCompile(strings.Trim(o.Matcher.Options, "/")), to.FixedColor
}

// A series whose name is known has a colour of its own, and others that of their name: never that of their place.
func TestGraphs_giveEachSeriesItsOwnColour(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type != "timeseries" {
			return nil
		}
		if mode := p.FieldConfig.Defaults.Color.Mode; mode != "palette-classic-by-name" {
			problems = append(problems, "has the colours "+mode)
		}
		painted := map[string]string{}
		for _, target := range p.Targets {
			if strings.Contains(target.LegendFormat, "{{") {
				continue
			}
			colour := ""
			for _, o := range p.FieldConfig.Overrides {
				if pattern, c := o.fixed(t); pattern != nil && pattern.MatchString(target.LegendFormat) {
					colour = c
				}
			}
			if other, taken := painted[colour]; colour == "" || taken {
				problems = append(problems, fmt.Sprintf("paints %q %q, and %q too", target.LegendFormat, colour, other))
			}
			painted[colour] = target.LegendFormat
		}
		return problems
	})
}

func TestGraphs_haveReadableAxesAndLegends(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type != "timeseries" {
			return nil
		}
		defaults, legend := p.FieldConfig.Defaults, p.Options.Legend
		if legend.Placement != "right" || legend.SortBy != "Last *" || !legend.SortDesc {
			problems = append(problems, "has a legend that is not on the right, or not sorted by the last value")
		}
		if defaults.Min == nil || *defaults.Min != 0 {
			problems = append(problems, "does not begin at 0")
		}
		if defaults.Custom.AxisSoftMax == nil && defaults.Unit != "bytes" {
			problems = append(problems, "has fractions for ticks while all is 0")
		}
		if defaults.Unit == "none" && (defaults.Decimals == nil || *defaults.Decimals != 0) {
			problems = append(problems, "counts in fractions")
		}
		if defaults.Custom.DrawStyle == "bars" && strings.Contains(p.Targets[0].Expr, "increase(") {
			problems = append(problems, "draws one event as bars for as long as its window")
		}
		// Each unit has one axis, and each axis one unit.
		axes := map[string]string{}
		for _, o := range p.FieldConfig.Overrides {
			unit, place, name := defaults.Unit, defaults.Custom.AxisPlacement, defaults.Custom.AxisLabel
			o.property(t, "unit", &unit)
			o.property(t, "custom.axisPlacement", &place)
			o.property(t, "custom.axisLabel", &name)
			axis := place + " " + name
			for u, a := range axes {
				if (u == unit) != (a == axis) {
					problems = append(problems, fmt.Sprintf("has %s on the axis %q and %s on %q", unit, axis, u, a))
				}
			}
			axes[unit] = axis
		}
		return problems
	})
}

// On a screen of 1280 a table as wide as that has 1,230 pixels. A letter of a header takes 7.5, its arrow and margins 36.
func TestTables_showTheirHeaders(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type != "table" {
			return nil
		}
		if p.FieldConfig.Defaults.Custom.Filterable {
			problems = append(problems, "has filter icons in front of its headers")
		}
		used, free := 0, 0
		for _, o := range p.FieldConfig.Overrides {
			var width int
			var title, empty string
			o.property(t, "displayName", &title)
			if o.property(t, "noValue", &empty); empty != "-" {
				problems = append(problems, "shows the words for the empty table in an empty cell of "+title)
			}
			if !o.property(t, "custom.width", &width) {
				free++
				continue
			}
			used += width
			if need := int(7.5*float64(len(title))) + 36; width < need {
				problems = append(problems, fmt.Sprintf("cuts the header %q: it has %d pixels and needs %d", title, width, need))
			}
		}
		if screen := 1230 * p.GridPos.W / columns; used+free*80 > screen {
			problems = append(problems, fmt.Sprintf("is %d pixels wide, beside %d columns", used, free))
		}
		return problems
	})
}

// A stat of four columns has room for 17 letters on a screen of 1280.
func TestStats_showTheirTitles(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		if p.Type == "stat" && len(p.Title)*4 > p.GridPos.W*17 {
			problems = append(problems, "is cut")
		}
		return problems
	})
}

// Worst first: severity leads, and among equal ones what lasts longest.
func TestTables_areSortedBySeverity(t *testing.T) {
	perPanel(t, func(p drawn) (problems []string) {
		file, err := json.Marshal(p.FieldConfig.Overrides)
		if err != nil {
			t.Fatal(err)
		}
		if p.Type == "table" && strings.Contains(string(file), `"Severity"`) &&
			(len(p.Options.SortBy) == 0 || p.Options.SortBy[0].DisplayName != "Severity" || !p.Options.SortBy[0].Desc) {
			problems = append(problems, "is not sorted by severity")
		}
		return problems
	})
}

// The first screen of the two dashboards for people has its age, what is wrong, and no heading before that.
func TestBoards_beginWithWhatIsWrong(t *testing.T) {
	for uid, want := range map[string][]string{
		fleetUID:    {"Data age", "Critical", "Alerts that fire", "Endpoints"},
		endpointUID: {"Data age", "State", "Checks that fail", "Alerts that fire", "Queue, age and instances"},
	} {
		b, rows := byUID(t)[uid], 0
		var first []string
		for _, p := range b.Panels {
			if p.Type == "row" {
				break
			}
			rows = p.GridPos.Y + p.GridPos.H
			if slices.Contains(want, p.Title) {
				first = append(first, p.Title)
			}
		}
		if !slices.Equal(first, want) || rows > 23 { // of 38 pixels
			t.Errorf("%s begins with %q in %d rows, want %q", b.Title, first, rows, want)
		}
	}
}

// Replicas may see an endpoint in two states for a moment; the worse of them is shown.
func TestState_isOne(t *testing.T) {
	expr := state()
	at := -1
	for _, s := range states {
		next := strings.Index(expr, `state="`+s.name+`"`)
		if next <= at {
			t.Errorf("%s stands before one that is worse, in %s", s.name, expr)
		}
		at = next
	}
	if !strings.Contains(expr, " * 10 or ") || !strings.HasSuffix(expr, " * 1)") {
		t.Errorf("the numbers are those of no words: %s", expr)
	}
}
