package pages

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/collector"
	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/config"
)

// root is the top of the repository.
const root = "../../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced is the first code block of a language in a page.
func fenced(t *testing.T, page, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, page), "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "\n```")
	if !found || !closed {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return block + "\n"
}

func TestReadme_configurationFileIsGood(t *testing.T) {
	name := filepath.Join(t.TempDir(), "README.yaml")
	if err := os.WriteFile(name, []byte(fenced(t, "README.md", "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(name); err != nil {
		t.Error(err)
	}
}

func TestReadme_permissionsAreThoseOfTheCallsThatRead(t *testing.T) {
	var want []string
	for _, operation := range awsapi.Operations() {
		if operation.Action != "" && !operation.Writes && operation.Action != "sts:AssumeRole" { // that one is on the roles, not on everything
			want = append(want, operation.Action)
		}
	}
	var got []string
	for _, match := range regexp.MustCompile(`"([a-z-]+:[A-Z]\w+)"`).FindAllStringSubmatch(fenced(t, "README.md", "json"), -1) {
		got = append(got, match[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("README.md asks for\n%q\nthe exporter calls\n%q", got, want)
	}
}

var metricName = regexp.MustCompile(`\bsagemaker_async_\w+`)

func TestPages_nameMetricsThatExist(t *testing.T) {
	known := []string{"sagemaker_async_exporter_build_info"} // client_golang's
	for _, metric := range collector.Table() {
		known = append(known, metric.FullName())
	}
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"} {
		for _, name := range metricName.FindAllString(read(t, page), -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s speaks of %s, which does not exist", page, name)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

func TestPages_linkToFilesThatExist(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if pages = append(pages, more...); len(pages) < 5 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllSubmatch(text, -1) {
			if bytes.Contains(match[1], []byte("://")) {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(match[1]))); err != nil {
				t.Errorf("%s links to %s: %v", filepath.Base(page), match[1], err)
			}
		}
	}
}
