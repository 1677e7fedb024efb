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

// schema is that of Grafana 12.2, which older ones read too: nothing in the files is newer than Grafana 11.
const schema = 42

// Whether a variable is shown.
const (
	shown  = 0
	hidden = 2
)

// dashboard is one dashboard.
type dashboard struct {
	uid       string
	title     string
	about     string
	single    bool     // it is about one endpoint, so account and region are one each
	marked    level    // of which scaling activities, alerts and writes are marked
	variables []object // after those that all have
	links     []object // beside those to other dashboards
	sections  []section
}

// json is the dashboard as Grafana has it. Its data source is a variable, which provisioning, a sidecar and the dialog of an
// import understand alike: an input (__inputs) is asked for by the dialog alone.
func (d dashboard) json() object {
	account, region := labelValues("account", "Account", "up", "account_id", process), labelValues("region", "Region", "up", "region", process+`, account_id=~"$account"`)
	if !d.single {
		account, region = many(account, ".+"), many(region, ".+")
	}
	variables := list{
		object{
			"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
			"regex": "", "hide": shown, "multi": false, "includeAll": false, "current": object{}, "options": list{},
		},
		clusterVariable(), account, region,
	}
	for _, variable := range d.variables {
		variables = append(variables, variable)
	}
	return object{
		"uid": d.uid, "title": d.title, "description": d.about, "tags": list{"sagemaker-async"},
		"schemaVersion": schema, "editable": true, "graphTooltip": 1, "refresh": "1m", "timezone": "browser",
		"time":        object{"from": "now-6h", "to": "now"},
		"templating":  object{"list": variables},
		"annotations": object{"list": annotations(d.marked)},
		"links":       d.leads(),
		"panels":      arrange(d.sections),
	}
}

// labelValues is a variable whose choices are the values of a label.
func labelValues(name, title, metric, label string, l level) object {
	return asked(name, title, "label_values("+l.series(metric)+", "+label+")")
}

// asked is a variable whose choices Prometheus knows.
func asked(name, title, query string) object {
	return object{
		"name": name, "label": title, "type": "query", "datasource": datasource, "definition": query,
		"query": object{"query": query, "refId": "StandardVariableQuery"}, "refresh": 2, "sort": 1, "regex": "", "hide": shown,
		"multi": false, "includeAll": false, "current": object{}, "options": list{},
	}
}

// many lets a variable have several values, and all at first, which is a regular expression.
func many(variable object, all string) object {
	variable = maps.Clone(variable)
	variable["multi"], variable["includeAll"], variable["allValue"] = true, true, all
	variable["current"] = object{"selected": true, "text": list{"All"}, "value": list{"$__all"}}
	return variable
}

// clusterVariable chooses among the Prometheus servers of one store. Most have none, so it is hidden; the value
// dashboards.clusters of the chart shows it. All of them is also what has no such label.
func clusterVariable() object {
	variable := many(labelValues("cluster", "Cluster", "up", "cluster", everywhere), ".*")
	variable["hide"] = hidden
	return variable
}

func endpointVariable() object {
	return labelValues("endpoint", "Endpoint", "endpoint_info", "endpoint_name", scope)
}

// chosen are the parameters of a link that keep what is chosen of the variables that all dashboards have.
const chosen = "?${datasource:queryparam}&${cluster:queryparam}"

// leads are the links at the top: to the dashboards of more than one endpoint, with account and region. To an endpoint lead the rows of Fleet: here nobody has chosen one.
func (d dashboard) leads() list {
	all := list{}
	for _, other := range []struct{ title, uid string }{{"Fleet", fleetUID}, {"Exporter", exporterUID}} {
		if other.uid != d.uid {
			all = append(all, link(other.title, "dashboard", "/d/"+other.uid+chosen+"&${account:queryparam}&${region:queryparam}", true))
		}
	}
	for _, l := range d.links {
		all = append(all, l)
	}
	return all
}

// link is a link at the top; one that stays in Grafana keeps the time.
func link(title, icon, url string, stays bool) object {
	return object{
		"type": "link", "title": title, "tooltip": "", "icon": icon, "url": url,
		"tags": list{}, "asDropdown": false, "targetBlank": !stays, "keepTime": stays, "includeVars": false,
	}
}

// toEndpoint leads to the Endpoint dashboard of the endpoint whose labels are given, at the same time.
func toEndpoint(account, region, name string) string {
	return "/d/" + endpointUID + chosen + "&var-account=" + account + "&var-region=" + region + "&var-endpoint=" + name + "&${__url_time_range}"
}

// annotations mark when something began: an activity, the condition of an alert that fires, a write.
func annotations(l level) list {
	// The value is the time, in milliseconds: the mark stands where it began, and is one however long it lasts.
	marks := list{
		annotation("Scaling activities", neutral, l.now("scaling_activity_last_start_timestamp_seconds")+" * 1000", true,
			"{{endpoint_name}} {{variant_name}}: an activity began", "endpoint_name,variant_name"),
		annotation("Alerts", bad, alertSince(l)+" * 1000", true, "{{alertname}} {{endpoint_name}}: its condition began", "alertname,endpoint_name"),
		annotation("Reconcile writes", special, l.events("reconcile_steps_total"), false,
			"{{endpoint_name}} {{variant_name}}: {{kind}} {{outcome}}", "endpoint_name,kind,outcome"),
	}
	if l == scope {
		return marks[1:] // where no endpoint is chosen there are too many
	}
	return marks
}

// annotation has its query twice: Grafana 11 reads expr and step, later ones read target. What is hidden is its switch.
func annotation(name, colour, expr string, valueIsTime bool, words, tags string) object {
	return object{
		"name": name, "datasource": datasource, "enable": true, "hide": name == "Reconcile writes", "iconColor": colour, "expr": expr, "step": "60s",
		"target":      object{"expr": expr, "interval": "60s", "refId": "Anno"},
		"titleFormat": name, "textFormat": words, "tagKeys": tags, "useValueForTime": valueIsTime,
	}
}
