package observe

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// More variants than the memory has room for are left out, by name, and the others go on.
func TestEndpoints_variantsOfARegionAreBounded(t *testing.T) {
	w := newWorld(t, &cloud{fail: map[string]error{}})
	for _, name := range []string{"a", "b", "c"} {
		w.async(name, 1)
	}
	options := w.options
	options.MostVariants = 2
	w.Configure(options)
	for range 3 {
		w.at = w.at.Add(5 * time.Minute)
		snapshot := w.observe()
		equal(t, "endpoints", len(snapshot.Endpoints), 2)
		equal(t, "the second", snapshot.Endpoints[1].Name, "b")
		source := w.source(fleet.SourceEndpoints)
		if !strings.HasPrefix(source.Err, "sagemaker DescribeEndpoint: more than 2 production variants in the region") {
			t.Errorf("it says %q", source.Err)
		}
	}
	options.MostVariants = 3
	w.Configure(options)
	w.at = w.at.Add(time.Hour)
	equal(t, "endpoints in the end", len(w.observe().Endpoints), 3)
	equal(t, "up", w.source(fleet.SourceEndpoints).Up(), true)
}
