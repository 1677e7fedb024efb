package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	fleet = "/status"
	one   = "/status/111122223333/us-east-1/summarize"
)

// Pages are looked at as phones, laptops and large screens show them. The pictures are kept by go test -artifacts.
func TestPages_fitTheScreenInLightAndDark(t *testing.T) {
	for name, path := range map[string]string{"fleet": fleet, "endpoint": one, "timeline": "/status/111122223333/us-east-1/upscale-quota"} {
		for _, width := range []int64{390, 1280, 1920} {
			for _, dark := range []bool{false, true} {
				name := fmt.Sprintf("%s-%d-%s", name, width, map[bool]string{false: "light", true: "dark"}[dark])
				t.Run(name, func(t *testing.T) {
					s := show(t, path, look{width: width, dark: dark})
					if got := ask[int64](s, "document.documentElement.scrollWidth"); got > width {
						t.Errorf("it is %d wide", got)
					}
					picture := get(s, chromedp.FullScreenshot(100))
					if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), picture, 0o600); err != nil {
						t.Fatal(err)
					}
					decoded, err := png.Decode(bytes.NewReader(picture))
					if err != nil {
						t.Fatal(err)
					}
					if got := decoded.Bounds(); got.Dx() != int(width) || got.Dy() < 900 {
						t.Errorf("the picture is %s", got)
					}
					if got := darkAt(decoded, 2, 2); got != dark {
						t.Errorf("its ground is dark: %t", got)
					}
				})
			}
		}
	}
}

func darkAt(picture image.Image, x, y int) bool {
	r, g, b, _ := picture.At(x, y).RGBA()
	return r+g+b < 3*0x8000
}

func TestFilter_keepsTheNamesThatContainIt(t *testing.T) {
	for _, noCode := range []bool{false, true} {
		s := show(t, fleet, look{width: 1280, noCode: noCode})
		all := s.texts("tbody th bdi:first-child")
		if len(all) < 12 || !slices.Contains(all, "summarize") {
			t.Fatalf("the fleet is %q", all)
		}
		s.follow(chromedp.SendKeys(chromedp.CSS("input[type=search]"), "TTS\r"))
		if got := s.texts("tbody th"); !slices.Equal(got, []string{"tts-redeployed"}) {
			t.Errorf("tts finds %q", got)
		}
		if got := get(s, chromedp.Value(chromedp.CSS("input[type=search]"))); got != "TTS" {
			t.Errorf("the filter is shown as %q", got)
		}
		s.follow(chromedp.Click(chromedp.CSS("form a")))
		if got := s.texts("tbody th bdi:first-child"); !slices.Equal(got, all) {
			t.Errorf("all are %q, want %q", got, all)
		}
	}
}

func TestNeedsAttention_leavesOutWhatIsWell(t *testing.T) {
	for _, noCode := range []bool{false, true} {
		s := show(t, fleet, look{width: 1280, noCode: noCode})
		s.do(chromedp.Click(chromedp.CSS("input[type=checkbox]")))
		s.follow(chromedp.Click(chromedp.CSS("form button")))
		got := s.texts("tbody th bdi:first-child")
		if !slices.Contains(got, "summarize") || slices.Contains(got, "ocr-nightly") {
			t.Errorf("these need attention: %q", got)
		}
		if where, err := url.Parse(get(s, chromedp.Location())); err != nil || where.Query().Get("attention") != "1" {
			t.Errorf("it is at %s: %v", where, err)
		}
		if !ask[bool](s, "document.querySelector('input[type=checkbox]').checked") {
			t.Error("the box is not ticked any more")
		}
	}
}

func TestEndpoint_isReachedFromTheFleetAndBack(t *testing.T) {
	s := show(t, fleet, look{width: 390, noCode: true})
	s.follow(chromedp.Click(chromedp.CSS(`a[href$="/summarize"]`)))
	if got := s.texts("h1"); !slices.Equal(got, []string{"summarize"}) {
		t.Errorf("it leads to %q", got)
	}
	if got := ask[string](s, "getComputedStyle(document.body).margin"); got != "0px" {
		t.Errorf("the stylesheet is not there: the margin is %s", got)
	}
	s.follow(chromedp.Click(chromedp.CSS("nav a")))
	if got := s.texts("h1"); !slices.Equal(got, []string{"Status"}) {
		t.Errorf("it leads back to %q", got)
	}
}

// The chain of an endpoint stands in its order, and what a link is known by unfolds without any code of the page.
func TestChain_showsTheLinksAndTheirEvidence(t *testing.T) {
	for _, width := range []int64{390, 1280} {
		s := show(t, one, look{width: width, noCode: true})
		want := []string{"queue", "metric", "alarm", "policy", "scalable target", "activity", "instances", "work"}
		if got := s.texts(".boxes b"); !slices.Equal(got, want) {
			t.Errorf("%d wide: the boxes are %q", width, got)
		}
		if got := s.texts(".boxes .here b"); !slices.Equal(got, []string{"alarm"}) {
			t.Errorf("%d wide: these decide: %q", width, got)
		}
		if got := s.texts(".conclusion .badge"); !slices.Equal(got, []string{"needs attention"}) {
			t.Errorf("%d wide: the conclusion is %q", width, got)
		}
		const shown = "document.querySelector('.chain > li:nth-child(3) .facts').checkVisibility()"
		if ask[bool](s, shown) {
			t.Errorf("%d wide: the evidence is not folded", width)
		}
		s.do(chromedp.Click(chromedp.CSS(".boxes .here")))
		if !ask[bool](s, shown) {
			t.Errorf("%d wide: a click on a box does not unfold its evidence", width)
		}
		if got := s.texts(".chain > li > b"); !slices.Equal(got, want) {
			t.Errorf("%d wide: the links are %q", width, got)
		}
		var named []string
		for _, heard := range s.read() {
			if heard.role == "DisclosureTriangle" && strings.HasPrefix(heard.name, "Evidence") {
				named = append(named, strings.TrimSpace(heard.name))
			}
		}
		if len(named) < 6 || named[0] != "Evidence for the queue" || !slices.Contains(named, "Evidence for the alarm") {
			t.Errorf("%d wide: the evidence is called %q", width, named)
		}
	}
}

// What the focus is on: where it leads, what it is called.
const focused = `(e => [e.tagName, e.name || e.getAttribute("href") || e.textContent.trim()].join(" "))(document.activeElement)`

func TestKeyboard_reachesFilterRowsAndDetails(t *testing.T) {
	s := show(t, fleet, look{width: 1280})
	var stops []string
	for range 200 {
		s.do(chromedp.KeyEvent("\t"))
		stop := ask[string](s, focused)
		if strings.HasPrefix(stop, "BODY") {
			break // once around
		}
		stops = append(stops, stop)
		if ask[string](s, "getComputedStyle(document.activeElement).outlineStyle") == "none" {
			t.Errorf("nobody sees that the focus is on %s", stop)
		}
	}
	at := -1
	for _, want := range []string{
		"A ./", "A plan", "A status/111122223333/us-east-1/summarize", "A status?refresh=30", "INPUT q", "INPUT attention", "BUTTON Show",
		"A status?sort=name", "A status?sort=backlog", "A status/111122223333/us-east-1/summarize",
		"A https://github.com/sagemaker-async/exporter/blob/main/docs/runbooks/SageMakerAsyncWakeAlarmBroken.md",
		"SUMMARY 1 critical check, 1 step, 2 worth knowing of summarize", "A status/111122223333/us-east-1/ocr-nightly",
	} {
		next := slices.Index(stops[at+1:], want)
		if next < 0 {
			t.Fatalf("the focus does not come to %q after that; it came to\n%s", want, strings.Join(stops, "\n"))
		}
		at += next + 1
	}
	s.do(chromedp.Focus(chromedp.CSS("summary")), chromedp.KeyEvent("\r"))
	if !ask[bool](s, "document.querySelector('details').open") {
		t.Error("Enter does not open the details")
	}
	s.do(chromedp.Focus(chromedp.CSS("input[type=checkbox]")), chromedp.KeyEvent(" "))
	s.follow(chromedp.KeyEvent("\r"))
	if got := s.texts("form a"); !slices.Equal(got, []string{"Show all"}) {
		t.Errorf("Space and Enter do not filter: %q", got)
	}
	s.do(chromedp.Focus(chromedp.CSS(`a[href$="/summarize"]`)))
	s.follow(chromedp.KeyEvent("\r"))
	if got := s.texts("h1"); !slices.Equal(got, []string{"summarize"}) {
		t.Errorf("Enter on the row leads to %q", got)
	}
}

func TestScreenReader_isToldWhatStandsWhere(t *testing.T) {
	columns := []string{
		"Endpoint", "State", "Last 3 h", "Backlog", "Oldest", "Of target", "Drains in", "Running", "Desired", "Min", "Max", "$/hour", "Policy", "Plan",
	}
	for path, want := range map[string]map[string][]string{
		fleet: {
			"heading": {"Status", "111122223333 us-east-1 up"}, "columnheader": columns, "table": {"111122223333 us-east-1 up"}, "searchbox": {"Name contains"},
			"checkbox": {"Needs attention"}, "button": {"Show"}, "navigation": {"Pages"}, "main": {""}, "search": {"Endpoints"},
		},
		one: {
			"heading": {
				"summarize", "From request to instance", "Last 3 hours", "Checks", "Plan", "Variant AllTraffic", "The endpoint", "Sources", "Scaling policies", "Alarms", "Scheduled actions",
			},
			"columnheader": slices.Concat([]string{"Endpoint", "State", "Backlog", "Oldest", "Running", "Desired", "Min", "Max", "$/hour", "Policy", "Plan"}, []string{"Policy", "Type", "What it does", "Cooldown"},
				[]string{"Alarm", "Role", "Triggers", "In ALARM when", "State", "Since", "CloudWatch says"}),
			"table": {"What waits, what runs", "Scaling policies", "Alarms"}, "navigation": {"Pages"}, "main": {""},
		},
	} {
		for _, width := range []int64{390, 1280} { // on a phone a table is laid out as boxes, and still is a table
			s := show(t, path, look{width: width})
			told := map[string][]string{}
			links := map[string]bool{}
			for _, heard := range s.read() {
				told[heard.role] = append(told[heard.role], heard.name)
				switch heard.role {
				case "link", "heading", "rowheader", "columnheader", "button", "image", "DisclosureTriangle":
					if strings.TrimSpace(heard.name) == "" {
						t.Errorf("%s, %d wide: something of the role %s has no name", path, width, heard.role)
					}
				}
				if heard.role == "link" {
					links[heard.name] = true
				}
			}
			for role, names := range want {
				if got := told[role]; !slices.Equal(got, names) {
					t.Errorf("%s, %d wide: of the role %s there are\n%q, want\n%q", path, width, role, got, names)
				}
			}
			if path == fleet {
				for _, name := range []string{"summarize", "moderate blue", "moderate green"} {
					if !slices.Contains(told["rowheader"], name) {
						t.Errorf("%d wide: no row is headed %q: %q", width, name, told["rowheader"])
					}
				}
			}
			names := []string{"What to do about summarize", "Refresh every 30 s"} // what is folded is not read
			if path == one {
				names = []string{"Runbook SageMakerAsyncWakeAlarmBroken for wake_alarm_wrong_metric", "wake_alarm_wrong_metric"}
			}
			for _, name := range names {
				if !links[name] || links["runbook"] || links["What to do"] {
					t.Errorf("%s, %d wide: the links are %v", path, width, links)
				}
			}
		}
	}
}

// A page that does what none of ours may: otherwise silence would say nothing.
func TestTrouble_isHeard(t *testing.T) {
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "style-src 'none'")
		fmt.Fprintf(w, `<title>bad</title><style>p{}</style><img src="%s/x.png"><script>console.error("no"); throw new Error("oh")</script>`, elsewhere.URL)
	}))
	t.Cleanup(bad.Close)
	s := open(t, look{width: 1280})
	s.do(chromedp.Navigate(bad.URL))
	for _, want := range []string{"an exception", "the console: error", "the log, error", "it asks for " + elsewhere.URL + "/x.png"} {
		heard := func() bool {
			return slices.ContainsFunc(s.trouble(bad.URL), func(trouble string) bool { return strings.HasPrefix(trouble, want) })
		}
		for deadline := time.Now().Add(patience); !heard(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not heard; the last that was: %q", want, s.trouble(bad.URL))
			}
		}
	}
	deaf := open(t, look{width: 1280, noCode: true})
	deaf.do(chromedp.Navigate(bad.URL))
	if heard := deaf.trouble(bad.URL); slices.Contains(heard, "the console: error") {
		t.Errorf("JavaScript runs where it is switched off: %q", heard)
	}
}
