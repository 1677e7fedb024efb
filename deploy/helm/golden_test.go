//go:build chart

package helm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bulky are the files that templates carry unchanged, and by how much they indent them. A golden file names them only.
var bulky = []string{"dashboards/endpoint.json", "dashboards/exporter.json", "dashboards/fleet.json", "alerts/sagemaker-async.yaml"}

func TestRendered_isTheGolden(t *testing.T) {
	wanted := map[string]bool{}
	for name, values := range examples(t) {
		golden := filepath.Join("testdata", name+".yaml")
		wanted[golden] = true
		t.Run(name, func(t *testing.T) {
			got := template(t, chart, "--values", values)
			for _, file := range bulky {
				text := indent(read(t, filepath.Join(root, file)))
				if strings.HasPrefix(file, "alerts/") {
					text = strings.ReplaceAll(text, "\n    ", "\n  ")[2:]
				}
				got = strings.ReplaceAll(got, strings.TrimRight(text, " \n"), "    # "+file)
			}
			// Ends of lines are of no meaning, and editors take them away.
			lines := strings.Split(got, "\n")
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], " ")
			}
			got = strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
			if len(got) > 32<<10 {
				t.Fatalf("%d bytes were rendered: a file that the chart carries is not what it was", len(got))
			}
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := read(t, golden); got != want {
				t.Errorf("what was rendered is not %s; make chart-update writes it. It begins to differ at:\n%s", golden, firstDifference(got, want))
			}
		})
	}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !wanted[file] {
			t.Errorf("%s belongs to no file below ci/", file)
		}
	}
}

func firstDifference(got, want string) string {
	gots, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range gots {
		if i >= len(wants) || gots[i] != wants[i] {
			w := "(the end)"
			if i < len(wants) {
				w = wants[i]
			}
			return "  got:  " + gots[i] + "\n  want: " + w
		}
	}
	return "  the end of what was rendered"
}

// The golden files do not hold them, so that they are compared here as people get them.
func TestDashboards_areTheFilesAndFitAConfigMap(t *testing.T) {
	maps := of(objects(t, template(t, chart, "--set", "dashboards.enabled=true")), "ConfigMap")
	files, err := filepath.Glob(root + "/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no dashboards: %v", err)
	}
	if len(maps) != len(files) {
		t.Fatalf("%d config maps for %d dashboards", len(maps), len(files))
	}
	got := map[string]string{}
	for _, one := range maps {
		for key, text := range at(t, one, "data").(object) {
			got[key] = text.(string)
			// kubectl apply keeps the whole object in an annotation, and annotations may have 256 KiB.
			if len(text.(string)) > 240<<10 {
				t.Errorf("%s has %d bytes", key, len(text.(string)))
			}
		}
	}
	for _, file := range files {
		key := "sagemaker-async-" + filepath.Base(file)
		if got[key] != read(t, file) {
			t.Errorf("%s is not %s", key, file)
		}
	}
}

// Both values change that much of the files, in config maps and for the operator.
func TestDashboards_haveTheAddressOfTheExporterAndClusters(t *testing.T) {
	for _, way := range []struct{ enabled, kind string }{{"dashboards.enabled", "ConfigMap"}, {"dashboards.operator.enabled", "GrafanaDashboard"}} {
		text := func(values string) string {
			var all strings.Builder
			for _, one := range of(objects(t, template(t, chart, "--set", way.enabled+"=true"+values)), way.kind) {
				fmt.Fprint(&all, one)
			}
			return all.String()
		}
		const here, there, hidden, shown = "http://localhost:10119", "https://exporter.example.org", `"hide": 2,`, `"hide": 0,`
		before, after := text(""), text(",dashboards.exporterURL="+there+"/,dashboards.clusters=true")
		if n := strings.Count(before, here); n == 0 || strings.Count(after, here) != 0 || strings.Count(after, there) != n || strings.Contains(after, there+"//") {
			t.Errorf("%s: %d links to the exporter, %d after it had an address", way.kind, n, strings.Count(after, there))
		}
		if n := strings.Count(before, hidden) - strings.Count(after, hidden); n != 3 || strings.Count(after, shown)-strings.Count(before, shown) != n {
			t.Errorf("%s: clusters are shown in %d dashboards, want 3", way.kind, n)
		}
	}
}

func TestPackage_rendersAsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	if _, errs, ok := run(t, "", "helm", "package", chart, "--destination", dir); !ok {
		t.Fatalf("packaging: %s", errs)
	}
	files, err := filepath.Glob(dir + "/*.tgz")
	if err != nil || len(files) != 1 {
		t.Fatalf("packages: %q, %v", files, err)
	}
	everything := []string{"--set", "dashboards.enabled=true,prometheusRule.enabled=true,monitor.enabled=true,reconcile.enabled=true"}
	if template(t, files[0], everything...) != template(t, chart, everything...) {
		t.Error("the package renders something else than the directory")
	}
}

func TestReadme_isWrittenFromTheValues(t *testing.T) {
	out, errs, ok := run(t, "", "helm-docs", "--chart-search-root", ".", "--dry-run")
	if !ok {
		t.Fatalf("helm-docs: %s", errs)
	}
	got := strings.TrimRight(out, "\n") + "\n"
	if !strings.Contains(got, "| replicaCount |") {
		t.Fatalf("helm-docs wrote no table of values:\n%s", got)
	}
	if *update {
		if err := os.WriteFile(chart+"/README.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, chart+"/README.md") != got {
		t.Error("README.md of the chart is not what helm-docs writes: make chart-update")
	}
}
