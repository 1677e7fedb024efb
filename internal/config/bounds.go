package config

import (
	"bytes"
	"fmt"
	"regexp/syntax"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/file"
)

// What a file may have at most. Every endpoint is matched against every pattern, so a fleet that needs more patterns than
// this needs other names.
const (
	longestFile    = 1 << 20 // bytes, as a ConfigMap may have
	mostPatterns   = 2_000
	longestPattern = 1_000   // bytes
	widestPattern  = 10_000  // characters and classes, repetitions counted as often as they repeat
	widestPatterns = 100_000 // of all patterns that differ
	mostScopes     = 100     // each of them observed beside the others
)

// documentBounds are the bounds of every list and mapping. The keys of the file are six levels deep.
var documentBounds = file.Bounds{Values: 100_000, Depth: 50, Keys: 1_000, Entries: mostPatterns}

// textProblem is what is wrong with the bytes of a file: YAML in UTF-16 begins with a mark that a broken file may begin
// with too, and whatever follows is then read as something else.
func textProblem(data []byte) *Error {
	if len(data) > longestFile {
		return &Error{What: fmt.Sprintf("the file is longer than %d bytes", longestFile)}
	}
	if utf8.Valid(data) {
		if excess := file.Tags(data); excess != nil {
			return &Error{Line: excess.Line, What: excess.What}
		}
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

// documentProblems are what is wrong with a document before it is decoded. One without a key is not taken for all the
// defaults: a file is empty for a moment while somebody writes it, and a template may make one of comments alone.
func documentProblems(root *yaml.Node) Errors {
	if len(root.Content) == 0 || root.Content[0].Kind == yaml.ScalarNode && root.Content[0].ShortTag() == "!!null" {
		return Errors{{What: "the file has no key: write {} for the defaults"}}
	}
	if excess := documentBounds.Check(root); excess != nil {
		return Errors{{Line: excess.Line, What: excess.What}}
	}
	e := expansion{patterns: map[string]bool{}}
	if problem := e.visit(root.Content[0], false); problem != nil {
		return Errors{*problem}
	}
	if len(e.bad) >= mostErrors {
		return e.bad
	}
	return nil // fewer bad patterns are found once more when they are decoded, beside what else is wrong
}

// expansion walks a document as it will be decoded, with each alias replaced by what it stands for.
type expansion struct {
	count    int             // of patterns
	patterns map[string]bool // their texts
	width    int             // of the different ones together
	bad      Errors          // patterns, mostErrors at most: no others are compiled then
}

// visit takes in the patterns of a value.
func (e *expansion) visit(node *yaml.Node, pattern bool) *Error {
	switch {
	case node.Kind == yaml.AliasNode:
		return e.visit(node.Alias, pattern)
	case node.Kind == yaml.ScalarNode && pattern:
		return e.pattern(node)
	}
	for i, child := range node.Content {
		of := pattern && node.Kind == yaml.SequenceNode || node.Kind == yaml.MappingNode && i%2 == 1 && patternKeys[file.Resolved(node.Content[i-1]).Value]
		if problem := e.visit(child, of); problem != nil {
			return problem
		}
	}
	return nil
}

func (e *expansion) pattern(node *yaml.Node) *Error {
	if e.count++; e.count > mostPatterns {
		return &Error{Line: node.Line, What: fmt.Sprintf(
			"more than %d patterns: select endpoints by fewer patterns, or by tags", mostPatterns)}
	}
	if e.patterns[node.Value] || len(e.bad) >= mostErrors {
		return nil
	}
	e.patterns[node.Value] = true
	pattern, err := ParsePattern(node.Value)
	if err != nil {
		e.bad = append(e.bad, Error{Line: node.Line, What: err.Error()})
		return nil
	}
	if e.width += pattern.width; e.width > widestPatterns {
		return &Error{Line: node.Line, What: "the patterns together repeat too much: write + or * for a large number of repetitions"}
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
