package daemon

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// FlagTable is the table of a command's flags that its page in docs has, in Markdown. kingpin names the environment
// variables once the application has parsed something.
func FlagTable(model *kingpin.ApplicationModel) string {
	var table strings.Builder
	table.WriteString("| flag | default | environment variable | meaning |\n|---|---|---|---|\n")
	for _, flag := range model.Flags {
		if flag.Hidden || flag.Name == "help" || flag.Name == "version" {
			continue
		}
		usual := strings.Join(flag.Default, ", ")
		if usual != "" {
			usual = "`" + usual + "`"
		}
		fmt.Fprintf(&table, "| `--%s` | %s | `%s` | %s |\n", flag.Name, usual, flag.Envar, strings.ReplaceAll(flag.Help, "|", `\|`))
	}
	return table.String()
}

// NoVariables takes their environment variables from the flags that the application has now: kingpin's own, where it is called before
// the first other. A variable called like the version of a service (SAGEMAKER_ASYNC_EXPORTER_VERSION) is set for something else.
func NoVariables(app *kingpin.Application) {
	for _, flag := range app.Model().Flags {
		app.GetFlag(flag.Name).NoEnvar()
	}
}
