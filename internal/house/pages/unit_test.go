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

const unitFile = "deploy/systemd/sagemaker-async-exporter.service"

// unit are the values of each key of the unit, in their order.
func unit(t *testing.T) map[string][]string {
	t.Helper()
	keys := map[string][]string{}
	for line := range strings.Lines(read(t, unitFile)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			keys[key] = append(keys[key], value)
		}
	}
	if len(keys) < 30 {
		t.Fatalf("the unit has only %d keys", len(keys))
	}
	return keys
}

func TestUnit_runsTheExporterWithItsFlags(t *testing.T) {
	known, start := read(t, "docs/flags.md"), unit(t)["ExecStart"]
	if len(start) != 1 || !strings.HasPrefix(start[0], "/usr/local/bin/sagemaker-async-exporter ") {
		t.Fatalf("the unit starts %q", start)
	}
	for _, argument := range strings.Fields(start[0])[1:] {
		if flag, _, _ := strings.Cut(argument, "="); !strings.Contains(known, "| `"+flag+"` |") {
			t.Errorf("docs/flags.md knows no %s", flag)
		}
	}
	if strings.Contains(start[0], "--reconcile") {
		t.Error("the unit writes to AWS before anybody has asked for it")
	}
}

func TestUnit_isHardened(t *testing.T) {
	keys := unit(t)
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
}

// The garbage collector must have begun to work harder before the kernel kills.
func TestUnit_memoryLimitIsBelowTheKernels(t *testing.T) {
	keys, mebibytes := unit(t), regexp.MustCompile(`^(?:GOMEMLIMIT=)?(\d+)Mi?B?$`)
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
}

func TestUnit_isKnownToSystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no systemd-analyze: CI has to install it")
		}
		t.Skip("there is no systemd-analyze to read the unit with")
	}
	out, err := exec.Command(analyze, "verify", "--man=no", root+"/"+unitFile).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// The program is not installed on a machine that tests.
		if !strings.Contains(line, "sagemaker-async-exporter is not executable") {
			t.Errorf("systemd-analyze (%v): %s", err, line)
		}
	}
}
