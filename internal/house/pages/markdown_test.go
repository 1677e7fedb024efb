package pages

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// written are all pages of the repository, by their paths below root.
func written(t *testing.T) (pages []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "bin"):
			return filepath.SkipDir
		case strings.HasSuffix(file, ".md"):
			page, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			pages = append(pages, filepath.ToSlash(page))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 50 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	return pages
}

// block is a fenced block of a page, without its indentation in a list.
type block struct{ info, text string }

var fence = regexp.MustCompile("(?ms)^( *)```([^`\n]*)\n(.*?)^ *```$")

// blocks are the fenced blocks of a page, in their order.
func blocks(t *testing.T, page string) (all []block) {
	t.Helper()
	for _, found := range fence.FindAllStringSubmatch(read(t, page), -1) {
		all = append(all, block{found[2], regexp.MustCompile("(?m)^"+found[1]).ReplaceAllString(found[3], "")})
	}
	return all
}

// prose is a page without its fenced blocks.
func prose(t *testing.T, page string) string {
	t.Helper()
	return fence.ReplaceAllString(read(t, page), "")
}

// fenced are the blocks of a page with one info string. There is one at least.
func fenced(t *testing.T, page, info string) (texts []string) {
	t.Helper()
	for _, one := range blocks(t, page) {
		if one.info == info {
			texts = append(texts, one.text)
		}
	}
	if len(texts) == 0 {
		t.Fatalf("%s has no block of %s", page, info)
	}
	return texts
}
