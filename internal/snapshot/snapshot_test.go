package snapshot

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

func written(t *testing.T, f File) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Whatever is observed is the same after it was written and read.
func TestFile_losesNothing(t *testing.T) {
	wired := 0
	for seed := range uint64(120) {
		r := newRandom(seed)
		want := File{Redacted: r.IntN(2) == 0, Scopes: []fleet.Snapshot{r.snapshot(), r.snapshot()}}
		data := written(t, want)
		got, err := Read(data)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\ngot  %+v\nwant %+v\n%s", seed, got, want, data)
		}
		if again := written(t, got); !bytes.Equal(again, data) {
			t.Fatalf("seed %d: written again it is another file", seed)
		}
		for _, e := range want.Scopes[0].Endpoints {
			for _, v := range e.Variants {
				wired += len(v.Alarms)
			}
		}
	}
	if wired < 5 {
		t.Errorf("only %d alarms were joined", wired)
	}
}

// small is a file with one endpoint.
func small(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRead_isStrictAndNamesThePlace(t *testing.T) {
	good := small(t)
	if _, err := Read([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, from, to, want string }{
		{"another version", `"version": 1`, `"version": 2`, "version: 2 is not known: this program reads version 1"},
		{"no version", `"version": 1`, `"size": 1`, "version: it is missing, or not a number: this is not a snapshot file"},
		{"an unknown key", `"min_capacity"`, `"minCapacity"`, "scopes[0].targets[0].min_capacity: it is missing"},
		{"an unknown key beside", `"min_capacity": 0`, `"min_capacity": 0, "minimum": 1`, "scopes[0].targets[0].minimum: the key is not known"},
		{"a key twice", `"min_capacity": 0`, `"min_capacity": 0, "min_capacity": 1`, "line 48: scopes[0].targets[0].min_capacity: it stands twice"},
		{"a text for a number", `"max_capacity": 5`, `"max_capacity": "5"`, `scopes[0].targets[0].max_capacity: "5" is not a number`},
		{"no whole number", `"max_capacity": 5`, `"max_capacity": 5.5`, "scopes[0].targets[0].max_capacity: 5.5 is not a whole number"},
		{"too large a number", `"threshold": 1`, `"threshold": 1e999`, "scopes[0].alarms[0].threshold: 1e999 is not a number that can be told exactly"},
		{"no duration", `"period": "1m"`, `"period": "1 minute"`, `scopes[0].alarms[0].period: "1 minute" is not a duration: write for example 5m or 1h30m`},
		{"no moment", `"at": "2026-03-02T09:00:00Z"`, `"at": "yesterday"`, `scopes[0].at: "yesterday" is not a moment: write for example 2026-03-02T09:00:00Z`},
		{"no boolean", `"actions_enabled": true`, `"actions_enabled": 1`, "scopes[0].alarms[0].actions_enabled: 1 is not true or false"},
		{"null", `"actions_enabled": true`, `"actions_enabled": null`, "scopes[0].alarms[0].actions_enabled: null is not true or false"},
		{"no list", `"alarm_actions": [`, `"alarm_actions": {}, "ok_actions": [`, "scopes[0].alarms[0].alarm_actions: an object is not a list"},
		{"an unknown metric", `"ApproximateBacklogSize"`, `"BacklogSize"`, "scopes[0].endpoints[0].queue.BacklogSize: the key is not known"},
		{"an unknown source", `"name": "alarms"`, `"name": "alarm"`, `scopes[0].sources: "alarm" is none: there are activities alarms endpoints metrics queue scaling tags`},
		{"nothing named", `"name": "live"`, `"name": ""`, "scopes[0].endpoints: one has no name"},
		{"cut", `"redacted": false,`, `"redacted"`, "line 4: not JSON: invalid character '\"' after object key"},
	} {
		if !strings.Contains(good, test.from) {
			t.Fatalf("%s: the file has no %s", test.name, test.from)
		}
		_, err := Read([]byte(strings.Replace(good, test.from, test.to, 1)))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
	}
	for text, want := range map[string]string{
		"":                                  "line 1: not JSON: unexpected EOF",
		"[]":                                "the file is not a JSON object",
		good + "{}":                         "something follows the JSON object",
		`{"version": 1, "redacted": false}`: "scopes: there is none",
		`{"version": 1, "x": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}": "nested too deeply",
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

// Files of earlier versions call the source of counters work.
func TestRead_knowsTheFormerNameOfASource(t *testing.T) {
	called := func(name string) ([]fleet.Snapshot, error) {
		f, err := Read([]byte(strings.Replace(small(t), `"name": "alarms"`, `"name": "`+name+`"`, 1)))
		return f.Scopes, err
	}
	want, err := called("metrics")
	if err != nil || want[0].Sources[0].Name != fleet.SourceMetrics {
		t.Fatalf("got %+v, %v", want, err)
	}
	if got, err := called("work"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestWrite_refusesWhatIsNoNumber(t *testing.T) {
	nan := 0.0
	nan /= nan
	f := File{Scopes: []fleet.Snapshot{{Alarms: []fleet.Alarm{{Threshold: nan}}}}}
	if err := f.Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "scopes: alarms: threshold") {
		t.Errorf("got %v", err)
	}
}

// What is read is what is written, whatever the file.
func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("testdata/small.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"redacted":false,"scopes":[{"at":"2026-03-02T09:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := Read(data)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
			return
		}
		again, err := Read(written(t, read))
		if err != nil || !reflect.DeepEqual(again, read) {
			t.Errorf("read again: %v", err)
		}
		redacted := read.Redact()
		if _, err := Read(written(t, redacted)); err != nil {
			t.Errorf("redacted: %v", err)
		}
		if !json.Valid(data) {
			t.Error("what was read is not JSON")
		}
	})
}
