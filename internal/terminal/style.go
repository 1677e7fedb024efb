package terminal

import "io"

// Tone is what a word means to those who look for it.
type Tone string

// The tones, as the parameters of ECMA-48 for the colours that every terminal has.
const (
	Bad     Tone = "1;31" // it has to be fixed
	Warning Tone = "33"   // it may have to be; it changes
	Good    Tone = "32"   // it is as it should be; it is added
	Quiet   Tone = "2"    // nobody has to read it
	Strong  Tone = "1"    // it is read first
)

const escape = "\x1b["

// Style paints words, or leaves them as they are.
type Style struct{ colour bool }

// Of is the style of what is written to: colours on a screen that shows them, else none.
func Of(out io.Writer) Style {
	screen, ok := out.(*Screen)
	return Style{ok && screen.Colour}
}

// Paint is the text in its tone.
func (s Style) Paint(tone Tone, text string) string {
	if !s.colour || text == "" || tone == "" {
		return text
	}
	return escape + string(tone) + "m" + text + escape + "m"
}

// Width is how many columns there are to write to; known is false for what is no screen.
func Width(out io.Writer) (columns int, known bool) {
	screen, known := out.(*Screen)
	if known {
		columns, _ = screen.Size()
	}
	return columns, known
}
