package paging

import (
	"encoding/json"
	"io"
)

// WriteJSON writes what the two commands tell each other for tools, and for people who read over their shoulder: indented,
// and with names as they are. It returns the error of the writer.
func WriteJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
