// Package iac writes the steps of a plan in the language of the pipeline that is to carry them out: Terraform,
// CloudFormation or a script of AWS CLI commands. Every field is taken from the request that reconcile would send, so the
// three say the same as the plan.
package iac

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/awsapi"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// Format is a language that a plan can be written in.
type Format string

// The formats.
const (
	Terraform      Format = "terraform"
	CloudFormation Format = "cloudformation"
	CLI            Format = "cli"
)

// Formats lists the formats.
func Formats() []string { return []string{string(Terraform), string(CloudFormation), string(CLI)} }

// ErrScopes says that more than one account or region has steps: neither a stack nor a Terraform provider nor the
// credentials of a shell hold for more than one.
var ErrScopes = errors.New("more than one account or region has steps: choose one by --aws.region, a configuration file or the names of endpoints")

// Write writes the steps of the plans, which must be those of one account and region at most, and what is withheld as
// comments. Without a step it writes comments alone. Its errors are ErrScopes, a step that AWS could not hold whole, and
// those of the writer.
func Write(out io.Writer, format Format, plans []plan.Plan) error {
	var p plan.Plan
	for i := range plans {
		if len(plans[i].Steps) == 0 {
			continue
		}
		if len(p.Steps) > 0 {
			return ErrScopes
		}
		p = plans[i]
	}
	var page strings.Builder
	objects, err := objectsOf(p.Steps)
	if err != nil {
		return err
	}
	if len(objects) == 0 {
		page.WriteString("# Nothing to change.\n")
	} else {
		page.WriteString(plan.Printable("# Account "+p.Scope.AccountID+", region "+p.Scope.Region) + "\n")
		switch format {
		case Terraform:
			terraform(&page, merged(objects))
		case CloudFormation:
			err = cloudFormation(&page, merged(objects))
		case CLI:
			cli(&page, p.Scope, objects)
		default:
			err = unknown(format)
		}
	}
	for i := range plans {
		for _, held := range plans[i].Withheld {
			fmt.Fprintf(&page, "\n# %s\n", plan.Printable(held.Line()))
		}
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, page.String())
	return err
}

func unknown(format Format) error {
	return fmt.Errorf("%q is no format: write one of %s", format, strings.Join(Formats(), ", "))
}

// object is what one step writes.
type object struct {
	step   plan.Step
	id     string // unique among the objects of a page, of letters, digits and underscores
	fields fields // of the request: RegisterScalableTarget, PutScalingPolicy or PutMetricAlarm
	needs  []*object
}

// exists tells whether the object is there already.
func (o *object) exists() bool { return o.step.Expects != plan.Object{} }

// objectsOf are what the steps write, in their order. Where an alarm triggers a policy of the same page its action is a
// reference to it.
func objectsOf(steps []plan.Step) ([]*object, error) {
	var objects []*object
	used, wakes := map[string]bool{}, map[string]string{}
	for _, step := range steps {
		o := &object{step: step, id: unique(used, identifier(step))}
		if step.Kind == plan.WakePolicy {
			wakes[step.ResourceID] = referTo(o.id)
		}
		resolved, ok := step.WithARNs(wakes)
		if !ok {
			return nil, fmt.Errorf("%s: it triggers a policy that is in no step", step.Line())
		}
		if resolved.Target != nil {
			resolved.Expects.Target = nil // both bounds, also the one that does not change
		}
		request, err := awsapi.RequestOf(resolved)
		if err != nil {
			return nil, err
		}
		o.fields = fieldsOf(request)
		objects = append(objects, o)
	}
	return objects, nil
}

// merged are the objects with each scalable target once, as it is in the end: only a script can write it twice. A new one
// has to be there before its policies. Of one that stands the minimum is lowered when everything is there that wakes it.
func merged(objects []*object) []*object {
	var kept []*object
	for _, o := range objects {
		i := slices.IndexFunc(kept, func(before *object) bool {
			return before.step.Target != nil && o.step.Target != nil && before.step.ResourceID == o.step.ResourceID
		})
		if i < 0 {
			kept = append(kept, o)
			continue
		}
		kept[i].fields = o.fields
		if kept[i].exists() {
			kept[i].step = o.step
		}
	}
	for _, o := range kept {
		for _, earlier := range kept {
			if o.step.Needs(earlier.step) || removes(o, kept) && wakes(earlier.step, o.step.ResourceID) {
				o.needs = append(o.needs, earlier)
			}
		}
	}
	return kept
}

// removes tells whether a tracking policy may remove the last instance, because its target's minimum is 0 from the beginning.
func removes(o *object, all []*object) bool {
	return o.step.Kind == plan.TrackingPolicy && slices.ContainsFunc(all, func(target *object) bool {
		return target.step.Target != nil && target.step.ResourceID == o.step.ResourceID && target.fields.get("MinCapacity") == int64(0)
	})
}

// wakes tells whether the step is of what wakes the variant.
func wakes(step plan.Step, resource string) bool {
	return step.Kind == plan.WakePolicy && step.ResourceID == resource || step.Kind == plan.WakeAlarm && slices.Contains(step.Wakes, resource)
}

// declared is the comment of an object in a language that writes what differs, and nothing else.
func (o *object) declared() []string {
	lines := o.comment()
	if o.step.PutsAgain() {
		lines = append(lines, "nothing differs but AWS's own alarms, which are made anew when somebody puts the policy: --format cli has the command")
	}
	return lines
}

// comment is what the step does, in one line each.
func (o *object) comment() []string {
	lines := []string{plan.Printable(o.step.Line())}
	if o.step.Effect != "" {
		lines = append(lines, "effect: "+plan.Printable(o.step.Effect))
	}
	return lines
}

// identifier is a name for the object of a step that every format takes.
func identifier(step plan.Step) string {
	kind := step.Kind
	if kind == plan.MinCapacity {
		kind = plan.ScalableTarget
	}
	return identifierOf(string(kind), step.ResourceID)
}

// identifierOf is a name for an object of a variant.
func identifierOf(kind, resource string, more ...string) string {
	endpoint, variant, _ := fleet.SplitResourceID(resource)
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.Join(append([]string{kind, endpoint, variant}, more...), "_"))
}

// unique is the id, with a number where another object has it already, in the form of any format.
func unique(used map[string]bool, id string) string {
	free := id
	for n := 2; used[logicalID(free)]; n++ {
		free = fmt.Sprintf("%s_%d", id, n)
	}
	used[logicalID(free)] = true
	return free
}
