package web

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/report"
)

// Whatever a name, a tag or a message of AWS is, it is text on the pages: it opens no tag and ends no attribute.
func FuzzPages(f *testing.F) {
	for _, seed := range []string{
		"", "transcribe", `"><script>alert('1')</script>&`, "' onmouseover='x", "line\nbreak\x00\x1b", "\u202eright to left\u2066", "\xff\xfe<", "{{.}}", "javascript:alert(1)", "--><!--",
		"../../", "%2e%2e%2f?#",
	} {
		f.Add("transcribe", seed)
		f.Add(seed, "speech")
	}
	f.Fuzz(isText)
}

func TestPages_takeLongNames(t *testing.T) {
	long := strings.Repeat("<\u00e9\"'", 16<<10) // more than 64 KiB
	isText(t, "transcribe", long)
	isText(t, long, "speech")
}

// isText shows an endpoint and what somebody says of it, and looks for what a browser would obey.
func isText(t *testing.T, name, said string) {
	t.Helper()
	s := newSite(t)
	get := func(path string, reports ...report.Report) string {
		s.set = &report.Set{Reports: reports}
		return s.get(path).Body.String()
	}
	harmless(t, "/status", get("/status", spoken(name, said)), get("/status", spoken("x", "x")))
	if strings.TrimSpace(said) != "" {
		harmless(t, "the filter", get("/status?q="+url.QueryEscape(said)), get("/status?q=x"))
	}
	const place = "/status/111122223333/us-east-1/"
	page := get(place+"x", spoken("x", said))
	harmless(t, place, page, get(place+"x", spoken("x", "x")))
	if shown := html.UnescapeString(page); said != "" && utf8.ValidString(said) && !strings.Contains(said, "\x00") && !strings.Contains(shown, said) {
		t.Errorf("%q does not stand on the page", said)
	}
}

// harmless holds a page against the same page of an endpoint that nobody can object to.
func harmless(t *testing.T, path, page, plain string) {
	t.Helper()
	if len(plain) < 500 {
		t.Fatalf("%s: %s", path, plain)
	}
	for _, mark := range []string{"<", ">", `"`, "<script", "'"} {
		if got, want := strings.Count(page, mark), strings.Count(plain, mark); got != want {
			t.Errorf("%s has %d times %s, want %d", path, got, mark, want)
		}
	}
}

// spoken is a fleet in which somebody has had his say wherever he can.
func spoken(name, said string) report.Report {
	r := full()
	r.Plan.Steps, r.Plan.Withheld = nil, nil // they are of an endpoint of another name
	e := &r.Snapshot.Endpoints[0]
	e.Name, e.FailureReason = name, said+"!"
	for key := range e.Tags {
		e.Tags[key] = said + "!" // an empty one is shown as a dash
	}
	r.Snapshot.Sources = append(r.Snapshot.Sources, fleet.Source{Name: fleet.SourceTags, LastAttempt: at, Err: said + "!"})
	return r
}
