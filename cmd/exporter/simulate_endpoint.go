package main

import (
	"context"
	"errors"
	"io"
)

// ask observes the endpoint for its present policy, and reads its history if that is to be replayed.
func (s *simulated) ask(_ context.Context, _ options, _ io.Writer) error {
	return errors.New("simulate: reading an endpoint is yet to come")
}
