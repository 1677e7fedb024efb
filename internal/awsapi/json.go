package awsapi

import (
	"encoding/json"
	"errors"
)

// errNotJSON is of a text that is not one JSON value and nothing else.
var errNotJSON = errors.New("it is not one JSON document")

// strictJSON is nil if the text is one JSON value in which no object has a member twice. The SDK reads the first value and
// leaves what follows, and of two members the later one: an answer that two have written would be half of one.
func strictJSON(text []byte) error {
	if !json.Valid(text) {
		return errNotJSON
	}
	var open []map[string]bool // the names in each object that has begun; nil for a list
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open = append(open, map[string]bool{})
		case '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			begin := i
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if len(open) == 0 || open[len(open)-1] == nil || !isName(text[i+1:]) {
				continue
			}
			var name string
			if json.Unmarshal(text[begin:i+1], &name) != nil {
				return errNotJSON
			}
			names := open[len(open)-1]
			if names[name] {
				return errTwice
			}
			names[name] = true
		}
	}
	return nil
}

// isName tells whether the text that has just ended is the name of a member, by what follows it.
func isName(rest []byte) bool {
	for _, c := range rest {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c == ':'
		}
	}
	return false
}
