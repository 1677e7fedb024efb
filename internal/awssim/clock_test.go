package awssim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// fast is a clock that began at another time than the machine's and runs faster.
func fast() fleet.Clock { return fleet.Clock{Machine: time.Now(), Shown: start, Speed: 3600} }

func TestJoin_readsTheClockOfTheServer(t *testing.T) {
	clock := fast()
	server := serve(t, awssim.Options{Clock: clock}, sim.New(home, start, 1))
	server.SetFault("*", awssim.Fault{Code: "ThrottlingException"}) // of AWS alone
	asked := time.Now().Round(0)
	base, joined, err := awssim.Join(soon(t), server.URL()+"/")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "the URL", base, server.URL())
	check(t, "requests counted", len(server.Calls()), 0)
	if joined.Machine.Before(asked) { // the machine's clock may have been set since the server began
		t.Errorf("asked at %s, the clock is told from %s", asked, joined.Machine)
	}
	// To the microsecond of the machine: as JSON a moment loses what the monotonic clock knows of it.
	at := time.Now()
	if apart := joined.At(at).Sub(clock.At(at)).Abs(); apart > 3600*10*time.Microsecond {
		t.Errorf("the clocks are %s apart", apart)
	}
	if apart := world(server, (*sim.World).Now).Sub(joined.At(time.Now())).Abs(); apart > time.Hour {
		t.Errorf("the world is %s apart", apart)
	}
}

func TestJoin_ofTheMachinesClockFollowsTheMachine(t *testing.T) {
	server := serve(t, awssim.Options{}, sim.New(home, time.Now(), 1))
	_, joined, err := awssim.Join(soon(t), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	set := time.Now().Add(time.Hour).Round(0)
	check(t, "an hour later", joined.At(set), set.UTC())
}

func TestJoin_refusesWhatIsNoEmbeddedAWS(t *testing.T) {
	answers := func(answer http.HandlerFunc) string {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		return server.URL
	}
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	elsewhere := answers(says(`{"machine":"2026-11-24T09:00:00Z","shown":"2026-11-24T09:00:00Z","speed":1}`))
	standing, _ := aFleet(t, 1)
	for address, want := range map[string]string{
		"":                       `"" is not the URL of an embedded AWS: write for example http://127.0.0.1:34703`,
		"http://":                "is not the URL of an embedded AWS",
		"http://127.0.0.1:1/x":   "is not the URL of an embedded AWS",
		"http://a:b@127.0.0.1:1": "is not the URL of an embedded AWS",
		"http://127.0.0.1:x":     "is not the URL of an embedded AWS",
		"https://127.0.0.1:1":    "an embedded AWS speaks http, not https",
		"http://192.0.2.1:1":     "is not on the loopback interface",
		"http://example.test:1":  "is not on the loopback interface",
		answers(says("hello")):   "reading its clock: invalid character",
		answers(says("{}")):      "reading its clock: it has no moment or no speed",
		answers(says(`{"machine":"2026-11-24T09:00:00Z","shown":"2026-11-24T09:00:00Z","speed":-1}`)): "no speed",
		answers(http.NotFound): "asking for its clock: 404 Not Found",
		answers(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) }): "302 Found",
		standing.URL(): "does not answer like an embedded AWS: asking for its clock: 404", // its clock cannot be shared
	} {
		_, _, err := awssim.Join(soon(t), address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
	if _, _, err := awssim.Join(soon(t), elsewhere); err != nil {
		t.Errorf("what the redirect led to: %v", err)
	}
}

func TestClock_isReadAlone(t *testing.T) {
	server := serve(t, awssim.Options{Clock: fast()}, sim.New(home, start, 1))
	response, err := http.Post(server.URL()+awssim.ClockPath, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	check(t, "status", response.StatusCode, http.StatusMethodNotAllowed)
}
