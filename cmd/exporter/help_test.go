package main

import (
	"io"
	"strings"
	"testing"
)

// Help shows two examples of each command at least, and each is a command line that is taken.
func TestExamples_areTakenByTheProgram(t *testing.T) {
	model := parsedModel(t)
	for _, command := range model.Commands {
		if command.Name != "help" && command.Name != commandVersion && len(examples[command.Name]) < 2 {
			t.Errorf("%s has %d examples", command.Name, len(examples[command.Name]))
		}
	}
	for name, lines := range examples {
		for _, line := range lines {
			args, _, _ := strings.Cut(strings.ReplaceAll(line, "'", ""), " >")
			command, _, err := parse(strings.Fields(args)[1:], io.Discard)
			if err != nil || name != "" && command != name {
				t.Errorf("%s: %q is taken for %q: %v", name, line, command, err)
			}
		}
	}
	for _, name := range common {
		found := false
		for _, flag := range model.Flags {
			found = found || flag.Name == name
		}
		if !found {
			t.Errorf("help has no flag --%s to show", name)
		}
	}
}

// Nobody who looks for colours in a pipe finds some, and NO_COLOR takes them away everywhere.
func TestColoured_followsTheEnvironment(t *testing.T) {
	for env, want := range map[string]bool{"TERM=xterm": true, "TERM=dumb": false, "TERM=xterm NO_COLOR=1": false} {
		if got := coloured(func(name string) string {
			for _, pair := range strings.Fields(env) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		}); got != want {
			t.Errorf("%s: %t, want %t", env, got, want)
		}
	}
}

// What tools read is neither broken nor painted.
func TestPeople_readWhatIsNotForTools(t *testing.T) {
	for args, want := range map[string]bool{
		"list": true, "list --json": false, "plan e": true, "plan e --format=terraform": false, "explain e --json": false, "apply e": true,
		"alerts": true, "recommend e": true, "iam-policy": false, "check-config --print-defaults": false, "snapshot": false, "serve": false,
	} {
		command, o, err := parse(strings.Fields(args), io.Discard)
		if err != nil || o.people(command) != want {
			t.Errorf("%s: %t, %v", args, o.people(command), err)
		}
	}
}
