package dashboards

// throttles are the codes by which AWS says that it is asked too often.
const throttles = `code=~"Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|SlowDown"`

// projection is what a month of thirty days costs at the rate of the last six hours, of the replica that pays most.
func projection() string {
	return "sum (" + scope.rateOver("6h", "exporter_cloudwatch_estimated_cost_dollars_total") + ") * 2592000"
}

// exporter shows whether the other dashboards can be trusted, what they cost, and what is written to AWS.
func exporter() dashboard {
	return dashboard{
		uid: exporterUID, title: "SageMaker Async / Exporter",
		about: "Whether the other dashboards can be trusted: the data of AWS and its age, its cost, and what reconcile " +
			"writes.",
		marked: scope,
		sections: []section{
			{"", []line{exporterNow()}, false},
			{"Sources", exporterSources(), false},
			{"AWS calls", exporterCalls(), false},
			{"Cost", exporterBill(), false},
			{"Reconcile", exporterReconcile(), false},
			{"Process", exporterProcess(), true},
		},
	}
}

func exporterNow() line {
	all, failed := sum(process.rate("exporter_aws_requests_total")), sum(process.rate("exporter_aws_requests_total", `code!="OK"`))
	return across(4,
		stat(4, "Complete regions", "percentunit",
			"The share of the accounts and regions whose newest observation is whole and fresh. Below 100 %: the "+
				"table of sources says what fails, the exporter's log why. No exporter: Prometheus scrapes none.",
			query{"avg (" + scope.now("up") + ")", "complete"}).colours(step{0, bad}, step{1, good}).red().empty("no exporter"),
		stat(4, "Oldest source", "percentunit",
			"The oldest source's age as a share of the time for which it is shown. At 100 % its series disappear, "+
				"and alerts rest on nothing. It climbs: the source fails, see below.",
			query{"max (" + used() + ")", "used"}).
			colours(step{0, good}, step{.75, warning}, step{1, bad}).red().empty("no exporter"),
		stat(4, "Failed AWS calls", "percentunit",
			"The share of the calls of the last 20 minutes that failed. AccessDenied: the role lacks a right, "+
				"iam-policy prints what it needs. Throttling: see below.",
			query{alive("(" + failed + " or " + all + " * 0) / (" + all + " > 0)"), "failed"}).
			colours(step{0, good}, step{.01, warning}, step{.1, bad}).empty("no call"),
		stat(4, "Monthly cost", "currencyUSD",
			"What thirty days of CloudWatch cost at the rate of the last six hours, so trust it six hours after a start. Above "+
				"the budget: lengthen polling, or narrow discovery.",
			query{alive(projection()), "a month"}).colours(step{0, neutral}).with("decimals", 2),
		stat(4, "Configuration", "none",
			"Whether the last reload of the configuration succeeded. Failed: the one before stays in force "+
				"until a restart, which then fails. check-config says what is wrong.",
			query{"min (" + process.now("exporter_config_last_reload_successful") + ")", "configuration"}).colours().
			says(word("0", "reload failed", bad), word("1", "good", good)).red().empty("no exporter"),
		stat(4, "Version", "none", "The version that runs. Two for long: an update did not finish.",
			query{process.now("exporter_build_info"), "{{version}} {{goversion}}"}).colours(step{0, neutral}).option("textMode", "name").empty("no exporter"),
	)
}

// age is how many seconds ago each source last answered completely. The clock of a demo may be ahead of Prometheus'.
func age() string {
	return "clamp_min(time() - " + scope.now("exporter_source_last_success_timestamp_seconds") + ", 0)"
}

// used is the age of each source as a share of the time for which it is shown.
func used() string {
	return age() + " / on (" + eachScope + ", source) (" + scope.now("exporter_source_lifetime_seconds") + " > 0)"
}

func exporterSources() []line {
	return []line{
		across(9,
			table(24, "Sources",
				"What is asked of AWS, and how old the answers are. An age beyond the lifetime: its series have "+
					"disappeared. Down: the exporter's log says why.",
				label("Source", "source"), label("Region", "region"), label("Account", "account_id"),
				value("State", "none", scope.now("exporter_source_up"), worded(word("0", "down", bad), word("1", "up", good))...),
				value("Age", "s", age()),
				value("Shown for", "s", scope.now("exporter_source_lifetime_seconds")),
				value("Of that used", "percentunit", used(), coloured(step{.75, warning}, step{1, bad})...),
				value("Took", "s", scope.now("exporter_source_duration_seconds"), coloured(step{20, warning}, step{60, bad})...),
			).sorted("Of that used").empty("no exporter"),
		),
		across(8,
			timeline(12, "Sources up and down",
				"Red: the newest observation of the source failed or was incomplete. What it said before is shown "+
					"until its lifetime ends. The log says why it fails.",
				query{scope.now("exporter_source_up"), "{{source}} {{region}} {{account_id}}"}).
				says(word("0", "down", bad), word("1", "up", good)).empty("no exporter"),
			graph(12, "Age as a share of the lifetime", "percentunit",
				"A saw that stays low is well. At 100 % what the source said disappears from all dashboards and alerts.",
				query{used(), "{{source}} {{region}} {{account_id}}"}).
				colours(step{.75, warning}, step{1, bad}).empty("no exporter"),
		),
	}
}

func exporterCalls() []line {
	return []line{
		across(9,
			graph(12, "Calls by operation", "reqps",
				"Calls a second, retries included, over the 20 minutes before each moment. A jump without new "+
					"endpoints: something is retried.",
				query{sumBy("service, operation", process.rate("exporter_aws_requests_total")), "{{operation}}"}).stacked().empty("no call"),
			graph(12, "Calls by code", "reqps",
				"How calls end, over the 20 minutes before each moment. AccessDenied: iam-policy prints the rights "+
					"that are needed. ExpiredToken: credentials. Timeouts: the network.",
				query{sumBy("code", process.rate("exporter_aws_requests_total")), "{{code}}"}).override("OK", paint(good)).empty("no call"),
		),
		across(9,
			graph(12, "Latency of calls, p95", "s",
				"By operation, over the 20 minutes before each moment. An attempt is given 15 seconds. Slow "+
					"everywhere: the network, or processors that the exporter lacks.",
				query{process.quantile("0.95", window, "exporter_aws_request_duration_seconds", "service, operation"), "{{operation}}"}).
				colours(step{5, warning}, step{15, bad}).empty("no call"),
			graph(12, "Calls that AWS throttles", "percentunit",
				"The share of an operation's calls of the last 20 minutes that were throttled. Above the threshold: "+
					"something else uses the account's rate limit, or there are too many exporters. The threshold "+
					"alone while AWS throttles nothing, as on the demo.",
				query{sumBy("service, operation", process.rate("exporter_aws_requests_total", throttles)) + " / (" +
					sumBy("service, operation", process.rate("exporter_aws_requests_total")) + " > 0)", "{{operation}}"},
				query{process.now("exporter_throttled_threshold_ratio"), "threshold"}).
				override("threshold", paint(bad), dashed(), bare()).empty("nothing is throttled"),
		),
	}
}

func exporterBill() []line {
	return []line{
		across(8,
			graph(8, "CloudWatch in a month, and the budget", "currencyUSD",
				"What thirty days would cost at the rate of the six hours before each moment, with "+
					"polling.monthlyBudgetDollars. Above the budget: polling cannot be stretched any further, so "+
					"narrow discovery. Without a budget there is no line, as on the demo.",
				query{projection(), "projection"},
				query{process.now("exporter_monthly_budget_dollars") + " > 0", "budget"}).
				override("projection", paint(neutral)).override("budget", paint(bad), dashed(), bare()).empty("nothing billed"),
			graph(8, "Metrics requested in an hour", "short",
				"Metrics that CloudWatch bills, in the hour before each moment. It grows with endpoints and "+
					"variants; a jump without new ones is a restart, which reads a month back.",
				query{scope.grown("1h", "exporter_cloudwatch_metrics_billed_total"), "{{region}} {{account_id}}"}).empty("nothing billed"),
			graph(8, "Polling stretched by the budget", "none",
				"By how much the budget makes intervals longer. From 2 on alerts come noticeably later: raise the "+
					"budget, or narrow discovery.",
				query{scope.now("exporter_polling_stretch_factor"), "{{region}} {{account_id}}"}).
				colours(step{2, warning}, step{5, bad}).empty("nothing polled yet"),
		),
	}
}

func exporterReconcile() []line {
	idle :=
		"Empty where no policy selects anything, as on the demo unless it is started with --reconcile and " +
			"--reconcile.endpoints='.*'."
	onOff := []object{word("0", "no", plain), word("1", "yes", good)}
	return []line{
		across(4,
			stat(6, "Reconcile enabled", "none", "Whether --reconcile is on. Off: plans are shown and nothing is written.",
				query{scope.now("reconcile_enabled"), "{{region}} {{account_id}}"}).colours().says(onOff...).empty("no exporter"),
			stat(6, "Leader", "none",
				"Whether one of the replicas writes. No, although reconcile is on: nobody holds the lease, see the "+
					"log.",
				query{scope.now("reconcile_leader"), "{{region}} {{account_id}}"}).colours().says(onOff...).empty("no exporter"),
			stat(6, "Last successful round", "s",
				"Time since a round ended in which no step failed. More than an hour: steps fail, see their "+
					"outcome and the log. "+idle,
				query{"clamp_min(time() - " + scope.now("reconcile_last_success_timestamp_seconds") + ", 0)", "{{region}} {{account_id}}"}).
				colours(step{0, good}, step{1800, warning}, step{3600, bad}).empty("no round yet"),
			stat(6, "Variants selected", "none",
				"How many variants the policies select. Fewer than you think: a pattern is misspelt, see Matches "+
					"of each policy.",
				query{sum(scope.now("policy_selected")), "selected"}).colours(step{0, neutral}),
		),
		across(8,
			graph(8, "Steps by outcome", "none",
				"Each step that was applied or failed. Failed: the log has AWS's answer, most "+
					"often a right that is missing. "+idle,
				query{sumBy("kind, outcome", scope.events("reconcile_steps_total")), "{{outcome}}: {{kind}}"}).
				bars().stacked().override("applied.*", paint(good)).override("failed.*", paint(bad)).empty("nothing applied in this time"),
			graph(8, "Steps withheld, by reason", "none",
				"contested: somebody else writes. endpoint_not_in_service: wait. docs/policy.md says what to do "+
					"about each. "+idle,
				query{sumBy("reason", scope.now("plan_steps_withheld")), "{{reason}}"}).
				bars().stacked().override("contested", paint(bad)).empty("nothing withheld"),
			graph(8, "Matches of each policy", "none",
				"Variants that each policy selects. 0 for long: a name that is misspelt. "+idle,
				query{scope.now("policy_matches"), "{{policy}} {{region}}"}).empty("no policy"),
		),
	}
}

func exporterProcess() []line {
	return []line{
		across(8,
			graph(8, "Memory", "bytes",
				"Memory of the largest replica. It grows with endpoints; a line that only rises at a steady fleet is a "+
					"leak: report it with a heap profile.",
				query{own("process_resident_memory_bytes"), "resident"}, query{own("go_memstats_heap_inuse_bytes"), "heap"}).
				override("resident", paint(neutral)).override("heap", paint(special)).empty("no exporter"),
			graph(8, "CPU", "percentunit",
				"CPU of the busiest replica, over the 20 minutes before each moment; 100 % is one processor. At its "+
					"limit observations come late: raise the limit, or lengthen polling.",
				query{own("rate(process_cpu_seconds_total[" + window + "])"), "used"}).override("used", paint(neutral)).
				colours(step{.8, warning}).empty("no exporter"),
			graph(8, "Goroutines", "none",
				"Goroutines of the replica with most. Some dozens, more while AWS is asked. A line that only rises is a leak: "+
					"report it.",
				query{own("go_goroutines"), "goroutines"}).override("goroutines", paint(neutral)).
				colours(step{1000, warning}).empty("no exporter"),
		),
	}
}
