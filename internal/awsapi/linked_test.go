package awsapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// The SDK's clients have hundreds of operations with thousands of types. A program contains those alone that it uses,
// unless a client comes into an interface or a field: see call.
func TestClient_linksOnlyTheOperationsItUses(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), "linked")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/linked").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	var linked, used []string
	methods := regexp.MustCompile(`service/(sagemaker|applicationautoscaling|cloudwatch)\.\(\*Client\)\.([A-Z]\w+)\n`)
	for _, found := range methods.FindAllSubmatch(symbols, -1) {
		linked = append(linked, string(found[2]))
	}
	for _, operation := range Operations() {
		if operation.Service != serviceSTS {
			used = append(used, operation.Name)
		}
	}
	slices.Sort(linked)
	slices.Sort(used)
	if !slices.Equal(linked, used) {
		t.Errorf("linked %v\nused %v", linked, used)
	}
	if info, err := os.Stat(program); err == nil {
		t.Logf("%.1f MB", float64(info.Size())/1e6)
	}
}
