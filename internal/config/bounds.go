package config

import (
	"bytes"
	"fmt"
	"regexp/syntax"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// What a file may have at most. Every endpoint is matched against every pattern, so a fleet that needs more patterns than
// this needs other names.
const (
	longestFile    = 1 << 20 // bytes, as a ConfigMap may have
	mostPatterns   = 2_000
	longestPattern = 1_000  // bytes
	widestPattern  = 10_000 // characters and classes, repetitions counted as often as they repeat
)

// textProblem is what is wrong with the bytes of a file: YAML in UTF-16 begins with a mark that a broken file may begin
// with too, and whatever follows is then read as something else.
func textProblem(data []byte) *Error {
	if len(data) > longestFile {
		return &Error{What: fmt.Sprintf("the file is longer than %d bytes", longestFile)}
	}
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return &Error{
		Line: 1 + bytes.Count(data[:at], []byte("\n")),
		What: fmt.Sprintf("the byte 0x%02X is not UTF-8: save the file as UTF-8", data[at]),
	}
}

// patternKeys are the keys of which the values, or the lists of values, are patterns.
var patternKeys = map[string]bool{"include": true, "exclude": true, "endpoints": true, "variants": true}

// tooManyPatterns counts them before any is compiled.
func tooManyPatterns(root *yaml.Node) *Error {
	count := 0
	var last *yaml.Node
	var visit func(node *yaml.Node)
	visit = func(node *yaml.Node) {
		for i, child := range node.Content {
			if node.Kind == yaml.MappingNode && i%2 == 1 && patternKeys[node.Content[i-1].Value] {
				if last = child; child.Kind == yaml.SequenceNode {
					count += len(child.Content)
				} else {
					count++
				}
			}
			if count <= mostPatterns {
				visit(child)
			}
		}
	}
	visit(root)
	if count <= mostPatterns {
		return nil
	}
	return &Error{Line: last.Line, What: fmt.Sprintf(
		"more than %d patterns: select endpoints by fewer patterns, or by tags", mostPatterns)}
}

// patternProblem is what is wrong with a pattern before it is compiled.
func patternProblem(text string) error {
	if len(text) > longestPattern {
		return fmt.Errorf("a pattern of %d bytes is too long: write %d at most", len(text), longestPattern)
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err == nil && width(parsed) > widestPattern {
		return fmt.Errorf("%q repeats too much: write + or * for a large number of repetitions", text)
	}
	return nil
}

// width is how many parts the pattern has when it is compiled.
func width(re *syntax.Regexp) int {
	parts := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		parts += width(sub)
	}
	if re.Op == syntax.OpRepeat {
		parts *= max(1, re.Min, re.Max)
	}
	return min(parts, 1<<30/1_000)
}
