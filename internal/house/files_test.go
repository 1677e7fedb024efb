package house

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// somebodysMachine is an absolute path below a directory in which people and build machines keep their things.
	somebodysMachine = regexp.MustCompile("(?m)(^|[\\s\"'`=(:])/(home|root|Users|work|workspace|builds)/")
	// packageSource is the host of a package registry or of a mirror of one: where modules come from is the business of
	// the machine that builds.
	packageSource = regexp.MustCompile(`(?i)\b(proxy|goproxy|sumdb|registry|mirror|artifactory|nexus)[\w-]*(\.[\w-]+)*\.(com|dev|io|internal|local|net|org)\b|\bGO(PROXY|SUMDB|NOSUMDB|INSECURE|PRIVATE)=`)
)

// mayNamePackages tells whether a line has one of the words of packageSource: most have none, and to look for a word is much
// cheaper.
func mayNamePackages(line []byte) bool {
	line = bytes.ToLower(line)
	return slices.ContainsFunc([]string{"proxy", "sumdb", "registry", "mirror", "artifactory", "nexus", "goprivate", "goinsecure"}, func(word string) bool {
		return bytes.Contains(line, []byte(word))
	})
}

func TestFiles_knowNoMachineAndNoRegistry(t *testing.T) {
	tracked, err := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("this is no git clone: nobody can tell which files are the repository's")
		}
		t.Fatalf("listing the files of the repository: %v", err)
	}
	names := strings.Split(strings.TrimSuffix(string(tracked), "\x00"), "\x00")
	if len(names) < 100 {
		t.Fatalf("only %d files were found", len(names))
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Error(err)
		}
		if found := somebodysMachine.Find(text); found != nil {
			t.Errorf("%s has a path of somebody's machine: %q", name, found)
		}
		for line := range bytes.Lines(text) {
			if !mayNamePackages(line) {
				continue
			}
			if found := packageSource.Find(line); found != nil {
				t.Errorf("%s says where packages come from: %q", name, found)
			}
		}
	}
}

// Like TestRules_refuseWhatTheyShould: a pattern that never matches would pass as well.
func TestFiles_patternsFindWhatTheyShould(t *testing.T) {
	for text, want := range map[string]bool{
		`see "/` + `home/jo/notes"`:         true,
		"cd /" + `work/tree`:                true,
		"https://host/home/page":            false,
		"docs/work/flow.md":                 false,
		"https://registry" + `.example.org`: true,
		"GO" + "PROXY=direct":               true,
		"prometheus.NewRegistry()":          false,
		"a proxy. Go on.":                   false,
	} {
		if got := somebodysMachine.MatchString(text) || mayNamePackages([]byte(text)) && packageSource.MatchString(text); got != want {
			t.Errorf("%q: found %t, want %t", text, got, want)
		}
	}
}
