package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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
		return fmt.Sprintf("%s: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// Error is one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads a file. The error is an Errors unless the file cannot be read.
func Load(path string) (Config, error) {
	data, err := read(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(path, data)
}

// Reload reads a file again. It refuses one that is empty, which Load takes for all the defaults: a file is empty for a
// moment while somebody writes it.
func Reload(path string) (Config, error) {
	data, err := read(path)
	switch {
	case err != nil:
		return Config{}, err
	case len(bytes.TrimSpace(data)) == 0:
		return Config{}, Errors{{File: path, What: "the file is empty: write {} for the defaults"}}
	}
	return Parse(path, data)
}

// read reads as much of a file as it may have, and a byte more.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the config file: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, longestFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the config file: %w", err)
	}
	return data, nil
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
	if err := tooManyPatterns(&root); err != nil {
		err.File = name
		return Config{}, Errors{*err}
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
	for _, problem := range cfg.problems() {
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
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		return lineOf(node.Content[0], path...)
	}
	if len(path) == 0 {
		return node.Line
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := path[0].(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return lineOf(node.Content[step], path[1:]...)
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return lineOf(node.Content[i+1], path[1:]...)
			}
		}
	}
	return node.Line
}
