package house

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what these tests read of a file in .github/workflows.
type workflow struct {
	Permissions map[string]string
	Concurrency any
	Jobs        map[string]job
}

type job struct {
	Permissions map[string]string
	Container   struct{ Image string }
	Timeout     int `yaml:"timeout-minutes"`
	Steps       []step
}

type step struct {
	Uses, Run string
	With      map[string]any
}

var (
	// pinned is an action at a commit: a tag can be moved by whoever takes it over.
	pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	// versioned is the same with the version that the commit has, which people and their robots read.
	versioned = regexp.MustCompile(`uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	// makes is one command that people can run in the same way. .ci/run installs what the targets behind it need, and makes
	// them, or all that a change goes through.
	makes = regexp.MustCompile(`^(?:make( [a-z0-9-]+)+|\.ci/run( [a-z0-9-]+)*)$`)
	// target is a line of the Makefile that says how something is made. An assignment to a variable of targets is none.
	target = regexp.MustCompile(`(?m)^([a-z0-9][a-z0-9 -]*):(?:[^=\n]*)$`)
)

// writers are the permissions that a job has to write, by file and job: no other may.
var writers = map[string][]string{
	"release.yml publish":    {"contents"},
	"release.yml image":      {"packages", "id-token", "attestations"}, // to push, and to sign as this workflow
	"security.yml codeql":    {"security-events"},
	"security.yml scorecard": {"security-events", "id-token"}, // to publish the score as this repository
}

// targets are the names of everything that the Makefile can make.
func targets(makefile string) (names []string) {
	for _, found := range target.FindAllStringSubmatch(makefile, -1) {
		names = append(names, strings.Fields(found[1])...)
	}
	return names
}

// faults are what is wrong with a workflow, in the words of the house.
func faults(name, text string, made []string, goVersion string) (found []string) {
	var file workflow
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return []string{err.Error()}
	}
	add := func(fault string) { found = append(found, fault) }
	if file.Permissions == nil || len(file.Permissions) > 0 {
		add("its permissions are not empty: each job says what it needs")
	}
	if file.Concurrency == nil {
		add("nothing keeps two runs of it apart: it has no concurrency")
	}
	if len(file.Jobs) == 0 {
		add("it has no jobs")
	}
	if strings.Contains(text, "://") {
		add("it names a host")
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "uses:") && !versioned.MatchString(line) {
			add("no version is beside the commit: " + strings.TrimSpace(line))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(file.Jobs)) {
		job := file.Jobs[id]
		if job.Timeout == 0 {
			add(id + " has no timeout-minutes")
		}
		if job.Permissions == nil {
			add(id + " does not say what it may do")
		}
		for what, may := range job.Permissions {
			if may != "read" && may != "none" && !slices.Contains(writers[name+" "+id], what) {
				add(id + " may " + may + " " + what)
			}
		}
		if job.Container.Image != "" && !strings.HasPrefix(job.Container.Image, "golang:"+goVersion+"-") {
			add(id + " runs in " + job.Container.Image + ", and go.mod wants Go " + goVersion)
		}
		for _, step := range job.Steps {
			switch {
			case step.Uses != "" && !pinned.MatchString(step.Uses):
				add(id + " uses " + step.Uses + ", which is no commit of an action")
			case strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false:
				add(id + " leaves the credentials of the checkout to the steps that follow")
			case step.Run != "" && !makes.MatchString(step.Run):
				add(id + " runs " + step.Run + ": what a workflow runs is a target of make, or .ci/run")
			}
			for i, name := range strings.Fields(step.Run) {
				if makes.MatchString(step.Run) && i > 0 && !slices.Contains(made, name) {
					add(id + " makes " + name + ", of which the Makefile knows nothing")
				}
			}
		}
	}
	return found
}

// goVersion is the version of Go that go.mod builds with, where it may be loaded.
func goVersion(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^toolchain go(\S+)$`).FindStringSubmatch(read(t, "go.mod"))
	if found == nil {
		t.Fatal("go.mod names no toolchain")
	}
	return found[1]
}

func TestDockerfile_buildsWithTheGoOfGoMod(t *testing.T) {
	want := "\nARG BUILDER=golang:" + goVersion(t) + "\n"
	if !strings.Contains(read(t, "Dockerfile"), want) {
		t.Errorf("the Dockerfile has no line %q", strings.TrimSpace(want))
	}
}

// read is the text of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWorkflows_callMakeAloneAndMayDoLittle(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("found %d workflows: %v", len(files), err)
	}
	made := targets(read(t, "Makefile"))
	for _, file := range files {
		name := filepath.Base(file)
		for _, fault := range faults(name, read(t, ".github/workflows/"+name), made, goVersion(t)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// .ci/run makes what a change goes through; what it names has to exist, and the workflow of the long tests runs all of them.
func TestWorkflows_whatTheyRunExists(t *testing.T) {
	made := targets(read(t, "Makefile"))
	found := regexp.MustCompile(`(?m)^\[ \$# -gt 0 \] \|\| set -- ([a-z0-9 -]+)$`).FindStringSubmatch(read(t, ".ci/run"))
	if found == nil {
		t.Fatal(".ci/run does not say what it makes without targets")
	}
	runs := strings.Fields(found[1])
	for _, name := range runs {
		if !slices.Contains(made, name) {
			t.Errorf(".ci/run makes %s, of which the Makefile knows nothing", name)
		}
	}
	for _, must := range []string{"test", "lint", "check-generated", "rules", "chart", "image-test", "e2e"} {
		if !slices.Contains(runs, must) {
			t.Errorf(".ci/run does not make %s", must)
		}
	}
	for file, why := range map[string]string{"long.yml": "each week", "release.yml": "before a release"} {
		if !strings.Contains(read(t, ".github/workflows/"+file), "run: .ci/run test-long e2e-long rules-prometheus3\n") {
			t.Errorf("%s does not run all of the long tests %s", file, why)
		}
	}
	if !strings.Contains(read(t, ".github/workflows/ci.yml"), "run: make rules-prometheus3\n") {
		t.Error("no change goes through the promtool of Prometheus 3")
	}
	if !strings.Contains(read(t, "Makefile"), "\tE2E_TURN= PROMETHEUS_3=\"$(CURDIR)/bin/tools/prometheus3\" ") {
		t.Error("make e2e-long runs without a Prometheus 3")
	}
	if !strings.Contains(read(t, ".github/workflows/long.yml"), "schedule: [{cron: ") {
		t.Error("nothing starts the long tests by itself")
	}
}

// The test above passes on workflows that are as they should be, so it does not show that it refuses anything.
func TestWorkflows_refuseWhatTheyShould(t *testing.T) {
	made := targets("build: x ## build it\n\tgo build\nrelease build: BRANCH := HEAD\nsecond third:\n")
	if want := []string{"build", "second", "third"}; !slices.Equal(made, want) {
		t.Fatalf("the targets are %q, want %q", made, want)
	}
	const commit = "0123456789abcdef0123456789abcdef01234567"
	good := `
permissions: {}
concurrency: {group: g}
jobs:
  only:
    timeout-minutes: 5
    container: {image: golang:1.2.3-bookworm}
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@` + commit + ` # v1.2.3
        with: {persist-credentials: false}
      - run: .ci/run
      - run: .ci/run second
      - run: make build second
`
	if found := faults("ci.yml", good, made, "1.2.3"); len(found) > 0 {
		t.Fatalf("a good workflow is refused: %q", found)
	}
	for _, tt := range []struct{ old, bad, want string }{
		{"permissions: {}", "permissions: {contents: read}", "its permissions are not empty: each job says what it needs"},
		{"permissions: {}", "permissions:", "its permissions are not empty: each job says what it needs"},
		{"permissions: {}", "", "its permissions are not empty: each job says what it needs"},
		{"concurrency: {group: g}", "", "nothing keeps two runs of it apart: it has no concurrency"},
		{"timeout-minutes: 5", "", "only has no timeout-minutes"},
		{"    permissions: {contents: read}\n", "", "only does not say what it may do"},
		{"contents: read", "contents: write", "only may write contents"},
		{"contents: read", "id-token: write", "only may write id-token"},
		{"golang:1.2.3-bookworm", "golang:1.2.4-bookworm", "only runs in golang:1.2.4-bookworm, and go.mod wants Go 1.2.3"},
		{"@" + commit, "@v1", "only uses actions/checkout@v1, which is no commit of an action"},
		{"@" + commit, "@" + commit[1:], "only uses actions/checkout@" + commit[1:] + ", which is no commit of an action"},
		{" # v1.2.3", "", "no version is beside the commit: - uses: actions/checkout@" + commit},
		{"        with: {persist-credentials: false}\n", "", "only leaves the credentials of the checkout to the steps that follow"},
		{"make build second", "make bulid", "only makes bulid, of which the Makefile knows nothing"},
		{"run: .ci/run", "run: .ci/run bulid", "only makes bulid, of which the Makefile knows nothing"},
		{"run: .ci/run", "run: .ci/run && env", "only runs .ci/run && env: what a workflow runs is a target of make, or .ci/run"},
		{"make build second", "make build release", "only makes release, of which the Makefile knows nothing"},
		{"make build second", "make build && env", "only runs make build && env: what a workflow runs is a target of make, or .ci/run"},
		{"make build second", "go test ./...", "only runs go test ./...: what a workflow runs is a target of make, or .ci/run"},
		{"make build second", "make build # https://example.org", "it names a host"},
	} {
		bad := strings.Replace(good, tt.old, tt.bad, 1)
		if bad == good {
			t.Errorf("%q is not in the workflow", tt.old)
		}
		if found := faults("ci.yml", bad, made, "1.2.3"); !slices.Contains(found, tt.want) {
			t.Errorf("%q for %q: found %q, want %q", tt.bad, tt.old, found, tt.want)
		}
	}
}
