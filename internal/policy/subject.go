package policy

import "github.com/sagemaker-async/exporter/internal/fleet"

// Subject is one variant with its policy.
type Subject struct {
	Endpoint  *fleet.Endpoint
	Variant   *fleet.Variant
	Resource  string // the name by which Application Auto Scaling knows the variant
	Selection Selection
	Wanted    *Wanted // what its policy asks for; the documented values where none selects it
}

// Survey finds the policy of every variant of a snapshot, in the order of the snapshot. Its tags are
// looked at only while they may be shown.
func Survey(policies Policies, snapshot *fleet.Snapshot) []Subject {
	tagged := snapshot.Fresh(fleet.SourceTags, snapshot.At)
	documented := Documented()
	subjects := make([]Subject, 0, len(snapshot.Endpoints))
	for i := range snapshot.Endpoints {
		endpoint := &snapshot.Endpoints[i]
		tags := endpoint.Tags
		if !tagged {
			tags = nil
		}
		for j := range endpoint.Variants {
			variant := &endpoint.Variants[j]
			subject := Subject{
				Endpoint: endpoint, Variant: variant, Resource: fleet.ResourceID(endpoint.Name, variant.Name), Wanted: &documented,
				Selection: policies.Select(endpoint.Name, variant.Name, tags),
			}
			if subject.Selection.Selected() {
				subject.Wanted = subject.Selection.Wanted
			}
			subjects = append(subjects, subject)
		}
	}
	return subjects
}
