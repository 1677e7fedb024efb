// Package dashboards carries the Grafana dashboards, so that programs and tests read the same files as users. It also
// describes them, and make generate writes the JSON from that. Plain JSON was weighed, and jsonnet: the description is a
// tenth as long as the JSON, it says once what all panels share (a test refuses the panel that differs), it takes labels of series
// from the table of metrics, and it needs no tool beside Go. People review a panel as one sentence and its queries.
package dashboards

import (
	"bytes"
	"embed"
	"encoding/json"
)

// Files holds the dashboards in the JSON that Grafana imports: fleet.json, endpoint.json and exporter.json.
//
//go:embed *.json
var Files embed.FS

// object and list are JSON. The encoder sorts the keys of an object, which is what makes the files canonical.
type (
	object = map[string]any
	list   = []any
)

// described are the dashboards by the names of their files.
func described() map[string]dashboard {
	return map[string]dashboard{"fleet.json": fleet(), "endpoint.json": endpointBoard(), "exporter.json": exporter()}
}

// canonical is the one way in which a dashboard is written: sorted keys, two spaces, a newline at the end.
func canonical(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return out.Bytes(), err
}
