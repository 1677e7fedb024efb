package paging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// What a State may hold. An alert each of ten thousand endpoints is more than anybody reads.
const (
	LongestState = 16 << 20 // bytes
	mostItems    = 10_000   // of a list
	mostTexts    = 100      // labels, or annotations, of an alert
)

// ReadState reads the JSON that the alerting command answers. What somebody else says is refused, JSON or not; fields that
// a newer version adds are not.
func ReadState(page []byte) (State, error) {
	if len(page) > LongestState {
		return State{}, fmt.Errorf("it is longer than %d MiB", LongestState>>20)
	}
	var read struct {
		State
		Alerts        bounded[boundedAlert] `json:"alerts"`
		Alertmanagers bounded[Alertmanager] `json:"alertmanagers"`
		Rules         struct {
			Rules
			Failing bounded[Failing] `json:"failing"`
		} `json:"rules"`
	}
	if err := json.Unmarshal(page, &read); err != nil {
		return State{}, fmt.Errorf("reading it as JSON: %w", err)
	}
	s := read.State
	s.Alertmanagers, s.Rules, s.Rules.Failing = read.Alertmanagers, read.Rules.Rules, read.Rules.Failing
	if s.At.IsZero() {
		return State{}, errors.New("it does not say of which moment it is")
	}
	s.Alerts = make([]Alert, len(read.Alerts))
	for i, one := range read.Alerts {
		s.Alerts[i] = one.Alert
		s.Alerts[i].Labels, s.Alerts[i].Annotations = one.Labels, one.Annotations
		if a := &s.Alerts[i]; !slices.Contains([]string{Pending, Firing}, a.State) || a.Name() == "" {
			return State{}, fmt.Errorf("alert %d has the name %q and the state %q", i+1, a.Name(), a.State)
		}
	}
	return s, nil
}

// bounded is a list that is read item by item: a decoder makes a hundred bytes of two.
type bounded[T any] []T

// UnmarshalJSON reads a list of mostItems at most.
func (b *bounded[T]) UnmarshalJSON(text []byte) error {
	*b = nil
	return each(text, '[', mostItems, func(decoder *json.Decoder) error {
		var item T
		err := decoder.Decode(&item)
		*b = append(*b, item)
		return err
	})
}

// boundedAlert is an Alert of which the labels and annotations are bounded.
type boundedAlert struct {
	Alert
	Labels      texts `json:"labels"`
	Annotations texts `json:"annotations"`
}

type texts map[string]string

// UnmarshalJSON reads an object of mostTexts members at most.
func (t *texts) UnmarshalJSON(text []byte) error {
	*t = nil
	if string(text) == "null" {
		return nil
	}
	*t = texts{}
	return each(text, '{', mostTexts, func(decoder *json.Decoder) error {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value string
		err = decoder.Decode(&value)
		(*t)[name.(string)] = value // JSON has no other names
		return err
	})
}

// each reads the items of a list or of an object, one after the other; null has none.
func each(text []byte, begin json.Delim, most int, read func(*json.Decoder) error) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	switch got, err := decoder.Token(); {
	case err != nil:
		return err
	case got == nil:
		return nil
	case got != begin:
		return fmt.Errorf("it has %v where a %v begins", got, begin)
	}
	for n := 0; decoder.More(); n++ {
		if n == most {
			return fmt.Errorf("more than %d items", most)
		}
		if err := read(decoder); err != nil {
			return err
		}
	}
	return nil
}
