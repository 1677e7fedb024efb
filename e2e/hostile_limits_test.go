//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	values "github.com/sagemaker-async/exporter/internal/paging"
)

// changed is AWS's answer in JSON, changed.
func changed(operation string, change func(answer map[string]any)) lie {
	return func(asked string, w http.ResponseWriter, _ *http.Request, truth *httptest.ResponseRecorder) bool {
		var answer map[string]any
		if asked != operation || truth.Code != http.StatusOK || json.Unmarshal(truth.Body.Bytes(), &answer) != nil {
			return false
		}
		change(answer)
		_ = json.NewEncoder(w).Encode(answer)
		return true
	}
}

// Each number of the answer can be, and the item cannot: it is refused alone, and nothing else is down.
func TestServe_anItemThatCannotBeIsRefusedAlone(t *testing.T) {
	aws := demoAt(t, hurried)
	l := lying(t, aws.Handler())
	l.tell(changed("DescribeScalableTargets", func(answer map[string]any) { // from the start: nothing older stands in
		if targets, _ := answer["ScalableTargets"].([]any); len(targets) > 0 {
			target := targets[0].(map[string]any)
			target["MinCapacity"], target["MaxCapacity"] = 900_000, 0
		}
	}))
	e := start(t, nil, "--demo", "--demo.aws="+l.url)
	const targets = "sagemaker_async_scalable_target_max_capacity{"
	e.eventually("up, with one refused", soon, func() error {
		page := e.metrics()
		if got := valueOf(page, "sagemaker_async_exporter_source_refused{", `source="scaling"`); got != 1 {
			return fmt.Errorf("%v are refused", got)
		}
		if value(page, "sagemaker_async_up{") != 1 || count(page, targets) == 0 {
			return fmt.Errorf("up is %v, with %d targets", value(page, "sagemaker_async_up{"), count(page, targets))
		}
		return nil
	})
	before := count(e.metrics(), targets)
	l.tell(nil)
	e.eventually("all targets", soon, func() error {
		if n := count(e.metrics(), targets); n <= before {
			return fmt.Errorf("%d targets, as before", n)
		}
		return nil
	})
	if n := strings.Count(e.log.String(), "values refused"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

// valueOf is the value of the first series that begins so and has the label.
func valueOf(page, series, label string) float64 {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, series) && strings.Contains(line, label) {
			return value(line, series)
		}
	}
	return -1
}

func TestServe_variantsAreBounded(t *testing.T) {
	aws := demoAt(t, hurried)
	l := lying(t, aws.Handler())
	e := start(t, []string{"GOMEMLIMIT=230MiB"}, "--demo", "--demo.aws="+l.url)
	e.eventually("up", soon, func() error {
		if got := value(e.metrics(), "sagemaker_async_up{"); got != 1 {
			return fmt.Errorf("up is %v", got)
		}
		return nil
	})
	l.tell(changed("DescribeEndpoint", func(answer map[string]any) {
		variants, _ := answer["ProductionVariants"].([]any)
		for i := range 100 { // of which each has a dozen values
			more := map[string]any{}
			for key, value := range variants[0].(map[string]any) {
				more[key] = value
			}
			more["VariantName"] = fmt.Sprintf("more-%d", i)
			variants = append(variants, more)
		}
		answer["ProductionVariants"] = variants
	}))
	e.eventually("said in the log", soon, func() error {
		if !strings.Contains(e.log.String(), "sagemaker DescribeEndpoint: more than 20 production variants") {
			return errors.New("it is not")
		}
		return nil
	})
	if n := count(e.metrics(), "sagemaker_async_endpoint_info{"); n == 0 {
		t.Error("the endpoints are gone")
	}
}

// What the exporter answers costs the alerting no more than its container has.
func TestAlerting_whatTheExporterAnswersIsBounded(t *testing.T) {
	const limit = alertingLimit / 10 * 9
	var series strings.Builder
	for i := range 200_000 { // more than there is room for
		fmt.Fprintf(&series, "sagemaker_async_up{account_id=\"1\",region=\"r%d\"} 1\n", i)
	}
	series.WriteString(values.PageEnd + " 1\n")
	const rest = "sagemaker_async_backlog_requests{account_id=\"1\",region=\"r\",endpoint_name=\"e\"} 1\n" + values.PageEnd + " 1\n"
	page := make(chan string, 1)
	page <- rest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		switch r.URL.Path {
		case "/explain":
			flood(w, "[{}", []byte(strings.Repeat(",{}", 1<<20)))
		case "/metrics":
			text := <-page
			page <- text
			if text == "flood" {
				flood(w, "", []byte(strings.Repeat("x", 1<<20)))
				return
			}
			_, _ = io.WriteString(w, text)
		}
	}))
	t.Cleanup(server.Close)
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	must(t, os.WriteFile(rules, []byte(`groups:
  - name: one
    rules:
      - {alert: Watched, expr: 'sagemaker_async_backlog_requests > 0'}
      - {alert: Up, expr: 'sagemaker_async_up == 0'}
`), 0o600))
	p, am := startInbox(t)
	c := &alerting{exporter: beginProgram(t, []string{alertingBinary}, []string{fmt.Sprint("GOMEMLIMIT=", limit), "SAGEMAKER_ASYNC_ALERTING_ALERTING_INTERVAL=1s"},
		"--exporter.url="+server.URL, "--alertmanager.url="+am.url, "--alerting.rules="+rules)}
	c.eventually("the alert, without its reason", soon, func() error {
		if value(c.metrics(), "sagemaker_async_alerting_explain_failures_total ") < 2 {
			return errors.New("no answer of /explain was refused")
		}
		return p.fires("Watched")
	})
	for what, text := range map[string]string{"sample_limit": series.String(), "body size limit": "flood"} {
		<-page
		page <- text
		c.eventually("refused: "+what, soon, func() error {
			if _, err := c.get("/-/ready"); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "sample limit", "sample_limit"), what) {
				return fmt.Errorf("ready: %w", err)
			}
			return p.fires("Watched")
		})
	}
	if peak := peakMemory(t, c.exporter); peak > alertingLimit {
		t.Errorf("it took %d MiB", peak>>20)
	} else {
		t.Logf("at most %d MiB", peak>>20)
	}
	p.neverEnded(t, "Watched")
}

// Every list and mapping of the file has a bound, so that it is read in a moment.
func TestCheckConfig_refusesWhatWouldTakeLong(t *testing.T) {
	var prices strings.Builder
	prices.WriteString("prices:\n")
	for i := range 40_000 {
		fmt.Fprintf(&prices, "  ml.g%d.xlarge: 1\n", i)
	}
	file := filepath.Join(t.TempDir(), "config.yml")
	must(t, os.WriteFile(file, []byte(prices.String()), 0o600))
	said, err := exec.Command(binary, "check-config", file).CombinedOutput()
	if err == nil || string(said) != file+":2: more than 1000 keys in one mapping: write fewer\n" {
		t.Errorf("%v: %.300s", err, said)
	}
}
