package pages

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// newcomers are the pages for those who do not have it yet.
var newcomers = []string{"docs/eks.md", "docs/systemd.md", "docs/faq.md", "docs/comparison.md"}

// series are the names under which somebody can find something in Prometheus.
func series(t *testing.T) (names []string) {
	t.Helper()
	names = []string{"sagemaker_async_exporter_build_info"} // client_golang's
	for _, metric := range collector.Table() {
		name := metric.FullName()
		names = append(names, name)
		if metric.Type == collector.Histogram || metric.Type == collector.Summary {
			names = append(names, name+"_sum", name+"_count")
		}
	}
	for _, rule := range rules(t) {
		names = append(names, rule.Record)
	}
	return append(names, ofTheAlerting(t)...)
}

// ofTheAlerting are the series that the alerting has of its own. They are looked for in its code: to import it would link a
// Prometheus into this test.
func ofTheAlerting(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(root + "/internal/alerting/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, name := range regexp.MustCompile(`Name: "(sagemaker_async_alerting_\w+)"`).FindAllStringSubmatch(read(t, strings.TrimPrefix(file, root+"/")), -1) {
			names = append(names, name[1])
		}
	}
	if len(names) == 0 {
		t.Fatal("the alerting has no series")
	}
	return names
}

var (
	seriesName = regexp.MustCompile(`\b(?:[a-z]+:)?sagemaker_async_[\w:]+`)
	alertName  = regexp.MustCompile(`\bSageMakerAsync[A-Z]\w+`)
	snakeCase  = regexp.MustCompile("`([a-z]+(?:_[a-z]+)+)`")
)

func TestPages_nameSeriesThatExist(t *testing.T) {
	known, named := series(t), 0
	for _, page := range written(t) {
		for _, name := range seriesName.FindAllString(read(t, page), -1) {
			if named++; !slices.Contains(known, name) {
				t.Errorf("%s speaks of %s, which does not exist", page, name)
			}
		}
	}
	if named < 200 {
		t.Errorf("the pages name only %d series", named)
	}
}

func TestPages_nameAlertsThatExist(t *testing.T) {
	var known []string
	for _, rule := range rules(t) {
		known = append(known, rule.Alert)
	}
	if own := "SageMakerAsyncAlertingStorageFailing"; strings.Contains(read(t, "internal/alerting/blind.go"), `"`+own+`"`) {
		known = append(known, own) // the one that no rule can find
	}
	named := 0
	for _, page := range written(t) {
		for _, name := range alertName.FindAllString(read(t, page), -1) {
			if named++; !slices.Contains(known, name) {
				t.Errorf("%s speaks of the alert %s, which does not exist", page, name)
			}
		}
	}
	if named < 100 {
		t.Errorf("the pages name only %d alerts", named)
	}
}

// labels are what else these pages write in this form: labels and their values, and keys of the log.
var labels = strings.Fields("account_id no_capacity ignored_real_time ignored_serverless ignored_inference_component")

func TestNewcomers_nameChecksThatExist(t *testing.T) {
	known := slices.Concat(check.Names(), labels)
	for _, reason := range plan.Reasons() {
		known = append(known, string(reason))
	}
	named := 0
	for _, page := range newcomers {
		for _, name := range snakeCase.FindAllStringSubmatch(prose(t, page), -1) {
			if seriesName.MatchString(name[1]) || strings.HasPrefix(name[1], "aws_") { // the latter are Terraform's
				continue
			}
			if named++; !slices.Contains(known, name[1]) {
				t.Errorf("%s speaks of %s, which is no check", page, name[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("the pages name only %d checks", named)
	}
}
