package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse_boundsWhatAFileMayHave(t *testing.T) {
	patterns := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "    - e%d-.*\n", i)
		}
		return text.String()
	}
	objectives := strings.Repeat("  - {endpoints: e, latency: 1m}\n", mostPatterns+1)
	for name, test := range map[string]struct{ file, err string }{
		"UTF-16":                  {"\xff\xfed\x00", "f:1: the byte 0xFF is not UTF-8: save the file as UTF-8"},
		"Latin-1":                 {"# gr\u00fc\u00dfe\ndiscovery: {include: [stra\xdfe]}\n", "f:2: the byte 0xDF is not UTF-8: save the file as UTF-8"},
		"too long":                {strings.Repeat("#", longestFile+1), "f: the file is longer than 1048576 bytes"},
		"many patterns":           {"discovery:\n  include:\n" + patterns(mostPatterns), ""},
		"too many patterns":       {"discovery:\n  include:\n" + patterns(mostPatterns-1) + "  exclude: [a, b]\n", "f:2002: more than 2000 patterns: select endpoints by fewer patterns, or by tags"},
		"too many objectives":     {"objectives:\n" + objectives, "f:2002: more than 2000 patterns: select endpoints by fewer patterns, or by tags"},
		"a long pattern":          {"discovery: {include: [" + strings.Repeat("a", longestPattern+1) + "]}", "f:1: a pattern of 1001 bytes is too long: write 1000 at most"},
		"repeated too often":      {"discovery: {include: ['(?:abcdefghijklmnop){900}']}", `f:1: "(?:abcdefghijklmnop){900}" repeats too much: write + or *`},
		"wide, but within bounds": {"discovery: {include: ['(?:a{50}-){10}.*']}", ""},
	} {
		_, err := Parse("f", []byte(test.file))
		if got := fmt.Sprint(err); test.err == "" && err != nil || !strings.HasPrefix(got, test.err) {
			t.Errorf("%s: got %.200s", name, got)
		}
	}
}

func TestParsePattern_aRepetitionIsBounded(t *testing.T) {
	if _, err := ParsePattern("(?:[a-z]{30}-){30}"); err != nil {
		t.Error(err)
	}
	if _, err := ParsePattern("(?:abcdefghijklmnop){900}"); err == nil || !strings.Contains(err.Error(), "repeats too much") {
		t.Errorf("got %v", err)
	}
}

func TestReload_refusesAnEmptyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	for text, good := range map[string]bool{"": false, " \n\n": false, "{}\n": true, "# nothing yet\n": true} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); err != nil {
			t.Errorf("Load of %q: %v", text, err)
		}
		if _, err := Reload(file); err == nil != good || err != nil && err.Error() != file+": the file is empty: write {} for the defaults" {
			t.Errorf("Reload of %q: %v", text, err)
		}
	}
}

func TestWith_boundsThePatternsOfFlags(t *testing.T) {
	_, err := Default().With(Overrides{Include: make([]string, mostPatterns+1)})
	if fmt.Sprint(err) != "--endpoints.include: more than 2000 patterns: select endpoints by fewer" {
		t.Errorf("got %v", err)
	}
}
