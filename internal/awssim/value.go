package awssim

import "time"

// The neutral form of requests and answers, between the protocols and the operations.
//
// A request is a map whose leaves are strings, numbers, booleans and times, as far as its protocol tells them apart; the
// query protocol has only strings, so args reads every leaf leniently.
//
// An answer is a record, whose fields keep their order. Its leaves are string, bool, int, float64 and time.Time; lists
// are []any or, for the long ones, []string, []float64 and []time.Time, which need no allocation per element.

// field is one member of a record.
type field struct {
	name  string
	value any
}

// record is one structure of an answer.
type record []field

// with adds a member. What AWS leaves out of an answer when it is not set, nil, the
// empty string and the zero time, is left out here.
func (r record) with(name string, value any) record {
	switch v := value.(type) {
	case nil:
		return r
	case string:
		if v == "" {
			return r
		}
	case time.Time:
		if v.IsZero() {
			return r
		}
	case record:
		if v == nil {
			return r
		}
	}
	return append(r, field{name, value})
}

// list makes the neutral form of a list, never nil: AWS answers an empty list, not a missing one.
func list[T any](items []T, convert func(T) any) []any {
	converted := make([]any, 0, len(items))
	for _, item := range items {
		converted = append(converted, convert(item))
	}
	return converted
}
