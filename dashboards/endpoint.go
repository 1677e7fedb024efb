package dashboards

import "strconv"

// endpointBoard shows one endpoint: whether it works, and why not; then how it scales, and what its requests take. What most
// endpoints have nothing of is folded.
func endpointBoard() dashboard {
	return dashboard{
		uid: endpointUID, title: "SageMaker Async / Endpoint",
		about: "One endpoint: its state, the checks and alerts that say why, its queue and instances, its scaling, its requests. " +
			"Account and region are one each, so that endpoints of the same name elsewhere never mix.",
		single: true, marked: ofEndpoint,
		variables: []object{
			endpointVariable(),
			many(labelValues("variant", "Variant", "variant_info", "variant_name", ofEndpoint), ".+"),
			consoleVariable(), statusVariable(),
		},
		links: []object{
			link("Status page", "external link", statusPage, false),
			link("AWS console", "external link", "https://${console}/sagemaker/home?region=${region}#/endpoints/${endpoint}", false),
			link("Logs", "external link", "https://${console}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/"+
				"$252Faws$252Fsagemaker$252FEndpoints$252F${endpoint}", false), // as the console writes it
		},
		sections: []section{
			{"", []line{endpointNow(), endpointFaults(), endpointStory()}, false},
			{"Scaling", endpointScaling(), false},
			{"Requests", endpointRequests(), false},
			{"Wakes and scale-outs", endpointDurations(), true},
			{"Use of the instances", endpointUse(), true},
			{"Policy and plan", endpointPolicy(), true},
		},
	}
}

// statusPage is the page of the exporter with the sentences about the endpoint.
const statusPage = "${exporter}/status/${account}/${region}/${endpoint}"

// statusVariable is where browsers reach the exporter. The value dashboards.exporterURL of the chart sets it.
func statusVariable() object {
	address := object{"selected": true, "text": "http://localhost:10119", "value": "http://localhost:10119"}
	return object{
		"name": "exporter", "label": "Exporter", "type": "textbox", "query": address["value"], "current": address, "options": list{address},
		"hide": hidden, "skipUrlSync": false,
	}
}

// consoleVariable is the host of AWS's console, which each of its partitions has one of.
func consoleVariable() object {
	host := `label_replace(vector(1), "region", "$region", "", "")`
	for _, partition := range []struct{ regions, host string }{
		{".*", "console.aws.amazon.com"}, {"cn-.*", "console.amazonaws.cn"}, {"us-gov-.*", "console.amazonaws-us-gov.com"},
	} {
		host = `label_replace(` + host + `, "host", "` + partition.host + `", "region", "` + partition.regions + `")`
	}
	variable := asked("console", "Console", "query_result("+host+")")
	variable["regex"], variable["hide"] = `/host="([^"]+)"/`, hidden
	return variable
}

// ofAll sums a gauge over the chosen variants of the endpoint.
func ofAll(metric string) string {
	return sumBy(eachEndpoint, ofVariant.now(metric))
}

// mostOf is the largest among the chosen variants of the endpoint.
func mostOf(expr string) string { return maxBy(eachEndpoint, expr) }

func endpointNow() line {
	nowhere := "absent (" + ofEndpoint.now("endpoint_info") + ") * 0 and on () count (" + everywhere.now("up") + ")"
	return across(4,
		dataAgeStat(),
		stat(4, "State", "none",
			"What the endpoint does now, in the word of explain; click it for the sentence that says why. No such endpoint: "+
				"choose account, region and endpoint anew.",
			query{state() + " or " + nowhere, "state"}).
			colours().says(append(stateWords(), word("0", "no such endpoint", bad))...).links("The reason, at /status", statusPage),
		stat(4, "Oldest request", "s",
			"How long the oldest request has waited; 0 with an empty queue. Orange from a quarter of an "+
				"hour, which a wake may take, red from half an hour.",
			query{oldest(), "oldest"}).colours(step{0, good}, step{900, warning}, step{1800, bad}),
		stat(4, "Requests queued", "short",
			"Requests that are queued or in service. It should follow your load and return to zero; see the "+
				"graph below.",
			query{ofEndpoint.now("backlog_requests"), "queued"}).colours(step{0, neutral}),
		stat(4, "Time to drain", "s",
			"How long the running instances need for the queue if nothing more comes; where their concurrency is "+
				"not set, at the speed of the last 20 minutes. No processing: see whether an instance runs. Too long: "+
				"raise the maximum, or lower the target.",
			query{alive(drain(ofVariant)), "to drain"}).colours(step{0, good}, step{1800, warning}, step{6 * 3600, bad}).
			says(word("-1", "no processing", warning)),
		stat(4, "Instances", "none",
			"Running and desired. Desired above running for longer than a quarter of an hour: AWS refuses "+
				"instances, or the container does not start; see activities below and the endpoint's log.",
			query{ofAll("instances_current"), "running"}, query{ofAll("instances_desired"), "desired"}).
			colours(step{0, neutral}),
	)
}

func endpointFaults() line {
	return across(7,
		table(12, "Checks that fail",
			"Problems of the endpoint's scaling, the critical ones first. Click one to read what it means and what to do. "+
				"The status page has a sentence for this very endpoint.",
			value("Severity", "none", checkSeverity(ofVariant, eachVariant+", check"), worded(severities()...)...).wide(100),
			label("Check", "check", linked("How to fix it", docs+"checks.md#${__value.text}")),
			label("Variant", "variant_name").wide(140),
		).sorted("Severity").empty("no failing check is known"),
		alertsTable(12,
			"Alerts of the endpoint, of its region and of the exporter, the critical ones first. Click an alert to open its runbook. "+
				"Empty while none fires, and where the rules of alerts/ are not loaded into this Prometheus, as on a demo that is "+
				"scraped without them."),
	)
}

func endpointStory() line {
	return across(10,
		graph(24, "Queue, age and instances", "short",
			"The story on one time axis: requests on the left, the age of the oldest and the instances on the "+
				"right. Healthy: the queue rises, instances follow within a quarter of an hour, "+
				"both fall. A queue and an age that rise over no instances is an endpoint that does not wake: "+
				"see the checks above.",
			query{ofEndpoint.now("backlog_requests"), "queued"},
			query{ofEndpoint.now("oldest_request_age_seconds"), "oldest"},
			query{ofAll("instances_current"), "running"},
			query{ofAll("instances_desired"), "desired"}).
			custom("axisLabel", "requests").
			override("queued", paint(warning)).
			override("oldest", append(right("age"), property("unit", "s"), paint(special), bare())...).
			override("running", append(right("instances"), property("unit", "none"), property("decimals", 0), paint(good), steps())...).
			override("desired", append(right("instances"), property("unit", "none"), property("decimals", 0), paint(neutral), dashed(), bare(), steps())...).
			empty("no data"),
	)
}

// The numbers of the timeline, by what its rows are about.
const (
	ofStatus     = 20
	ofWatched    = 30
	ofAlarm      = 40
	ofSuspension = 50
)

func plus(expr string, n int) string { return "(" + expr + ") + " + strconv.Itoa(n) }

// stateTimeline has all that has states in rows under each other.
func stateTimeline() panel {
	alarm := func(role string, times int) query {
		is := func(name string, times int) string {
			return ofVariant.now("scaling_alarm_state", `role`+role, `state="`+name+`"`) + " * " + strconv.Itoa(times)
		}
		return query{plus("sum without (state) ("+is("ALARM", times)+" or "+is("INSUFFICIENT_DATA", 1)+")", ofAlarm), "alarm {{role}} {{variant_name}}"}
	}
	at := func(n int, text, colour string) object { return word(strconv.Itoa(n), text, colour) }
	words := append(stateWords(),
		at(ofStatus+1, "in service", good), at(ofStatus+2, "changes", warning), at(ofStatus+3, "does not serve", bad),
		at(ofWatched, "no", good), at(ofWatched+1, "requests, no instance", warning),
		at(ofAlarm, "OK", good), at(ofAlarm+1, "no data", special), at(ofAlarm+2, "ALARM", warning), at(ofAlarm+3, "ALARM: fewer", neutral),
		at(ofSuspension+1, "suspended", bad))
	return timeline(24, "State, alarms and suspensions",
		"Wake asks for the first instance, high for more, low for fewer; low is in ALARM while idle, which is well. A wake alarm "+
			"in ALARM while no instance is desired reaches no policy. One without data while requests are queued and no instance runs "+
			"watches the wrong metric. High and low without data while "+
			"instances run: tracking is blind. Status changes for long: capacity is on its way, or cannot be had. A row of a suspension "+
			"is there once somebody suspended that kind of scaling: resume it when the work there is done.",
		query{state(), "state"}, query{plus(status(), ofStatus), "status"},
		query{plus(ofEndpoint.now("backlog_without_capacity")+" > bool 0", ofWatched), "queue without instance"},
		alarm(`!="low"`, 2), alarm(`="low"`, 3),
		query{plus(ofVariant.now("scaling_suspended")+" == 1", ofSuspension), "{{activity}} {{variant_name}}"}).
		says(words...).empty("no data")
}

func endpointScaling() []line {
	tracked := func(metric string, matchers ...string) string {
		return mostOf(trackingBacklog(ofVariant, ofVariant.now(metric, matchers...)))
	}
	happened := func(title, about string, queries ...query) panel {
		return graph(12, title, "none", about, queries...).bars().stacked()
	}
	return []line{
		across(10, stateTimeline()),
		across(9,
			graph(12, "Instances and their bounds", "none",
				"Running and desired instances between min and max, over the chosen variants. Desired at max with a queue: "+
					"raise MaxCapacity. Desired above running: AWS refuses, or the container does not start. No bounds: "+
					"nothing scales it.",
				query{ofAll("instances_current"), "running"},
				query{ofAll("instances_desired"), "desired"},
				query{ofAll("scalable_target_min_capacity"), "min"},
				query{ofAll("scalable_target_max_capacity"), "max"}).
				override("running", paint(good), steps()).
				override("desired", paint(neutral), dashed(), bare(), steps()).
				override("min", paint(special), dashed(), bare(), steps(), property("custom.lineWidth", 1)).
				override("max", paint(bad), dashed(), bare(), steps(), property("custom.lineWidth", 1)).
				empty("no data"),
			graph(12, "Backlog of each instance, target and alarms", "short",
				"What the tracking policy tracks, with its target and the thresholds of its two alarms. Above the "+
					"high threshold for three minutes adds instances; below the low one for a quarter of an hour "+
					"takes some away. No target: no policy tracks the backlog, see Scaling policies. Always above: "+
					"see max and the failures.",
				query{ofEndpoint.now("backlog_requests_per_instance"), "per instance"},
				query{tracked("scaling_policy_target_value"), "target"},
				query{tracked("scaling_alarm_threshold", `role="high"`), "adds above"},
				query{tracked("scaling_alarm_threshold", `role="low"`), "removes below"}).
				override("per instance", paint(warning)).
				override("target", paint(good), dashed(), bare()).
				override("adds above", paint(bad), dashed(), bare()).
				override("removes below", paint(neutral), dashed(), bare()).
				empty("no instance runs, and no policy tracks the backlog"),
		),
		across(8,
			happened("Activities that ended",
				"Each scaling activity at the time at which the exporter saw its end. Failed and Unfulfilled: "+
					"capacity did not come, see why beside. None while an alarm is in ALARM: the alarm is not wired.",
				query{sumBy(eachEndpoint+", status", ofVariant.events("scaling_activities_total")), "{{status}}"}).
				override("Successful", paint(good)).override("Overridden", paint(neutral)).
				override("Unfulfilled", paint(warning)).override("Failed", paint(bad)).empty("no activity in this time"),
			happened("Not scaled, and why",
				"Each activity that failed, and each time that scaling was asked for and nothing scaled. quota: ask AWS for more instances of "+
					"the type. no_capacity: use instance pools or another type. "+
					"AlreadyAtMaxCapacity with a queue: raise MaxCapacity. TargetServicePutResourceAsUnscalable: the "+
					"endpoint is updating. AlreadyAtDesiredCapacity is well.",
				query{sumBy(eachEndpoint+", reason", ofVariant.events("scaling_activity_failures_total")), "failed: {{reason}}"},
				query{sumBy(eachEndpoint+", reason", ofVariant.events("scaling_not_scaled_total")), "{{reason}}"}).
				override("failed: .*", paint(bad)).override("AlreadyAtMaxCapacity", paint(warning)).override("AlreadyAtMinCapacity", paint(neutral)).
				override("AlreadyAtDesiredCapacity", paint(good)).override("TargetServicePutResourceAsUnscalable", paint(special)).
				empty("none in this time"),
		),
	}
}

func endpointRequests() []line {
	inAnHour := func(metric, name string) query {
		return query{"round(" + sumBy(eachEndpoint, ofVariant.grown("1h", metric)) + ")", name}
	}
	mean := func(metric, name string) query { return query{ofVariant.mean(window, metric, eachEndpoint), name} }
	return []line{
		across(9,
			graph(12, "Processed, in an hour", "none",
				"Requests that were processed in the hour before each moment. It does not grow "+
					"with the instances: something behind them is the limit, S3 or a database.",
				inAnHour("invocations_processed_total", "processed")).
				override("processed", paint(good)).empty("no data"),
			graph(12, "Failures by kind, in an hour", "none",
				"Failures in the hour before each moment. 4xx: the input is bad. 5xx: the model "+
					"fails, see its log. Download and upload: the role may not read or write in S3. "+
					"Notifications: SNS refuses, clients wait in vain. Expired: they waited too long.",
				inAnHour("invocation_failures_total", "failed"), inAnHour("invocation_4xx_errors_total", "4xx"), inAnHour("invocation_5xx_errors_total", "5xx"),
				inAnHour("request_download_failures_total", "download"), inAnHour("response_upload_failures_total", "upload"),
				inAnHour("notification_failures_total", "notification"), inAnHour("expired_requests_total", "expired")).
				override("failed", paint(bad)).override("4xx", paint(neutral)).override("5xx", paint(warning)).
				override("expired", paint(special)).override("download", paint(yellow)).override("upload", paint(pale)).
				override("notification", paint(plain)).empty("no data"),
		),
		across(9,
			graph(12, "Where the time of a request goes", "s",
				"Means of the 20 minutes before each moment; whole is from receipt to end, what clients feel. Mostly queue: more "+
					"instances, or a lower target. Mostly model: the model, or too many requests at a time for one instance. Download or "+
					"upload: the size of the files, S3.",
				mean("total_processing_time_seconds", "whole"),
				mean("time_in_backlog_seconds", "queue"), mean("request_download_latency_seconds", "download"),
				mean("model_latency_seconds", "model"), mean("response_upload_latency_seconds", "upload")).
				override("whole", paint(plain), dashed(), bare()).override("queue", paint(special)).override("download", paint(neutral)).
				override("model", paint(good)).override("upload", paint(warning)).empty("no request was processed"),
			graph(12, "Age against objective", "s",
				"The oldest request against the endpoint's objective and the time after which clients' requests "+
					"expire. Above the objective: requests wait for too long. "+
					"Near the expiry: they will be lost, so add instances by hand now.",
				query{ofEndpoint.now("oldest_request_age_seconds"), "oldest"},
				query{ofEndpoint.now("latency_objective_seconds"), "objective"},
				query{ofEndpoint.now("request_ttl_seconds"), "expiry"}).
				override("oldest", paint(special)).
				override("objective", paint(warning), dashed(), bare()).
				override("expiry", paint(bad), dashed(), bare()).
				empty("no data"),
		),
	}
}

func endpointDurations() []line {
	return []line{
		across(8,
			graph(12, "Wake: first request to first instance", "s",
				"From the first minute in which requests were queued at no instance to the first instance running, of "+
					"the wakes in the six hours before each moment. A quarter of an hour is what a healthy one may "+
					"take: three minutes for the metric, two for the alarm, up to eleven for the instance. Longer: a "+
					"smaller image, a warmer model, or a minimum of one.",
				query{ofEndpoint.mean("6h", "wake_duration_seconds", eachEndpoint), "mean"},
				query{ofEndpoint.quantile("0.95", "6h", "wake_duration_seconds", eachEndpoint), "p95"}).
				override("mean", paint(neutral)).override("p95", paint(special)).
				colours(step{900, bad}).empty("no wake in six hours"),
			graph(12, "Scale-out: start to end", "s",
				"Of the successful scale-outs in the six hours before each moment, with the cooldown of the wake "+
					"policy. Slower than the cooldown: one wake can start a second instance, so lengthen it "+
					"(docs/checks.md, wake_cooldown_short).",
				query{ofVariant.mean("6h", "scale_out_duration_seconds", eachEndpoint), "mean"},
				query{ofVariant.quantile("0.95", "6h", "scale_out_duration_seconds", eachEndpoint), "p95"},
				query{mostOf(ofVariant.now("scaling_policy_cooldown_seconds", `direction="step"`)), "wake cooldown"}).
				override("mean", paint(neutral)).override("p95", paint(special)).
				override("wake cooldown", paint(bad), dashed(), bare()).empty("no scale-out in six hours"),
		),
		across(8,
			graph(12, "Longest of a minute", "s",
				"The longest model time and wait of the newest settled minute. SageMaker ends an invocation after "+
					"an hour at most, and clients' own limits come sooner: near the line, split the input.",
				query{mostOf(ofVariant.now("model_latency_max_seconds")), "model"},
				query{mostOf(ofVariant.now("time_in_backlog_max_seconds")), "queue"},
				query{ofEndpoint.now("processing_objective_seconds"), "objective"}).
				override("model", paint(good)).override("queue", paint(special)).
				override("objective", paint(bad), dashed(), bare()).empty("no request was processed lately"),
			graph(12, "Age of CloudWatch's newest datapoint", "s",
				"Alarms see no more than this. Three minutes are CloudWatch's usual delay. A queue metric that "+
					"grows old while instances run is why an alarm has no data; without instances the one per instance "+
					"does not exist.",
				query{"clamp_min(time() - " + ofEndpoint.now("datapoint_timestamp_seconds") + ", 0)", "{{metric}}"}).
				colours(step{300, warning}).empty("no datapoint in memory"),
		),
	}
}

func endpointUse() []line {
	use := func(metric, name string) query { return query{mostOf(ofVariant.now(metric)), name} }
	return []line{
		across(9,
			graph(12, "Utilization", "percentunit",
				"Averages over the instances; processors and GPUs are summed, so four busy processors are 400 %. "+
					"Idle with a queue: raise the invocations that one instance takes at a time. Memory or disk near "+
					"100 %: the container will be killed.",
				use("cpu_utilization_ratio", "CPU"), use("memory_utilization_ratio", "memory"), use("gpu_utilization_ratio", "GPU"),
				use("gpu_memory_utilization_ratio", "GPU memory"), use("disk_utilization_ratio", "disk")).
				override("CPU", paint(neutral)).override("memory", paint(special)).override("GPU", paint(good)).
				override("GPU memory", paint(warning)).override("disk", paint(plain)).
				colours(step{1, warning}).empty("no instance runs: CloudWatch has this of running ones alone"),
			graph(12, "Instances by pool", "none",
				"Instances of each type where the variant has instance pools; 1 is the first choice. Others for "+
					"long: AWS lacks the first, and the fallback costs or serves differently. Empty for variants "+
					"without pools.",
				query{ofVariant.now("pool_instances_current"), "{{priority}}: {{instance_type}} {{variant_name}}"}).
				stacked().custom("lineInterpolation", "stepAfter").empty("no instance pools"),
		),
	}
}

func endpointPolicy() []line {
	unpicked :=
		"Empty where no policy selects the variant, as on the demo unless it is started with " +
			"--reconcile.endpoints='.*'."
	return []line{
		across(7,
			stat(4, "Policy", "none",
				"Whether a policy of the configuration selects the variant. Not selected: the exporter neither "+
					"plans nor writes anything for it; see policies in docs/policy.md.",
				query{ofVariant.now("policy_selected"), "{{variant_name}}"}).colours().
				says(word("0", "not selected", plain), word("1", "selected", good)),
			graph(10, "Drift: steps to the policy", "none",
				"Steps that would bring the variant to its policy. They stay for longer than two rounds: reconcile "+
					"is off, or withholds them. /plan shows each. "+unpicked,
				query{sumBy(eachEndpoint+", action", ofVariant.now("plan_steps")), "{{action}}"}).
				bars().stacked().override("create", paint(neutral)).override("update", paint(warning)).
				empty("no policy selects it"),
			graph(10, "Steps withheld, and applied", "none",
				"Steps that are withheld now, by reason, and each step that was applied or failed. contested: somebody else keeps "+
					"changing it; find them. docs/policy.md explains each reason. "+unpicked,
				query{sumBy(eachEndpoint+", reason", ofVariant.now("plan_steps_withheld")), "withheld: {{reason}}"},
				query{sumBy(eachEndpoint+", kind, outcome", ofVariant.events("reconcile_steps_total")), "{{outcome}}: {{kind}}"}).
				bars().override("withheld.*", paint(warning)).override("applied.*", paint(good)).
				override("failed.*", paint(bad)).empty("nothing withheld or applied"),
		),
		across(6,
			table(24, "Scaling policies",
				"What the variant's policies watch and aim at. Asynchronous endpoints publish no Invocations: a "+
					"policy with that metric never acts. No row: nothing scales the variant.",
				label("Variant", "variant_name"), label("Policy", "policy_name"), label("Type", "policy_type"), label("Metric", "metric_name"),
				unseen(maxBy("cluster, variant_name, policy_name, policy_type, metric_name", ofVariant.now("scaling_policy_info"))),
				value("Target", "short", maxBy("cluster, variant_name, policy_name", ofVariant.now("scaling_policy_target_value"))),
				value("Cooldown in", "s", maxBy("cluster, variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="in"`))),
				value("Cooldown out", "s", maxBy("cluster, variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="out"`))),
				value("Cooldown of a step", "s", maxBy("cluster, variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="step"`))),
			).empty("no policy scales it"),
		),
	}
}
