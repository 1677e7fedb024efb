package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Whatever the owners of endpoints write into names, a tool reads the plan as it is, and a terminal obeys none of it.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		"", "transcribe", `"quoted\"`, "line\nbreak\r\x1b[2J", "\u202eright to left\u2066", "\xff\xfe", "<script>&\u2028", "\x00", "-> \u2192", strings.Repeat("\u00e9\"", 21<<10),
	} {
		f.Add(seed, seed, 5.5)
		f.Add("name", seed, -1e300)
	}
	f.Fuzz(func(t *testing.T, name, said string, number float64) {
		if number != number || number-number != 0 {
			t.Skip("no number that AWS can hold")
		}
		scope := fleet.Scope{AccountID: said, Region: name}
		step := Step{
			Scope: scope, ResourceID: fleet.ResourceID(name, said), Kind: WakeAlarm, Name: name, Action: Update, Effect: said,
			Changes: []Change{{Field: name, Before: said, After: number}, {Field: said, Before: nil, After: []string{name, said}}},
		}
		plans := []Plan{{Scope: scope, Steps: []Step{step}, Withheld: []Withheld{{Scope: scope, ResourceID: said, Kind: ScalableTarget, Name: name, Reason: Reason(name), Detail: said}}}}
		var out bytes.Buffer
		if err := JSON(&out, plans); err != nil || !utf8.Valid(out.Bytes()) {
			t.Fatalf("%v: %q", err, out.String())
		}
		var got document
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v: %q", err, out.String())
		}
		n, s := readable(name), readable(said)
		resource := fleet.ResourceID(n, s)
		want := document{
			Steps: []jsonStep{{
				AccountID: s, Region: n, ResourceID: resource, Kind: WakeAlarm, Name: n, Action: Update, Effect: s,
				Changes: []jsonChange{{Field: n, Before: s, After: number}, {Field: s, After: []any{n, s}}},
			}},
			Withheld: []jsonWithheld{{AccountID: s, Region: n, ResourceID: s, Kind: ScalableTarget, Reason: Reason(n), Detail: s}},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		out.Reset()
		if err := JSONOutcomes(&out, []Outcome{{Step: step, Err: errors.New(said)}}, plans); err != nil || !json.Valid(out.Bytes()) {
			t.Errorf("%v: %q", err, out.String())
		}
		// Accounts, fields, effects and reasons are the program's own words.
		step.Scope, step.Effect, step.Changes[0].Field, step.Changes[1].Field = fleet.Scope{}, "", "a", "b"
		plans[0].Scope, plans[0].Steps[0] = step.Scope, step
		plans[0].Withheld[0].Reason = Suspended
		out.Reset()
		if err := Text(&out, plans); err != nil || !obeysNothing(out.String()) {
			t.Errorf("%v: a terminal obeys %q", err, out.String())
		}
		out.Reset()
		if err := TextOutcomes(&out, []Outcome{{Step: step, Err: errors.New(said)}}); err != nil || !obeysNothing(out.String()) {
			t.Errorf("%v: a terminal obeys %q", err, out.String())
		}
	})
}

// readable is the text as JSON can have it: bytes that are no character become one that says so.
func readable(text string) string { return string([]rune(text)) }

// obeysNothing tells whether the text is printed as it stands: nothing moves the cursor or turns the direction.
func obeysNothing(text string) bool {
	for line := range strings.Lines(text) {
		if !utf8.ValidString(line) {
			return false
		}
		if line = strings.TrimSuffix(line, "\n"); Printable(line) != line {
			return false
		}
	}
	return true
}
