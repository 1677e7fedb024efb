package iac

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/plan"
)

// cloudFormation writes the objects as a template. Its properties have the names of the API. What exists has to be imported
// first (create-change-set --change-set-type IMPORT), which asks for a deletion policy and changes nothing.
func cloudFormation(page *strings.Builder, objects []*object) error {
	resources := mapping()
	for _, o := range objects {
		resource := mapping("Type", word(o.kind().cloudFormation))
		resource.HeadComment = strings.Join(o.declared(), "\n")
		if o.exists() {
			resource.HeadComment += "\nexists: import it as it is now, then update the stack with this"
			add(resource, "DeletionPolicy", word("Retain"))
			add(resource, "UpdateReplacePolicy", word("Retain"))
		}
		properties := o.fields
		for _, name := range apiOnly {
			if value := properties.get(name); value != nil {
				resource.HeadComment += "\nCloudFormation has no " + name + ": set it otherwise, " + inJSON(value)
				properties = properties.without(name)
			}
		}
		for _, f := range properties {
			if resolves(f.value) {
				resource.HeadComment += "\nCloudFormation would replace the {{resolve: in " + f.name + " and has no escape for it: set it otherwise, " + plan.Printable(inJSON(f.value))
				properties = properties.without(f.name)
			}
		}
		if len(o.needs) > 0 {
			needed := &yaml.Node{Kind: yaml.SequenceNode}
			for _, earlier := range o.needs {
				needed.Content = append(needed.Content, word(logicalID(earlier.id)))
			}
			add(resource, "DependsOn", needed)
		}
		add(resource, "Properties", nodeOf(properties))
		key := word(logicalID(o.id))
		key.HeadComment, resource.HeadComment = resource.HeadComment, ""
		resources.Content = append(resources.Content, key, resource)
	}
	return template(page, resources)
}

// resolves tells whether CloudFormation takes a text in the value for a dynamic reference.
func resolves(value any) bool {
	switch value := value.(type) {
	case fields:
		return slices.ContainsFunc(value, func(f field) bool { return resolves(f.value) })
	case list:
		return slices.ContainsFunc(value, resolves)
	case string:
		return strings.Contains(value, "{{resolve:")
	}
	return false
}

// template writes resources as a whole template.
func template(page *strings.Builder, resources *yaml.Node) error {
	encoder := yaml.NewEncoder(page)
	encoder.SetIndent(2)
	if err := encoder.Encode(mapping("AWSTemplateFormatVersion", text("2010-09-09"), "Resources", resources)); err != nil {
		return err
	}
	return encoder.Close()
}

// logicalID is an id of letters and digits alone, which is all that CloudFormation takes.
func logicalID(id string) string {
	var b strings.Builder
	for _, part := range strings.Split(id, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func nodeOf(value any) *yaml.Node {
	switch value := value.(type) {
	case fields:
		node := mapping()
		for _, f := range value {
			add(node, f.name, nodeOf(f.value))
		}
		return node
	case list:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, element := range value {
			node.Content = append(node.Content, nodeOf(element))
		}
		return node
	case string:
		if id, ok := referred(value); ok {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Ref", Value: logicalID(id)} // of a policy it is the ARN
		}
		return text(value)
	}
	return word(plain(value))
}

func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		add(node, pairs[i].(string), pairs[i+1].(*yaml.Node))
	}
	return node
}

func add(to *yaml.Node, key string, value *yaml.Node) {
	to.Content = append(to.Content, word(key), value)
}

// word is a scalar that YAML reads as what it looks like.
func word(value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: value} }

// text is a scalar that YAML reads as a text, whatever it looks like: CloudFormation takes a bare no for a boolean.
func text(value string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(value)
	if node.Style == 0 && otherInOldYAML.MatchString(value) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// otherInOldYAML is what YAML 1.1, by which CloudFormation reads, takes for a boolean or for a number to the base of 60.
var otherInOldYAML = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|[-+]?[0-9][0-9_:.,]*)$`)
