package web

import (
	"html/template"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// rowsByTemplate says the rows as html/template writes and escapes them.
var rowsByTemplate = template.Must(template.New("rows").Parse(`
{{- define "fact"}}{{if .Picture}}{{.Picture}}{{else if .Text}}{{.Text}}{{else if .Why}}<span class="none" role="img" title="{{.Why}}">–</span>{{end}}{{end -}}
{{- define "does"}}<span class="badge {{.Class}}">{{.Text}}{{with .Severity}}<span class="hidden">, {{.}}</span>{{end}}</span>{{end -}}
{{$e := .}}
{{- range .Rows}}
<tr role=row><th role=rowheader scope=row>{{if $e.Page}}<a href="{{$e.Page}}"><bdi>{{$e.Name}}</bdi></a>{{else}}<bdi>{{$e.Name}}</bdi>{{end}}{{with .Name}} <bdi class=of>{{.}}</bdi>{{end}}</th>
{{- if .First}}<td role=cell class=state{{with $e.Span}} rowspan={{.}}{{end}}><i aria-hidden=true>State</i>{{template "does" $e.State}}{{if ne $e.Status.Text "InService"}} {{template "fact" $e.Status}}{{end}}{{end}}
{{- range .Cells}}<td role=cell{{with .Class}} class={{.}}{{end}}{{with .Span}} rowspan={{.}}{{end}}><i aria-hidden=true>{{.Head}}</i>{{template "fact" .}}{{end}}</tr>
{{- end}}`))

func TestTable_isEscapedAsByATemplate(t *testing.T) {
	for _, text := range []string{
		"transcribe", "", `"><script>alert('1')</script>&amp;`, "' onmouseover='x", "line\nbreak\x00\x1b", "\u202eright to left\u2066", "\xff\xfe<", "{{.}}", "javascript:alert(1)",
		"--><!--", "../../", "%2e%2e%2f?#", "a+b=c `d`", "<\u00e9\"'",
	} {
		for _, variants := range []int{1, 2} {
			e := endpointView{
				Name: text, Page: pathOf(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, text), State: doing{"at maximum", "critical", check.Critical},
				Status: known(text), Backlog: known(text), Oldest: unknown(text), OfTarget: unknown(""), Picture: `<svg class="spark"></svg>`,
			}
			for range variants {
				e.Variants = append(e.Variants, variantView{Name: text, Running: known(text), Policy: unknown(text)})
			}
			e.fill(columns)
			for _, page := range []string{e.Page, ""} {
				e.Page = page
				var want strings.Builder
				if err := rowsByTemplate.Execute(&want, &e); err != nil {
					t.Fatal(err)
				}
				// html/template writes a + as an entity for the sake of UTF-7, which no page of ours is read as.
				if got, want := string(e.Table()), strings.ReplaceAll(want.String(), "&#43;", "+"); got != want {
					t.Errorf("%q, %d variants:\n%s\nwant\n%s", text, variants, got, want)
				}
			}
		}
	}
}
