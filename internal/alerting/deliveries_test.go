package alerting

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
)

func TestDeliveries_sayHowTheNewestEnded(t *testing.T) {
	var d deliveries
	for _, step := range []struct {
		response *http.Response
		err      error
		want     string
	}{
		{nil, &url.Error{Op: "Post", URL: "http://a", Err: errors.New("connection refused")}, "connection refused"},
		{nil, errors.New("gone"), "gone"},
		{&http.Response{StatusCode: http.StatusServiceUnavailable, Status: "503 Service\tUnavailable"}, nil, "503 Service Unavailable"},
		{&http.Response{StatusCode: http.StatusOK, Status: "200 OK"}, nil, ""},
		{&http.Response{StatusCode: http.StatusMovedPermanently, Status: "301 Moved"}, nil, "301 Moved"},
	} {
		d.ended("a", step.response, step.err)
		if got := d.problem("a"); got != step.want {
			t.Errorf("%q, want %q", got, step.want)
		}
	}
	d.ended("b", &http.Response{StatusCode: http.StatusOK}, nil)
	if d.problem("a") == "" || d.problem("b") != "" {
		t.Error("one Alertmanager speaks for another")
	}
}
