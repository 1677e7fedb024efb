package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kingpin/v2"

	"github.com/sagemaker-async/exporter/internal/config"
)

// usage is the help: of a command its arguments, flags and examples, of the program its commands and the flags that are
// used most. kingpin's own --help-long has every flag.
const usage = `{{define "args"}}{{range .Args}} {{if not .Required}}[{{end}}<{{.Name}}>{{if .Value|IsCumulative}}...{{end}}{{if not .Required}}]{{end}}{{end}}{{end -}}
{{with .Context.SelectedCommand -}}
usage: {{$.App.Name}} {{.FullCommand}}{{if own .Flags}} [<flags>]{{end}}{{template "args" .}}

{{.Help|Wrap 0}}
{{if .Args -}}
Arguments:
{{.Args|ArgsToTwoColumns|bare|FormatTwoColumns}}
{{end -}}
{{with own .Flags -}}
Flags:
{{.|FlagsToTwoColumns|bare|FormatTwoColumns}}
{{end -}}
{{with examples .FullCommand -}}
Examples:
{{range .}}  {{.}}
{{end}}
{{end -}}
{{else -}}
usage: {{.App.Name}} [<flags>] <command> [<args> ...]

{{.App.Help|Wrap 0}}
Commands:
{{.App.Commands|summaries|FormatTwoColumns}}
Flags that are used most:
{{common .App.Flags|FlagsToTwoColumns|bare|FormatTwoColumns}}
Examples:
{{range examples ""}}  {{.}}
{{end}}
{{end -}}
Every command and flag: {{.App.Name}} --help-long
`

// common are the flags that are used most, in the order in which help shows them.
var common = []string{"demo", "config.file", "aws.region", "endpoints.include", "reconcile", "log.level", "help", "version"}

// examples are what help shows of each command; the empty one is the program.
var examples = map[string][]string{
	"":                 {program + " --demo", program + " list --aws.region=us-east-1", program + " explain ENDPOINT --aws.region=us-east-1"},
	commandServe:       {program + " --demo", program + " --config.file=config.yml --reconcile"},
	commandPlan:        {program + " plan transcribe", program + " plan --reconcile.endpoints='transcribe-.*' --format=terraform"},
	commandApply:       {program + " apply transcribe", program + " apply --config.file=config.yml --yes"},
	commandList:        {program + " list --demo", program + " list --watch --aws.region=us-east-1"},
	commandExplain:     {program + " explain summarize --demo", program + " explain 111122223333/us-east-1/transcribe --verbose"},
	commandRecommend:   {program + " recommend --output=policies.yml", program + " recommend transcribe --latency=10m", program + " recommend transcribe --latency=2m --service-time=8s --concurrency=4"},
	commandSimulate:    {program + " simulate transcribe --latency=10m --search", program + " simulate --pattern=daily --rate=0.5 --target-value=2 --target-value=5"},
	commandSnapshot:    {program + " snapshot --redact > snapshot.json", program + " snapshot transcribe"},
	commandCheckConfig: {program + " check-config config.yml --endpoints=200", program + " check-config --print-defaults"},
	commandIAMPolicy:   {program + " iam-policy", program + " iam-policy --reconcile --config.file=config.yml"},
	commandAlerts:      {program + " alerts", program + " alerts --alerting.url=http://127.0.0.1:10120 --json"},
}

// helps gives the program its help.
func helps(app *kingpin.Application) {
	app.UsageTemplate(usage)
	app.UsageFuncs(template.FuncMap{
		"examples": func(command string) []string { return examples[command] },
		"own": func(flags []*kingpin.FlagModel) []*kingpin.FlagModel {
			return slices.DeleteFunc(slices.Clone(flags), func(f *kingpin.FlagModel) bool { return f.Hidden })
		},
		"common": func(flags []*kingpin.FlagModel) (shown []*kingpin.FlagModel) {
			for _, name := range common {
				if i := slices.IndexFunc(flags, func(f *kingpin.FlagModel) bool { return f.Name == name }); i >= 0 {
					shown = append(shown, flags[i])
				}
			}
			return shown
		},
		"bare": bare,
		"summaries": func(commands []*kingpin.CmdModel) (rows [][2]string) {
			for _, command := range commands {
				if command.Name == "help" {
					continue
				}
				summary, _, _ := strings.Cut(command.Help, ". ")
				rows = append(rows, [2]string{command.Name, strings.TrimSuffix(summary, ".") + "."})
			}
			return rows
		},
	})
}

// variable is how kingpin names the environment variable of a flag behind its help.
var variable = regexp.MustCompile(` ?\(\$[A-Z_]+\)$`)

// bare are rows of help without what nobody looks for in it: that a switch can be taken back, and variables.
func bare(rows [][2]string) [][2]string {
	for i := range rows {
		rows[i] = [2]string{strings.Replace(rows[i][0], "[no-]", "", 1), variable.ReplaceAllString(rows[i][1], "")}
	}
	return rows
}

// What kingpin refuses of a command line, which it knows by the text of its errors alone: a flag of the command that sends alerts,
// one for colours, another flag, and a command.
var (
	alertingFlag   = regexp.MustCompile(`^unknown long flag '--alert(manager|ing)\.`)
	colourFlag     = regexp.MustCompile(`^unknown long flag '--(no-)?colou?r\b`)
	unknownFlag    = regexp.MustCompile(`^unknown long flag '--(?:no-)?([^'=]+)`)
	unknownCommand = regexp.MustCompile(`^(?:unexpected |expected command but got ")([^-"][^"]*)"?$`)
)

// misspelt says what was probably meant by a command line that kingpin refuses.
func misspelt(app *kingpin.ApplicationModel, err error) error {
	if alertingFlag.MatchString(err.Error()) {
		return fmt.Errorf("%w: alerts are sent by %s, a command of its own beside this one", err, alertingProgram)
	}
	if colourFlag.MatchString(err.Error()) {
		return fmt.Errorf("%w: NO_COLOR=1 in the environment takes the colours away", err)
	}
	if found := unknownFlag.FindStringSubmatch(err.Error()); found != nil {
		var flags []string
		for _, flag := range app.Flags {
			flags = append(flags, flag.Name)
		}
		for _, command := range app.Commands {
			for _, flag := range command.Flags {
				flags = append(flags, flag.Name)
			}
		}
		if near := config.Nearest(found[1], flags); near != "" {
			return fmt.Errorf("%w: did you mean --%s?", err, near)
		}
	}
	if found := unknownCommand.FindStringSubmatch(err.Error()); found != nil {
		var commands []string
		for _, command := range app.Commands {
			if command.Name != "help" {
				commands = append(commands, command.Name)
			}
		}
		if near := config.Nearest(found[1], commands); near != "" {
			return fmt.Errorf("there is no command %q: did you mean %s?", found[1], near)
		}
		return fmt.Errorf("there is no command %q: there are %s", found[1], strings.Join(commands, ", "))
	}
	return fmt.Errorf("%w (try --help)", err)
}
