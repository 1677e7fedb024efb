package house

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/version"
	"go.yaml.in/yaml/v3"
)

// stamped are the variables that --version prints and that the linker writes. It says nothing about a name that it does
// not find; the compiler does.
var stamped = map[string]*string{
	"Version": &version.Version, "Revision": &version.Revision, "Branch": &version.Branch, "BuildUser": &version.BuildUser, "BuildDate": &version.BuildDate,
}

// written are the names of the variables that a file has the linker write, sorted. One of another package is named in full.
func written(text string) (names []string) {
	text = strings.ReplaceAll(text, "$(PACKAGE).", "github.com/prometheus/common/version.")
	for _, found := range regexp.MustCompile(`-X (?:github\.com/prometheus/common/version\.)?([^\s=]+)=`).FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return names
}

func TestVersion_isWrittenIntoTheVariablesThatAreThere(t *testing.T) {
	var want []string
	for name := range stamped {
		want = append(want, name)
	}
	slices.Sort(want)
	flags := regexp.MustCompile(`(?m)^LDFLAGS( .*\\\n)*.*$`).FindString(read(t, "Makefile"))
	if got := written(flags); !slices.Equal(got, want) {
		t.Errorf("the Makefile writes %q, want %q", got, want)
	}
	if got := written(read(t, "Dockerfile")); !slices.Equal(got, want) {
		t.Errorf("the Dockerfile writes %q, want %q", got, want)
	}
}

// goreleaser has no flags of its own: it is given those of make build, and so makes the same bytes.
func TestReleases_areBuiltAsMakeBuilds(t *testing.T) {
	var config struct {
		Builds []struct {
			Main, Binary        string
			Env, Flags, Ldflags []string
			ModTimestamp        string `yaml:"mod_timestamp"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".goreleaser.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Builds) != 2 {
		t.Fatalf("there are %d builds, want one of each command", len(config.Builds))
	}
	makefile := read(t, "Makefile")
	for i, variable := range []string{"BINARY ", "ALERTER"} {
		build := config.Builds[i]
		if want := []string{"{{ .Env.LDFLAGS }}"}; !slices.Equal(build.Ldflags, want) {
			t.Errorf("goreleaser links with %q, want %q", build.Ldflags, want)
		}
		if build.ModTimestamp != "{{ .Env.SOURCE_DATE_EPOCH }}" {
			t.Errorf("the time of the binary is %q", build.ModTimestamp)
		}
		command := strings.Join(build.Env, " ") + " go build " + strings.Join(build.Flags, " ") + " -ldflags '$(LDFLAGS)' -o $(" + strings.TrimSpace(variable) + ") " + build.Main
		if !strings.Contains(makefile, "\t"+command+"\n") {
			t.Errorf("make build does not run %s", command)
		}
		if !strings.Contains(makefile, variable+" := bin/"+build.Binary+"\n") {
			t.Errorf("make build does not make %s", build.Binary)
		}
	}
	releaser := regexp.MustCompile(`(?m)^RELEASER = .*\\\n.*$`).FindString(makefile)
	for _, name := range []string{"VERSION='$(VERSION)'", "DATE='$(DATE)'", "LDFLAGS='$(LDFLAGS)'", "SOURCE_DATE_EPOCH="} {
		if !strings.Contains(releaser, " "+name) {
			t.Errorf("goreleaser is run without %s", name)
		}
	}
}
