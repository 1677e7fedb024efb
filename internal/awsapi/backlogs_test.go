package awsapi_test

import (
	"slices"
	"testing"
)

func TestEndpointsWithBacklog_areTheEmbeddedOnes(t *testing.T) {
	t.Parallel()
	e := onEmbedded(t)
	names, billed, err := e.EndpointsWithBacklog(t.Context())
	if err != nil || billed != 1 || !slices.Contains(names, "embed") || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("%q, %d, %v", names, billed, err)
	}
}
