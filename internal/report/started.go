package report

import (
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Started is how the process was started, as far as a command that somebody else runs has to repeat it to see the same AWS.
// The zero Started repeats nothing.
type Started struct {
	Flags  []string // of every command: the file, the demo
	Places []Place  // what the process observes, where flags can name it; none: Flags alone say where it is
	// Offline says that a file is judged in place of AWS: nothing can be written, so no command that writes is printed.
	Offline bool
}

// Place is an account and a region as flags name them.
type Place struct {
	Region     string // empty: the SDK's own
	RoleARN    string // empty: the SDK's own credentials
	ExternalID bool   // the role asks for one. It is a secret: a command names the variable that holds it
}

// Command is what a person types to run a command of the program on the endpoint.
func (s Started) Command(name string, scope fleet.Scope, endpoint string) string {
	words := []string{"sagemaker-async-exporter", name, fleet.ShellWord(endpoint)}
	for _, flag := range s.Flags {
		words = append(words, fleet.ShellWord(flag))
	}
	return strings.Join(append(words, s.place(scope)...), " ")
}

// place are the flags that name the scope.
func (s Started) place(scope fleet.Scope) (flags []string) {
	for _, p := range s.Places {
		if p.Region != "" && p.Region != scope.Region || p.RoleARN != "" && account(p.RoleARN) != scope.AccountID {
			continue
		}
		if flags != nil {
			return nil // two places could be meant: the person has to say which
		}
		flags = []string{fleet.ShellWord("--aws.region=" + scope.Region)}
		if p.RoleARN != "" {
			flags = append(flags, fleet.ShellWord("--aws.role-arn="+p.RoleARN))
		}
		if p.ExternalID {
			flags = append(flags, `--aws.external-id="$SAGEMAKER_ASYNC_EXPORTER_AWS_EXTERNAL_ID"`)
		}
	}
	return flags
}

// account is the account in an ARN; empty where none is.
func account(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}
