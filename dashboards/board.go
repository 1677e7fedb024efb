package dashboards

import "maps"

// datasource is the one that the user chooses.
var datasource = object{"type": "prometheus", "uid": "${datasource}"}

const docs = "https://github.com/sagemaker-async/exporter/blob/main/docs/"

// The uids are known to alerts and to whoever has a bookmark.
const (
	fleetUID    = "sagemaker-async-fleet"
	endpointUID = "sagemaker-async-endpoint"
	exporterUID = "sagemaker-async-exporter"
)

// dashboard is one dashboard.
type dashboard struct {
	uid       string
	title     string
	about     string
	variables []object // after those that all have
	sections  []section
}

// json is the dashboard as Grafana has it.
func (d dashboard) json() object {
	variables := list{
		object{
			"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
			"regex": "", "hide": 0, "multi": false, "includeAll": false, "current": object{}, "options": list{},
		},
		many(labelValues("account", "Account", "up", "account_id", process)),
		many(labelValues("region", "Region", "up", "region", `account_id=~"$account"`)),
	}
	for _, variable := range d.variables {
		variables = append(variables, variable)
	}
	return object{
		"uid": d.uid, "title": d.title, "description": d.about, "tags": list{"sagemaker-async"},
		"schemaVersion": 39, "editable": true, "graphTooltip": 1, "refresh": "1m", "timezone": "browser",
		"time":        object{"from": "now-6h", "to": "now"},
		"templating":  object{"list": variables},
		"annotations": object{"list": annotations()},
		"links":       d.links(),
		"panels":      arrange(d.sections),
	}
}

// labelValues is a variable whose choices are the values of a label.
func labelValues(name, title, metric, label string, l level) object {
	asked := "label_values(" + l.series(metric) + ", " + label + ")"
	return object{
		"name": name, "label": title, "type": "query", "datasource": datasource, "definition": asked,
		"query": object{"query": asked, "refId": "StandardVariableQuery"}, "refresh": 2, "sort": 1, "regex": "", "hide": 0,
		"multi": false, "includeAll": false, "current": object{}, "options": list{},
	}
}

// many lets a variable have several values, and all at first.
func many(variable object) object {
	variable = maps.Clone(variable)
	variable["multi"], variable["includeAll"], variable["allValue"] = true, true, ".+"
	variable["current"] = object{"selected": true, "text": list{"All"}, "value": list{"$__all"}}
	return variable
}

// endpointVariable is on every dashboard, so that links keep the choice.
func endpointVariable() object {
	return labelValues("endpoint", "Endpoint", "endpoint_info", "endpoint_name", scope)
}

// links lead to the other dashboards with the same variables and time, and to the documentation.
func (d dashboard) links() list {
	all := list{}
	for _, other := range []struct{ title, uid string }{
		{"Fleet", fleetUID}, {"Endpoint", endpointUID}, {"Exporter", exporterUID},
	} {
		if other.uid != d.uid {
			all = append(all, link(other.title, "/d/"+other.uid, true))
		}
	}
	return append(all, link("What the metrics say", docs+"metrics.md", false))
}

func link(title, url string, keep bool) object {
	return object{
		"type": "link", "title": title, "tooltip": "", "icon": map[bool]string{true: "dashboard", false: "doc"}[keep], "url": url,
		"tags": list{}, "asDropdown": false, "targetBlank": !keep, "keepTime": keep, "includeVars": keep,
	}
}

// toEndpoint leads to the Endpoint dashboard of the endpoint whose labels are given, at the same time.
func toEndpoint(account, region, name string) string {
	return "/d/" + endpointUID + "?var-datasource=${datasource}&var-account=" + account + "&var-region=" + region +
		"&var-endpoint=" + name + "&${__url_time_range}"
}

// annotations mark what happened: what scaled, what rang, what was written.
func annotations() list {
	// An alert of the exporter has no endpoint.
	firing := `ALERTS{alertname=~"SageMakerAsync.+", alertstate="firing", endpoint_name=~"|$endpoint"}`
	return list{
		// The value is the time, in milliseconds: the mark stands where the activity began, not where it was seen.
		annotation("Scaling activities", neutral, ofEndpoint.now("scaling_activity_last_start_timestamp_seconds")+" * 1000", true,
			"{{endpoint_name}} {{variant_name}}: an activity began", "endpoint_name,variant_name"),
		annotation("Alerts", bad, maxBy("alertname, severity, "+eachEndpoint, firing), false,
			"{{alertname}} {{endpoint_name}}", "alertname,severity,endpoint_name"),
		annotation("Reconcile writes", special, ofEndpoint.grown("5m", "reconcile_steps_total")+" > 0", false,
			"{{endpoint_name}} {{variant_name}}: {{kind}} {{outcome}}", "endpoint_name,kind,outcome"),
	}
}

// annotation has its query twice: Grafana 11 reads expr and step, later ones read target.
func annotation(name, colour, expr string, valueIsTime bool, words, tags string) object {
	return object{
		"name": name, "datasource": datasource, "enable": true, "hide": false, "iconColor": colour, "expr": expr, "step": "60s",
		"target":      object{"expr": expr, "interval": "60s", "refId": "Anno"},
		"titleFormat": name, "textFormat": words, "tagKeys": tags, "useValueForTime": valueIsTime,
	}
}
