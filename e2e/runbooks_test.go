//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var promqlBlock = regexp.MustCompile("(?ms)^ *```promql\n(.*?)^ *```$")

// Somebody who is woken at night must not get "parse error", nor "many-to-many matching".
func TestPages_queriesAreGood(t *testing.T) {
	t.Parallel()
	e := start(t, nil, "--demo", "--demo.speed=60")
	p := startPrometheus(t, strings.TrimPrefix(e.url, "http://"))
	e.eventually("scraped", soon, func() error { return p.has("sagemaker_async_backlog_requests") })
	var files []string
	for _, pattern := range []string{"../docs/*.md", "../docs/runbooks/*.md"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	tried, answered := map[string]bool{}, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range promqlBlock.FindAllSubmatch(text, -1) {
			for line := range strings.Lines(string(block[1])) {
				// Two variants are where matching goes wrong.
				query := strings.NewReplacer("ENDPOINT", "moderate", "REGION", "us-east-1").Replace(strings.TrimSpace(line))
				if tried[query] {
					continue
				}
				tried[query] = true
				if len(p.query(query)) > 0 { // fails the test where Prometheus refuses it
					answered++
				}
			}
		}
	}
	if len(tried) < 80 || answered < 30 {
		t.Errorf("only %d queries were tried and %d answered", len(tried), answered)
	}
}

// has says whether there is a series of the name yet.
func (p *prometheus) has(name string) error {
	if len(p.query(name)) == 0 {
		return os.ErrNotExist
	}
	return nil
}
