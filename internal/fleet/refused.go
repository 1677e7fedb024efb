package fleet

import "fmt"

// Refused is the error of a list of which some items cannot be: a number that is out of its range, or a time that is none.
// The other items are good.
type Refused struct {
	Items []RefusedItem // at least one
}

// RefusedItem is one that cannot be.
type RefusedItem struct {
	Name string // for example endpoint/transcribe/variant/AllTraffic, or the name of an alarm
	What string // for example "MaxCapacity is -3, not 0 to 1000000"
	// Endpoints are those that it scales, as far as it says so: of each of them something is not known.
	Endpoints []string
}

// Error names the first item, and says how many more there are.
func (r *Refused) Error() string {
	text := fmt.Sprintf("refused %s: %s", r.Items[0].Name, r.Items[0].What)
	if more := len(r.Items) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// Kind is the same whatever is refused.
func (r *Refused) Kind() string { return "refused items" }
