package web

import (
	"html/template"
	"strings"

	"github.com/sagemaker-async/exporter/internal/check"
)

// checksPage has a section for each check. A server does not know where the project's other pages are, so it links to
// the project's own.
const checksPage = "https://github.com/sagemaker-async/exporter/blob/main/docs/checks.md"

// links are the links to the sections of the checks. There are few, and a page has thousands of them: they are made once.
var links = linksTo(check.Names())

func linksTo(checks []string) map[string]template.HTML {
	made := map[string]template.HTML{}
	for _, name := range checks {
		var link strings.Builder
		if err := statusPage.ExecuteTemplate(&link, "link", struct{ Page, Name string }{checksPage, name}); err != nil {
			panic(err) // the template is part of the program
		}
		made[name] = template.HTML(link.String()) //nolint:gosec // the template has escaped it
	}
	return made
}
