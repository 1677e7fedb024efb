package dashboards

// fleet shows all endpoints: what waits, where, and what it costs.
func fleet() dashboard {
	return dashboard{
		uid: fleetUID, title: "SageMaker Async / Fleet",
		about:     "What waits, where, and what it costs. Each row leads to the dashboard of its endpoint.",
		variables: []object{many(endpointVariable())},
		sections: []section{
			{"At a glance", []line{fleetNow(), fleetLately()}},
			{"Endpoints", []line{across(13, fleetTable())}},
			{"Where it hurts", fleetRankings()},
			{"Over time", fleetGraphs()},
		},
	}
}

// running is how many instances each endpoint has.
func running() string { return sumBy(eachEndpoint, ofEndpoint.now("instances_current")) }

// perTarget is the backlog of each instance as a share of what the tracking policy aims at.
func perTarget() string {
	return ofEndpoint.now("backlog_requests_per_instance") + " / on (" + eachEndpoint + ") " +
		maxBy(eachEndpoint, trackingBacklog(ofEndpoint, ofEndpoint.now("scaling_policy_target_value")))
}

func fleetNow() line {
	backlog := ofEndpoint.now("backlog_requests")
	return across(4,
		stat(4, "Requests waiting", "short",
			"Requests that wait or are in service, over all endpoints. One that only grows has too few instances: "+
				"the table says whose it is.",
			query{sum(backlog), "waiting"}).colours(neutral).empty("nothing known"),
		stat(4, "Oldest request", "s",
			"How long the oldest request of any endpoint has waited. Orange from a quarter of an hour, which a "+
				"wake from zero may take; red from half an hour: open the endpoint under Oldest requests.",
			query{"max (" + ofEndpoint.now("oldest_request_age_seconds") + ")", "oldest"}).
			colours(good, step{900, warning}, step{1800, bad}).empty("nothing waits"),
		stat(4, "Waiting, no instance", "short",
			"Endpoints that have requests and no instance. For a quarter of an hour that is a wake on its way; one "+
				"that stays needs you: its dashboard shows alarms, suspensions and activities.",
			query{sum(backlog+" > bool 0 and on ("+eachEndpoint+") ("+running()+" == 0)") + " or " + sum(backlog) + " * 0", "endpoints"}).
			colours(good, step{1, bad}).empty("nothing known"),
		stat(4, "Critical checks", "short",
			"Checks that fail and mean that requests are not worked on, or that nobody scales what costs money. "+
				"/status has a sentence for each, docs/checks.md what to do.",
			query{sum(ofEndpoint.now("check_failed", `severity="critical"`)), "failing"}).
			colours(good, step{1, bad}).empty("nothing known"),
		stat(4, "Instances running", "short",
			"Instances of all endpoints. More than the work explains: look for endpoints at their minimum, or with "+
				"no scaling at all, under Dearest endpoints.",
			query{sum(ofEndpoint.now("instances_current")), "running"}).colours(neutral).empty("nothing known"),
		stat(4, "Dollars per hour", "currencyUSD",
			"Running instances times their price. Types without a price count nothing: add them to prices in the "+
				"configuration. Too much: see Dearest endpoints.",
			query{sum(dollarsPerHour()), "per hour"}).colours(neutral).with("decimals", 2).empty("no prices"),
	)
}

func fleetLately() line {
	lost := ofEndpoint.grown("$__range", "invocation_failures_total")
	return across(4,
		figure(4, "Endpoints at zero", "short",
			"Endpoints with no instance now, which cost nothing. None although much is idle: look for "+
				"cannot_scale_to_zero among the failing checks.",
			query{sum(running() + " == bool 0"), "at zero"}).colours(neutral).empty("nothing known"),
		figure(4, "From zero to one", "short",
			"Wakes in the time that is shown: an endpoint at zero got its first instance. Far more than batches: "+
				"the endpoint falls asleep between requests, so raise its scale-in cooldown.",
			query{sum(ofEndpoint.grown("$__range", "wake_duration_seconds_count")), "wakes"}).
			colours(neutral).with("decimals", 0).empty("nothing known"),
		figure(4, "Scale-outs that failed", "short",
			"Scaling activities that failed in the time that is shown. Quota: ask AWS for more. No capacity: use "+
				"instance pools, or another type.",
			query{sum(ofEndpoint.grown("$__range", "scaling_activity_failures_total")), "failed"}).
			colours(good, step{.5, bad}).with("decimals", 0).empty("nothing known"),
		figure(4, "Requests that failed", "short",
			"Requests that failed in the time that is shown. Most failures says where; the endpoint's dashboard "+
				"says of what kind.",
			query{sum(lost), "failed"}).colours(good, step{.5, warning}).with("decimals", 0).empty("nothing known"),
		figure(4, "Requests that expired", "short",
			"Requests that waited longer than their time to live, and are lost. Open the endpoint with the longest "+
				"queue: it did not wake, or has too few instances.",
			query{sum(ofEndpoint.grown("$__range", "expired_requests_total")), "expired"}).
			colours(good, step{.5, bad}).with("decimals", 0).empty("nothing known"),
		figure(4, "Regions not seen whole", "short",
			"Accounts and regions of which a source fails or is too old. What is shown of them may be missing: see "+
				"the Exporter dashboard.",
			query{sum(scope.now("up") + " == bool 0"), "down"}).colours(good, step{1, bad}).empty("no exporter"),
	)
}

func fleetTable() panel {
	whose := toEndpoint("${__data.fields.account_id}", "${__data.fields.region}", "${__value.text}")
	return table(24, "Endpoints",
		"One row for each endpoint; click the name to see why. Status: anything but InService for an hour needs you. "+
			"Of target: 100 % is what the tracking policy aims at; more for long means that scaling is at its "+
			"maximum, refused or broken. "+
			"Drain: how long the running instances need for the queue if nothing more comes; empty when "+
			"nothing was processed. "+
			"Checks: warnings and critical ones that fail.",
		label("Endpoint", "endpoint_name", linked("Why it does or does not scale", whose), property("custom.minWidth", 150)),
		label("Status", "status", append(worded(
			word("InService", "InService", good), word("Updating", "Updating", warning), word("SystemUpdating", "SystemUpdating", warning),
			word("Creating", "Creating", warning), word("RollingBack", "RollingBack", warning), word("Deleting", "Deleting", bad),
			word("OutOfService", "OutOfService", bad), word("Failed", "Failed", bad), word("UpdateRollbackFailed", "UpdateRollbackFailed", bad),
		), property("custom.width", 100))...),
		unseen(maxBy(eachEndpoint+", status", status())),
		value("Running", "none", running()).wide(72),
		value("Desired", "none", sumBy(eachEndpoint, ofEndpoint.now("instances_desired"))).wide(72),
		value("Min", "none", sumBy(eachEndpoint, ofEndpoint.now("scalable_target_min_capacity"))).wide(50),
		value("Max", "none", sumBy(eachEndpoint, ofEndpoint.now("scalable_target_max_capacity"))).wide(50),
		value("Waiting", "short", maxBy(eachEndpoint, ofEndpoint.now("backlog_requests"))).wide(72),
		value("Per inst.", "short", maxBy(eachEndpoint, ofEndpoint.now("backlog_requests_per_instance"))).wide(74),
		value("Of target", "percentunit", perTarget(), coloured(step{1.5, warning}, step{3, bad})...).wide(80),
		value("Oldest", "s", maxBy(eachEndpoint, ofEndpoint.now("oldest_request_age_seconds")),
			coloured(step{900, warning}, step{1800, bad})...).wide(82),
		value("Drain", "s", drain(ofEndpoint), coloured(step{1800, warning}, step{6 * 3600, bad})...).wide(82),
		value("Checks", "none", sumBy(eachEndpoint, ofEndpoint.now("check_failed", `severity=~"critical|warning"`)),
			coloured(step{1, warning}, step{3, bad})...).wide(68),
		value("$ / hour", "currencyUSD", dollarsPerHour(), property("decimals", 2)).wide(76),
		label("Region", "region", property("custom.width", 92)),
		label("Account", "account_id", property("custom.width", 116)),
	).sorted("Waiting").empty("-")
}

func fleetRankings() []line {
	leads := toEndpoint("${__field.labels.account_id}", "${__field.labels.region}", "${__field.labels.endpoint_name}")
	rank := func(title, unit, about, expr string) panel {
		return ranking(8, title, unit, about+" Click a bar to see why.", query{"sort_desc (" + top(expr+" > 0") + ")", "{{endpoint_name}}"}).
			links("Why it does or does not scale", leads)
	}
	return []line{
		across(9,
			rank("Longest queues", "short", "The ten endpoints with most requests waiting or in service.",
				ofEndpoint.now("backlog_requests")).colours(neutral).empty("nothing waits"),
			rank("Oldest requests", "s", "The ten endpoints whose oldest request has waited longest. Red: half an hour.",
				ofEndpoint.now("oldest_request_age_seconds")).
				colours(good, step{900, warning}, step{1800, bad}).empty("nothing waits"),
			rank("Longest to drain", "s",
				"How long the running instances need for the queue if nothing more comes. An endpoint at zero is not "+
					"here: look for it under Oldest requests.",
				"("+drain(ofEndpoint)+")").colours(good, step{1800, warning}, step{6 * 3600, bad}).empty("nothing drains"),
		),
		across(9,
			rank("Most failures", "percentunit", "The share of the requests of the last hour that failed.",
				"("+sumBy(eachEndpoint, ofEndpoint.grown("1h", "invocation_failures_total"))+" / "+
					sumBy(eachEndpoint, ofEndpoint.grown("1h", "invocations_processed_total"))+")").
				colours(good, step{.02, warning}, step{.1, bad}).empty("nothing failed"),
			rank("Dearest endpoints", "currencyUSD",
				"Dollars an hour of the instances that run now. A dear one without work should scale to zero.",
				dollarsPerHour()).colours(neutral).with("decimals", 2).empty("no prices"),
			rank("Most failing checks", "short",
				"Warnings and critical checks that fail. docs/checks.md says what to do about each.",
				sumBy(eachEndpoint, ofEndpoint.now("check_failed", `severity=~"critical|warning"`))).
				colours(warning, step{3, bad}).empty("all checks pass"),
		),
	}
}

func fleetGraphs() []line {
	return []line{
		across(9,
			graph(12, "Longest queues over time", "short",
				"The ten longest queues at each moment. One that grows while its instances do not: open the endpoint.",
				query{top(ofEndpoint.now("backlog_requests") + " > 0"), "{{endpoint_name}}"}).empty("nothing waits"),
			graph(12, "Oldest requests over time", "s",
				"The ten oldest requests at each moment. A straight line upward is a queue that nobody works on.",
				query{top(ofEndpoint.now("oldest_request_age_seconds") + " > 0"), "{{endpoint_name}}"}).
				colours(good, step{1800, bad}).empty("nothing waits"),
		),
		across(9,
			graph(8, "Instances over time", "short",
				"Running and desired instances of the fleet. Desired above running for longer than a quarter of an "+
					"hour: AWS refuses instances, or containers do not start.",
				query{sum(ofEndpoint.now("instances_desired")), "desired"},
				query{sum(ofEndpoint.now("instances_current")), "running"}).
				override("desired", paint(neutral), dashed(), bare(), steps()).override("running", paint(good), steps()).empty("nothing known"),
			graph(8, "Requests over time", "reqps",
				"Requests a second that were processed and that failed, over the last 20 minutes of each moment. "+
					"Failures that follow a deployment are its fault.",
				query{sum(ofEndpoint.rate("invocations_processed_total")), "processed"},
				query{sum(ofEndpoint.rate("invocation_failures_total")), "failed"}).
				override("processed", paint(good)).override("failed", paint(bad)).empty("nothing known"),
			graph(8, "Dollars per hour over time", "currencyUSD",
				"What the running instances cost. A floor at night is what endpoints cost that never go to zero.",
				query{sum(dollarsPerHour()), "per hour"}).
				override("per hour", paint(special), steps()).empty("no prices"),
		),
	}
}
