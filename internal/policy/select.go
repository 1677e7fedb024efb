package policy

import "fmt"

// Pattern matches whole names.
type Pattern interface {
	Match(name string) bool
	String() string // as the user wrote it
}

// Entry is one policy with the variants that it selects.
type Entry struct {
	Endpoints Pattern           // on the endpoint's name
	Variants  Pattern           // on the variant's name; nil matches all
	Tags      map[string]string // the endpoint must carry all of these
	Wanted    Wanted
}

// ByName is the entry of --reconcile.endpoints: it asks for the documented policy by name, scale to zero included, and
// leaves tuned values alone.
func ByName(endpoints Pattern) Entry {
	wanted := Documented()
	wanted.MinCapacity.Enforced = true
	return Entry{Endpoints: endpoints, Wanted: wanted}
}

// matchesName tells whether the names let the entry select the variant.
func (e Entry) matchesName(endpoint, variant string) bool {
	return e.Endpoints.Match(endpoint) && (e.Variants == nil || e.Variants.Match(variant))
}

func (e Entry) matchesTags(tags map[string]string) bool {
	for key, value := range e.Tags {
		if got, ok := tags[key]; !ok || got != value {
			return false
		}
	}
	return true
}

// Policies are the entries in their order: the first that matches a variant is its policy.
type Policies []Entry

// Name tells an entry from the others: its position from 1, and its pattern.
func (p Policies) Name(entry int) string { return fmt.Sprintf("%d %s", entry+1, p[entry].Endpoints) }

// Selection says which policy a variant has.
type Selection struct {
	Entry    int     // position in the Policies from 0; -1 when none selects the variant
	Wanted   *Wanted // what the entry asks for; nil when none selects the variant
	OptedOut bool    // an entry would select it, but its endpoint's tag says no

	// TagsUnknown says why the endpoint's tags, which decide, tell nothing: then nothing may be written, and no later
	// entry is looked at. Entry is the one that needs them. It is empty when they are known.
	TagsUnknown string
}

// Selected tells whether a policy selects the variant.
func (s Selection) Selected() bool { return s.Wanted != nil }

// Select finds the policy of a variant. Tags are nil when they are not known.
func (p Policies) Select(endpoint, variant string, tags map[string]string) Selection {
	for i := range p {
		switch entry := &p[i]; {
		case !entry.matchesName(endpoint, variant):
		case tags == nil:
			return Selection{Entry: i, Wanted: &entry.Wanted, TagsUnknown: "the tags of " + endpoint + " are not known"}
		case !entry.matchesTags(tags):
		default:
			switch refused, unclear := refusal(tags); {
			case unclear != "":
				return Selection{Entry: i, Wanted: &entry.Wanted, TagsUnknown: unclear}
			case refused:
				return Selection{Entry: -1, OptedOut: true}
			}
			return Selection{Entry: i, Wanted: &entry.Wanted}
		}
	}
	return Selection{Entry: -1}
}

// Reads tells whether the tags of an endpoint have to be known: an entry selects it by name, and its tags may take it
// out of all policies.
func (p Policies) Reads(endpoint string) bool {
	for i := range p {
		if p[i].Endpoints.Match(endpoint) {
			return true
		}
	}
	return false
}
