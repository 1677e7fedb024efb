package config

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// hidden stands for a secret that is not printed.
const hidden = "(hidden)"

// Effective is the configuration as a file: every default is written out. A policy has only the keys that its entry sets, as the
// others are not enforced. External ids are hidden.
func (c Config) Effective() (string, error) {
	if n := len(c.Objectives); n == 0 || c.Objectives[n-1].Endpoints.orAll().String() != all.String() {
		c.Objectives = append(c.Objectives[:n:n], defaultObjective)
	}
	prices := map[InstanceType]Dollars{}
	for instanceType, dollars := range c.InstancePrices() {
		prices[InstanceType(instanceType)] = Dollars(dollars)
	}
	c.Prices = prices
	c.Polling.Idle = c.Polling.OfIdle()
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(written(reflect.ValueOf(c))); err != nil {
		return "", fmt.Errorf("writing the configuration: %w", err)
	}
	return text.String(), encoder.Close()
}

// scalarText is a value as the file has it; ok is false for what is left out.
func scalarText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case interface{ inFile() string }: // the settings of a policy
		text = v.inFile()
		return text, text != ""
	case Pattern:
		return v.String(), v.re != nil
	case Wait:
		return v.String(), v != 0
	case Ratio:
		return v.String(), v != 0
	case Count:
		return v.String(), v != 0
	case Interval:
		return v.String(), v != 0
	case Delay:
		return Interval(v).String(), true
	case Dollars:
		return strconv.FormatFloat(float64(v), 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), v
	}
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.String {
		return "", false
	}
	return value.String(), value.String() != ""
}

// written is a value as a node of YAML; nil is left out.
func written(v reflect.Value) *yaml.Node {
	if text, ok := scalarText(v.Interface()); ok {
		node := &yaml.Node{}
		node.SetString(text)
		if v.Kind() != reflect.String {
			node.Tag = "" // 5 and not "5"
		}
		return node
	}
	switch v.Kind() {
	case reflect.Struct:
		return mapping(v)
	case reflect.Slice:
		return sequence(v)
	case reflect.Map:
		return sortedMap(v)
	}
	return nil
}

func mapping(v reflect.Value) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for field, value := range v.Fields() {
		key, ok := field.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		child := written(value)
		if child == nil || child.Kind == yaml.MappingNode && len(child.Content) == 0 {
			continue
		}
		if key == "externalID" {
			child.SetString(hidden)
		}
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, child)
	}
	return node
}

func sequence(v reflect.Value) *yaml.Node {
	if v.Len() == 0 {
		return nil
	}
	node := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		if child := written(v.Index(i)); child != nil {
			node.Content = append(node.Content, child)
		}
	}
	return node
}

// sortedMap leaves the order of the keys to the YAML library, which sorts them.
func sortedMap(v reflect.Value) *yaml.Node {
	if v.Len() == 0 {
		return nil
	}
	plain := map[string]any{}
	for key, value := range v.Seq2() {
		plain[key.String()] = value.Interface()
	}
	node := &yaml.Node{}
	if err := node.Encode(plain); err != nil {
		return nil // strings and numbers always encode
	}
	return node
}
