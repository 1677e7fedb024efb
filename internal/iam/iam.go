// Package iam knows the permissions that the exporter needs in AWS, each with its reason, and makes the least IAM policy
// of them: for reading alone, or for enforcing the scaling policies too.
package iam

import (
	"bytes"
	"encoding/json"
	"slices"
)

// MaxSize is the most characters, white space not counted, that AWS takes in a managed policy.
const MaxSize = 6144

// version is that of IAM's policy language. In the older one ${*} would be no literal star.
const version = "2012-10-17"

// The effects of a statement.
const (
	allow = "Allow"
	deny  = "Deny"
)

// Policy is an identity-based policy of IAM. Everything in it is sorted, so that the same options give the same text.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows or denies actions on resources.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition Condition `json:",omitempty"`
}

// Condition says when a statement counts: by operator, then by key, the value.
type Condition map[string]map[string]string

// equals is a condition that all keys have these values.
func equals(values map[string]string) Condition { return Condition{"StringEquals": values} }

// JSON is the policy as AWS takes it, indented by two spaces, with a newline at its end.
func (p Policy) JSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read it
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// Size is the length of the policy in characters as AWS counts it against MaxSize: without the white space between its
// words. Spaces in the names of alarms are counted, so it is rather above AWS's number than below it.
func (p Policy) Size() int {
	text, err := p.JSON()
	if err != nil {
		return 0
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return 0
	}
	return len([]rune(compact.String()))
}

// Actions are the actions that the policy allows, sorted, each once.
func (p Policy) Actions() []string {
	var list []string
	for _, statement := range p.Statement {
		if statement.Effect == allow {
			list = append(list, statement.Action...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
