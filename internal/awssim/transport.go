package awssim

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Transport brings requests to the server without a network, on whatever clock their goroutines are: in a bubble of
// testing/synctest nothing waits for a socket. Faults show as they do on a connection.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip lets the server answer, and gives up when the request's context ends.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answered := make(chan *http.Response, 1)
	go func() {
		w := &recorder{header: http.Header{}}
		defer func() {
			aborted := recover()
			if err, _ := aborted.(error); aborted != nil && !errors.Is(err, http.ErrAbortHandler) {
				panic(aborted)
			}
			answered <- w.response(r, aborted != nil) //nolint:bodyclose // the client closes it
		}()
		t.server.serve(w, r)
	}()
	select {
	case response := <-answered:
		if response == nil {
			return nil, io.EOF
		}
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// recorder keeps one answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(part []byte) (int, error) { return w.body.Write(part) }

// FlushError does nothing: everything is read at the end.
func (w *recorder) FlushError() error { return nil }

// response is the answer as its client reads it; nil where the connection was closed before it.
func (w *recorder) response(r *http.Request, aborted bool) *http.Response {
	if w.status == 0 && aborted {
		return nil
	}
	body := io.Reader(&w.body)
	length := int64(w.body.Len())
	if aborted { // in the middle of it
		length, _ = strconv.ParseInt(w.header.Get("Content-Length"), 10, 64)
		body = io.MultiReader(body, broken{})
	}
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}
}

// broken is what is read after the last byte that came.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
