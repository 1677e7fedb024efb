package dashboards

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The uids are known to alerts and bookmarks.
func TestBoards_haveTheirUIDs(t *testing.T) {
	uids := map[string]string{
		"fleet.json": "sagemaker-async-fleet", "endpoint.json": "sagemaker-async-endpoint", "exporter.json": "sagemaker-async-exporter",
	}
	for name, b := range boards(t) {
		if b.UID != uids[name] {
			t.Errorf("%s has the uid %q, want %q: alerts and bookmarks know it", name, b.UID, uids[name])
		}
	}
}

// A link at the top keeps what is chosen of what both dashboards have; nobody has chosen an endpoint but on Endpoint.
func TestBoards_linkToEachOther(t *testing.T) {
	all := byUID(t)
	for _, b := range all {
		for uid, other := range all {
			if uid == b.UID || uid == endpointUID {
				continue
			}
			i := slices.IndexFunc(b.Links, func(l topLink) bool { return strings.HasPrefix(l.URL, "/d/"+uid+"?") })
			if i < 0 {
				t.Errorf("%s does not lead to %s", b.Title, other.Title)
				continue
			}
			l := b.Links[i]
			if !l.KeepTime || l.IncludeVars {
				t.Errorf("%s leads to %s without the time, or with variables that it does not have", b.Title, other.Title)
			}
			for _, state := range []map[string]string{chosenOf("eu-west-1"), chosenOf("$__all")} {
				got := opened(t, l.URL, state, nil)
				want := url.Values{"var-datasource": {"prom"}, "var-cluster": {"$__all"}, "var-account": {state["account"]}, "var-region": {state["region"]}}
				if got.Encode() != want.Encode() {
					t.Errorf("%s leads to %s with %v, want %v", b.Title, other.Title, got, want)
				}
			}
		}
	}
}

// Every link to an endpoint opens the endpoint of its row, also where names look like numbers.
func TestLinks_openTheEndpointOfTheirRow(t *testing.T) {
	labels := map[string]string{"account_id": "111122223333", "region": "us-east-1", "endpoint_name": "1000000"}
	all, found := byUID(t), 0
	for _, b := range all {
		for _, p := range b.all() {
			type cell struct {
				url, value string
			}
			var cells []cell
			for _, l := range p.FieldConfig.Defaults.Links {
				cells = append(cells, cell{l.URL, ""})
			}
			for _, o := range p.FieldConfig.Overrides {
				var links []struct{ URL string }
				o.property(t, "links", &links)
				for _, l := range links {
					cells = append(cells, cell{l.URL, labels[o.Matcher.Options]})
				}
			}
			for _, c := range cells {
				if !strings.HasPrefix(c.url, "/d/"+endpointUID) {
					continue
				}
				found++
				values := map[string]string{"__value.text": p.display(t, "endpoint_name", c.value), "__url_time_range": "from=1&to=2"}
				for name, value := range labels {
					values["__data.fields."+name] = p.display(t, name, value)
					values["__field.labels."+name] = value
				}
				got := opened(t, c.url, chosenOf("$__all"), values)
				want := url.Values{
					"var-datasource": {"prom"}, "var-cluster": {"$__all"}, "var-account": {"111122223333"}, "var-region": {"us-east-1"},
					"var-endpoint": {"1000000"}, "from": {"1"}, "to": {"2"},
				}
				if got.Encode() != want.Encode() {
					t.Errorf("%s: %s leads to %v, want %v", b.Title, p.Title, got, want)
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d links lead to an endpoint", found)
	}
}

// display is the text that Grafana shows in a cell, and gives to links: a number in the unit of the field, unless that is text.
func (p drawn) display(t *testing.T, field, value string) string {
	t.Helper()
	unit := p.FieldConfig.Defaults.Unit
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.Options == field {
			o.property(t, "unit", &unit)
		}
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil && unit != "string" {
		return strconv.FormatFloat(n/1e9, 'f', 0, 64) + " Bil"
	}
	return value
}

// chosenOf are the variables of a dashboard on which an account and a region are chosen, or all.
func chosenOf(region string) map[string]string {
	return map[string]string{"datasource": "prom", "cluster": "$__all", "account": map[bool]string{true: "$__all", false: "111122223333"}[region == "$__all"], "region": region}
}

// opened is what a link hands over.
func opened(t *testing.T, link string, variables, values map[string]string) url.Values {
	t.Helper()
	filled := regexp.MustCompile(`\$\{([^}]+)\}`).ReplaceAllStringFunc(link, func(placed string) string {
		name, format, _ := strings.Cut(strings.Trim(placed, "${}"), ":")
		value, ok := variables[name]
		if !ok {
			if value, ok = values[name]; !ok {
				t.Errorf("%s takes %s, which is nowhere", link, placed)
			}
			return value
		}
		if format == "queryparam" {
			return "var-" + name + "=" + url.QueryEscape(value)
		}
		return value
	})
	u, err := url.Parse(filled)
	if err != nil {
		t.Fatal(err)
	}
	leadsTo, ok := byUID(t)[strings.TrimPrefix(u.Path, "/d/")]
	if !ok {
		t.Fatalf("%s leads nowhere", link)
	}
	for name, value := range u.Query() {
		kept, isVariable := strings.CutPrefix(name, "var-")
		if !isVariable {
			continue
		}
		i := slices.IndexFunc(leadsTo.Templating.List, func(v variable) bool { return v.Name == kept })
		if i < 0 {
			t.Errorf("%s: %s has no variable %s", link, leadsTo.Title, kept)
		} else if value[0] == "$__all" && !leadsTo.Templating.List[i].IncludeAll {
			t.Errorf("%s: %s of %s cannot be all", link, kept, leadsTo.Title)
		}
	}
	return u.Query()
}

func byUID(t *testing.T) map[string]board {
	t.Helper()
	all := map[string]board{}
	for _, b := range boards(t) {
		all[b.UID] = b
	}
	return all
}

// The links to documents lead to pages that exist, and those of cells take columns that their tables have.
func TestLinks_leadSomewhere(t *testing.T) {
	address := regexp.MustCompile(`"url": "([^"]*)"`)
	field := regexp.MustCompile(`__data\.fields\.(\w+)`)
	for name := range boards(t) {
		file, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range address.FindAllSubmatch(file, -1) {
			target := string(match[1])
			for _, column := range field.FindAllStringSubmatch(target, -1) {
				if !strings.Contains(string(file), `"options": "`+column[1]+`"`) {
					t.Errorf("%s: no table has a column %s, which %s takes", name, column[1], target)
				}
			}
			page, ok := strings.CutPrefix(target, docs)
			if !ok {
				continue
			}
			page, _, _ = strings.Cut(page, "#")
			if _, err := os.Stat("../docs/" + page); err != nil && !strings.Contains(page, "${") {
				t.Errorf("%s leads to a page that is not there: %s", name, target)
			}
		}
	}
}

// The pages of the exporter and of AWS about an endpoint are one click away.
func TestEndpoint_leadsToItsPages(t *testing.T) {
	var got []string
	for _, l := range byUID(t)[endpointUID].Links {
		at := strings.NewReplacer("${exporter}", "http://localhost:10119", "${console}", "console.aws.amazon.com",
			"${account}", "111122223333", "${region}", "us-east-1", "${endpoint}", "summarize").Replace(l.URL)
		if !strings.Contains(at, "${") && !strings.HasPrefix(at, docs) {
			got = append(got, at)
		}
	}
	want := []string{
		"http://localhost:10119/status/111122223333/us-east-1/summarize",
		"https://console.aws.amazon.com/sagemaker/home?region=us-east-1#/endpoints/summarize",
		"https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FEndpoints$252Fsummarize",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the links are %q, want %q", got, want)
	}
}

// variables are the names of a dashboard's variables.
func (b board) variables() []string {
	var names []string
	for _, v := range b.Templating.List {
		names = append(names, v.Name)
	}
	return names
}

func TestVariables_areThere(t *testing.T) {
	used := regexp.MustCompile(`\$\{?([a-z]\w*)`) // Grafana's own begin with an underscore
	several := map[string][]string{
		"fleet.json": {"cluster", "account", "region", "endpoint"}, "endpoint.json": {"cluster", "variant"},
		"exporter.json": {"cluster", "account", "region"},
	}
	for name, b := range boards(t) {
		variables := b.variables()
		if len(variables) < 4 || !slices.Equal(variables[:4], []string{"datasource", "cluster", "account", "region"}) {
			t.Errorf("%s has the variables %q", name, variables)
		}
		file, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range used.FindAllSubmatch(file, -1) {
			if !slices.Contains(variables, string(match[1])) {
				t.Errorf("%s uses $%s, which it does not have", name, match[1])
			}
		}
		for _, v := range b.Templating.List {
			want, all := slices.Contains(several[name], v.Name), ".+"
			if v.Name == "cluster" {
				all = ".*" // most series have none
			}
			if v.Multi != want || v.IncludeAll != want || want && v.AllValue != all {
				t.Errorf("%s: several values of %s: %t, all: %t %q", name, v.Name, v.Multi, v.IncludeAll, v.AllValue)
			}
			if isHidden := slices.Contains([]string{"cluster", "console", "exporter"}, v.Name); isHidden != (v.Hide == hidden) {
				t.Errorf("%s: %s is hidden: %d", name, v.Name, v.Hide)
			}
		}
	}
}

// A file that is imported, provisioned or found by a sidecar is the same: an input would be filled in by the dialog alone.
func TestBoards_needNoInput(t *testing.T) {
	for name, b := range boards(t) {
		if b.Inputs != nil || len(b.Templating.List) == 0 || b.Templating.List[0].Type != "datasource" {
			t.Errorf("%s does not choose its data source by a variable", name)
		}
	}
}
