package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// empties finds what has no value in the sections: the YAML library reads it as left out. There a key left out selects
// every endpoint, which nobody means who writes the key, least of all a template whose variable is not set.
func empties(file string, root *yaml.Node, sections ...string) (found Errors) {
	var visit func(node *yaml.Node)
	say := func(line int, format string, args ...any) {
		found = append(found, Error{File: file, Line: line, What: fmt.Sprintf(format, args...)})
	}
	visit = func(node *yaml.Node) {
		for i, child := range node.Content {
			switch empty := child.Kind == yaml.ScalarNode && child.ShortTag() == "!!null"; {
			case !empty:
				visit(child)
			case node.Kind == yaml.SequenceNode:
				say(child.Line, "entry %d is empty: write its keys, or leave it out", i+1)
			case node.Kind == yaml.MappingNode && i%2 == 1:
				say(child.Line, "%s has no value: write one, or leave the key out", node.Content[i-1].Value)
			}
		}
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	top := root.Content[0].Content
	for i := 0; i+1 < len(top); i += 2 {
		if slices.Contains(sections, top[i].Value) {
			visit(top[i+1])
		}
	}
	return found
}
