package pages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// needs are the words behind sh that say what the commands of a block need. None other is allowed, nor is none: whoever
// reads a page wants to know what he can try.
var needs = map[string]string{
	"demo":    "nothing but the program: a test of cmd/exporter runs them",
	"make":    "a clone",
	"aws":     "an AWS account, or an exporter that observes one",
	"cluster": "a Kubernetes cluster",
	"host":    "a machine of its own, mostly as root",
}

// commands are the blocks of commands of a page.
func commands(t *testing.T, page string) (all []block) {
	t.Helper()
	for _, one := range blocks(t, page) {
		language, _, _ := strings.Cut(one.info, " ")
		if slices.Contains([]string{"sh", "bash", "shell", "console"}, language) {
			all = append(all, one)
		}
	}
	return all
}

func TestCommands_sayWhatTheyNeed(t *testing.T) {
	found := map[string]int{}
	for _, page := range written(t) {
		for _, one := range commands(t, page) {
			need, isShell := strings.CutPrefix(one.info, "sh ")
			if _, ok := needs[need]; !ok || !isShell {
				t.Errorf("%s has a block of %q that does not say what it needs: write sh demo, make, aws, cluster or host\n%s", page, one.info, one.text)
			}
			found[need]++
		}
	}
	for need := range needs {
		if found[need] < 2 {
			t.Errorf("only %d blocks need %s", found[need], need)
		}
	}
}

func TestCommands_areGoodShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no bash: CI has to install it")
		}
		t.Skip("there is no bash to read the commands with")
	}
	for _, page := range written(t) {
		for _, one := range commands(t, page) {
			shell := exec.Command(bash, "-n")
			shell.Stdin = strings.NewReader(one.text)
			if out, err := shell.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %s%s", page, out, one.text)
			}
		}
	}
}

var (
	ours     = regexp.MustCompile(`^(?:sudo )?(?:[A-Z_]+=\S+ )*(?:\./bin/)?(?:sagemaker-async-exporter|go run \./cmd/exporter)((?: .*)?)$`)
	quoted   = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	anyFlag  = regexp.MustCompile(`(?:^| )(--[a-z][a-z.-]*)`)
	verb     = regexp.MustCompile(`^ ([a-z][a-z-]*)`)
	variable = regexp.MustCompile(`\bSAGEMAKER_ASYNC_EXPORTER_[A-Z_]*[A-Z]\b`)
)

// used are the command, if there is one, and the flags of a line that runs the exporter.
func used(line string) (command string, flags []string, ok bool) {
	found := ours.FindStringSubmatch(strings.TrimSpace(line))
	if found == nil {
		return "", nil, false
	}
	arguments := quoted.ReplaceAllString(found[1], "''")
	arguments, _, _ = strings.Cut(arguments, " #")
	arguments, _, _ = strings.Cut(arguments, "|")
	if first := verb.FindStringSubmatch(arguments); first != nil {
		command = first[1]
	}
	for _, flag := range anyFlag.FindAllStringSubmatch(arguments, -1) {
		flags = append(flags, flag[1])
	}
	return command, flags, true
}

func TestUsed_findsCommandAndFlags(t *testing.T) {
	for line, want := range map[string]string{
		"sagemaker-async-exporter plan E --json --reconcile.endpoints='--no' | grep --color": "plan --json --reconcile.endpoints",
		"sudo sagemaker-async-exporter --demo   # --not":                                     " --demo",
		"AWS_PROFILE=p ./bin/sagemaker-async-exporter --aws.region us-east-1":                " --aws.region",
		"go run ./cmd/exporter --version":                                                    " --version",
		"systemctl status sagemaker-async-exporter --lines 5":                                "no",
		"helm upgrade exporter deploy/helm/sagemaker-async-exporter --namespace n":           "no",
	} {
		got := "no"
		if command, flags, ok := used(line); ok {
			got = command + " " + strings.Join(flags, " ")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// Flags that all programs have stand nowhere in docs/flags.md.
var everywhere = []string{"--help", "--help-long", "--help-man", "--version", "--completion-script-bash", "--completion-script-zsh"}

func TestCommands_haveTheFlagsOfTheExporter(t *testing.T) {
	known, lines := read(t, "docs/flags.md"), 0
	for _, page := range written(t) {
		for _, one := range commands(t, page) {
			for line := range strings.Lines(strings.ReplaceAll(one.text, "\\\n", " ")) {
				command, flags, ok := used(line)
				if !ok {
					continue
				}
				lines++
				row := regexp.MustCompile("(?m)^\\| `" + command + "[` ].*").FindString(known)
				if command != "" && row == "" {
					t.Errorf("%s: docs/flags.md knows no command %s", page, command)
				}
				for _, flag := range flags {
					if !slices.Contains(everywhere, flag) && !strings.Contains(row, "["+flag+"]") && !strings.Contains(known, "| `"+flag+"` |") {
						t.Errorf("%s: docs/flags.md knows no %s", page, flag)
					}
				}
			}
		}
	}
	if lines < 30 {
		t.Errorf("only %d commands of the exporter were found", lines)
	}
}

func TestPages_nameVariablesThatExist(t *testing.T) {
	known := read(t, "docs/flags.md")
	for _, page := range written(t) {
		for _, name := range variable.FindAllString(read(t, page), -1) {
			if !strings.Contains(known, "`"+name+"`") {
				t.Errorf("%s speaks of %s, which is no variable of the exporter", page, name)
			}
		}
	}
}

var target = regexp.MustCompile("(?:`|(?m:^))make ([a-z][a-z0-9-]*)")

func TestPages_nameTargetsThatExist(t *testing.T) {
	makefile, named := "\n"+read(t, "Makefile"), 0
	for _, page := range written(t) {
		texts := prose(t, page)
		for _, one := range commands(t, page) {
			texts += "\n" + one.text
		}
		for _, name := range target.FindAllStringSubmatch(texts, -1) {
			if named++; !strings.Contains(makefile, "\n"+name[1]+":") {
				t.Errorf("%s speaks of make %s, which does not exist", page, name[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("the pages name only %d targets", named)
	}
}

var inTheCluster = regexp.MustCompile(`\b(?:deployment|service|lease)/(exporter-[\w-]+)|--service-account (\S+)`)

// The names are those of the chart's release "exporter" in "monitoring", which the golden files of the chart have.
func TestCommands_nameObjectsOfTheChart(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "deploy/helm/testdata/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("the chart has no golden files", err)
	}
	golden := ""
	for _, file := range files {
		golden += read(t, "deploy/helm/testdata/"+filepath.Base(file))
	}
	named := 0
	for _, page := range newcomers {
		for _, one := range commands(t, page) {
			for _, name := range inTheCluster.FindAllStringSubmatch(one.text, -1) {
				if named++; !strings.Contains(golden, "\n  name: "+name[1]+name[2]+"\n") {
					t.Errorf("%s speaks of %s, which the chart does not make", page, name[0])
				}
			}
		}
	}
	if named < 5 {
		t.Errorf("the pages name only %d objects of the chart", named)
	}
}
