// Package terminal lays text out for people who read it on a terminal: in colour, and broken between words.
package terminal

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Screen is a terminal to write whole lines to. A line that is longer than the terminal is wide is broken between words,
// and goes on below the beginning of its last column.
type Screen struct {
	Out    io.Writer
	Size   func() (width, height int) // in columns and lines, now
	Colour bool                       // it shows colours, and those who look at it want them
}

// Write writes lines as wide as the screen. It returns the error of the writer below.
func (s *Screen) Write(text []byte) (int, error) {
	width, _ := s.Size()
	var page strings.Builder
	for line := range strings.Lines(string(text)) {
		body, ended := strings.CutSuffix(line, "\n")
		page.WriteString(broken(body, width))
		if ended {
			page.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(s.Out, page.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Redraw writes the first of the pages that there is room for from the top of the screen on, over all that stands there. Of
// the last page it writes as much as there is room for.
func (s *Screen) Redraw(pages ...func(io.Writer) error) error {
	var shown []string
	for _, write := range pages {
		var page strings.Builder
		if err := write(&Screen{Out: &page, Size: s.Size, Colour: s.Colour}); err != nil {
			return err
		}
		var whole bool
		if shown, whole = s.cut(strings.Split(strings.TrimSuffix(page.String(), "\n"), "\n")); whole {
			break
		}
	}
	const top, toEnd, below = escape + "H", escape + "K\n", escape + "J"
	_, err := io.WriteString(s.Out, top+strings.Join(shown, toEnd)+toEnd+below)
	return err
}

// cut are the lines that there is room for, and whether these are all.
func (s *Screen) cut(lines []string) (shown []string, whole bool) {
	width, height := s.Size()
	room := height - 1 // the cursor takes one
	for i, line := range lines {
		room -= max(1, (Columns(line)+width-1)/width) // a command stays one line
		if room < 0 || room == 0 && i < len(lines)-1 {
			return append(lines[:i:i], "and "+strconv.Itoa(len(lines)-i)+" more lines"), false
		}
	}
	return lines, true
}

// commands are how a line begins that somebody may copy: it stays one line, and a terminal that breaks it copies all of it.
const commands = "sagemaker-async-"

// leastText is how many columns a paragraph has at least, however far to the right it begins.
const leastText = 40

// broken is a line with breaks between its words.
func broken(line string, width int) string {
	if Columns(line) <= width || strings.HasPrefix(unpainted(strings.TrimLeft(line, " ")), commands) {
		return line
	}
	hang := hanging(line, width)
	var page strings.Builder
	at, word := 0, 0 // columns written to the line, and those of the words among them
	gap := ""
	for _, part := range parts(line) {
		if strings.HasPrefix(part, " ") {
			gap = part
			continue
		}
		n := Columns(part)
		if word > 0 && at+len(gap)+n > width && hang+n <= width { // what is longer than a line, an address, gains nothing by a break
			page.WriteString("\n" + strings.Repeat(" ", hang))
			at, gap = hang, ""
		}
		page.WriteString(gap + part)
		at, word, gap = at+len(gap)+n, word+n, ""
	}
	return page.String()
}

// parts are the words of a line and the gaps between them, in turn.
func parts(line string) (all []string) {
	for line != "" {
		end := strings.IndexByte(line, ' ')
		if end == 0 {
			end = len(line) - len(strings.TrimLeft(line, " "))
		}
		if end < 0 {
			end = len(line)
		}
		all, line = append(all, line[:end]), line[end:]
	}
	return all
}

// hanging is the column at which a line goes on that is broken: where its last column begins, as far as two spaces before it
// tell and enough room is left for every word, else two to the right of its beginning.
func hanging(line string, width int) int {
	at, hang, longest, words := 0, 0, 0, false
	for _, part := range parts(line) {
		if strings.HasPrefix(part, " ") {
			at += len(part)
			if begins := !words || len(part) > 1; begins && at+leastText <= width {
				hang = at
			}
			continue
		}
		words = true
		at, longest = at+Columns(part), max(longest, Columns(part))
	}
	if begins := len(line) - len(strings.TrimLeft(line, " ")); hang <= begins || hang+longest > width && begins+2+longest <= width {
		return begins + 2
	}
	return hang
}

// unpainted is a text without what paints its beginning.
func unpainted(text string) string {
	if rest, painted := strings.CutPrefix(text, escape); painted {
		_, text, _ = strings.Cut(rest, "m")
	}
	return text
}

// Columns is how many columns a text takes. What paints it takes none.
func Columns(text string) int {
	n := utf8.RuneCountInString(text)
	for {
		begin := strings.Index(text, escape)
		if begin < 0 {
			return n
		}
		end := strings.IndexByte(text[begin:], 'm')
		if end < 0 {
			return n
		}
		n -= end + 1
		text = text[begin+end+1:]
	}
}
