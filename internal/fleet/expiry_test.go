package fleet

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// Every field of a snapshot that is called Expires, however deep, is one of its expiries: a field that is new is found
// here before a page outlives it.
func TestExpiries_missNoField(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var snapshot Snapshot
	var want []time.Time
	fill(reflect.ValueOf(&snapshot).Elem(), func(expires reflect.Value) {
		at = at.Add(time.Second)
		want = append(want, at)
		expires.Set(reflect.ValueOf(at))
	})
	if len(want) < 2+len(Queue{}) { // a source, an endpoint, its readings
		t.Fatalf("only %d fields were found", len(want))
	}
	got := slices.SortedFunc(snapshot.Expiries(), time.Time.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: add to Expiries what is missing", got, want)
	}
}

// fill gives every list one element and every pointer something to point to, and hands out what is called Expires.
func fill(v reflect.Value, expires func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), expires)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), expires)
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), expires)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch field := v.Type().Field(i); {
			case field.Name == "Expires":
				expires(v.Field(i))
			case field.Type != reflect.TypeFor[time.Time]():
				fill(v.Field(i), expires)
			}
		}
	}
}

func TestExpiries_endWhenNoMoreAreWanted(t *testing.T) {
	snapshot := Snapshot{Sources: make([]Source, 2), Endpoints: make([]Endpoint, 2)}
	all := len(slices.Collect(snapshot.Expiries()))
	if want := 2 + 2*(1+len(Queue{})); all != want {
		t.Fatalf("%d expiries, want %d", all, want)
	}
	for wanted := 1; wanted <= all; wanted++ {
		got := 0
		for range snapshot.Expiries() {
			if got++; got == wanted {
				break
			}
		}
		if got != wanted {
			t.Errorf("%d expiries, want %d", got, wanted)
		}
	}
}
