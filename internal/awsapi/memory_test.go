package awsapi_test

import (
	"context"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
	"unsafe"
)

// A string of an answer keeps the whole answer in memory, unless it is copied; equal copies are one. A collection forgets which
// there are, so none may come between two readings here.
func TestAnswers_keepNoMoreThanTheirOwnStrings(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC() // waits for the one that may be under way
	e := onEmbedded(t)
	for name, read := range map[string]func(context.Context) (any, error){
		"endpoints":         func(ctx context.Context) (any, error) { return e.ListEndpoints(ctx) },
		"description":       func(ctx context.Context) (any, error) { return e.DescribeEndpoint(ctx, "transcribe-live") },
		"targets":           func(ctx context.Context) (any, error) { return e.ScalableTargets(ctx) },
		"policies":          func(ctx context.Context) (any, error) { return e.ScalingPolicies(ctx) },
		"scheduled actions": func(ctx context.Context) (any, error) { return e.ScheduledActions(ctx) },
		"alarms":            func(ctx context.Context) (any, error) { return e.MetricAlarms(ctx) },
	} {
		first, err := read(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		second, err := read(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept := stringsIn(reflect.ValueOf(first))
		for i, s := range stringsIn(reflect.ValueOf(second)) {
			if unsafe.StringData(s) != unsafe.StringData(kept[i]) {
				t.Errorf("%s: two readings have %q twice", name, s)
			}
		}
		if len(kept) == 0 {
			t.Errorf("%s: no strings", name)
		}
	}
}

// stringsIn are the strings of a value that are not empty, in their order.
func stringsIn(v reflect.Value) (found []string) {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > 0 {
			found = append(found, v.String())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			found = stringsIn(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			found = append(found, stringsIn(v.Index(i))...)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			found = append(found, stringsIn(v.Field(i))...)
		}
	default:
	}
	return found
}
