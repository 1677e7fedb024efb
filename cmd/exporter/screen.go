package main

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"

	"github.com/sagemaker-async/exporter/internal/terminal"
)

// screenOf is the terminal that is written to; what is none, a pipe or a file, stays as it is.
func screenOf(out io.Writer) io.Writer {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return out
	}
	return &terminal.Screen{Out: file, Colour: coloured(os.Getenv), Size: func() (width, height int) {
		width, height, err := term.GetSize(int(file.Fd()))
		if err != nil || width <= 0 || height <= 0 {
			return 80, 24 // a terminal that does not tell
		}
		return width, height
	}}
}

// coloured tells whether the environment allows colours. A console of Windows may print what paints instead of obeying it,
// unless it is one of those that say what they are.
func coloured(getenv func(string) string) bool {
	kind := getenv("TERM")
	if runtime.GOOS == "windows" && kind == "" && getenv("WT_SESSION") == "" {
		return false
	}
	return getenv("NO_COLOR") == "" && kind != "dumb"
}

// people tells whether the command prints for people, and not for tools.
func (o options) people(command string) bool {
	switch command {
	case commandPlan, commandApply, commandExplain, commandList, commandAlerts, commandRecommend, commandSimulate:
		return !o.json && o.format == ""
	}
	return false
}
