package web

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The links to the sections of the checks, and to the runbooks of those that have one. There are few, and a page has
// thousands of them: they are made once.
var (
	links    = linksTo("link", check.All())
	runbooks = linksTo("runbook", slices.DeleteFunc(check.All(), func(c *check.Check) bool { return c.Alert == "" }))
)

func linksTo(kind string, checks []*check.Check) map[string]template.HTML {
	made := map[string]template.HTML{}
	for _, c := range checks {
		var link strings.Builder
		if err := templates.ExecuteTemplate(&link, kind, struct{ Docs, Name, Alert string }{explain.Docs, c.Name, c.Alert}); err != nil {
			panic(err) // the template is part of the program
		}
		made[c.Name] = template.HTML(link.String()) //nolint:gosec // the template has escaped it
	}
	return made
}

// nobody stands in a path for the account of a scope whose credentials have not said whose they are.
const nobody = "-"

// pathOf is where the page of an endpoint is, seen from the start page.
func pathOf(scope fleet.Scope, endpoint string) string {
	return strings.TrimPrefix(StatusPath, "/") + "/" + url.PathEscape(cmp.Or(scope.AccountID, nobody)) + "/" +
		url.PathEscape(scope.Region) + "/" + url.PathEscape(endpoint)
}

// places are the pages of others about an endpoint: its dashboard where the URL of Grafana is given, its own in the console
// of AWS, and its log group.
func places(scope fleet.Scope, endpoint, grafana string) (found []placeView) {
	if grafana != "" {
		found = append(found, placeView{"Dashboard", strings.TrimSuffix(grafana, "/") + "/d/sagemaker-async-endpoint?var-account=" + url.QueryEscape(scope.AccountID) +
			"&var-region=" + url.QueryEscape(scope.Region) + "&var-endpoint=" + url.QueryEscape(endpoint)})
	}
	host := "console.aws.amazon.com"
	switch {
	case strings.HasPrefix(scope.Region, "cn-"):
		host = "console.amazonaws.cn"
	case strings.HasPrefix(scope.Region, "us-gov-"):
		host = "console.amazonaws-us-gov.com"
	}
	query := "home?region=" + url.QueryEscape(scope.Region)
	group := strings.ReplaceAll(url.QueryEscape(url.QueryEscape("/aws/sagemaker/Endpoints/"+endpoint)), "%", "$") // as the console writes it
	return append(
		found,
		placeView{"AWS console", "https://" + host + "/sagemaker/" + query + "#/endpoints/" + url.PathEscape(endpoint)},
		placeView{"Logs", "https://" + host + "/cloudwatch/" + query + "#logsV2:log-groups/log-group/" + group},
	)
}
