package main

import (
	"cmp"
	"context"
	"io"

	"github.com/sagemaker-async/exporter/internal/paging"
)

// The exit status of alerts when a critical one fires; 0 when none does, and an error is 1.
const statusCritical = 2

// alerts asks the alerting command what is pending and firing, and prints it.
func alerts(ctx context.Context, o alertingOptions, asJSON bool, out io.Writer) (status int, err error) {
	o.url = cmp.Or(o.url, alertingURL)
	asked, err := newAlerting(o)
	if err != nil {
		return 0, err
	}
	state, err := asked.State(ctx)
	if err != nil {
		return 0, err
	}
	write := state.WriteText
	if asJSON {
		write = func(out io.Writer) error { return paging.WriteJSON(out, state) }
	}
	if err := write(out); err != nil || !state.Fires(paging.Critical) {
		return 0, err
	}
	return statusCritical, nil
}
