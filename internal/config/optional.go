package config

import (
	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// optional is a value that the file may set. To leave it out is another thing than to write any value, 0 included: what
// is left out is not enforced.
type optional[T comparable] struct {
	value T
	text  string // as the file writes it; empty when the file leaves it out
}

func (o *optional[T]) read(node *yaml.Node, parse func(string) (T, error)) error {
	return scalar(node, func(text string) (err error) {
		o.value, err = parse(text)
		o.text = text
		return err
	})
}

func (o optional[T]) isSet() bool { return o.text != "" }

// inFile is the setting as the file writes it; empty when the file leaves it out.
func (o optional[T]) inFile() string { return o.text }

// enforce makes a value that the file sets one that is enforced, and says so in the words of the file; empty when the
// file leaves it out.
func (o optional[T]) enforce(key string, into *policy.Setting[T]) string {
	if !o.isSet() {
		return ""
	}
	*into = policy.Setting[T]{Value: o.value, Enforced: true}
	return key + " " + o.text
}
