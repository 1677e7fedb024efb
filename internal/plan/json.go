package plan

import (
	"encoding/json"
	"io"
	"slices"
	"time"
)

// document is the plan as tools read it; durations are seconds.
type document struct {
	Steps    []jsonStep     `json:"steps"`
	Withheld []jsonWithheld `json:"withheld"`
	OptedOut []string       `json:"opted_out,omitempty"` // endpoints
}

type jsonStep struct {
	AccountID  string       `json:"account_id"`
	Region     string       `json:"region"`
	ResourceID string       `json:"resource_id"`
	Kind       Kind         `json:"kind"`
	Name       string       `json:"name"`
	Action     Action       `json:"action"`
	Changes    []jsonChange `json:"changes"`
	Effect     string       `json:"effect"`
	Note       string       `json:"note,omitempty"`
}

type jsonChange struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

type jsonWithheld struct {
	AccountID  string `json:"account_id"`
	Region     string `json:"region"`
	ResourceID string `json:"resource_id"`
	Kind       Kind   `json:"kind"`
	Reason     Reason `json:"reason"`
	Detail     string `json:"detail"`
}

// JSON writes plans as one document for tools, in the order of Text. It returns the error of the writer.
func JSON(out io.Writer, plans []Plan) error { return WriteJSON(out, documentOf(plans)) }

func documentOf(plans []Plan) document {
	doc := document{Steps: []jsonStep{}, Withheld: []jsonWithheld{}, OptedOut: optedOut(plans)}
	for _, p := range sortedByScope(plans) {
		for _, step := range slices.SortedStableFunc(slices.Values(p.Steps), inText) {
			doc.Steps = append(doc.Steps, jsonStepOf(step))
		}
		for _, held := range p.Withheld {
			doc.Withheld = append(doc.Withheld, jsonWithheld{
				AccountID: held.Scope.AccountID, Region: held.Scope.Region, ResourceID: held.ResourceID, Kind: held.Kind,
				Reason: held.Reason, Detail: held.Detail,
			})
		}
	}
	return doc
}

func jsonStepOf(step Step) jsonStep {
	written := jsonStep{
		AccountID: step.Scope.AccountID, Region: step.Scope.Region, ResourceID: step.ResourceID, Kind: step.Kind,
		Name: step.Name, Action: step.Action, Changes: []jsonChange{}, Effect: step.Effect, Note: step.Note,
	}
	for _, change := range step.Changes {
		written.Changes = append(written.Changes, jsonChange{change.Field, inSeconds(change.Before), inSeconds(change.After)})
	}
	return written
}

// WriteJSON writes a document for tools, and for people who read over their shoulder: indented, and with names and arrows as they
// are. It returns the error of the writer.
func WriteJSON(out io.Writer, document any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

func inSeconds(v Value) any {
	if d, ok := v.(time.Duration); ok {
		return d.Seconds()
	}
	return v
}
