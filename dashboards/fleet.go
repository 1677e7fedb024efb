package dashboards

// fleet shows all endpoints: what fires, which of them needs somebody, and what all of them cost.
func fleet() dashboard {
	return dashboard{
		uid: fleetUID, title: "SageMaker Async / Fleet",
		about:     "Which endpoints need somebody, the worst first, and what all of them cost. Each row leads to the dashboard of its endpoint.",
		marked:    ofEndpoint,
		variables: []object{many(endpointVariable(), ".+")},
		sections: []section{
			{"", []line{fleetNow(), fleetAlerts(), fleetEndpoints()}, false},
			{"In the time that is shown", fleetLately(), false},
			{"Over time", fleetGraphs(), false},
		},
	}
}

// running is how many instances each endpoint has.
func running() string { return sumBy(eachEndpoint, ofEndpoint.now("instances_current")) }

// perTarget is the backlog of each instance in multiples of what the tracking policy aims at.
func perTarget() string {
	return ofEndpoint.now("backlog_requests_per_instance") + " / on (" + eachEndpoint + ") (" +
		maxBy(eachEndpoint, trackingBacklog(ofEndpoint, ofEndpoint.now("scaling_policy_target_value"))) + " > 0)"
}

// dataAgeStat is the first of a dashboard: how much the rest of it is worth.
func dataAgeStat() panel {
	return stat(4, "Data age", "s",
		"How long ago endpoints and queues were last read from AWS, in the region that is furthest behind. Up to six minutes are "+
			"usual. Red, too old or no exporter: everything here is old or missing; see the Exporter dashboard, and whether Prometheus scrapes "+
			"the exporter.",
		query{dataAge(), "age"}).colours(step{0, good}, step{600, warning}, step{900, bad}).red().says(word("-1", "too old", bad)).empty("no exporter")
}

func fleetNow() line {
	backlog := ofEndpoint.now("backlog_requests")
	return across(4,
		dataAgeStat(),
		stat(4, "Critical", "none",
			"Endpoints with a critical check that fails or a critical alert that fires: requests are queued or lost and "+
				"nothing acts. They are the first rows of the table; click one.",
			query{sum(worst() + " == bool 3"), "critical"}).
			colours(step{0, good}, step{1, bad}),
		stat(4, "Queued at zero", "none",
			"Endpoints that have queued requests and no instance. For a quarter of an hour that is a wake on its way; one "+
				"that stays needs you: its dashboard shows checks, alarms and activities.",
			query{sum(backlog+" > bool 0 and on ("+eachEndpoint+") ("+running()+" == 0)") + " or " + sum(backlog) + " * 0", "endpoints"}).
			colours(step{0, good}, step{1, warning}),
		stat(4, "Oldest request", "s",
			"How long the oldest request of any endpoint has waited; 0 with empty queues. Orange from a quarter of an hour, "+
				"which a wake from zero may take; red from half an hour: the table says whose it is.",
			query{"max (" + oldest() + ")", "oldest"}).colours(step{0, good}, step{900, warning}, step{1800, bad}),
		stat(4, "Requests queued", "short",
			"Requests that are queued or in service, over all endpoints. One that only grows has too few instances: "+
				"the table says whose it is.",
			query{sum(backlog), "queued"}).colours(step{0, neutral}),
		stat(4, "Dollars per hour", "currencyUSD",
			"Running instances times their price. Types without a price count nothing: add them to prices in the "+
				"configuration. Too much: see Most expensive endpoints.",
			query{sum(dollarsPerHour()), "per hour"}).colours(step{0, neutral}).with("decimals", 2).empty("no prices"),
	)
}

func fleetAlerts() line {
	return across(6, alertsTable(24,
		"All alerts that fire, the critical ones and then the oldest first. Click an alert to open its runbook, an endpoint to "+
			"see why. Empty while none fires, and where the rules of alerts/ are not loaded into this Prometheus, as on a demo "+
			"that is scraped without them.",
		label("Endpoint", "endpoint_name", linked("Why it does or does not scale", toEndpoint("${__data.fields.account_id}", "${__data.fields.region}", "${__value.text}"))),
		label("Region", "region").wide(120), label("Account", "account_id").wide(140),
	))
}

// alertsTable has a row for each alert that fires, with further columns.
func alertsTable(width int, about string, columns ...column) panel {
	return table(width, "Alerts that fire", about, append([]column{
		value("Severity", "none", alertSeverity(ofEndpoint), worded(severities()...)...).wide(100),
		label("Alert", "alertname", linked("Runbook", docs+"runbooks/${__value.text}.md")),
		value("For", "s", "clamp_min(time() - "+alertSince(ofEndpoint)+", 0)").wide(90),
	}, columns...)...).sorted("Severity", "For").empty("no alert fires")
}

func fleetEndpoints() line {
	whose := toEndpoint("${__data.fields.account_id}", "${__data.fields.region}", "${__value.text}")
	return across(13, table(24, "Endpoints",
		"One row for each endpoint, the worst severity of its checks and alerts and then the oldest request first; click the "+
			"name to see why. State: the word of explain; of a broken one, list and /status say what it does. "+
			"Of target: 1x is what the tracking policy aims at; more for long means that scaling is at its "+
			"maximum, refused or broken. "+
			"Drain: how long the running instances need for the queue if nothing more comes; never while nothing is processed.",
		label("Endpoint", "endpoint_name", linked("Why it does or does not scale", whose)),
		value("State", "none", state(), worded(stateWords()...)...).wide(105),
		value("Severity", "none", worst(), worded(severities()...)...).wide(96),
		value("Oldest", "s", oldest(), coloured(step{900, warning}, step{1800, bad})...).wide(90),
		value("Queued", "short", maxBy(eachEndpoint, ofEndpoint.now("backlog_requests"))).wide(88),
		value("Running", "none", running()).wide(92),
		value("Desired", "none", sumBy(eachEndpoint, ofEndpoint.now("instances_desired"))).wide(90),
		value("Of target", multiples, perTarget(), append(coloured(step{1.5, warning}, step{2.5, bad}), property("decimals", 0))...).wide(103),
		value("Drain", "s", drain(ofEndpoint), append(coloured(step{1800, warning}, step{6 * 3600, bad}),
			property("mappings", list{mapping(word("-1", "never", warning))}))...).wide(85),
		value("$ / hour", "currencyUSD", dollarsPerHour(), property("decimals", 2)).wide(96),
		label("Region", "region").wide(100),
		label("Account", "account_id").wide(116),
	).sorted("Severity", "Oldest").empty("no endpoint is known: see Data age"))
}

func fleetLately() []line {
	leads := toEndpoint("${__field.labels.account_id}", "${__field.labels.region}", "${__field.labels.endpoint_name}")
	rank := func(title, unit, about, expr string) panel {
		return ranking(12, title, unit, about+" Click a bar to see why.", query{"sort_desc (" + top(alive(expr+" > 0")) + ")", "{{endpoint_name}}"}).
			links("Why it does or does not scale", leads)
	}
	counted := func(metric string) string { return alive("round(" + sum(ofEndpoint.grown("$__range", metric)) + ")") }
	return []line{
		across(4,
			stat(4, "Partial regions", "none",
				"Accounts and regions of which a source fails or is too old. Data of them may be missing: see "+
					"the Exporter dashboard.",
				query{sum(scope.now("up") + " == bool 0"), "partial"}).colours(step{0, good}, step{1, bad}).red().empty("no exporter"),
			stat(4, "Instances running", "short",
				"Instances of all endpoints. More than the work explains: look for endpoints at their minimum, or with "+
					"no scaling at all, under Most expensive endpoints.",
				query{sum(ofEndpoint.now("instances_current")), "running"}).colours(step{0, neutral}),
			stat(4, "Endpoints at zero", "none",
				"Endpoints with no instance now, which cost nothing. None although much is idle: look for "+
					"cannot_scale_to_zero among the failing checks.",
				query{sum(running() + " == bool 0"), "at zero"}).colours(step{0, neutral}),
			stat(4, "Wakes", "none",
				"Wakes in the time that is shown: an endpoint at zero got its first instance. Far more than batches: "+
					"the endpoint falls asleep between requests, so raise its scale-in cooldown.",
				query{counted("wake_duration_seconds_count"), "wakes"}).colours(step{0, neutral}),
			stat(4, "Failed scale-outs", "none",
				"Scaling activities that failed in the time that is shown. Quota: ask AWS for more. No capacity: use "+
					"instance pools, or another type.",
				query{counted("scaling_activity_failures_total"), "failed"}).colours(step{0, good}, step{1, bad}),
			stat(4, "Lost requests", "short",
				"Requests that failed, and that expired, in the time that is shown. Most failures says where; the endpoint's "+
					"dashboard says of which kind.",
				query{counted("invocation_failures_total"), "failed"}, query{counted("expired_requests_total"), "expired"}).
				colours(step{0, good}, step{1, warning}).override("expired", property("thresholds", thresholds(step{0, good}, step{1, bad}))),
		),
		across(8,
			rank("Most failures", "percentunit", "The share of the requests of the last hour that failed.",
				"("+sumBy(eachEndpoint, ofEndpoint.grown("1h", "invocation_failures_total"))+" / ("+
					sumBy(eachEndpoint, ofEndpoint.grown("1h", "invocations_processed_total"))+" > 0))").
				colours(step{0, good}, step{.02, warning}, step{.1, bad}).empty("no failure is known"),
			rank("Most expensive endpoints", "currencyUSD",
				"Dollars an hour of the instances that run now. An expensive one without work should scale to zero.",
				dollarsPerHour()).colours(step{0, neutral}).with("decimals", 2).empty("no prices"),
		),
	}
}

func fleetGraphs() []line {
	return []line{
		across(9,
			graph(12, "Longest queues", "short",
				"The ten longest queues at each moment. One that grows while its instances do not: open the endpoint.",
				query{top(ofEndpoint.now("backlog_requests") + " > 0"), "{{endpoint_name}}"}).empty("no queued request is known"),
			graph(12, "Oldest requests", "s",
				"The ten oldest requests at each moment. A straight line upward is a queue that nothing processes.",
				query{top(ofEndpoint.now("oldest_request_age_seconds") + " > 0"), "{{endpoint_name}}"}).
				colours(step{1800, bad}).empty("no queued request is known"),
		),
		across(8,
			graph(8, "Instances", "none",
				"Running and desired instances of the fleet. Desired above running for longer than a quarter of an "+
					"hour: AWS refuses instances, or containers do not start.",
				query{sum(ofEndpoint.now("instances_desired")), "desired"},
				query{sum(ofEndpoint.now("instances_current")), "running"}).
				override("desired", paint(neutral), dashed(), bare(), steps()).override("running", paint(good), steps()).empty("no data"),
			graph(8, "Requests an hour", "none",
				"Requests that were processed and that failed, in the hour before each moment. "+
					"Failures that follow a deployment are its fault.",
				query{"round(" + sum(ofEndpoint.grown("1h", "invocations_processed_total")) + ")", "processed"},
				query{"round(" + sum(ofEndpoint.grown("1h", "invocation_failures_total")) + ")", "failed"}).
				override("processed", paint(good)).override("failed", paint(bad)).empty("no data"),
			graph(8, "Cost", "currencyUSD",
				"Dollars an hour of the running instances. A floor at night is the cost of endpoints that never scale to zero.",
				query{sum(dollarsPerHour()), "per hour"}).
				override("per hour", paint(special), steps()).empty("no prices"),
		),
	}
}
