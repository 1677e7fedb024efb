package dashboards

import "maps"

// newest reduces a series to its last value.
var newest = object{"calcs": list{"lastNotNull"}, "fields": "", "values": false}

func draw(kind string, width int, title, unit, about string, queries []query) panel {
	return panel{
		kind: kind, width: width, title: title, about: about, queries: queries, format: "time_series",
		defaults: object{"unit": unit, "thresholds": thresholds(good), "color": object{"mode": "thresholds"}},
	}
}

// stat is a number, with how it went behind it.
func stat(width int, title, unit, about string, queries ...query) panel {
	p := draw("stat", width, title, unit, about, queries)
	p.options = object{
		"colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "reduceOptions": newest,
		"textMode": "auto", "wideLayout": true,
	}
	return p
}

// figure is a number of the present, or of the whole range.
func figure(width int, title, unit, about string, queries ...query) panel {
	p := stat(width, title, unit, about, queries...).option("graphMode", "none")
	p.latest = true
	return p
}

// graph is lines over time.
func graph(width int, title, unit, about string, queries ...query) panel {
	p := draw("timeseries", width, title, unit, about, queries)
	p.defaults["color"] = object{"mode": "palette-classic"}
	p.defaults["min"] = 0
	p.defaults["custom"] = object{
		"axisLabel": "", "axisPlacement": "auto", "drawStyle": "line", "fillOpacity": 10, "gradientMode": "none",
		"lineInterpolation": "linear", "lineWidth": 2, "pointSize": 5, "scaleDistribution": object{"type": "linear"},
		"showPoints": "auto", "spanNulls": false, "stacking": object{"group": "A", "mode": "none"},
		"thresholdsStyle": object{"mode": "off"},
	}
	p.options = object{
		"legend":  object{"calcs": list{"lastNotNull", "max"}, "displayMode": "table", "placement": "bottom", "showLegend": true},
		"tooltip": object{"mode": "multi", "sort": "desc"},
	}
	return p
}

// signed lets a graph go below zero.
func (p panel) signed() panel {
	p.defaults = maps.Clone(p.defaults)
	delete(p.defaults, "min")
	return p
}

// stacked puts the lines of a graph on each other.
func (p panel) stacked() panel {
	return p.custom("stacking", object{"group": "A", "mode": "normal"}).custom("fillOpacity", 40)
}

// bars draws a graph as bars: things that happen, not things that last.
func (p panel) bars() panel {
	return p.custom("drawStyle", "bars").custom("lineWidth", 1).custom("fillOpacity", 60)
}

// timeline is the states of series over time.
func timeline(width int, title, about string, queries ...query) panel {
	p := draw("state-timeline", width, title, "short", about, queries)
	p.defaults["custom"] = object{"fillOpacity": 70, "lineWidth": 0}
	p.options = object{
		"alignValue": "left", "legend": object{"displayMode": "list", "placement": "bottom", "showLegend": false},
		"mergeValues": true, "rowHeight": 0.85, "showValue": "auto", "tooltip": object{"mode": "single", "sort": "none"},
	}
	return p
}

// ranking is a bar for each series, the longest first.
func ranking(width int, title, unit, about string, queries ...query) panel {
	p := draw("bargauge", width, title, unit, about, queries)
	p.latest = true
	p.defaults["min"] = 0
	p.options = object{
		"displayMode": "basic", "orientation": "horizontal", "reduceOptions": newest, "showUnfilled": true, "valueMode": "color",
	}
	return p
}
