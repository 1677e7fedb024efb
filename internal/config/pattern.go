package config

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Pattern is a regular expression (RE2) that has to match a whole name. The zero value is one that the file leaves out.
type Pattern struct {
	text  string
	re    *regexp.Regexp
	width int // how many parts it has
}

// ParsePattern compiles and anchors a regular expression.
func ParsePattern(text string) (Pattern, error) {
	if len(text) > longestPattern {
		return Pattern{}, fmt.Errorf("a pattern of %d bytes is too long: write %d at most", len(text), longestPattern)
	}
	return patterns.get(text)
}

func compile(text string) (Pattern, error) {
	parsed, err := syntax.Parse(text, syntax.Perl) // before anchoring, so that the error quotes what the user wrote
	if err == nil && width(parsed) > widestPattern {
		return Pattern{}, fmt.Errorf("%q repeats too much: write + or * for a large number of repetitions", text)
	}
	var re *regexp.Regexp
	if err == nil {
		re, err = regexp.Compile("^(?:" + text + ")$")
	}
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return Pattern{}, fmt.Errorf("%q is not a regular expression (RE2): %s", text, reason)
	}
	return Pattern{text, re, width(parsed)}, nil
}

// patterns are the newest texts that were compiled: a file may have one of them many times, and it has most of them still
// when it is read again.
var patterns memo

type memo struct {
	mu    sync.Mutex
	known map[string]compiled
	width int
}

type compiled struct {
	pattern Pattern
	err     error
}

func (m *memo) get(text string) (Pattern, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if one, ok := m.known[text]; ok {
		return one.pattern, one.err
	}
	pattern, err := compile(text)
	if m.width += pattern.width; m.known == nil || len(m.known) == mostPatterns || m.width > 2*widestPatterns {
		m.known, m.width = map[string]compiled{}, pattern.width
	}
	m.known[text] = compiled{pattern, err}
	return pattern, err
}

// Match tells whether the pattern matches the whole name.
func (p Pattern) Match(name string) bool { return p.re.MatchString(name) }

// String is the pattern as the user wrote it.
func (p Pattern) String() string { return p.text }

// UnmarshalYAML reads the pattern of a file.
func (p *Pattern) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) (err error) {
		*p, err = ParsePattern(text)
		return err
	})
}

var all = Pattern{text: ".*", re: regexp.MustCompile("^(?:.*)$")}

// orAll is the pattern, or one that matches every name where the file leaves it out.
func (p Pattern) orAll() Pattern {
	if p.re == nil {
		return all
	}
	return p
}

// longestName is how many characters the name of an endpoint or a variant has at most.
const longestName = 63

var nameForm = regexp.MustCompile(`^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$`)

// matchesNothing is the reason why no endpoint and no variant can have a name that the pattern matches; nil where that
// takes more than a look.
func (p Pattern) matchesNothing() error {
	name, ok := p.literal()
	if !ok || nameForm.MatchString(name) && len(name) <= longestName {
		return nil
	}
	return fmt.Errorf("%q matches nothing: a name is 1 to %d letters and digits, with hyphens between them: write for example transcribe-.*, or .* for all",
		p.text, longestName)
}

// literal is the one name that the pattern matches; ok is false where it may match others.
func (p Pattern) literal() (name string, ok bool) {
	if p.re == nil {
		return "", false
	}
	parsed, err := syntax.Parse(p.text, syntax.Perl)
	if err != nil {
		return "", false
	}
	return literalOf(parsed)
}

func literalOf(re *syntax.Regexp) (text string, ok bool) {
	switch {
	case re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0:
		return string(re.Rune), true
	case re.Op == syntax.OpEmptyMatch || re.Op == syntax.OpBeginText || re.Op == syntax.OpEndText:
		return "", true
	case re.Op == syntax.OpCapture || re.Op == syntax.OpConcat:
		for _, sub := range re.Sub {
			part, ok := literalOf(sub)
			if !ok {
				return "", false
			}
			text += part
		}
		return text, true
	}
	return "", false
}
