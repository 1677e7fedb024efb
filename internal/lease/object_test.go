package lease

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

const annotated = `{
  "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "later": {"a": 1e3},
  "metadata": {"name": "exporter", "namespace": "monitoring", "resourceVersion": "7", "uid": "5b3a", "labels": {"team": "speech"},
    "annotations": {"note": "ours"}, "ownerReferences": [{"uid": "1"}], "managedFields": [{"manager": "kubectl"}]},
  "spec": {"holderIdentity": "b", "leaseDurationSeconds": 15, "acquireTime": "2026-03-01T10:00:00.000001Z", "renewTime": null,
    "leaseTransitions": 4, "strategy": "OldestEmulationVersion"}}`

func parsed(t *testing.T, text string) object {
	t.Helper()
	o, err := parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// want compares what would be sent with JSON.
func want(t *testing.T, o object, text string) {
	t.Helper()
	var got, wanted any
	if err := json.Unmarshal(o.encode(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %s", o.encode())
	}
}

func TestObject_keepsWhatOthersHaveWritten(t *testing.T) {
	o := parsed(t, annotated)
	at := time.Date(2026, 3, 1, 13, 0, 0, 120_000_000, time.FixedZone("", 3600))
	taken := strings.NewReplacer(
		`"holderIdentity": "b"`, `"holderIdentity": "a"`, `: 15,`, `: 60,`, `10:00:00.000001Z`, `12:00:00.120000Z`,
		`"renewTime": null`, `"renewTime": "2026-03-01T12:00:00.120000Z"`, `"leaseTransitions": 4`, `"leaseTransitions": 5`,
	).Replace(annotated)
	want(t, o.heldBy("a", time.Minute, at), taken)
	want(t, parsed(t, taken).heldBy("a", time.Minute, at.Add(5*time.Second)), strings.Replace(taken,
		`"renewTime": "2026-03-01T12:00:00.120000Z"`, `"renewTime": "2026-03-01T12:00:05.120000Z"`, 1)) // a renewal changes nothing else
	want(t, parsed(t, taken).released(at.Add(time.Minute)), strings.NewReplacer(
		`"holderIdentity": "a"`, `"holderIdentity": ""`, `: 60,`, `: 1,`, `12:00:00.120000Z`, `12:01:00.120000Z`,
	).Replace(taken))
	want(t, o, annotated)
}

func TestObject_isMadeWithWhatItNeeds(t *testing.T) {
	want(t, fresh(exporter).heldBy("a", 1500*time.Millisecond, noon), `{
	  "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"namespace": "monitoring", "name": "exporter"},
	  "spec": {"holderIdentity": "a", "leaseDurationSeconds": 2, "leaseTransitions": 0,
	    "acquireTime": "2026-03-01T12:00:00.000000Z", "renewTime": "2026-03-01T12:00:00.000000Z"}}`)
}

func TestObject_thatIsEmptyIsTaken(t *testing.T) {
	for _, spec := range []string{``, `, "spec": null`, `, "spec": {}`, `, "spec": {"holderIdentity": null}`} {
		o := parsed(t, `{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "exporter", "resourceVersion": "7"}`+spec+`}`)
		r, err := o.record()
		if err != nil || r.holder != "" || r.lasts != 0 {
			t.Errorf("%s: got %+v, %v", spec, r, err)
		}
		if held, _ := o.heldBy("a", time.Minute, noon).record(); held.holder != "a" || held.lasts != time.Minute {
			t.Errorf("%s: got %+v", spec, held)
		}
	}
}

func TestParse_refusesWhatIsNoLease(t *testing.T) {
	for _, text := range []string{
		``, `null`, `[]`, `{}`, `"Lease"`, `{"kind": "Status", "metadata": {"resourceVersion": "1"}}`, `{"kind": "Lease"}`,
		`{"kind": "Lease", "metadata": []}`, `{"kind": "Lease", "metadata": {"resourceVersion": 7}}`, annotated[:len(annotated)-1],
		strings.Replace(annotated, `"b"`, `5`, 1), strings.Replace(annotated, `15`, `"15"`, 1), strings.Replace(annotated, `15`, `1e12`, 1),
	} {
		if o, err := parse([]byte(text)); err == nil {
			t.Errorf("%s is taken: %s", text, o.encode())
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(annotated))
	f.Add([]byte(`{"kind":"Lease","metadata":{"resourceVersion":"1"},"spec":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := parse(data)
		if err != nil {
			return
		}
		again, err := parse(o.heldBy("a", time.Minute, noon).encode())
		if err != nil {
			t.Fatalf("what is written cannot be read: %v", err)
		}
		if r, err := again.record(); err != nil || r.holder != "a" {
			t.Errorf("got %+v, %v", r, err)
		}
	})
}
