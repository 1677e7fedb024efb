package file

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Bounds are what a YAML document may have at most, each alias counted as what it stands for. Within them it is decoded in
// a moment: the library compares each key of a mapping with each other one, and makes an error of each pair that is equal.
type Bounds struct {
	Values  int // of the whole document
	Depth   int // values in one another
	Keys    int // of one mapping
	Entries int // of one list
	Text    int // bytes of one text; 0 is as many as the file has
}

// Excess is what passes a bound.
type Excess struct {
	Line int
	What string // what there is too much of and what would be right
}

// mostTags is how many %TAG directives a file may have. The library compares each with each other one.
const mostTags = 100

// Tags finds more %TAG directives than a file may have, nil if there are not. It is asked before the library reads the file.
func Tags(text []byte) *Excess {
	if bytes.Count(text, []byte("%TAG")) > mostTags {
		return &Excess{1, fmt.Sprintf("more than %d %%TAG directives: leave them out", mostTags)}
	}
	return nil
}

// Check finds what passes a bound, or a key that a mapping has twice; nil if nothing does. The document is the node that the library makes of a file.
func (b Bounds) Check(document *yaml.Node) *Excess {
	values := 0
	var visit func(node *yaml.Node, depth int) *Excess
	visit = func(node *yaml.Node, depth int) *Excess {
		excess := func(format string, args ...any) *Excess { return &Excess{node.Line, fmt.Sprintf(format, args...)} }
		switch values++; {
		case values > b.Values || depth > b.Depth:
			return excess("more than %d values, or more than %d levels of them, with each alias replaced by what it stands for: write fewer aliases", b.Values, b.Depth)
		case node.Kind == yaml.AliasNode:
			return visit(node.Alias, depth+1)
		case node.Kind == yaml.MappingNode && len(node.Content) > 2*b.Keys:
			return excess("more than %d keys in one mapping: write fewer", b.Keys)
		case node.Kind == yaml.SequenceNode && len(node.Content) > b.Entries:
			return excess("more than %d entries in one list: write fewer", b.Entries)
		case node.Kind == yaml.ScalarNode && b.Text > 0 && len(node.Value) > b.Text:
			return excess("a text of %d bytes is too long: write %d at most", len(node.Value), b.Text)
		}
		if found := twice(node); found != nil {
			return found
		}
		for _, child := range node.Content {
			if found := visit(child, depth+1); found != nil {
				return found
			}
		}
		return nil
	}
	if document.Kind == yaml.DocumentNode {
		if len(document.Content) == 0 {
			return nil
		}
		document = document.Content[0]
	}
	return visit(document, 0)
}

// twice finds a key that a mapping has already, by itself or by an alias.
func twice(mapping *yaml.Node) *Excess {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	type key struct {
		kind yaml.Kind
		text string
	}
	lines := make(map[key]int, len(mapping.Content)/2)
	for i := 0; i < len(mapping.Content); i += 2 {
		node := Resolved(mapping.Content[i])
		of := key{node.Kind, node.Value}
		if line := lines[of]; line > 0 {
			return &Excess{mapping.Content[i].Line, fmt.Sprintf("key %.200q is there already, on line %d: leave one out", node.Value, line)}
		}
		lines[of] = mapping.Content[i].Line
	}
	return nil
}

// Resolved is the node that an alias stands for, or else the node itself.
func Resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
