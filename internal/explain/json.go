package explain

import (
	"io"
	"time"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// document is the explanation as tools read it. Durations are seconds, moments are RFC 3339 in UTC; null is nothing.
type document struct {
	AccountID  string         `json:"account_id"`
	Region     string         `json:"region"`
	Endpoint   string         `json:"endpoint"`
	Status     string         `json:"status"`
	At         moment         `json:"at"`
	Healthy    bool           `json:"healthy"`
	Conclusion jsonConclusion `json:"conclusion"`
	Links      []jsonLink     `json:"links"`
}

type jsonConclusion struct {
	State    State  `json:"state"`
	Sentence string `json:"sentence"`
	Link     Name   `json:"link"`
	Variant  string `json:"variant"`
	Check    string `json:"check"`
	Preview  string `json:"preview"`
	Command  string `json:"command"`
	Page     string `json:"page"`
	Next     string `json:"next"`
	Earliest moment `json:"earliest"`
	Latest   moment `json:"latest"`
}

type jsonLink struct {
	Name     Name           `json:"name"`
	Variant  string         `json:"variant"`
	Verdict  Verdict        `json:"verdict"`
	Sentence string         `json:"sentence"`
	Facts    []jsonFact     `json:"facts"`
	Checks   []jsonCheck    `json:"checks"`
	Steps    []jsonStep     `json:"steps"`
	Withheld []jsonWithheld `json:"withheld"`
	Page     string         `json:"page"`
}

type jsonFact struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	At    moment `json:"at"`
}

type jsonCheck struct {
	Check    string `json:"check"`
	Severity string `json:"severity"`
	Sentence string `json:"sentence"`
	Page     string `json:"page"`
}

type jsonStep struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Action  string `json:"action"`
	Planned bool   `json:"planned"`
}

type jsonWithheld struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// moment is null where there is none.
type moment time.Time

// MarshalJSON is the moment to the second.
func (m moment) MarshalJSON() ([]byte, error) {
	t := time.Time(m).UTC()
	if t.IsZero() || t.Year() > 9999 || t.Year() < 0 {
		return []byte("null"), nil
	}
	return []byte(t.Format(`"` + time.RFC3339 + `"`)), nil
}

// JSON writes the explanation as one document for tools. It returns the error of the writer.
func (e Explanation) JSON(out io.Writer) error {
	c := e.Conclusion
	doc := document{
		AccountID: e.Scope.AccountID, Region: e.Scope.Region, Endpoint: e.Endpoint, Status: e.Status, At: moment(e.At), Healthy: e.Healthy(),
		Conclusion: jsonConclusion{
			c.State, c.Sentence, c.Link, c.Variant, c.Check, c.Preview, c.Command, c.Page, c.Next, moment(c.Earliest), moment(c.Latest),
		},
		Links: []jsonLink{},
	}
	for _, link := range e.Links {
		doc.Links = append(doc.Links, jsonOf(link))
	}
	return plan.WriteJSON(out, doc)
}

func jsonOf(link Link) jsonLink {
	written := jsonLink{
		Name: link.Name, Variant: link.Variant, Verdict: link.Verdict, Sentence: link.Sentence, Page: link.Page(),
		Facts: []jsonFact{}, Checks: []jsonCheck{}, Steps: []jsonStep{}, Withheld: []jsonWithheld{},
	}
	for _, fact := range link.Facts {
		value := fact.Value
		switch v := value.(type) {
		case time.Duration:
			value = v.Seconds()
		case time.Time:
			value = moment(v)
		}
		written.Facts = append(written.Facts, jsonFact{fact.Name, value, moment(fact.At)})
	}
	for _, f := range link.Findings {
		written.Checks = append(written.Checks, jsonCheck{f.Check.Name, string(f.Severity), f.Sentence, Docs + f.Check.Section()})
	}
	for _, step := range link.Steps {
		written.Steps = append(written.Steps, jsonStep{string(step.Kind), step.Name, string(step.Action), link.Planned})
	}
	for _, held := range link.Withheld {
		written.Withheld = append(written.Withheld, jsonWithheld{string(held.Kind), held.Name, string(held.Reason), held.Detail})
	}
	return written
}
