package pages

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/config"
)

type object = map[string]any

func parsed(t *testing.T, where, text string) (tree object) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil || len(tree) == 0 {
		t.Errorf("%s: %v\n%s", where, err, text)
	}
	return tree
}

func loads(t *testing.T, page, text string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), filepath.Base(page)+".yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(name); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// A block of yaml without another word is a configuration file.
func TestPages_configurationFilesAreGood(t *testing.T) {
	for _, page := range []string{"docs/configuration.md", "docs/checks.md", "docs/policy.md", "docs/systemd.md", "docs/faq.md"} {
		for _, text := range fenced(t, page, "yaml") {
			loads(t, page, text)
		}
	}
}

// known tells of keys that the chart does not have. What values.yaml leaves open, by an empty value, may hold anything.
func known(t *testing.T, where string, given, values object) {
	t.Helper()
	for key, value := range given {
		have, ok := values[key]
		if !ok {
			t.Errorf("the chart has no value %s.%s", where, key)
			continue
		}
		inner, isMap := value.(object)
		if open, haveMap := have.(object); isMap && haveMap && len(open) > 0 {
			known(t, where+"."+key, inner, open)
		} else if !haveMap && have != nil && value != nil && reflect.TypeOf(have) != reflect.TypeOf(value) {
			t.Errorf("%s.%s is a %T, the chart wants a %T", where, key, value, have)
		}
	}
}

// yaml values are values of our chart; its config is a configuration file.
func TestPages_valuesAreThoseOfTheChart(t *testing.T) {
	values := parsed(t, "values.yaml", read(t, "deploy/helm/sagemaker-async-exporter/values.yaml"))
	for _, page := range []string{"docs/eks.md", "docs/alerting.md"} {
		for _, text := range fenced(t, page, "yaml values") {
			given := parsed(t, page, text)
			known(t, "values", given, values)
			if file, ok := given["config"]; ok {
				text, err := yaml.Marshal(file)
				if err != nil {
					t.Fatal(err)
				}
				loads(t, page, string(text))
			}
		}
	}
}

func TestPages_snippetsForOthersParse(t *testing.T) {
	for _, snippet := range []struct{ page, info, key string }{
		{"docs/systemd.md", "yaml web", "tls_server_config"},
		{"docs/systemd.md", "yaml prometheus", "scrape_configs"},
		{"docs/metrics.md", "yaml prometheus", "scrape_configs"},
	} {
		for _, text := range fenced(t, snippet.page, snippet.info) {
			if _, ok := parsed(t, snippet.page, text)[snippet.key]; !ok {
				t.Errorf("%s: no %s in\n%s", snippet.page, snippet.key, text)
			}
		}
	}
	for _, page := range newcomers {
		for _, one := range blocks(t, page) {
			if one.info == "json" && !json.Valid([]byte(one.text)) {
				t.Errorf("%s: this is no JSON\n%s", page, one.text)
			}
		}
	}
}

// The values for kube-prometheus-stack have what deploy/alertmanager has: a cause that silences something else here
// would be a surprise.
func TestEKS_hasTheRoutesOfTheExample(t *testing.T) {
	example := parsed(t, "alertmanager.yml", read(t, "deploy/alertmanager/alertmanager.yml"))
	var stack object
	for _, text := range fenced(t, "docs/eks.md", "yaml stack") {
		if alertmanager, ok := parsed(t, "docs/eks.md", text)["alertmanager"].(object); ok {
			stack, _ = alertmanager["config"].(object)
		}
	}
	if len(stack) == 0 {
		t.Fatal("docs/eks.md has no values for Alertmanager")
	}
	if !reflect.DeepEqual(stack["inhibit_rules"], example["inhibit_rules"]) {
		t.Errorf("docs/eks.md inhibits by\n%v, the example by\n%v", stack["inhibit_rules"], example["inhibit_rules"])
	}
	routes, wanted := stack["route"].(object)["routes"].([]any), example["route"].(object)["routes"].([]any)
	if len(routes) != len(wanted) {
		t.Fatalf("docs/eks.md has %d routes, the example %d", len(routes), len(wanted))
	}
	for i := range wanted {
		for key, want := range wanted[i].(object) {
			if got := routes[i].(object)[key]; !reflect.DeepEqual(got, want) {
				t.Errorf("route %d has as %s %v, want %v", i, key, got, want)
			}
		}
	}
	var receivers []string
	for _, receiver := range stack["receivers"].([]any) {
		receivers = append(receivers, receiver.(object)["name"].(string))
	}
	for _, route := range routes {
		if name := route.(object)["receiver"].(string); !slices.Contains(receivers, name) {
			t.Errorf("a route goes to %s, which is no receiver", name)
		}
	}
}
