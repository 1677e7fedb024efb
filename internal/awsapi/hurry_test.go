package awsapi

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// trip answers requests in memory, with a status and a body.
type trip func() (status int, body string)

func (t trip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := t()
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
	}, nil
}

// describe describes endpoints for a time, one after the other.
func describe(ctx context.Context, c *Client, long time.Duration) {
	for began := time.Now(); time.Since(began) < long; {
		_, _ = c.DescribeEndpoint(ctx, "e")
	}
}

func TestHurried_twiceAsFastUntilAWSThrottles(t *testing.T) {
	for _, test := range []struct {
		name       string
		throttle   int // which call is throttled; 0: none
		hurries    bool
		from, upTo int // calls in ten seconds
	}{
		{"in a hurry", 0, true, 400, 461},
		{"not in a hurry", 0, false, 230, 241},
		{"throttled", 5, true, 200, 261},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				client := connect(t, Access{Region: "eu-west-1"}, Options{BaseURL: "http://embedded.test", backoff: noBackoff, Transport: trip(func() (int, string) {
					time.Sleep(time.Millisecond)
					if calls++; calls == test.throttle {
						return http.StatusBadRequest, `{"__type":"ThrottlingException","message":"Rate exceeded"}`
					}
					return http.StatusBadRequest, `{"__type":"ValidationException","message":"Could not find endpoint e."}`
				})})
				ctx := t.Context()
				if test.hurries {
					ctx = Hurried(ctx)
				}
				describe(ctx, client, 10*time.Second)
				if calls < test.from || calls > test.upTo {
					t.Errorf("%d calls in ten seconds, want %d to %d", calls, test.from, test.upTo)
				}
			})
		})
	}
}
