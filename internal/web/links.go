package web

import (
	"cmp"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// docs are the project's pages. A server does not know where they are, so it links to the project's own.
const docs = "https://github.com/sagemaker-async/exporter/blob/main/docs/"

// alertOf names the alert that comes when a check fails where it matters, and so its runbook. The other checks share one
// alert, whose links lead to the section of the check.
var alertOf = map[string]string{
	"target_not_registered":   "SageMakerAsyncWakePolicyMissing",
	"no_wake_policy":          "SageMakerAsyncWakePolicyMissing",
	"wake_alarm_unwired":      "SageMakerAsyncWakeAlarmBroken",
	"wake_alarm_wrong_metric": "SageMakerAsyncWakeAlarmBroken",
	"scaling_suspended":       "SageMakerAsyncScalingSuspended",
	"tracking_alarm_no_data":  "SageMakerAsyncTrackingAlarmWithoutData",
	"wake_cooldown_short":     "SageMakerAsyncWakeCooldownShort",
}

// The links to the sections of the checks, and to the runbooks of those that have one. There are few, and a page has
// thousands of them: they are made once.
var (
	links    = linksTo("link", check.Names())
	runbooks = linksTo("runbook", slices.Collect(maps.Keys(alertOf)))
)

func linksTo(kind string, checks []string) map[string]template.HTML {
	made := map[string]template.HTML{}
	for _, name := range checks {
		var link strings.Builder
		if err := templates.ExecuteTemplate(&link, kind, struct{ Docs, Name, Alert string }{docs, name, alertOf[name]}); err != nil {
			panic(err) // the template is part of the program
		}
		made[name] = template.HTML(link.String()) //nolint:gosec // the template has escaped it
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
