package check

import "slices"

var singleInstanceType = &Check{
	Name: "single_instance_type", Severities: []Severity{Info}, run: runSingleInstanceType, Stage: StageInstances,
}

// runSingleInstanceType does not apply where the types are not known, because the configuration was deleted.
func runSingleInstanceType(s *Subject) verdict {
	types := s.Variant.Types
	switch {
	case len(types) == 0:
		return verdict{}
	case slices.ContainsFunc(types, func(other string) bool { return other != types[0] }):
		return pass(Info)
	}
	return fail(Info, "Variant %q runs on %q alone: when AWS is short of it there is nothing to fall back on, and requests wait.",
		s.Variant.Name, types[0]).advise("An endpoint configuration with InstancePools of a second type removes the risk.")
}
