//go:build e2e

package e2e

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// demoGolden has every metric of the demo's page, but those that begin later: its help, its type, and the names of its labels. The values follow the
// clock; those of a world that stands still are in the collector's golden file.
const demoGolden = "testdata/demo.golden"

// begins are the metrics that begin when something happens for the first time.
var begins = regexp.MustCompile(`^sagemaker_async_(wake_duration_seconds|scale_out_duration_seconds|scaling_not_scaled_total)`)

// shapeOf is what stays the same of a page.
func shapeOf(page string) string {
	value := regexp.MustCompile(`="(?:[^"\\]|\\.)*"`)
	var lines []string
	for line := range strings.Lines(page) {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE "), " ")
		if !strings.HasPrefix(name, "sagemaker_async_") || begins.MatchString(name) {
			continue // of the Go runtime and the process, or of what may not have happened yet
		}
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			line = value.ReplaceAllString(line[:strings.LastIndexByte(line, ' ')], "")
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestMetrics_areThoseOfTheGoldenFile(t *testing.T) {
	got := shapeOf(start(t, nil, "--demo").metrics())
	if *update {
		if err := os.WriteFile(demoGolden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(demoGolden)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 10_000 || got != string(want) {
		t.Errorf("the demo's page has other metrics than %s; read the difference, then run go test -tags e2e ./e2e -update:\n%s", demoGolden, got)
	}
}

func TestMetrics_passPromtool(t *testing.T) {
	golden, err := os.ReadFile("../collector/testdata/world.prom")
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{
		"the golden file": string(golden), "the demo": start(t, nil, "--demo").metrics(),
	} {
		if !strings.Contains(page, "sagemaker_async_up{") {
			t.Errorf("%s holds next to nothing", name)
		}
		check := exec.Command("promtool", "check", "metrics")
		check.Stdin = strings.NewReader(page)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool check metrics on %s: %v\n%s", name, err, out)
		}
	}
}

// sum adds the values of the series that begin like this.
func sum(page, begin string) (total float64) {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, begin) {
			total += value(line, begin)
		}
	}
	return total
}

// count is how many series begin like this.
func count(page, begin string) (n int) {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, begin) {
			n++
		}
	}
	return n
}

// family cuts the series of one metric out of a page: some pages are long.
func family(page, name string) string {
	_, rest, _ := strings.Cut(page, "\n# TYPE "+name+" ")
	_, rest, _ = strings.Cut(rest, "\n")
	series, _, _ := strings.Cut(rest, "\n#")
	return series + "\n"
}

// label is the value of a label of a series.
func label(series, name string) string {
	_, rest, _ := strings.Cut(series, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
