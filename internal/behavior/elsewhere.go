package behavior

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Some alarms and policies watch the metrics of another endpoint, mostly because they were copied from it. What they do does not
// follow from what this endpoint has to do: they may act in any situation, and answer none.

// Elsewhere is the other endpoint whose metrics an alarm watches, if it watches nothing else; empty where it does not.
func Elsewhere(endpoint string, a *fleet.Alarm) string {
	if len(a.Math) == 0 {
		return elsewhere(endpoint, &a.Metric)
	}
	return allElsewhere(endpoint, a.Math)
}

// TracksElsewhere is the same of a tracking policy.
func TracksElsewhere(endpoint string, p *fleet.Policy) string {
	switch t := p.Tracking; {
	case t == nil:
		return ""
	case t.Metric != nil:
		return elsewhere(endpoint, t.Metric)
	default:
		return allElsewhere(endpoint, t.Math)
	}
}

func allElsewhere(endpoint string, math []fleet.MathQuery) (other string) {
	for i := range math {
		if math[i].Metric == nil {
			continue
		}
		if other = elsewhere(endpoint, math[i].Metric); other == "" {
			return ""
		}
	}
	return other
}

func elsewhere(endpoint string, m *fleet.Metric) string {
	if m.Namespace != fleet.Namespace && m.Namespace != fleet.HostNamespace {
		return ""
	}
	if of, _ := m.Dimension("EndpointName"); of != endpoint {
		return of
	}
	return ""
}

// separate finds the alarms that watch another endpoint. Without any of them the model that answers for this one is the whole.
func (j *judge) separate() {
	j.own = j.model
	for i := range j.alarms {
		j.b.Alarms[i].Elsewhere = Elsewhere(j.endpoint.Name, &j.alarms[i])
	}
	if slices.ContainsFunc(j.b.Alarms, func(a Alarm) bool { return a.Elsewhere != "" }) {
		j.own = j.model.Without(func(i int) bool { return j.b.Alarms[i].Elsewhere != "" })
	}
}

// Misnamed tells whether a metric has a name under which AWS publishes nothing for asynchronous endpoints, whatever its dimensions.
func Misnamed(m fleet.Metric) bool { return autoscaling.Misnamed(m) }
