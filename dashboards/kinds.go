package dashboards

// newest reduces a series to its last value.
var newest = object{"calcs": list{"lastNotNull"}, "fields": "", "values": false}

func draw(kind string, width int, title, unit, about string, queries []query) panel {
	return panel{
		kind: kind, width: width, title: title, about: about, queries: queries, format: "time_series",
		defaults: object{"unit": unit, "thresholds": thresholds(), "color": object{"mode": "thresholds"}},
	}
}

// stat is a number of the present, or of the whole range. It is asked for the present alone: the last value of a range
// would stay when the exporter is gone.
func stat(width int, title, unit, about string, queries ...query) panel {
	p := draw("stat", width, title, unit, about, queries)
	p.latest = true
	p.options = object{
		"colorMode": "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "reduceOptions": newest,
		"textMode": "auto", "wideLayout": true,
	}
	return p.empty("no data")
}

// softMax is up to where the axis of a graph goes at least, by the unit: without it a line at 0 has ticks of fractions.
var softMax = map[string]float64{"none": 4, "short": 10, "s": 1, "percentunit": 1, "reqps": 0.1, "currencyUSD": 1, multiples: 2}

// graph is lines over time. A series has a colour of its own that does not depend on which others there are: that of its
// name, unless an override says which.
func graph(width int, title, unit, about string, queries ...query) panel {
	p := draw("timeseries", width, title, unit, about, queries)
	p.defaults["color"] = object{"mode": "palette-classic-by-name"}
	p.defaults["min"] = 0
	p.defaults["custom"] = object{
		"axisLabel": "", "axisPlacement": "auto", "drawStyle": "line", "fillOpacity": 10, "gradientMode": "none",
		"lineInterpolation": "linear", "lineWidth": 2, "pointSize": 5, "scaleDistribution": object{"type": "linear"},
		"showPoints": "auto", "spanNulls": false, "stacking": object{"group": "A", "mode": "none"},
		"thresholdsStyle": object{"mode": "off"},
	}
	if most, ok := softMax[unit]; ok {
		p = p.custom("axisSoftMax", most)
	}
	if unit == "none" {
		p = p.with("decimals", 0)
	}
	p.options = object{
		"legend": object{
			"calcs": list{"lastNotNull"}, "displayMode": "table", "placement": "right", "showLegend": true,
			"sortBy": "Last *", "sortDesc": true,
		},
		"tooltip": object{"mode": "multi", "sort": "desc"},
	}
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

// timeline is the states of series over time. Its colours come from its words: those of thresholds would replace the words
// by ranges of numbers, because equal values are merged.
func timeline(width int, title, about string, queries ...query) panel {
	p := draw("state-timeline", width, title, "none", about, queries)
	p.defaults["color"] = object{"mode": "fixed", "fixedColor": gray}
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
	p.defaults["displayName"] = "${__field.labels.endpoint_name}" // else Grafana leaves out the name of an only bar
	p.options = object{
		"displayMode": "basic", "orientation": "horizontal", "reduceOptions": newest, "showUnfilled": true, "valueMode": "color",
		"text": object{"titleSize": 14, "valueSize": 16}, "maxVizHeight": 40,
	}
	return p
}

// multiples is the unit of what is so many times something else: 28x. The unit suffix:x puts a space before the x, and this one, which
// Grafana has for sums of money, does not.
const multiples = "currency:financial:x:suffix"
