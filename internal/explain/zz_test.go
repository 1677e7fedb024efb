package explain_test

import (
	"os"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestZZ(t *testing.T) {
	d := newDemo()
	for _, later := range []time.Duration{0, 3 * time.Minute, 9 * time.Minute, 20 * time.Minute, 90 * time.Minute, 3 * time.Hour} {
		r := d.look(t, sim.DemoHistory+later)
		t.Logf("==== %s", later)
		for _, e := range r.Snapshot.Endpoints {
			x := explain.Of(&r, e.Name, r.Snapshot.At)
			if os.Getenv("FULL") == e.Name || os.Getenv("FULL") == "all" {
				_ = x.Text(os.Stdout)
			}
			var links []string
			for _, l := range x.Links {
				links = append(links, string(l.Verdict))
			}
			t.Log(e.Name, x.Conclusion.State, !x.Healthy(), links)
			t.Log("    ", x.Conclusion.Sentence)
		}
	}
}
