package pages

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings = regexp.MustCompile("(?m)^#+ .*$")
	markup   = regexp.MustCompile(`[^\pL\pN_\- ]`)
)

// sections are what a link to a section of a page may have behind its #.
func sections(t *testing.T, page string) (names []string) {
	t.Helper()
	seen := map[string]int{}
	for _, line := range headings.FindAllString(prose(t, page), -1) {
		name := markup.ReplaceAllString(strings.ToLower(strings.TrimLeft(line, "# ")), "")
		name = strings.ReplaceAll(name, " ", "-")
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, seen[name]-1)
		}
		names = append(names, name)
	}
	return names
}

func TestPages_linksResolve(t *testing.T) {
	files, anchors := 0, 0
	for _, page := range written(t) {
		for _, match := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target, section, hasSection := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := page
			if target != "" {
				files++
				file = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
				continue
			}
			if !hasSection {
				continue
			}
			anchors++
			if known := sections(t, file); !slices.Contains(known, section) {
				t.Errorf("%s links to a section %q of %s, which has %q", page, section, file, known)
			}
		}
	}
	if files < 100 || anchors < 40 {
		t.Errorf("only %d links to files and %d to sections were found", files, anchors)
	}
}

func TestSections_areWhatLinksHave(t *testing.T) {
	known := sections(t, "docs/policy.md")
	for _, want := range []string{"why-a-step-is-withheld-and-what-to-do", "policies-plan-apply-reconcile", "contested"} {
		if !slices.Contains(known, want) {
			t.Errorf("docs/policy.md has the sections %q, want %q among them", known, want)
		}
	}
}

// The index has every page, so that none is found by chance alone.
func TestIndex_hasEveryPage(t *testing.T) {
	index := read(t, "docs/README.md")
	files, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d pages: %v", len(files), err)
	}
	for _, file := range files {
		if name := filepath.Base(file); name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not link to %s", name)
		}
	}
}
