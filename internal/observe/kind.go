package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Kind is what kind of error it is, the same each time in one outage: it has no figures in it, and no name of the endpoint
// that happened to fail first. Errors that do not know their kind are all of one: their text may be another one each time.
func Kind(err error) string {
	if kind := interface{ Kind() string }(nil); errors.As(err, &kind) {
		return kind.Kind()
	}
	if partial := (*Partial)(nil); errors.As(err, &partial) {
		return Kind(partial.First)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "unavailable"
	}
	return "other"
}

// strange is the error of a number or a unit of CloudWatch that no metric can have.
type strange struct{ kind, text string }

func (s *strange) Error() string { return s.text }

// Kind is the same for all metrics.
func (s *strange) Kind() string { return s.kind }

// refused is the error of datapoints that cannot be. They were left out, and what they were read with is good.
type refused struct {
	metrics []string // the first of them
	count   int      // of datapoints
}

func (r *refused) Error() string {
	return "CloudWatch gives datapoints that cannot be, negative, too large or of no time: they are left out (" +
		strings.Join(r.metrics, ", ") + ")"
}

// Kind is the same for all metrics.
func (r *refused) Kind() string { return "refused datapoints" }

// refusedIn is nil when no datapoint of the series was refused.
func refusedIn(queries []fleet.Query, series []fleet.Series) error {
	var metrics []string
	count := 0
	for i := range min(len(queries), len(series)) {
		if series[i].Refused == 0 {
			continue
		}
		count += series[i].Refused
		of := queries[i].Metric
		name := of.Name
		if endpoint, ok := of.Dimension("EndpointName"); ok {
			name = fmt.Sprintf("%s of %s", name, endpoint)
		}
		if !slices.Contains(metrics, name) && len(metrics) < mostNamed {
			metrics = append(metrics, name)
		}
	}
	if metrics == nil {
		return nil
	}
	return &refused{metrics, count}
}

// refusals is how many items and datapoints of an answer were refused, by its errors.
func refusals(errs ...error) (n int) {
	for _, err := range errs {
		if items := (*fleet.Refused)(nil); errors.As(err, &items) {
			n += len(items.Items)
		}
		if points := (*refused)(nil); errors.As(err, &points) {
			n += points.count
		}
	}
	return n
}

// mostNamed is how many metrics an error names.
const mostNamed = 5

// leftOut carries what was refused beside the error of an answer, if it has one.
type leftOut struct{ err, refused error }

func (l *leftOut) Error() string { return fmt.Sprint(l.err, l.refused) }

// withRefused is the error of an answer of which something was refused.
func withRefused(err, refused error) error {
	if refused == nil {
		return err
	}
	return &leftOut{err, refused}
}
