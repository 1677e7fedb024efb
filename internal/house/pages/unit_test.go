package pages

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// units are the programs that have a unit, and the page of their flags.
var units = map[string]string{
	"sagemaker-async-exporter": "docs/flags.md",
	"sagemaker-async-alerting": "docs/alerting-flags.md",
}

func unitFile(program string) string { return "deploy/systemd/" + program + ".service" }

// eachUnit looks at the unit of each program: the values of each key, in their order.
func eachUnit(t *testing.T, look func(t *testing.T, program string, keys map[string][]string)) {
	t.Helper()
	for program := range units {
		t.Run(program, func(t *testing.T) { look(t, program, unit(t, program)) })
	}
}

func unit(t *testing.T, program string) map[string][]string {
	t.Helper()
	keys := map[string][]string{}
	for line := range strings.Lines(read(t, unitFile(program))) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			keys[key] = append(keys[key], value)
		}
	}
	if len(keys) < 30 {
		t.Fatalf("the unit has only %d keys", len(keys))
	}
	return keys
}

func TestUnit_runsItsProgramWithItsFlags(t *testing.T) {
	eachUnit(t, func(t *testing.T, program string, keys map[string][]string) {
		known, start := read(t, units[program]), keys["ExecStart"]
		if len(start) != 1 || !strings.HasPrefix(start[0], program+" ") {
			t.Fatalf("the unit starts %q", start)
		}
		for _, argument := range strings.Fields(start[0])[1:] {
			if flag, _, _ := strings.Cut(argument, "="); !strings.Contains(known, "| `"+flag+"` |") {
				t.Errorf("%s knows no %s", units[program], flag)
			}
		}
		if strings.Contains(start[0], "--reconcile") {
			t.Error("the unit writes to AWS before anybody has asked for it")
		}
	})
}

func TestUnit_isHardened(t *testing.T) {
	eachUnit(t, func(t *testing.T, _ string, keys map[string][]string) {
		for key, want := range map[string]string{
			"User":                    "sagemaker-async-exporter",
			"NoNewPrivileges":         "yes",
			"CapabilityBoundingSet":   "",
			"ProtectSystem":           "strict",
			"ProtectHome":             "yes",
			"PrivateTmp":              "yes",
			"PrivateDevices":          "yes",
			"ProtectKernelTunables":   "yes",
			"ProtectKernelModules":    "yes",
			"ProtectControlGroups":    "yes",
			"MemoryDenyWriteExecute":  "yes",
			"RestrictAddressFamilies": "AF_INET AF_INET6",
			"RestrictNamespaces":      "yes",
			"RestrictSUIDSGID":        "yes",
			"SystemCallArchitectures": "native",
			"Restart":                 "on-failure",
			"ExecReload":              "/bin/kill -HUP $MAINPID",
		} {
			if got := keys[key]; !slices.Equal(got, []string{want}) {
				t.Errorf("the unit has %s %q, want %q", key, got, want)
			}
		}
	})
}

// The garbage collector must have begun to work harder before the kernel kills.
func TestUnit_memoryLimitIsBelowTheKernels(t *testing.T) {
	mebibytes := regexp.MustCompile(`^(?:GOMEMLIMIT=)?(\d+)Mi?B?$`)
	eachUnit(t, func(t *testing.T, _ string, keys map[string][]string) {
		limit := func(key string) int {
			found := mebibytes.FindStringSubmatch(strings.Join(keys[key], " "))
			if found == nil {
				t.Fatalf("the unit has %s %q", key, keys[key])
			}
			n, err := strconv.Atoi(found[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if soft, hard := limit("Environment"), limit("MemoryMax"); soft < 100 || soft > hard*9/10 {
			t.Errorf("GOMEMLIMIT is %d MiB, MemoryMax %d", soft, hard)
		}
	})
}

func TestUnit_isKnownToSystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no systemd-analyze: CI has to install it")
		}
		t.Skip("there is no systemd-analyze to read the unit with")
	}
	var files []string
	for program := range units {
		files = append(files, root+"/"+unitFile(program))
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// The programs are not installed on a machine that tests.
		if !strings.Contains(line, " is not executable") {
			t.Errorf("systemd-analyze (%v): %s", err, line)
		}
	}
}
