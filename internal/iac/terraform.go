package iac

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// terraform writes the objects as resources of the AWS provider, and what exists with the block that imports it.
func terraform(page *strings.Builder, objects []*object) {
	for _, o := range objects {
		fmt.Fprintf(page, "\n# %s\n", strings.Join(o.declared(), "\n# "))
		kind := o.kind().terraform
		if o.exists() {
			fmt.Fprintf(page, "import {\n  to = %s.%s\n  id = %s\n}\n\n", kind, o.id, inHCL(o.importID()))
		}
		fmt.Fprintf(page, "resource %q %q {\n", kind, o.id)
		for _, f := range o.fields {
			if o.step.Alarm != nil {
				alarmField(page, f)
			} else {
				policyField(page, "  ", f)
			}
		}
		if len(o.needs) > 0 {
			var addresses []string
			for _, needed := range o.needs {
				addresses = append(addresses, needed.kind().terraform+"."+needed.id)
			}
			fmt.Fprintf(page, "  depends_on = [%s]\n", strings.Join(addresses, ", "))
		}
		if o.exists() && o.step.Policy == nil { // a scaling policy has no tags
			page.WriteString("  lifecycle {\n    ignore_changes = [tags, tags_all] # those that it has stay\n  }\n")
		}
		page.WriteString("}\n")
	}
}

// importID is what the provider finds the object by.
func (o *object) importID() string {
	if o.step.Alarm != nil {
		return o.step.Name
	}
	parts := []string{fleet.ServiceNamespace, o.step.ResourceID, fleet.VariantDimension}
	if o.step.Policy != nil {
		parts = append(parts, o.step.Name)
	}
	return strings.Join(parts, "/")
}

// policyField writes a field of a scalable target or of a policy: what has fields of its own is a block, a list of them is
// a block each.
func policyField(page *strings.Builder, indent string, f field) {
	name := lower(f.name)
	switch f.name {
	case "PolicyName":
		name = "name"
	case "StepAdjustments":
		name = "step_adjustment"
	}
	elements, ok := f.value.(list)
	if !ok {
		elements = list{f.value}
	}
	for _, element := range elements {
		of, ok := element.(fields)
		if !ok {
			fmt.Fprintf(page, "%s%s = %s\n", indent, name, inHCL(f.value))
			return
		}
		fmt.Fprintf(page, "%s%s {\n", indent, name)
		for _, inner := range of {
			policyField(page, indent+"  ", inner)
		}
		fmt.Fprintf(page, "%s}\n", indent)
	}
}

// alarmField writes a field of an alarm. The provider has its dimensions as a map, and a metric query without the level
// that the API calls MetricStat.
func alarmField(page *strings.Builder, f field) {
	if slices.Contains(apiOnly, f.name) {
		fmt.Fprintf(page, "  # The provider has no %s: set it otherwise, %s\n", f.name, inJSON(f.value))
		return
	}
	switch f.name {
	case "Dimensions":
		fmt.Fprintf(page, "  dimensions = %s\n", dimensionMap("  ", f.value.(list)))
	case "Metrics":
		for _, query := range f.value.(list) {
			metricQuery(page, query.(fields))
		}
	case "EvaluateLowSampleCountPercentile":
		fmt.Fprintf(page, "  evaluate_low_sample_count_percentiles = %s\n", inHCL(f.value))
	default:
		fmt.Fprintf(page, "  %s = %s\n", lower(f.name), inHCL(f.value))
	}
}

func metricQuery(page *strings.Builder, query fields) {
	page.WriteString("  metric_query {\n")
	for _, f := range query.without("MetricStat") {
		fmt.Fprintf(page, "    %s = %s\n", lower(f.name), inHCL(f.value))
	}
	if stat, ok := query.get("MetricStat").(fields); ok {
		page.WriteString("    metric {\n")
		metric, _ := stat.get("Metric").(fields)
		for _, f := range append(metric, stat.without("Metric")...) {
			if f.name == "Dimensions" {
				fmt.Fprintf(page, "      dimensions = %s\n", dimensionMap("      ", f.value.(list)))
				continue
			}
			fmt.Fprintf(page, "      %s = %s\n", lower(f.name), inHCL(f.value))
		}
		page.WriteString("    }\n")
	}
	page.WriteString("  }\n")
}

func dimensionMap(indent string, dimensions list) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, dimension := range dimensions {
		of := dimension.(fields)
		fmt.Fprintf(&b, "%s  %s = %s\n", indent, inHCL(of.get("Name")), inHCL(of.get("Value")))
	}
	return b.String() + indent + "}"
}

// inHCL is a value without fields as an expression of HCL.
func inHCL(value any) string {
	switch value := value.(type) {
	case list:
		var parts []string
		for _, element := range value {
			parts = append(parts, inHCL(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		if id, ok := referred(value); ok {
			return policyKind.terraform + "." + id + ".arn"
		}
		// HCL has the escapes of JSON, and templates, which a sign doubled is not.
		return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(inJSON(value))
	}
	return plain(value)
}
