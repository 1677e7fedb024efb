package savings

import (
	"fmt"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// namesakes are the scopes of the endpoints whose name is in more than one. An entry of a configuration file selects by name in
// all of them, so none can be written for one alone.
func namesakes[T any](all []T, place func(*T) (fleet.Scope, string)) map[string][]string {
	places := map[string][]string{}
	for i := range all {
		scope, name := place(&all[i])
		places[name] = append(places[name], scopeName(scope))
	}
	for name := range places {
		if len(places[name]) < 2 {
			delete(places, name)
		}
	}
	return places
}

// Namesakes is an error if the name of an endpoint is in more than one scope.
func Namesakes(subjects []Subject) error {
	twice := namesakes(subjects, func(s *Subject) (fleet.Scope, string) { return s.Advice.Scope, s.Advice.History.Endpoint })
	for i := range subjects {
		name := subjects[i].Advice.History.Endpoint
		if places := twice[name]; places != nil {
			return ambiguous(name, places)
		}
	}
	return nil
}

func ambiguous(name string, places []string) error {
	return fmt.Errorf("%s is in %s, and a policy of a configuration file selects all of them by the name: choose one by --aws.region", name, strings.Join(places, " and "))
}

func scopeName(s fleet.Scope) string { return s.AccountID + "/" + s.Region }
