package dashboards

import "maps"

// The colours of Grafana's palette by what they mean. Each has a tone for the dark and for the light theme.
const (
	good    = "green"
	warning = "orange"
	bad     = "red"
	neutral = "blue"
	special = "purple"
	plain   = "text"
	gray    = "gray"   // nothing is known
	yellow  = "yellow" // these two mean nothing
	pale    = "light-blue"
)

// query is one query of a panel.
type query struct {
	expr   string
	legend string
}

// panel is one panel of a dashboard.
type panel struct {
	kind    string
	title   string
	about   string // what it shows, and what to do when it looks wrong
	width   int
	queries []query
	latest  bool   // only the newest value matters
	format  string // of the answer: time_series, table

	defaults        object // of its fields: unit, thresholds and so on
	overrides       list
	options         object
	transformations list
}

// with returns the panel with another default of its fields.
func (p panel) with(name string, value any) panel {
	p.defaults = maps.Clone(p.defaults)
	p.defaults[name] = value
	return p
}

// custom returns the panel with another default that only its kind has.
func (p panel) custom(name string, value any) panel {
	custom := object{}
	if before, ok := p.defaults["custom"].(object); ok {
		custom = maps.Clone(before)
	}
	custom[name] = value
	return p.with("custom", custom)
}

// option returns the panel with another option.
func (p panel) option(name string, value any) panel {
	p.options = maps.Clone(p.options)
	p.options[name] = value
	return p
}

// step is a threshold: the colour from a value on.
type step struct {
	from   float64
	colour string
}

// thresholds are the colours from values on. What is below all of them, or not known, is gray: never the colour of what is well.
func thresholds(steps ...step) object {
	all := list{object{"color": gray, "value": nil}}
	for _, s := range steps {
		all = append(all, object{"color": s.colour, "value": s.from})
	}
	return object{"mode": "absolute", "steps": all}
}

// colours returns the panel with a colour from each threshold on; a graph draws them as lines.
func (p panel) colours(steps ...step) panel {
	if p.kind == "timeseries" {
		p = p.custom("thresholdsStyle", object{"mode": "dashed"})
	}
	return p.with("thresholds", thresholds(steps...))
}

// red returns the panel with red in place of gray: that nothing is known is itself the fault.
func (p panel) red() panel {
	known := p.defaults["thresholds"].(object)
	steps := append(list{object{"color": bad, "value": nil}}, known["steps"].(list)[1:]...)
	return p.with("thresholds", object{"mode": known["mode"], "steps": steps})
}

// empty returns the panel with the words that it shows while there is nothing to show.
func (p panel) empty(words string) panel { return p.with("noValue", words) }

// says returns the panel with words in place of values.
func (p panel) says(words ...object) panel { return p.with("mappings", list{mapping(words...)}) }

func mapping(words ...object) object {
	merged := object{}
	for i, word := range words {
		for value, result := range word {
			shown := maps.Clone(result.(object))
			shown["index"] = i
			merged[value] = shown
		}
	}
	return object{"type": "value", "options": merged}
}

// word is what is shown for a value, and its colour.
func word(value, text, colour string) object {
	return object{value: object{"text": text, "color": colour}}
}

// links returns the panel with a link on each value.
func (p panel) links(title, url string) panel {
	return p.with("links", list{object{"title": title, "url": url}})
}

// override returns the panel with properties of the series whose names match a regular expression.
func (p panel) override(pattern string, properties ...object) panel {
	p.overrides = append(p.overrides[:len(p.overrides):len(p.overrides)], object{
		"matcher": object{"id": "byRegexp", "options": "/^" + pattern + "$/"}, "properties": properties,
	})
	return p
}

func property(id string, value any) object { return object{"id": id, "value": value} }

// The looks of series.
func paint(colour string) object {
	return property("color", object{"mode": "fixed", "fixedColor": colour})
}

func dashed() object { return property("custom.lineStyle", object{"fill": "dash", "dash": list{8, 6}}) }
func bare() object   { return property("custom.fillOpacity", 0) }
func steps() object  { return property("custom.lineInterpolation", "stepAfter") }
func right(label string) []object {
	return []object{property("custom.axisPlacement", "right"), property("custom.axisLabel", label)}
}

// json is the panel as Grafana has it. It has no id: Grafana numbers panels by itself.
func (p panel) json(x, y, height int) object {
	targets := list{}
	for i, q := range p.queries {
		targets = append(targets, object{
			"datasource": datasource, "editorMode": "code", "expr": q.expr, "format": p.format, "instant": p.latest,
			"legendFormat": q.legend, "range": !p.latest, "refId": refID(i),
		})
	}
	overrides := p.overrides
	if overrides == nil {
		overrides = list{}
	}
	drawn := object{
		"type": p.kind, "title": p.title, "description": p.about, "datasource": datasource, "targets": targets,
		"gridPos":     object{"x": x, "y": y, "w": p.width, "h": height},
		"fieldConfig": object{"defaults": p.defaults, "overrides": overrides},
		"interval":    "1m", // CloudWatch has nothing finer
		"options":     p.options,
	}
	if p.transformations != nil {
		drawn["transformations"] = p.transformations
	}
	return drawn
}

// refID is the name of a query within its panel.
func refID(i int) string { return string(rune('A' + i)) }
