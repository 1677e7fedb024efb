package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awstest"
)

// ran is how a command ended.
type ran struct {
	out, errs string // what it printed
	status    int
	err       error
	took      time.Duration
	writes    int // requests that ask AWS to change something
}

// said is everything that somebody who runs it reads.
func (r ran) said() string {
	if r.err == nil {
		return r.out + r.errs
	}
	return r.out + r.errs + r.err.Error()
}

// typed runs a command line on an account. The input is that of a terminal; nil is none.
func typed(ctx context.Context, t *testing.T, a *awstest.Account, line string, stdin io.Reader) (r ran) {
	t.Helper()
	command, o, err := parse(strings.Fields(line), io.Discard)
	awstest.Must(t, err)
	o.transport, o.stdin = a.Transport(), stdin
	var out, errs bytes.Buffer
	before, began := len(a.Requests()), time.Now()
	r.status, r.err = execute(ctx, command, o, &out, &errs)
	r.out, r.errs, r.took = out.String(), errs.String(), time.Since(began)
	for _, call := range a.Requests()[before:] {
		if awstest.Writes(call) {
			r.writes++
		}
	}
	return r
}
