//go:build chart || chart_e2e

package helm

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	root  = "../.."
	chart = "sagemaker-async-exporter"
)

var update = flag.Bool("update", false, "write the golden files and the chart's README")

// linked is what Helm says of each symbolic link, whatever it does.
var linked = regexp.MustCompile(`(?m)^.*found symbolic link in path: .*\n`)

type object = map[string]any

// run is the standard output of a program, its standard error, and whether it succeeded.
func run(t *testing.T, stdin, program string, args ...string) (string, string, bool) {
	t.Helper()
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("running %s: %v", program, err)
	}
	return out.String(), linked.ReplaceAllString(errs.String(), ""), err == nil
}

// tagged names an image, which a chart from a clone has to be given.
var tagged = []string{"--set-string", "image.tag=dev"}

// template is what Helm makes of a chart, which may be a package, with more arguments.
func template(t *testing.T, chart string, args ...string) string {
	t.Helper()
	out, errs, ok := run(t, "", "helm", slices.Concat([]string{"template", "exporter", chart, "--namespace", "monitoring"}, tagged, args)...)
	if !ok {
		t.Fatalf("helm template %q: %s", args, errs)
	}
	return out
}

// examples are the values files below ci/, one for each feature, by what they are about.
func examples(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(chart + "/ci/*-values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 15 {
		t.Fatalf("only %d values files were found", len(files))
	}
	found := map[string]string{}
	for _, file := range files {
		found[strings.TrimSuffix(filepath.Base(file), "-values.yaml")] = file
	}
	return found
}

// objects are the documents of a rendered chart.
func objects(t *testing.T, rendered string) []object {
	t.Helper()
	var found []object
	decoder := yaml.NewDecoder(strings.NewReader(rendered))
	for {
		var one object
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("reading what was rendered: %v", err)
		}
		if one != nil {
			found = append(found, one)
		}
	}
}

// of are the objects of a kind.
func of(all []object, kind string) []object {
	var found []object
	for _, one := range all {
		if one["kind"] == kind {
			found = append(found, one)
		}
	}
	return found
}

// at is what stands in an object at a path.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(object)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// indent is Sprig's function of this name.
func indent(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}
