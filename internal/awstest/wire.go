package awstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// wire carries the requests of an account, and keeps for how long AWS answers with the state before a write.
type wire struct {
	account *Account
	to      http.RoundTripper
}

// read is one request that was made before, and what it answered before a write.
type read struct {
	request *http.Request
	body    []byte
	old     []old // the oldest first
}

type old struct {
	until  time.Time
	answer http.Response
	body   []byte
}

// RoundTrip brings one request to AWS.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, errClosed
		}
	}
	a, call := w.account, line(r, body)
	a.mu.Lock()
	n := a.sent
	a.sent, a.calls = a.sent+1, append(a.calls, call)
	before, lag := a.Before, a.Lag
	a.mu.Unlock()
	if before != nil {
		before(call, n)
	}
	if lag > 0 {
		if answer := w.late(r, call, body); answer != nil {
			return answer, nil
		}
	}
	answer, err := w.to.RoundTrip(with(r, body))
	a.mu.Lock()
	rewrite := a.Rewrite
	a.mu.Unlock()
	if err != nil || rewrite == nil {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	text = rewrite(call, text)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer.Header.Del("Content-Length")
	return answer, nil
}

// late remembers what each read answers before a write, and answers a read with it as long as AWS lags.
func (w wire) late(r *http.Request, call string, body []byte) *http.Response {
	a, now := w.account, time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if Writes(call) {
		for _, known := range a.reads {
			if answer, err := w.to.RoundTrip(with(known.request, known.body)); err == nil {
				text, _ := io.ReadAll(answer.Body)
				known.old = append(known.old, old{now.Add(a.Lag), *answer, text})
			}
		}
		return nil
	}
	key := call + string(body)
	known := a.reads[key]
	if known == nil {
		known = &read{request: r.Clone(a.tb.Context()), body: body}
		a.reads[key] = known
	}
	for _, before := range known.old {
		if now.Before(before.until) {
			answer := before.answer
			answer.Body = io.NopCloser(bytes.NewReader(before.body))
			return &answer
		}
	}
	return nil
}

// with is the request with a body that was not read yet.
func with(r *http.Request, body []byte) *http.Request {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again
}

// line is a request in words: the operation, and what it is about where that is known.
func line(r *http.Request, body []byte) string {
	operation := r.Header.Get("X-Amz-Target")
	operation = operation[strings.LastIndexByte(operation, '.')+1:]
	operation = cmp.Or(operation, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	var about struct {
		ResourceID  string   `json:"ResourceId"`
		ResourceIDs []string `json:"ResourceIds"`
		Endpoint    string   `json:"EndpointName"`
		Config      string   `json:"EndpointConfigName"`
	}
	if json.Unmarshal(body, &about) != nil { // CloudWatch's protocol is a binary one
		if bytes.Contains(body, []byte("AlarmNames")) {
			return operation + " by name"
		}
		return operation
	}
	return strings.TrimSpace(operation + " " + cmp.Or(about.ResourceID, strings.Join(about.ResourceIDs, " "), about.Endpoint, about.Config))
}
