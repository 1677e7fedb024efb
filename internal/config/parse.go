package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/file"
)

// Errors are everything that is wrong with a file, in the order of its lines.
type Errors []Error

// Error is one thing that is wrong with a file.
type Error struct {
	File string
	Line int    // 0 when it is the file as a whole
	What string // what is wrong and what would be right
}

// Error is FILE:LINE: what is wrong.
func (e Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, short(e.What))
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, short(e.What))
}

// longestError is how many characters of an error are said. Most quote a value, which may be as long as the file.
const longestError = 1_200

func short(what string) string {
	if runes := []rune(what); len(runes) > longestError {
		return string(runes[:longestError-200]) + " ... " + string(runes[len(runes)-200:])
	}
	return what
}

// mostErrors is how many errors of a file are said: who has corrected those reads the rest.
const mostErrors = 20

// Error is one line for each of the first errors.
func (e Errors) Error() string {
	var lines []string
	for _, one := range e[:min(len(e), mostErrors)] {
		lines = append(lines, one.Error())
	}
	if more := len(e) - mostErrors; more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", e[0].File, more))
	}
	return strings.Join(lines, "\n")
}

// Load reads a file. The error is an Errors unless the file cannot be read.
func Load(path string) (Config, error) {
	data, err := file.Read(path, longestFile)
	if err != nil {
		return Config{}, fmt.Errorf("reading the config file: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the text of a file over the defaults; name is the file's, for errors. The error is an Errors.
func Parse(name string, data []byte) (Config, error) {
	if err := textProblem(data); err != nil {
		err.File = name
		return Config{}, Errors{*err}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return Config{}, explain(name, err)
	}
	if found := documentProblems(&root); found != nil {
		for i := range found {
			found[i].File = name
		}
		return Config{}, found
	}
	cfg := Default()
	cfg.Scopes = nil
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, explain(name, err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return Config{}, Errors{{File: name, Line: second.Line, What: "a second document begins: a config file is one document"}}
	} else if !errors.Is(err, io.EOF) {
		return Config{}, explain(name, err)
	}
	var found Errors
	found = append(found, empties(name, &root, "objectives", "policies", "checks")...)
	for _, problem := range append(cfg.adopt(&root), cfg.problems()...) {
		found = append(found, Error{File: name, Line: lineOf(&root, problem.path...), What: problem.what})
	}
	if len(found) > 0 {
		return Config{}, sorted(found)
	}
	if len(cfg.Scopes) == 0 {
		cfg.Scopes = Default().Scopes
	}
	return cfg, nil
}

func sorted(found Errors) Errors {
	slices.SortStableFunc(found, func(a, b Error) int { return cmp.Compare(a.Line, b.Line) })
	return found
}

// lineOf is the line of a value, found by keys and indices; the innermost one that is there.
func lineOf(node *yaml.Node, path ...any) int {
	found, _ := find(node, path)
	return found.Line
}

// has tells whether the file writes a value.
func has(root *yaml.Node, path ...any) bool {
	_, whole := find(root, path)
	return whole
}

// find is the node of a value, or the innermost on the way to it, and whether it is that of the value.
func find(node *yaml.Node, path []any) (found *yaml.Node, whole bool) {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		return find(node.Content[0], path)
	}
	if len(path) == 0 {
		return node, true
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := path[0].(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return find(node.Content[step], path[1:])
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return find(node.Content[i+1], path[1:])
			}
		}
	}
	return node, false
}
