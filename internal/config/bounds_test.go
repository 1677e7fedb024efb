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
		"too many objectives":     {"objectives:\n" + objectives, "f:2: more than 2000 entries in one list: write fewer"},
		"too many scopes":         {"scopes:\n" + many(mostScopes+1, "  - region: r%d"), "f:2: more than 100 scopes: observe the others by another exporter"},
		"many prices":             {"prices:\n" + many(1_000, "  ml.g%d.xlarge: 1"), ""},
		"too many prices":         {"prices:\n" + many(40_000, "  ml.g%d.xlarge: 1"), "f:2: more than 1000 keys in one mapping: write fewer"},
		"too many tags":           {"discovery:\n  tags:\n" + many(49_000, "    t%d: v"), "f:3: more than 1000 keys in one mapping: write fewer"},
		"too many labels":         {"discovery:\n  tagLabels:\n" + many(49_000, "    - t%d"), "f:3: more than 2000 entries in one list: write fewer"},
		"too many muted checks":   {"checks:\n  - disable: [" + strings.Repeat("not_judged, ", 3_000) + "not_judged]\n", "f:2: more than 2000 entries in one list: write fewer"},
		"too many keys":           {many(49_000, "k%d: v"), "f:1: more than 1000 keys in one mapping: write fewer"},
		"a long pattern":          {"discovery: {include: [" + strings.Repeat("a", longestPattern+1) + "]}", "f:1: a pattern of 1001 bytes is too long: write 1000 at most"},
		"repeated too often":      {"discovery: {include: ['(?:abcdefghijklmnop){900}']}", `f:1: "(?:abcdefghijklmnop){900}" repeats too much: write + or *`},
		"keys twice":              {"policies: [{tags: {" + strings.Repeat("team: a, ", 999) + "}}]\n", `f:1: key "team" is there already, on line 1: leave one out`},
		"long keys twice":         {"{" + strings.Repeat(strings.Repeat("k", 990)+": a, ", 999) + "}\n", `f:1: key "` + strings.Repeat("k", 200) + `" is there already, on line 1: leave one out`},
		"%TAG directives":         {many(50_000, "%%TAG !a%d! tag:a") + "--- {}\n", "f:1: more than 100 %TAG directives: leave them out"},
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

// Without a key a file says nothing: at the start as at a reload it is not taken for all the defaults.
func TestLoad_refusesAFileWithoutAKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	for text, good := range map[string]bool{
		"": false, " \n\n": false, "\ufeff": false, "\ufeff\n": false, "# nothing yet\n": false, "\ufeff# nothing yet": false,
		"---\n": false, "---": false, "--- # nothing\n...\n": false, "null\n": false, "~": false, "Null": false, "!!null ''": false,
		"{}\n": true, "--- {}\n": true, "\ufeff{}": true, "\ufeffpolling: {scaling: 10m}\n": true,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); err == nil != good || err != nil && err.Error() != file+": the file has no key: write {} for the defaults" {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"&a", "*a", "\x00", "[]", "5", "text"} {
		if cfg, err := Parse("f", []byte(text)); err == nil {
			t.Errorf("%q became %+v", text, cfg)
		}
	}
}

func TestParse_boundsAliases(t *testing.T) {
	wide := strings.Repeat(`\pL`, 333)
	aliases := func(n int, anchor string) string {
		return "discovery:\n  include:\n    - " + anchor + "\n" + strings.Repeat("    - *a\n", n)
	}
	var laughs strings.Builder
	laughs.WriteString("prices: &a0 {a: 1, b: 1}\n")
	for i := range 40 {
		fmt.Fprintf(&laughs, "x%d: &a%d [*a%d, *a%d]\n", i, i+1, i, i)
	}
	for name, test := range map[string]struct{ file, err string }{
		"one pattern many times":            {aliases(mostPatterns-1, "&a transcribe-.*"), ""},
		"one pattern too many times":        {aliases(mostPatterns, "&a transcribe-.*"), "f:3: more than 2000 entries in one list"},
		"a list of patterns, many times":    {"discovery:\n  include: &a [" + strings.Repeat("e, ", 999) + "e]\n  exclude: *a\nchecks: [{endpoints: *a}]\n", "f:2: more than 2000 patterns"},
		"a mapping with a pattern":          {"policies:\n  - &a {endpoints: e}\n" + strings.Repeat("  - *a\n", mostPatterns), "f:2: more than 2000 entries in one list"},
		"a merged mapping with a pattern":   {"policies:\n  - &a {endpoints: e}\n" + strings.Repeat("  - {<<: *a}\n", mostPatterns-1) + "checks: [*a]\n", "f:2: more than 2000 patterns"},
		"ever more":                         {laughs.String(), "f:1: more than 100000 values"},
		"a key by its alias":                {"discovery: {tags: {a: &k include}}\nchecks: [{endpoints: a, *k : [" + strings.Repeat("e, ", mostPatterns-1) + "e]}]\n", "f:2: more than 2000 patterns"},
		"a key twice, once by its alias":    {"prices: {&k ml.g5.xlarge: 1, *k : 2}\n", `f:1: key "ml.g5.xlarge" is there already, on line 1: leave one out`},
		"in itself":                         {"prices: &a {b: *a}\n", "f:1: more than 100000 values, or more than 50 levels"},
		"deeply nested":                     {"prices: " + strings.Repeat("[", 51) + strings.Repeat("]", 51), "f:1: more than 100000 values, or more than 50 levels"},
		"one bad pattern many times":        {aliases(mostPatterns-1, "&a "+wide), "f:3: \"" + strings.ReplaceAll(wide, `\`, `\\`)[:900]},
		"patterns that are wide together":   {"discovery:\n  include:\n" + many(200, `    - '%d\pL{3}'`), "f:28: the patterns together repeat too much"},
		"different patterns that are wrong": {"discovery:\n  include:\n" + many(900, `    - '%d`+wide+`'`), "f:3: "},
	} {
		_, err := Parse("f", []byte(test.file))
		got := fmt.Sprint(err)
		if test.err == "" && err != nil || !strings.HasPrefix(got, test.err) {
			t.Errorf("%s: got %.300s", name, got)
		}
		if len(got) > 30_000 {
			t.Errorf("%s: an error of %d bytes", name, len(got))
		}
	}
}

func many(n int, line string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, line+"\n", i)
	}
	return text.String()
}

func TestParse_saysTheFirstErrorsAndHowManyMore(t *testing.T) {
	_, err := Parse("f", []byte("polling:\n"+many(100, "  key%d: 1m")+"  queue: '"+strings.Repeat("x", 100_000)+"'\n"))
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != mostErrors+1 || !strings.HasPrefix(lines[0], "f:2: unknown key") || lines[mostErrors] != "f: and 81 more" {
		t.Errorf("got %q", lines)
	}
	_, err = Parse("f", []byte("polling: {queue: '"+strings.Repeat("x", 100_000)+"'}\n"))
	if got := fmt.Sprint(err); len(got) > 2_000 || !strings.HasPrefix(got, `f:1: "xxx`) || !strings.HasSuffix(got, `x" is not a duration: write for example 90s, 5m or 1h30m`) {
		t.Errorf("got %.2500s", got)
	}
}

// A text is compiled once: here, in one file, and in the next that is read.
func TestParsePattern_compilesATextOnce(t *testing.T) {
	first, err := ParsePattern("once-.*")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Parse("f", []byte("discovery: {include: [once-.*], exclude: [once-.*]}"))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Discovery.Include[0] != first || cfg.Discovery.Exclude[0] != first {
		t.Error("it was compiled again")
	}
}

func TestMemo_forgets(t *testing.T) {
	var m memo
	for i := range 3 * mostPatterns {
		if _, err := m.get(fmt.Sprint(i, "-[a-z]{200}")); err != nil {
			t.Fatal(err)
		}
		if len(m.known) > mostPatterns || m.width > 2*widestPatterns {
			t.Fatalf("%d patterns of %d parts", len(m.known), m.width)
		}
	}
}

func TestWith_boundsThePatternsOfFlags(t *testing.T) {
	if _, err := Default().With(Overrides{Regions: make([]string, mostScopes+1)}); fmt.Sprint(err) != "--aws.region: more than 100 regions: observe the others by another exporter" {
		t.Errorf("got %v", err)
	}
	_, err := Default().With(Overrides{Include: make([]string, mostPatterns+1)})
	if fmt.Sprint(err) != "--endpoints.include: more than 2000 patterns: select endpoints by fewer" {
		t.Errorf("got %v", err)
	}
}
