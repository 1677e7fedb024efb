package paging

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ReadState reads the JSON that the alerting command answers. What somebody else says is refused, JSON or not; fields that
// a newer version adds are not.
func ReadState(page []byte) (State, error) {
	var s State
	if err := json.Unmarshal(page, &s); err != nil {
		return State{}, fmt.Errorf("reading it as JSON: %w", err)
	}
	if s.At.IsZero() {
		return State{}, errors.New("it does not say of which moment it is")
	}
	for i := range s.Alerts {
		if a := &s.Alerts[i]; !slices.Contains([]string{Pending, Firing}, a.State) || a.Name() == "" {
			return State{}, fmt.Errorf("alert %d has the name %q and the state %q", i+1, a.Name(), a.State)
		}
	}
	return s, nil
}
