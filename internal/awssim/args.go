package awssim

import (
	"math"
	"strconv"
	"time"
)

// args is the input of an operation. Its methods read a leaf whatever type the protocol could give it, and return the
// zero value for what is missing; has tells the two apart.
type args map[string]any

func (a args) has(name string) bool { return a[name] != nil }

func (a args) text(name string) string {
	text, _ := a[name].(string)
	return text
}

func (a args) number(name string) float64 {
	switch v := a[name].(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	case string:
		n, _ := strconv.ParseFloat(v, 64)
		return n
	}
	return 0
}

func (a args) float(name string) *float64 {
	if !a.has(name) {
		return nil
	}
	n := a.number(name)
	return &n
}

func (a args) whole(name string) int {
	if n, ok := a[name].(int64); ok {
		return int(n)
	}
	return int(a.number(name))
}

func (a args) int(name string) *int {
	if !a.has(name) {
		return nil
	}
	n := a.whole(name)
	return &n
}

// seconds reads a number of seconds.
func (a args) seconds(name string) *time.Duration {
	if !a.has(name) {
		return nil
	}
	d := time.Duration(a.whole(name)) * time.Second
	return &d
}

// flag reads a boolean that is the given one when it is missing.
func (a args) flag(name string, missing bool) bool {
	switch v := a[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return missing
}

// at reads a timestamp: epoch seconds in JSON, a tagged number in CBOR, ISO 8601 in the query protocol.
func (a args) at(name string) time.Time {
	switch v := a[name].(type) {
	case time.Time:
		return v
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC()
			}
		}
		if seconds, err := strconv.ParseFloat(v, 64); err == nil {
			return epoch(seconds)
		}
	case float64:
		return epoch(v)
	case int64:
		return time.Unix(v, 0).UTC()
	}
	return time.Time{}
}

// epoch is the moment of a number of seconds, to the millisecond, which is as fine as AWS's clocks go.
func epoch(seconds float64) time.Time {
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
}

// sub reads a structure, nil when it is missing.
func (a args) sub(name string) args {
	switch v := a[name].(type) {
	case args:
		return v
	case string: // how the query protocol spells an empty list or structure
		return args{}
	}
	return nil
}

// items reads a list of structures.
func (a args) items(name string) []args {
	values, _ := a[name].([]any)
	items := make([]args, 0, len(values))
	for _, value := range values {
		item, _ := value.(args)
		items = append(items, item)
	}
	return items
}

// texts reads a list of strings.
func (a args) texts(name string) []string {
	values, _ := a[name].([]any)
	texts := make([]string, 0, len(values))
	for _, value := range values {
		text, _ := value.(string)
		texts = append(texts, text)
	}
	return texts
}
