package alerts

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/config"
)

// thresholds are the series from the configuration file that rules compare with, and the values that they have without a file.
func thresholds() map[string]float64 {
	file := config.Default()
	o := file.ObjectiveOf("")
	return map[string]float64{
		"latency_miss_objective_ratio":                       float64(o.LatencyMissRatio),
		`failure_objective_ratio{severity="warning"}`:        float64(o.FailureRatio),
		`failure_objective_ratio{severity="critical"}`:       float64(o.CriticalFailureRatio),
		`failure_objective_invocations{severity="warning"}`:  float64(o.MinFailures),
		`failure_objective_invocations{severity="critical"}`: float64(o.CriticalMinFailures),
		"processing_objective_seconds":                       o.Processing.Duration().Seconds(),
		"near_expiry_threshold_ratio":                        float64(file.Thresholds.NearExpiryRatio),
		"drain_threshold_ratio":                              float64(file.Thresholds.DrainRatio),
		"idle_threshold_ratio":                               float64(file.Thresholds.IdleRatio),
		"flapping_threshold_wakes":                           float64(file.Thresholds.FlappingWakes),
		"flapping_threshold_queued_ratio":                    float64(file.Thresholds.FlappingQueuedRatio),
		"exporter_throttled_threshold_ratio":                 float64(file.Thresholds.ThrottledRatio),
	}
}

var (
	otherwise = regexp.MustCompile(`(?s)\(` + seriesPrefix + `(\w+_(?:threshold|objective)_\w+)(\{[^}]*\})?\[\w+\]\)\)?\s+or on \([^)]*\)\s+max by \([^)]*\) \(\w+\([a-z0-9_:]+\[\w+\]\)\) \* 0 \+ ([0-9.]+)`)
	number    = regexp.MustCompile(`(?:^|[^\w:.])(\d+(?:\.\d+)?)`)
)

// An exporter that is older than the rules has no such series, and no alert may disappear with it.
func TestRules_useTheDefaultWhereThereIsNoThreshold(t *testing.T) {
	found := map[string]bool{}
	for _, r := range rules(t) {
		for _, match := range otherwise.FindAllStringSubmatch(r.Expr, -1) {
			series := match[1] + match[2]
			value, err := strconv.ParseFloat(match[3], 64)
			if want, known := thresholds()[series]; err != nil || !known || value != want {
				t.Errorf("%s: without %s it compares with %s, and the configuration with %v", r.name(), series, match[3], want)
			}
			found[series] = true
		}
	}
	readme, err := os.ReadFile("../docs/runbooks/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for series := range thresholds() {
		if !found[series] {
			t.Errorf("no rule has a default for %s", series)
		}
		if !strings.Contains(string(readme), "`"+seriesPrefix+series+"`") {
			t.Errorf("docs/runbooks/README.md does not say which key is %s", series)
		}
	}
}

// facts are the numbers of expressions that are no matter of taste, beside 0 and 1. docs/runbooks/README.md says what each is.
var facts = map[string][]string{
	"SageMakerAsyncLatencyObjectiveMissed":                            {"14.4", "60", "0.05", "0.02", "6", "360", "0.01"},
	"SageMakerAsyncScaleOutRefused":                                   {"1200"},
	"SageMakerAsyncAtMaxNotDraining":                                  {"1200"},
	"SageMakerAsyncNeverAtZero":                                       {"288"},
	"SageMakerAsyncFlapping":                                          {"2"},
	"SageMakerAsyncReconcileStalled":                                  {"3600"},
	"SageMakerAsyncBillAboveBudget":                                   {"0.5", "1.05"},
	"cluster:sagemaker_async_exporter_cloudwatch_cost:budget_ratio":   {"2592000"},
	"variant:sagemaker_async_expired_requests_total:max_of_new_month": {"3", "60", "30"},
}

func TestRules_haveNoThresholdOfTaste(t *testing.T) {
	for _, r := range rules(t) {
		expr := regexp.MustCompile(`\* 0 \+ [0-9.]+`).ReplaceAllString(r.Expr, "")
		expr = ranges.ReplaceAllString(quoted.ReplaceAllString(expr, `""`), "")
		for _, literal := range number.FindAllStringSubmatch(expr, -1) {
			if known := append([]string{"0", "1"}, facts[r.name()]...); !slices.Contains(known, literal[1]) {
				t.Errorf("%s: %s stands in the expression: make it a key of the configuration file, or say in docs/runbooks/README.md what it is", r.name(), literal[1])
			}
		}
	}
}
