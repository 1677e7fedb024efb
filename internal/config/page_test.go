package config

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/policy"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

const page = "../../docs/configuration.md"

// about says what a key of the file means, and shows it in a file. Type, default and unit come from the type of its value.
type about struct{ meaning, example string }

// keysAbout has a row for each key of the file, by its path.
var keysAbout = map[string]about{
	"scopes":            {"Accounts and regions to observe, an entry each. Left out: the flags, else the SDK's own region and credentials.", "scopes: [{region: us-east-1}, {region: eu-west-1}]"},
	"scopes.region":     {"Region to observe. Left out: the SDK's own (`AWS_REGION`, the profile).", "scopes: [{region: us-east-1}]"},
	"scopes.roleARN":    {"Role to assume. Left out: the SDK's own credentials.", "scopes: [{region: us-east-1, roleARN: \"arn:aws:iam::111122223333:role/async-exporter\"}]"},
	"scopes.externalID": {"External id that the trust policy of the role asks for. It is a secret: protect the file.", "scopes: [{roleARN: \"arn:aws:iam::111122223333:role/async-exporter\", externalID: shared-secret}]"},

	"discovery":           {"Endpoints to observe. Left out: every asynchronous endpoint.", "discovery: {include: [\"transcribe-.*\"]}"},
	"discovery.include":   {"Names to observe. Left out: all.", "discovery: {include: [\"transcribe-.*\", ocr]}"},
	"discovery.exclude":   {"Names to leave out. Takes precedence over `include`.", "discovery: {exclude: [\"sandbox-.*\"]}"},
	"discovery.tags":      {"Tags that an endpoint must carry, all of them.", "discovery: {tags: {team: speech}}"},
	"discovery.tagLabels": {"Keys of the tags that become labels `tag_<key>` of `sagemaker_async_endpoint_info`.", "discovery: {tagLabels: [team, cost-center]}"},

	"polling":                      {"Intervals of the requests to AWS. `activity` and `discovery`, the former names of `metrics` and `tags`, still work, with a warning.", "polling: {queue: 1m, metrics: 5m}"},
	"polling.queue":                {"Queue metrics of endpoints with a queue; of the others `ApproximateBacklogSize` alone.", "polling: {queue: 1m}"},
	"polling.idle":                 {"`ApproximateBacklogSize` of endpoints at zero instances with an empty queue. An endpoint whose wake alarm goes into ALARM is asked within a minute.", "polling: {idle: 5m}"},
	"polling.metrics":              {"Counters, latencies and utilization. They are read minute by minute, so a longer interval loses nothing.", "polling: {metrics: 10m}"},
	"polling.instances":            {"Endpoints and their instances.", "polling: {instances: 1m}"},
	"polling.scaling":              {"Scalable targets, policies, alarms and scaling activities. Reconcile runs at most this often.", "polling: {scaling: 5m}"},
	"polling.tags":                 {"Tags of endpoints, where something selects or labels by them.", "polling: {tags: 10m}"},
	"polling.maxStaleness":         {"Age at which the data of a failed source is dropped; three intervals of the source if that is longer.", "polling: {maxStaleness: 10m}"},
	"polling.monthlyBudgetDollars": {"Budget for CloudWatch metric requests in a month, over all scopes. If they would cost more, the intervals grow. 0 is no budget.", "polling: {monthlyBudgetDollars: 50}"},

	"recreateAfter": {"How long a scalable target must be missing before reconcile registers it again. An update of an endpoint removes and restores it.", "recreateAfter: 15m"},

	"objectives":            {"Objectives of the requests; the first entry that matches an endpoint counts. They become series, so alert rules stay static.", "objectives: [{endpoints: \"ocr-.*\", latency: 10m}, {endpoints: \".*\", latency: 30m}]"},
	"objectives.endpoints":  {"Names of endpoints. Left out: all.", "objectives: [{endpoints: \"ocr-.*\", latency: 10m}]"},
	"objectives.latency":    {"Longest acceptable wait in the queue. It must be below `requestTTL`.", "objectives: [{latency: 10m}]"},
	"objectives.requestTTL": {"Time to live that clients of InvokeEndpointAsync set, 1m to 6h.", "objectives: [{latency: 10m, requestTTL: 1h}]"},

	"objectives.latencyMissRatio":     {"Ratio of the minutes in which the oldest request may wait for longer than `latency`, 0.15 at most. The page comes when misses would use up the ratio of a month 14.4 times too fast in one hour, or 6 times in six.", "objectives: [{endpoints: \"live-.*\", latency: 5m, latencyMissRatio: 0.001}]"},
	"objectives.failureRatio":         {"Ratio of failed invocations to all of half an hour above which failures are a ticket.", "objectives: [{endpoints: \"batch-.*\", failureRatio: 0.3}]"},
	"objectives.criticalFailureRatio": {"Ratio above which they are a page. It must not be below `failureRatio`.", "objectives: [{failureRatio: 0.05, criticalFailureRatio: 0.2}]"},
	"objectives.minFailures":          {"Failed invocations of half an hour below which they are no ticket.", "objectives: [{endpoints: \"batch-.*\", minFailures: 1}]"},
	"objectives.criticalMinFailures":  {"Failed invocations below which they are no page. It must not be below `minFailures`.", "objectives: [{minFailures: 20, criticalMinFailures: 100}]"},
	"objectives.processing":           {"Longest acceptable time of one invocation; a longer one is a ticket. It must be below 1h, after which SageMaker ends an invocation.", "objectives: [{endpoints: \"ocr-.*\", processing: 15m}]"},

	"thresholds":                     {"Thresholds of alerts, for all endpoints. They become series, as objectives do. A ratio of 1 switches the alert off; that of `drainRatio` asks for more, so it takes a small one.", "thresholds: {idleRatio: 0.8, flappingWakes: 6}"},
	"thresholds.nearExpiryRatio":     {"Ratio of `objectives: requestTTL` for which the oldest request has waited when SageMakerAsyncRequestsNearExpiry pages.", "thresholds: {nearExpiryRatio: 0.75}"},
	"thresholds.drainRatio":          {"Ratio by which a queue must shrink in 20 minutes, or it does not drain: SageMakerAsyncAtMaxNotDraining, SageMakerAsyncScaleOutRefused.", "thresholds: {drainRatio: 0.02}"},
	"thresholds.idleRatio":           {"Ratio of a day with an empty queue above which SageMakerAsyncNeverAtZero is a ticket.", "thresholds: {idleRatio: 0.8}"},
	"thresholds.flappingWakes":       {"Wakes in six hours from which on SageMakerAsyncFlapping is a ticket.", "thresholds: {flappingWakes: 6}"},
	"thresholds.flappingQueuedRatio": {"Ratio of the time at zero instances with a queue above which SageMakerAsyncFlapping is a ticket.", "thresholds: {flappingQueuedRatio: 0.25}"},
	"thresholds.throttledRatio":      {"Ratio of throttled calls of an AWS operation to all of half an hour above which SageMakerAsyncAWSThrottled is a ticket.", "thresholds: {throttledRatio: 0.2}"},

	"prices": {"Dollars an hour by instance type. They replace the built-in prices, which are those of us-west-2.", "prices: {ml.g5.xlarge: 1.408}"},

	"checks":           {"Checks to mute, an entry for a group of endpoints.", "checks: [{endpoints: \"legacy-.*\", disable: [single_instance_type]}]"},
	"checks.endpoints": {"Names of endpoints. Left out: all.", "checks: [{endpoints: \"legacy-.*\", disable: [single_instance_type]}]"},
	"checks.disable":   {"Names of the [checks](checks.md).", "checks: [{disable: [single_instance_type]}]"},

	"policies":             {"[Policies](policy.md). The first entry that matches a variant is its policy; without a match reconcile writes nothing.", "policies: [{endpoints: \"transcribe-.*\", maxCapacity: 20}]"},
	"policies.endpoints":   {"Names of endpoints. Left out: all.", "policies: [{endpoints: \"transcribe-.*\"}]"},
	"policies.variants":    {"Names of variants. Left out: all.", "policies: [{endpoints: \"transcribe-.*\", variants: AllTraffic}]"},
	"policies.tags":        {"Tags that an endpoint must carry, all of them.", "policies: [{tags: {team: speech}}]"},
	"policies.minCapacity": {"Minimum of instances. `keep` leaves that of an existing target as it is.", "policies: [{minCapacity: keep}]"},
	"policies.maxCapacity": {"Maximum of instances.", "policies: [{maxCapacity: 20}]"},
	"policies.strict":      {"Enforce the documented values for every key that is left out, except for the capacity.", "policies: [{strict: true}]"},

	"policies.tracking":                  {"The target-tracking policy on the backlog per instance.", "policies: [{tracking: {targetValue: 5}}]"},
	"policies.tracking.name":             {"Name of a policy that is created. An existing one keeps its name.", "policies: [{tracking: {name: AsyncBacklogTargetTracking}}]"},
	"policies.tracking.targetValue":      {"Queued requests for each instance.", "policies: [{tracking: {targetValue: 5}}]"},
	"policies.tracking.scaleInCooldown":  {"Time after a scale-in before the next.", "policies: [{tracking: {scaleInCooldown: 5m}}]"},
	"policies.tracking.scaleOutCooldown": {"Time after a scale-out before the next.", "policies: [{tracking: {scaleOutCooldown: 5m}}]"},

	"policies.wake":                   {"The step policy that adds the first instance, and its alarm.", "policies: [{wake: {adjustment: 1}}]"},
	"policies.wake.name":              {"Name of a policy that is created. An existing one keeps its name.", "policies: [{wake: {name: HasBacklogWithoutCapacity-ScalingPolicy}}]"},
	"policies.wake.adjustment":        {"Instances to add.", "policies: [{wake: {adjustment: 1}}]"},
	"policies.wake.cooldown":          {"Time after a wake before the next.", "policies: [{wake: {cooldown: 5m}}]"},
	"policies.wake.aggregation":       {"Aggregation of the alarm's metric: Average, Minimum or Maximum.", "policies: [{wake: {aggregation: Average}}]"},
	"policies.wake.alarmName":         {"Name of an alarm that is created, with the placeholders `{endpoint}` and `{variant}`.", "policies: [{wake: {alarmName: \"wake-{endpoint}-{variant}\"}}]"},
	"policies.wake.evaluationPeriods": {"Periods of a minute that the alarm evaluates.", "policies: [{wake: {evaluationPeriods: 2, datapointsToAlarm: 2}}]"},
	"policies.wake.datapointsToAlarm": {"Breaching periods that make the alarm go into ALARM.", "policies: [{wake: {evaluationPeriods: 3, datapointsToAlarm: 2}}]"},
	"policies.wake.treatMissingData":  {"Treatment of missing data: missing or notBreaching.", "policies: [{wake: {treatMissingData: notBreaching}}]"},
}

// typeWords are the type and the unit of a value, as a reader of the file calls them.
var typeWords = map[reflect.Type][2]string{
	reflect.TypeFor[string]():                   {"text", ""},
	reflect.TypeFor[bool]():                     {"true or false", ""},
	reflect.TypeFor[[]string]():                 {"list of texts", ""},
	reflect.TypeFor[map[string]string]():        {"map of texts", ""},
	reflect.TypeFor[RoleARN]():                  {"ARN of an IAM role", ""},
	reflect.TypeFor[Pattern]():                  {"pattern", ""},
	reflect.TypeFor[[]Pattern]():                {"list of patterns", ""},
	reflect.TypeFor[Interval]():                 {"duration, 10s or more", "ms, s, m, h, d"},
	reflect.TypeFor[Delay]():                    {"duration", "ms, s, m, h, d"},
	reflect.TypeFor[Wait]():                     {"duration above 0", "ms, s, m, h, d"},
	reflect.TypeFor[Ratio]():                    {"number above 0, 1 at most", ""},
	reflect.TypeFor[Count]():                    {"whole number, 1 or more", ""},
	reflect.TypeFor[Dollars]():                  {"number, 0 or more", "US dollars"},
	reflect.TypeFor[map[InstanceType]Dollars](): {"map of instance types to numbers", "US dollars an hour"},
	reflect.TypeFor[[]CheckName]():              {"list of names of checks", ""},
	reflect.TypeFor[minimum]():                  {"whole number, 0 or more, or `keep`", "instances"},
	reflect.TypeFor[maximum]():                  {"whole number, 1 or more", "instances"},
	reflect.TypeFor[targetValue]():              {"number above 0", "requests for each instance"},
	reflect.TypeFor[cooldown]():                 {"duration in whole seconds", "s, m, h, d"},
	reflect.TypeFor[adjustment]():               {"whole number, 1 or more", "instances"},
	reflect.TypeFor[periods]():                  {"whole number, 1 to 1440", "minutes"},
	reflect.TypeFor[aggregation]():              {"word", ""},
	reflect.TypeFor[missingData]():              {"word", ""},
	reflect.TypeFor[policyName]():               {"text", ""},
	reflect.TypeFor[alarmName]():                {"text", ""},
}

// defaults are those that a type does not have: the file leaves the key out, and something else decides.
func defaults() map[string]string {
	documented, minutes := policy.Documented(), func(d time.Duration) string { return Wait(d).String() }
	unless := func(value any) string { return fmt.Sprintf("not enforced; %v where it is created or `strict`", value) }
	known := map[string]string{
		"objectives.endpoints": "all", "checks.endpoints": "all", "policies.endpoints": "all", "policies.variants": "all",
		"polling.idle":                       "`queue`",
		"policies.strict":                    "false",
		"policies.minCapacity":               "not enforced; " + fmt.Sprint(documented.MinCapacity.Value) + " where it is created",
		"policies.maxCapacity":               "not enforced; " + fmt.Sprint(documented.MaxCapacity.Value) + " where it is created",
		"policies.tracking.name":             documented.Tracking.Name,
		"policies.tracking.targetValue":      unless(documented.Tracking.TargetValue.Value),
		"policies.tracking.scaleInCooldown":  unless(minutes(documented.Tracking.ScaleInCooldown.Value)),
		"policies.tracking.scaleOutCooldown": unless(minutes(documented.Tracking.ScaleOutCooldown.Value)),
		"policies.wake.name":                 documented.Wake.Name,
		"policies.wake.adjustment":           unless(documented.Wake.Adjustment.Value),
		"policies.wake.cooldown":             unless(minutes(documented.Wake.Cooldown.Value)),
		"policies.wake.aggregation":          unless(documented.Wake.Aggregation.Value),
		"policies.wake.alarmName":            documented.Alarm.NameTemplate,
		"policies.wake.evaluationPeriods":    unless(documented.Alarm.EvaluationPeriods.Value),
		"policies.wake.datapointsToAlarm":    unless(documented.Alarm.DatapointsToAlarm.Value),
		"policies.wake.treatMissingData":     unless(documented.Alarm.TreatMissingData.Value),
	}
	for field, value := range reflect.ValueOf(defaultObjective).Fields() {
		if path := "objectives." + field.Tag.Get("yaml"); known[path] == "" {
			known[path], _ = scalarText(value.Interface())
		}
	}
	return known
}

// row is one line of the page.
type row struct{ path, kind, unit, otherwise string }

// rows are the keys of a struct and of what is in it, in the order of the types.
func rows(t *testing.T, prefix string, v reflect.Value) (all []row) {
	t.Helper()
	for field, value := range v.Fields() {
		key, ok := field.Tag.Lookup("yaml")
		if _, former := field.Tag.Lookup("now"); !ok || former {
			continue
		}
		path, inner := prefix+key, value.Type()
		if inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct && typeWords[inner][0] == "" {
			all = append(all, row{path: path, kind: "list"})
			all = append(all, rows(t, path+".", reflect.New(inner.Elem()).Elem())...)
			continue
		}
		words, known := typeWords[inner]
		if known {
			otherwise, set := defaults()[path]
			if text, ok := scalarText(value.Interface()); ok && !set {
				otherwise = text
			}
			all = append(all, row{path, words[0], words[1], otherwise})
			continue
		}
		if inner.Kind() != reflect.Struct {
			t.Fatalf("the page has no words for the type %s of %s: add it to typeWords", inner, path)
		}
		all = append(all, row{path: path, kind: "map"})
		all = append(all, rows(t, path+".", value)...)
	}
	return all
}

const introduction = `# The configuration file

<!-- Written by make generate from the types of the configuration and internal/config/page_test.go. -->

The exporter reads the file that ` + "`--config.file`" + ` names at the start, at SIGHUP and at ` + "`POST /-/reload`" + `. Every key is optional, and an
unknown key is an error. A flag or an environment variable takes precedence over the file ([flags.md](flags.md)). A reload that finds
an error leaves the old configuration in force.

` + "```sh host" + `
sagemaker-async-exporter check-config config.yml --endpoints 20     # errors with their line, and the bill of CloudWatch
sagemaker-async-exporter check-config config.yml --print-defaults   # the file with every default written out
` + "```" + `

- A **pattern** is a regular expression (RE2) that must match the whole name.
- A **duration** is a number with its unit, such as ` + "`90s`, `5m` or `1h30m`" + `.
- The file is UTF-8, and has at most 1 MiB, 2,000 patterns, 1,000 keys in one mapping and 2,000 entries in one list. No key is
  in a mapping twice.

`

// TestPage_hasEveryKeyOfTheFile holds docs/configuration.md against the types of the file.
func TestPage_hasEveryKeyOfTheFile(t *testing.T) {
	cfg := Default()
	all := rows(t, "", reflect.ValueOf(cfg))
	var text strings.Builder
	text.WriteString(introduction)
	known := map[string]bool{}
	for _, one := range all {
		known[one.path] = true
		words, ok := keysAbout[one.path]
		if !ok {
			t.Errorf("%s has no meaning and no example: add it to keysAbout", one.path)
		}
		if !strings.Contains(one.path, ".") {
			fmt.Fprintf(&text, "## %s\n\n%s\n\n```yaml\n%s\n```\n\n", one.path, words.meaning, words.example)
			if one.kind == "list" || one.kind == "map" {
				text.WriteString("| key | type | unit | default | meaning | example |\n|---|---|---|---|---|---|\n")
				continue
			}
			fmt.Fprintf(&text, "Type: %s.", one.kind)
			if one.unit != "" {
				fmt.Fprintf(&text, " Unit: %s.", one.unit)
			}
			if one.otherwise != "" {
				fmt.Fprintf(&text, " Default: `%s`.", one.otherwise)
			}
			text.WriteString("\n")
			continue
		}
		_, key, _ := strings.Cut(one.path, ".")
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s | %s | `%s` |\n", key, one.kind, one.unit, one.otherwise, words.meaning, words.example)
	}
	for path := range keysAbout {
		if !known[path] {
			t.Errorf("the file has no key %s", path)
		}
	}
	got := strings.ReplaceAll(text.String(), " |\n## ", " |\n\n## ")
	got = strings.ReplaceAll(got, ".\n## ", ".\n\n## ")
	whole, err := os.ReadFile("testdata/contract.ok.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got += "\n## A whole file\n\n```yaml\n" + strings.TrimSpace(string(whole)) + "\n```\n"
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got || len(all) < 40 {
		t.Errorf("%s is not what the types say: run make generate", page)
	}
}

func TestPage_examplesAreGood(t *testing.T) {
	for _, path := range slices.Sorted(maps.Keys(keysAbout)) {
		one := keysAbout[path]
		if _, err := Parse(path, []byte(one.example)); err != nil {
			t.Error(err)
		}
		keys := strings.Split(path, ".")
		if last := keys[len(keys)-1]; !strings.Contains(one.example, last+":") {
			t.Errorf("the example of %s does not set it: %s", path, one.example)
		}
	}
}
