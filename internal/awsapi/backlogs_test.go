package awsapi_test

import (
	"slices"
	"testing"
)

func TestEndpointsWithBacklog_areTheEmbeddedOnes(t *testing.T) {
	t.Parallel()
	e := onEmbedded(t)
	names, err := e.EndpointsWithBacklog(t.Context())
	if err != nil || !slices.Contains(names, "embed") || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("%q, %v", names, err)
	}
}
