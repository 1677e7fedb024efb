package file

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Bounds are what a YAML document may have at most, each alias counted as what it stands for. Within them it is decoded in
// a moment: the library compares each key of a mapping with each other one.
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

// Check finds what passes a bound, nil if nothing does. The document is the node that the library makes of a file.
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
