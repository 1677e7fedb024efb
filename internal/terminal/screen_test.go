package terminal

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func sized(width, height int) func() (int, int) {
	return func() (int, int) { return width, height }
}

func TestScreen_breaksLinesBetweenWords(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"short", "a short line", "a short line"},
		{"of words", "one two three four five six seven eight nine ten", "one two three four five six seven eight\n  nine ten"},
		{"indented", "  one two three four five six seven eight nine", "  one two three four five six seven\n    eight nine"},
		{"of wide columns", "a column too wide for that  one two three four five", "a column too wide for that  one two\n  three four five"},
		{"a long word", "one " + strings.Repeat("x", 50) + " two", "one " + strings.Repeat("x", 50) + "\n  two"},
		{"a long word alone", "  " + strings.Repeat("x", 50), "  " + strings.Repeat("x", 50)},
		{"a command", "  sagemaker-async-exporter plan summarize --demo --aws.region=us-east-1", "  sagemaker-async-exporter plan summarize --demo --aws.region=us-east-1"},
		{"a painted command", "  \x1b[1msagemaker-async-exporter plan summarize --demo --aws.region=us-east-1\x1b[m", "  \x1b[1msagemaker-async-exporter plan summarize --demo --aws.region=us-east-1\x1b[m"},
		{"painted", "\x1b[1;31mbroken\x1b[m two three four five six seven eig", "\x1b[1;31mbroken\x1b[m two three four five six seven eig"},
		{"spaces at the end", "one two three four five six seven eight   ", "one two three four five six seven eight"},
		{"letters beyond ASCII", "ä ö ü ß é è ê ë ç å æ ø ñ õ ã î ï ì í ó ò", "ä ö ü ß é è ê ë ç å æ ø ñ õ ã î ï ì í ó\n  ò"},
	} {
		var out strings.Builder
		n, err := (&Screen{Out: &out, Size: sized(40, 24)}).Write([]byte(test.line + "\n"))
		if got := out.String(); err != nil || n != len(test.line)+1 || got != test.want+"\n" {
			t.Errorf("%s: %d, %v\n%s\nwant\n%s", test.name, n, err, got, test.want)
		}
	}
}

func TestScreen_goesOnBelowTheLastColumn(t *testing.T) {
	const line = "  queue  one two three four five six seven eight nine ten"
	var out strings.Builder
	if _, err := io.WriteString(&Screen{Out: &out, Size: sized(52, 24)}, line); err != nil || out.String() != "  queue  one two three four five six seven eight\n         nine ten" {
		t.Errorf("%v\n%s", err, out.String())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestScreen_returnsTheErrorOfTheWriter(t *testing.T) {
	screen := &Screen{Out: failing{}, Size: sized(40, 24)}
	if _, err := io.WriteString(screen, "a\n"); err == nil {
		t.Error("it writes")
	}
	if err := screen.Redraw(func(out io.Writer) error { _, err := io.WriteString(out, "a\n"); return err }); err == nil {
		t.Error("it draws")
	}
}

// Of several pages it draws the first that fits.
func TestRedraw_drawsAShorterPageOnASmallScreen(t *testing.T) {
	page := func(text string) func(io.Writer) error {
		return func(out io.Writer) error { _, err := io.WriteString(out, text); return err }
	}
	for height, want := range map[int]string{9: "1\x1b[K\n2\x1b[K\n3", 4: "1\x1b[K\n2\x1b[K\n3", 3: "all", 2: "all"} {
		var out strings.Builder
		if err := (&Screen{Out: &out, Size: sized(40, height)}).Redraw(page("1\n2\n3\n"), page("all\n")); err != nil || out.String() != "\x1b[H"+want+"\x1b[K\n\x1b[J" {
			t.Errorf("%d lines: %v, %q", height, err, out.String())
		}
	}
}

// What is drawn again is over the last page, and no longer than the screen: the top of it stays.
func TestRedraw_fillsTheScreenAndNoMore(t *testing.T) {
	for _, test := range []struct {
		lines, height int
		want          string
	}{
		{2, 24, "\x1b[H1\x1b[K\n2\x1b[K\n\x1b[J"},
		{4, 5, "\x1b[H1\x1b[K\n2\x1b[K\n3\x1b[K\n4\x1b[K\n\x1b[J"},
		{5, 5, "\x1b[H1\x1b[K\n2\x1b[K\n3\x1b[K\nand 2 more lines\x1b[K\n\x1b[J"},
	} {
		var out strings.Builder
		err := (&Screen{Out: &out, Size: sized(40, test.height)}).Redraw(func(out io.Writer) error {
			for i := range test.lines {
				fmt.Fprintln(out, i+1)
			}
			return nil
		})
		if got := out.String(); err != nil || got != test.want {
			t.Errorf("%d lines: %v, %q, want %q", test.lines, err, got, test.want)
		}
	}
}

func TestOf_paintsOnScreensWithColoursAlone(t *testing.T) {
	for name, test := range map[string]struct {
		out  io.Writer
		want string
	}{
		"a pipe":               {io.Discard, "broken"},
		"a screen":             {&Screen{Colour: true}, "\x1b[1;31mbroken\x1b[m"},
		"one without a colour": {&Screen{}, "broken"},
	} {
		if got := Of(test.out).Paint(Bad, "broken"); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestTable_alignsWhatIsPainted(t *testing.T) {
	columns := []Column{{Head: "STATE"}, {Head: "N", Right: true}, {Head: "NAME"}}
	rows := [][]Cell{{{"broken", Bad}, {"15", ""}, {"a", ""}}, {{"ok", Good}, {"3", ""}, {"bb", ""}}}
	want := []string{"STATE    N  NAME", "broken  15  a", "ok       3  bb"}
	plain, painted := Style{}.Table(columns, rows), Style{true}.Table(columns, rows)
	for i := range want {
		if plain[i] != want[i] || Columns(painted[i]) != len(want[i]) || !strings.Contains(painted[i], escape) {
			t.Errorf("%q and %q, want %q", plain[i], painted[i], want[i])
		}
	}
}
