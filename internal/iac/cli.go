package iac

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// cli writes the objects as AWS CLI commands for a POSIX shell, in the order in which they have to run. It ends at the
// first command that fails, and before the first one where the credentials are those of another account.
func cli(page *strings.Builder, scope fleet.Scope, objects []*object) {
	guard(page, scope)
	for _, o := range objects {
		fmt.Fprintf(page, "\n# %s\n", strings.Join(o.comment(), "\n# "))
		line := command(o.kind().cli, scope, o.fields)
		if o.step.Policy != nil {
			line = fmt.Sprintf("%s=$(%s --query PolicyARN --output json)", o.id, line)
		}
		page.WriteString(line + "\n")
	}
}

// guard ends the script where the credentials are those of another account.
func guard(page *strings.Builder, scope fleet.Scope) {
	account := quoted(scope.AccountID)
	fmt.Fprintf(page, `set -eu
account=$(aws sts get-caller-identity --region %s --query Account --output text)
[ "$account" = %s ] || { echo "these credentials are of account $account, and the plan is for" %s >&2; exit 1; }
`, quoted(scope.Region), account, account)
}

// command sends a request.
func command(operation string, scope fleet.Scope, request fields) string {
	return fmt.Sprintf("aws %s --region %s --cli-input-json %s", operation, quoted(scope.Region), quoted(indented(request)))
}

// indented is a request with a field in each line. It is one argument, because the AWS CLI would read a file for others that
// begin with file://, and a name or a description is what somebody chose.
func indented(request fields) string {
	lines := make([]string, len(request))
	for i, f := range request {
		lines[i] = "  " + inJSON(f.name) + ": " + inJSON(f.value)
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// quoted is a text as one word of a shell, in which a reference is the variable that holds the ARN, as JSON.
func quoted(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
		return text
	}
	return "'" + references.ReplaceAllString(strings.ReplaceAll(text, "'", `'\''`), `'"$$$1"'`) + "'"
}

// references finds those in JSON, in which no text of somebody else has a NUL.
var references = regexp.MustCompile("\x00(\\w+)\x00")

// plain is a value without a structure as text.
func plain(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// inJSON is a value in the order of its fields.
func inJSON(value any) string {
	switch value := value.(type) {
	case fields:
		var parts []string
		for _, f := range value {
			parts = append(parts, inJSON(f.name)+": "+inJSON(f.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case list:
		var parts []string
		for _, element := range value {
			parts = append(parts, inJSON(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if id, ok := referred(value); ok {
			return "\x00" + id + "\x00"
		}
		encoded, _ := json.Marshal(value) // a text is always one
		return string(encoded)
	}
	return plain(value)
}
