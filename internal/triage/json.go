package triage

import (
	"io"
	"time"

	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// document is the list as tools read it. Ages are seconds, moments RFC 3339 in UTC; null is what is not known.
type document struct {
	At        time.Time `json:"at"`
	Attention int       `json:"attention"`
	Unknown   int       `json:"unknown"`
	Progress  string    `json:"progress"`
	Endpoints []jsonRow `json:"endpoints"`
	Left      []string  `json:"left"`
	Unread    []string  `json:"unread"`
}

type jsonRow struct {
	AccountID  string        `json:"account_id"`
	Region     string        `json:"region"`
	Endpoint   string        `json:"endpoint"`
	State      explain.State `json:"state"`
	Doing      explain.State `json:"doing"`
	Attention  bool          `json:"attention"`
	Severity   string        `json:"severity"`
	Backlog    *float64      `json:"backlog_requests"`
	Oldest     *float64      `json:"oldest_request_age_seconds"`
	Running    *int          `json:"instances_current"`
	Desired    *int          `json:"instances_desired"`
	Conclusion string        `json:"conclusion"`
	Preview    string        `json:"preview"`
	Advice     string        `json:"advice"`
	Page       string        `json:"page"`
}

// JSON writes the list as one document for tools. It returns the error of the writer.
func (l *List) JSON(out io.Writer) error {
	count := l.Count()
	doc := document{At: l.At.Truncate(time.Second), Attention: count.Attention, Unknown: count.Unknown, Progress: l.Progress, Endpoints: []jsonRow{}, Left: []string{}, Unread: []string{}}
	doc.Left, doc.Unread = append(doc.Left, l.Left...), append(doc.Unread, l.Unread...)
	for i := range l.Rows {
		r := &l.Rows[i]
		written := jsonRow{
			AccountID: r.Scope.AccountID, Region: r.Scope.Region, Endpoint: r.Name, State: r.Case.State, Doing: r.Case.Doing, Attention: r.Case.Attention(),
			Severity: string(r.Case.Severity()), Backlog: r.Backlog, Running: r.Running, Desired: r.Desired,
			Conclusion: r.Case.Conclusion, Preview: r.Case.Preview, Advice: r.Case.Advice, Page: r.Case.Guide,
		}
		if r.Oldest != nil {
			seconds := r.Oldest.Seconds()
			written.Oldest = &seconds
		}
		doc.Endpoints = append(doc.Endpoints, written)
	}
	return plan.WriteJSON(out, doc)
}
