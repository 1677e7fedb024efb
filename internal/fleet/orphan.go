package fleet

import "cmp"

// Orphan is a scalable target or a wake alarm that is left of an endpoint which no longer stands.
type Orphan struct {
	Endpoint string
	Variant  string // empty where nothing tells which it was
	Target   bool   // it is the variant's scalable target
	Alarm    string // else the name of the wake alarm
}

// Compare orders orphans by endpoint and variant, the target before the alarms.
func (o Orphan) Compare(other Orphan) int {
	return cmp.Or(cmp.Compare(o.Endpoint, other.Endpoint), cmp.Compare(o.Variant, other.Variant), cmp.Compare(o.Alarm, other.Alarm))
}
