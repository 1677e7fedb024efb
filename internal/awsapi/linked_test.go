package awsapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// linked builds a program of testdata and lists the operations of the SDK that it contains, sorted.
func linked(t *testing.T, name string) (operations []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/"+name).CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	methods := regexp.MustCompile(`service/(sagemaker|applicationautoscaling|cloudwatch)\.\(\*Client\)\.([A-Z]\w+)\n`)
	for _, found := range methods.FindAllSubmatch(symbols, -1) {
		operations = append(operations, string(found[2]))
	}
	slices.Sort(operations)
	if info, err := os.Stat(program); err == nil {
		t.Logf("%.1f MB", float64(info.Size())/1e6)
	}
	return operations
}

// listed are the operations of the table that a program should contain, sorted.
func listed(wanted func(Operation) bool) (operations []string) {
	for _, operation := range Operations() {
		if operation.Service != serviceSTS && wanted(operation) {
			operations = append(operations, operation.Name)
		}
	}
	slices.Sort(operations)
	return operations
}

// The SDK's clients have hundreds of operations with thousands of types. A program contains those alone that it uses,
// unless a client comes into an interface or a field: see call. So one that never calls WriterOf cannot write at all.
func TestClient_linksOnlyTheOperationsThatRead(t *testing.T) {
	want := listed(func(operation Operation) bool { return !operation.Writes })
	if got := linked(t, "linked"); !slices.Equal(got, want) {
		t.Errorf("linked %v\nused %v", got, want)
	}
}

func TestWriter_linksTheThreeOperationsThatWriteAndNoMore(t *testing.T) {
	writing := listed(func(operation Operation) bool { return operation.Writes })
	if want := []string{"PutMetricAlarm", "PutScalingPolicy", "RegisterScalableTarget"}; !slices.Equal(writing, want) {
		t.Errorf("the table has %v, want %v", writing, want)
	}
	want := listed(func(Operation) bool { return true })
	if got := linked(t, "writing"); !slices.Equal(got, want) {
		t.Errorf("linked %v\nused %v", got, want)
	}
}
