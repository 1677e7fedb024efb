package iac

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Schedule are scheduled actions of one scalable target, which is registered.
type Schedule struct {
	Scope   fleet.Scope
	Target  fleet.Target
	Actions []fleet.ScheduledAction
	Reasons []string // one line each, for comments
}

// Write writes the scheduled actions in the language of a pipeline. Its errors are an unknown format and those of the writer.
func (s Schedule) Write(out io.Writer, format Format) error {
	var page strings.Builder
	for _, line := range append(s.Reasons[:len(s.Reasons):len(s.Reasons)], "Account "+s.Scope.AccountID+", region "+s.Scope.Region) {
		page.WriteString("# " + plan.Printable(line) + "\n")
	}
	var err error
	switch format {
	case Terraform:
		s.terraform(&page)
	case CloudFormation:
		err = s.cloudFormation(&page)
	case CLI:
		guard(&page, s.Scope)
		for _, a := range s.Actions {
			page.WriteString("\n" + command("application-autoscaling put-scheduled-action", s.Scope, actionFields(a)) + "\n")
		}
	default:
		err = unknown(format)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, page.String())
	return err
}

// actionFields is the input of PutScheduledAction.
func actionFields(a fleet.ScheduledAction) fields {
	bounds := fields{}
	for _, bound := range []struct {
		name  string
		value *int
	}{{"MinCapacity", a.MinCapacity}, {"MaxCapacity", a.MaxCapacity}} {
		if bound.value != nil {
			bounds = append(bounds, field{bound.name, int64(*bound.value)})
		}
	}
	return append(targetFields(a.ResourceID),
		field{"ScheduledActionName", a.Name}, field{"Schedule", a.Schedule}, field{"Timezone", a.Timezone}, field{"ScalableTargetAction", bounds})
}

// targetFields name a scalable target.
func targetFields(resource string) fields {
	return fields{{"ServiceNamespace", fleet.ServiceNamespace}, {"ResourceId", resource}, {"ScalableDimension", fleet.VariantDimension}}
}

// terraform writes a resource for each action. The provider overwrites an action of the same name, so none is imported.
func (s Schedule) terraform(page *strings.Builder) {
	page.WriteString("# The actions change min_capacity: where Terraform has the aws_appautoscaling_target, give that a\n" +
		"# lifecycle { ignore_changes = [min_capacity] }, or each apply takes the instances away.\n")
	used := map[string]bool{}
	for _, a := range s.Actions {
		id := unique(used, identifierOf("scheduled_action", a.ResourceID, a.Name))
		fmt.Fprintf(page, "\nresource \"aws_appautoscaling_scheduled_action\" %q {\n", id)
		for _, f := range actionFields(a) {
			if f.name == "ScheduledActionName" {
				f.name = "Name"
			}
			policyField(page, "  ", f)
		}
		page.WriteString("}\n")
	}
}

// cloudFormation writes the scalable target with its actions, which CloudFormation has only as a property of it.
func (s Schedule) cloudFormation(page *strings.Builder) error {
	var actions list
	for _, a := range s.Actions {
		of := actionFields(a)
		actions = append(actions, of.without("ServiceNamespace", "ResourceId", "ScalableDimension"))
	}
	target := append(targetFields(s.Target.ResourceID), field{"MinCapacity", int64(s.Target.MinCapacity)}, field{"MaxCapacity", int64(s.Target.MaxCapacity)},
		field{"ScheduledActions", actions})
	resource := mapping("Type", word(targetKind.cloudFormation), "DeletionPolicy", word("Retain"), "UpdateReplacePolicy", word("Retain"), "Properties", nodeOf(target))
	key := word(logicalID(identifierOf("scalable_target", s.Target.ResourceID)))
	key.HeadComment = "exists: import it without ScheduledActions, then update the stack with this, or add ScheduledActions to the target of your template"
	resources := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, resource}}
	return template(page, resources)
}
