package explain

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// In a first view an endpoint is listed before it is described: nobody has to do anything about that.
func TestOf_anEndpointThatIsNotDescribedYetNeedsNobody(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	s := fleet.Snapshot{At: now, Endpoints: []fleet.Endpoint{
		{EndpointSummary: fleet.EndpointSummary{Name: "a", Status: fleet.InService}, SeenAt: now, Expires: later},
		{EndpointSummary: fleet.EndpointSummary{Name: "b", Status: fleet.InService}, SeenAt: now, DescribedAt: now, Expires: later},
	}}
	s.Endpoints[0].Queue[fleet.Backlog] = fleet.Reading{At: now, Value: 3, Expires: later}
	for _, name := range []fleet.SourceName{fleet.SourceEndpoints, fleet.SourceQueue} {
		s.Sources = append(s.Sources, fleet.Source{Name: name, LastAnswer: now, Expires: later})
	}
	r := report.Build(s, report.Rules{}, report.Past{})
	if e := Of(&r, "a", now); !e.Healthy() || e.Conclusion.State != NotKnown || e.Conclusion.Page != "" ||
		e.Conclusion.Sentence != "Whether a scales is not known: it is not described yet." {
		t.Errorf("it concludes %+v", e.Conclusion)
	}
	if e := Of(&r, "b", now); e.Healthy() {
		t.Errorf("of one without variants it concludes %+v", e.Conclusion)
	}
}
