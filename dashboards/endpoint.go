package dashboards

// endpointBoard shows one endpoint in the order in which somebody asks who was woken for it: what waits, who works on it,
// why it scales or not, what came of the requests.
func endpointBoard() dashboard {
	return dashboard{
		uid: endpointUID, title: "SageMaker Async / Endpoint",
		about: "One endpoint, top to bottom: what waits, who works on it, why it scales or not, what came of the " +
			"requests. Choose the account and the region too where several have an endpoint of this name.",
		variables: []object{
			endpointVariable(),
			many(labelValues("variant", "Variant", "variant_info", "variant_name", ofEndpoint)),
		},
		sections: []section{
			{"What waits", endpointQueue()},
			{"Who works on it", endpointInstances()},
			{"Why it scales or does not", endpointScaling()},
			{"What came of the requests", endpointWork()},
			{"The policy", endpointPolicy()},
		},
	}
}

func endpointQueue() []line {
	return []line{
		across(4,
			stat(4, "Requests waiting", "short",
				"Requests that wait or are in service. It should follow your load and return to zero; see the "+
					"graph below.",
				query{ofEndpoint.now("backlog_requests"), "waiting"}).colours(neutral).empty("not known"),
			stat(4, "Oldest request", "s",
				"How long the oldest request has waited, and what is wrong with that: orange from a quarter of an "+
					"hour, which a wake may take, red from half an hour.",
				query{ofEndpoint.now("oldest_request_age_seconds"), "oldest"}).
				colours(good, step{900, warning}, step{1800, bad}).empty("nothing waits"),
			figure(4, "Time to drain", "s",
				"How long the running instances need for the queue if nothing more comes; where their concurrency is "+
					"not set, at the speed of the last 20 minutes. No processing: see whether an instance runs. Too long: "+
					"raise the maximum, or lower the target.",
				query{drain(ofVariant), "to drain"}).colours(good, step{1800, warning}, step{6 * 3600, bad}).empty("no processing"),
			stat(4, "Instances", "none",
				"Running and desired. Desired above running for longer than a quarter of an hour: AWS refuses "+
					"instances, or the container does not start; see activities below and the endpoint's log.",
				query{sumBy(eachEndpoint, ofVariant.now("instances_current")), "running"},
				query{sumBy(eachEndpoint, ofVariant.now("instances_desired")), "desired"}).
				colours(neutral).option("graphMode", "none").empty("not known"),
			figure(4, "Status", "none",
				"The endpoint's status. Orange: it changes, and capacity may not follow meanwhile. Red: it does "+
					"not serve; DescribeEndpoint's FailureReason says why.",
				query{status(), "{{status}}"}).colours(good, step{2, warning}, step{3, bad}).option("textMode", "name").empty("not known"),
			figure(4, "Failing checks", "none",
				"Critical checks and warnings that fail. The table under Why it scales or does not names them and "+
					"leads to what to do.",
				query{sumBy("severity", ofVariant.now("check_failed", `severity=~"critical|warning"`)), "{{severity}}"}).
				colours(good, step{1, bad}).empty("not known").
				override("warning", property("thresholds", thresholds(good, step{1, warning}))),
		),
		across(11,
			graph(24, "Queue, age and instances", "short",
				"The story on one time axis: requests on the left, the age of the oldest and the instances on the "+
					"right. Healthy: the queue rises, instances follow within a quarter of an hour, "+
					"both fall. A queue and an age that rise over no instances is an endpoint that does not wake: "+
					"go on to Why it scales or does not.",
				query{ofEndpoint.now("backlog_requests"), "waiting"},
				query{ofEndpoint.now("oldest_request_age_seconds"), "oldest"},
				query{sumBy(eachEndpoint, ofVariant.now("instances_current")), "running"},
				query{sumBy(eachEndpoint, ofVariant.now("instances_desired")), "desired"}).
				custom("axisLabel", "requests").
				override("waiting", paint(warning)).
				override("oldest", append(right("age"), property("unit", "s"), paint(special), bare())...).
				override("running", append(right("instances"), property("unit", "none"), paint(good), steps())...).
				override("desired", append(right("instances"), property("unit", "none"), paint(neutral), dashed(), bare(), steps())...).
				empty("not known"),
		),
		across(9,
			graph(12, "Backlog of each instance, target and alarms", "short",
				"What the tracking policy tracks, with its target and the thresholds of its two alarms. Above the "+
					"high threshold for three minutes adds instances; below the low one for a quarter of an hour "+
					"takes some away. No target: no policy tracks the backlog, see Scaling policies. Always above: "+
					"see max and the failures.",
				query{ofEndpoint.now("backlog_requests_per_instance"), "per instance"},
				query{trackingBacklog(ofVariant, ofVariant.now("scaling_policy_target_value")), "target {{variant_name}}"},
				query{trackingBacklog(ofVariant, ofVariant.now("scaling_alarm_threshold", `role="high"`)), "adds above {{variant_name}}"},
				query{trackingBacklog(ofVariant, ofVariant.now("scaling_alarm_threshold", `role="low"`)), "removes below {{variant_name}}"}).
				override("per instance", paint(warning)).
				override("target .*", paint(good), dashed(), bare()).
				override("adds above .*", paint(bad), dashed(), bare()).
				override("removes below .*", paint(neutral), dashed(), bare()).
				empty("no instance runs, and no policy tracks the backlog"),
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
				empty("not known"),
		),
	}
}

func endpointInstances() []line {
	use := func(metric, name string) query { return query{ofVariant.now(metric), name + " {{variant_name}}"} }
	return []line{
		across(9,
			graph(8, "Instances and their bounds", "none",
				"Running and desired instances of each variant between min and max. Desired at max with a queue: "+
					"raise MaxCapacity. Desired above running: AWS refuses, or the container does not start. No bounds: "+
					"nothing scales the variant.",
				query{ofVariant.now("instances_current"), "running {{variant_name}}"},
				query{ofVariant.now("instances_desired"), "desired {{variant_name}}"},
				query{ofVariant.now("scalable_target_min_capacity"), "min {{variant_name}}"},
				query{ofVariant.now("scalable_target_max_capacity"), "max {{variant_name}}"}).
				override("running .*", paint(good), steps()).
				override("desired .*", paint(neutral), dashed(), bare(), steps()).
				override("(min|max) .*", paint(plain), dashed(), bare(), steps(), property("custom.lineWidth", 1)).
				empty("not known"),
			graph(8, "Use of the instances", "percentunit",
				"Averages over the instances; processors and GPUs are summed, so four busy processors are 400 %. "+
					"Idle with a queue: raise the invocations that one instance takes at a time. Memory or disk near "+
					"100 %: the container will be killed.",
				use("cpu_utilization_ratio", "CPU"), use("memory_utilization_ratio", "memory"), use("gpu_utilization_ratio", "GPU"),
				use("gpu_memory_utilization_ratio", "GPU memory"), use("disk_utilization_ratio", "disk")).
				colours(good, step{1, warning}).empty("no instance runs: CloudWatch has this of running ones alone"),
			graph(8, "Instances by pool", "none",
				"Instances of each type where the variant has instance pools; 1 is the first choice. Others for "+
					"long: AWS lacks the first, and the fallback costs or serves differently. Empty for variants "+
					"without pools.",
				query{ofVariant.now("pool_instances_current"), "{{priority}}: {{instance_type}} {{variant_name}}"}).
				stacked().custom("lineInterpolation", "stepAfter").empty("no instance pools"),
		),
	}
}

func endpointScaling() []line {
	alarm := func(role, times string) query {
		state := func(name, times string) string {
			return ofVariant.now("scaling_alarm_state", `role`+role, `state="`+name+`"`) + " * " + times
		}
		return query{"sum without (state) (" + state("ALARM", times) + " or " + state("INSUFFICIENT_DATA", "1") + ")", "{{role}} {{variant_name}}"}
	}
	happened := func(title, metric, by, about string) panel {
		return graph(8, title, "none", about, query{ofVariant.grown(window, metric) + " > 0", "{{" + by + "}} {{variant_name}}"}).
			bars().stacked().with("decimals", 0)
	}
	severity := worded(word("critical", "critical", bad), word("warning", "warning", warning), word("info", "info", neutral))
	return []line{
		across(9,
			table(12, "Checks that fail",
				"What is wrong with the scaling of the endpoint. Click one to read what it means and what to do. "+
					"/status has a sentence for this very endpoint.",
				label("Check", "check", linked("What to do", docs+"checks.md#${__value.text}")),
				label("Severity", "severity", severity...), label("Variant", "variant_name"),
				unseen(maxBy("check, severity, variant_name", ofVariant.now("check_failed")+" == 1")),
			).empty("all checks pass"),
			table(12, "Alerts that fire",
				"Click an alert to open its runbook. Empty while none fires, and where the rules of alerts/ are "+
					"not loaded into this Prometheus, as on a demo that is scraped without them.",
				label("Alert", "alertname", linked("Runbook", docs+"runbooks/${__value.text}.md")),
				label("Severity", "severity", severity...),
				unseen(maxBy("cluster, alertname, severity", `ALERTS{alertname=~"SageMakerAsync.+", alertstate="firing", endpoint_name=~"$endpoint"}`)),
			).empty("no alert fires"),
		),
		across(6,
			timeline(24, "Alarms",
				"Wake asks for the first instance, high for more, low for fewer. Orange: it is in ALARM. A wake alarm "+
					"in ALARM while no instance is desired reaches no policy; one without data while requests wait "+
					"watches the wrong metric: the first row is what it should see. High and low without data while "+
					"instances run: tracking is blind. Low is in ALARM while idle, which is well.",
				query{"(" + ofEndpoint.now("backlog_without_capacity") + " > bool 0) * 4", "what wake watches"},
				alarm(`!="low"`, "2"), alarm(`="low"`, "3")).
				colours(good, step{1, special}, step{2, warning}, step{3, neutral}, step{4, bad}).
				says(word("0", "OK", good), word("1", "no data", special), word("2", "ALARM", warning), word("3", "ALARM: fewer", neutral),
					word("4", "requests, no instance", bad)).
				empty("no alarms: nothing would wake it"),
		),
		across(5,
			timeline(24, "From the first waiting request to the first completion",
				"How far a wake has come. Red for longer than five minutes: no policy asks for an instance, see Alarms "+
					"above. Orange: AWS starts one, see the graph of wakes below for what is usual. Purple: it runs and has "+
					"completed nothing yet; completions are told up to ten minutes late, so if it stays look into the "+
					"container's log.",
				query{wake(), "the wake"}).
				colours(neutral, step{1, bad}, step{2, warning}, step{3, special}, step{4, good}, step{5, neutral}).
				says(word("0", "asleep", neutral), word("1", "requests wait, no instance desired", bad), word("2", "instance starts", warning),
					word("3", "runs, nothing completed yet", special), word("4", "completes", good), word("5", "idle", neutral)).
				empty("not known"),
		),
		across(6,
			timeline(12, "Status of the endpoint",
				"The statuses that it had. Updating for long: capacity is on its way, or cannot be had. Red: it "+
					"does not serve; DescribeEndpoint's FailureReason says why.",
				query{status(), "{{status}}"}).colours(good, step{2, warning}, step{3, bad}).
				says(word("1", "in service", good), word("2", "changes", warning), word("3", "does not serve", bad)).empty("not known"),
			timeline(12, "Suspensions",
				"Red: somebody suspended this kind of scaling on the scalable target, and the endpoint does not "+
					"wake or sleep by itself. Resume it when the work there is done: docs/checks.md, scaling_suspended.",
				query{ofVariant.now("scaling_suspended"), "{{activity}} {{variant_name}}"}).colours(good, step{1, bad}).
				says(word("0", "active", good), word("1", "suspended", bad)).empty("no scalable target"),
		),
		across(8,
			happened("Activities that ended", "scaling_activities_total", "status",
				"Scaling activities that ended in the 20 minutes before each moment. Failed and Unfulfilled: "+
					"capacity did not come, see why beside. None while an alarm is in ALARM: the alarm is not wired.").
				override("Successful .*", paint(good)).override("Overridden .*", paint(neutral)).
				override("Unfulfilled .*", paint(warning)).override("Failed .*", paint(bad)).empty("no activity"),
			happened("Activities that failed", "scaling_activity_failures_total", "reason",
				"Why activities failed in the 20 minutes before each moment. quota: ask AWS for more instances of "+
					"the type. no_capacity: use instance pools or another type. other: describe-scaling-activities has "+
					"AWS's words.").
				override("quota .*", paint(bad)).override("no_capacity .*", paint(warning)).override("other .*", paint(special)).
				empty("no failure"),
			happened("Not scaled, and why", "scaling_not_scaled_total", "reason",
				"Scaling was asked for and nothing scaled, in the 20 minutes before each moment. "+
					"AlreadyAtMaxCapacity with a queue: raise MaxCapacity. TargetServicePutResourceAsUnscalable: the "+
					"endpoint is updating. AlreadyAtDesiredCapacity is well.").
				override("AlreadyAtMaxCapacity .*", paint(bad)).override("AlreadyAtMinCapacity .*", paint(neutral)).
				override("AlreadyAtDesiredCapacity .*", paint(good)).override("TargetServicePutResourceAsUnscalable .*", paint(warning)).
				override("AutoScalingAnticipatedFlapping .*", paint(special)).empty("always scaled"),
		),
		across(8,
			graph(8, "Wake: first request to first instance", "s",
				"From the first minute in which requests waited at no instance to the first instance running, of "+
					"the wakes in the six hours before each moment. A quarter of an hour is what a healthy one may "+
					"take: three minutes for the metric, two for the alarm, up to eleven for the instance. Longer: a "+
					"smaller image, a warmer model, or a minimum of one.",
				query{ofEndpoint.mean("6h", "wake_duration_seconds"), "mean"},
				query{ofEndpoint.quantile("0.95", "6h", "wake_duration_seconds", ""), "95 of 100 within"}).
				override("mean", paint(neutral)).override("95 of.*", paint(special)).
				colours(good, step{900, bad}).empty("no wake in six hours"),
			graph(8, "Scale-outs: from start to end", "s",
				"Of the successful scale-outs in the six hours before each moment, with the cooldown of the wake "+
					"policy. Slower than the cooldown: one wake can start a second instance, so lengthen it "+
					"(docs/checks.md, wake_cooldown_short).",
				query{ofVariant.mean("6h", "scale_out_duration_seconds"), "mean {{variant_name}}"},
				query{ofVariant.quantile("0.95", "6h", "scale_out_duration_seconds", "variant_name"), "95 of 100 within {{variant_name}}"},
				query{ofVariant.now("scaling_policy_cooldown_seconds", `direction="step"`), "wake cooldown {{variant_name}}"}).
				override("mean .*", paint(neutral)).override("95 of.*", paint(special)).
				override("wake cooldown .*", paint(bad), dashed(), bare()).empty("no scale-out in six hours"),
			graph(8, "Age of CloudWatch's newest datapoint", "s",
				"Alarms see no more than this. Three minutes are CloudWatch's usual delay. A queue metric that "+
					"grows old while instances run is why an alarm has no data; without instances the one per instance "+
					"does not exist.",
				query{"time() - " + ofEndpoint.now("datapoint_timestamp_seconds"), "{{metric}}"}).
				signed().colours(good, step{300, warning}).empty("no datapoint in memory"),
		),
	}
}

func endpointWork() []line {
	rate := func(metric, name string) query { return query{ofVariant.rate(metric), name + " {{variant_name}}"} }
	mean := func(metric, name string) query {
		return query{ofVariant.mean(window, metric), name + " {{variant_name}}"}
	}
	return []line{
		across(9,
			graph(12, "Throughput", "reqps",
				"Requests a second that were processed, over the 20 minutes before each moment. It does not grow "+
					"with the instances: something behind them is the limit, S3 or a database.",
				rate("invocations_processed_total", "processed")).
				override("processed .*", paint(good)).empty("not known"),
			graph(12, "Failures by kind", "reqps",
				"Failures a second over the 20 minutes before each moment. 4xx: the input is bad. 5xx: the model "+
					"fails, see its log. Download and upload: the role may not read or write in S3. "+
					"Notifications: SNS refuses, clients wait in vain. Expired: they waited too long.",
				rate("invocation_failures_total", "failed"), rate("invocation_4xx_errors_total", "4xx"), rate("invocation_5xx_errors_total", "5xx"),
				rate("request_download_failures_total", "download"), rate("response_upload_failures_total", "upload"),
				rate("notification_failures_total", "notification"), rate("expired_requests_total", "expired")).
				override("failed .*", paint(bad)).override("4xx .*", paint(neutral)).override("5xx .*", paint(warning)).
				override("expired .*", paint(special)).empty("not known"),
		),
		across(9,
			graph(8, "Where the time of a request goes", "s",
				"Means of the 20 minutes before each moment. Mostly backlog: more instances, or a lower target. "+
					"Mostly model: the model, or too many requests at a time for one instance. Download or upload: the "+
					"size of the files, S3.",
				mean("time_in_backlog_seconds", "backlog"), mean("request_download_latency_seconds", "download"),
				mean("model_latency_seconds", "model"), mean("response_upload_latency_seconds", "upload")).
				stacked().override("backlog .*", paint(special)).override("download .*", paint(neutral)).
				override("model .*", paint(good)).override("upload .*", paint(warning)).empty("no request was processed"),
			graph(8, "From receipt to end", "s",
				"Mean time from the receipt of a request to its end, and time in the queue, over the 20 minutes "+
					"before each moment: what clients feel. Compare it with what you promised them.",
				mean("total_processing_time_seconds", "whole"), mean("time_in_backlog_seconds", "in the queue")).
				override("whole .*", paint(neutral)).override("in the queue .*", paint(special)).empty("no request was processed"),
			graph(8, "Longest of a minute", "s",
				"The longest model time and wait of the newest settled minute. SageMaker ends an invocation after "+
					"an hour at most, and clients' own limits come sooner: near the line, split the input.",
				query{ofVariant.now("model_latency_max_seconds"), "model {{variant_name}}"},
				query{ofVariant.now("time_in_backlog_max_seconds"), "backlog {{variant_name}}"},
				query{ofEndpoint.now("processing_objective_seconds"), "objective"}).
				override("model .*", paint(good)).override("backlog .*", paint(special)).
				override("objective", paint(bad), dashed(), bare()).empty("no request was processed lately"),
		),
	}
}

func endpointPolicy() []line {
	unpicked :=
		"Empty where no policy selects the variant, as on the demo unless it is started with " +
			"--reconcile.endpoints='.*'."
	return []line{
		across(7,
			figure(4, "Policy", "none",
				"Whether a policy of the configuration selects the variant. Not selected: the exporter neither "+
					"plans nor writes anything for it; see policies in docs/policy.md.",
				query{ofVariant.now("policy_selected"), "{{variant_name}}"}).colours(plain, step{1, good}).
				says(word("0", "not selected", plain), word("1", "selected", good)).empty("not known"),
			graph(10, "Drift: steps to the policy", "none",
				"Steps that would bring the variant to its policy. They stay for longer than two rounds: reconcile "+
					"is off, or withholds them. /plan shows each. "+unpicked,
				query{ofVariant.now("plan_steps"), "{{action}} {{variant_name}}"}).
				bars().stacked().with("decimals", 0).override("create .*", paint(neutral)).override("update .*", paint(warning)).
				empty("no policy selects it"),
			graph(10, "Steps withheld, and written", "none",
				"Steps that are withheld now, by reason, and those carried out in the 20 minutes before each "+
					"moment. contested: somebody else keeps changing it; find them. docs/policy.md explains each "+
					"reason. "+unpicked,
				query{ofVariant.now("plan_steps_withheld"), "withheld: {{reason}} {{variant_name}}"},
				query{ofVariant.grown(window, "reconcile_steps_total") + " > 0", "{{outcome}}: {{kind}} {{variant_name}}"}).
				bars().with("decimals", 0).override("withheld.*", paint(warning)).override("applied.*", paint(good)).
				override("failed.*", paint(bad)).empty("nothing withheld or written"),
		),
		across(6,
			table(24, "Scaling policies",
				"What the variant's policies watch and aim at. Asynchronous endpoints publish no Invocations: a "+
					"policy with that metric never acts. No row: nothing scales the variant.",
				label("Variant", "variant_name"), label("Policy", "policy_name"), label("Type", "policy_type"), label("Metric", "metric_name"),
				unseen(maxBy("variant_name, policy_name, policy_type, metric_name", ofVariant.now("scaling_policy_info"))),
				value("Target", "short", maxBy("variant_name, policy_name", ofVariant.now("scaling_policy_target_value"))),
				value("Cooldown in", "s", maxBy("variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="in"`))),
				value("Cooldown out", "s", maxBy("variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="out"`))),
				value("Cooldown of a step", "s", maxBy("variant_name, policy_name", ofVariant.now("scaling_policy_cooldown_seconds", `direction="step"`))),
			).empty("-"),
		),
	}
}
