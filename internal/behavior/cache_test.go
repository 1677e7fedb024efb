package behavior

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// What is read anew and is the same is not evaluated again; any change of configuration is.
func TestCache_evaluatesWhatHasChanged(t *testing.T) {
	fresh := func() *shape { // everything is another copy
		s := target(0, 5, documented, alarm("math", hb, ">=", 1, 1, triggers(pager), mathOver("FILL(m1,0)", hb)))
		two := 2
		s.variant.Policies[1].Step.MinAdjustmentMagnitude = &two
		return s
	}
	var cache Cache
	ask := func(s *shape) *Behavior { return cache.Of(&s.endpoint, s.variant, s.context) }
	before := ask(fresh())
	if ask(fresh()) != before {
		t.Error("the same configuration is evaluated again")
	}
	same := fresh()
	same.variant.Alarms[0].State, same.variant.Alarms[0].StateSince = "ALARM", time.Unix(1, 0)
	same.context.Service = 0
	if ask(same) != before {
		t.Error("the state of an alarm is no configuration")
	}
	unlike := func(name string, change func(*shape)) {
		ask(fresh())
		s := fresh()
		change(s)
		want := s.of()
		if got := ask(s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s has changed, and what was known before is said", name)
		}
	}
	unlike("the concurrency", func(s *shape) { *s.endpoint.Async.MaxConcurrentInvocationsPerInstance = 1 })
	unlike("the maximum", func(s *shape) { s.variant.Target.MaxCapacity = 0 })
	unlike("a suspension", func(s *shape) { s.variant.Target.Suspended.ScaleOut = true })
	unlike("the objective", func(s *shape) { s.context.Latency = time.Minute })
	unlike("the number of alarms", func(s *shape) { s.variant.Alarms = nil })
	unlike("a mute rule", func(s *shape) {
		s.context.At = time.Unix(1e9, 0)
		wake := &s.variant.Alarms[0].Alarm
		wake.Mutes.Rules = []fleet.MuteRule{{Name: "night", Alarms: []string{wake.Name}, Expression: "cron(0 22 * * *)", Duration: "PT8H"}}
	})
	unlike("a scheduled action", func(s *shape) {
		s.context.At = time.Unix(1e9, 0)
		s.variant.Scheduled = []fleet.ScheduledAction{{Schedule: "cron(0 8 * * ? *)", MinCapacity: new(int)}}
	})
}

// Each field of the configuration is compared: one that is not would let an old answer stand.
func TestCache_comparesEveryField(t *testing.T) {
	notConfigured := []string{
		"ARN", "Description", "State", "StateReason", "StateUpdated", "StateSince", "ConfigurationUpdated", "Read", "Mutes", // of alarms
		"ResourceID", "Alarms", "Created", "RoleARN", // of policies and targets
		"ResourceLabel", "ScaleInCooldown", "ScaleOutCooldown", "Cooldown", "Aggregation", "Label", // that no situation depends on
	}
	fields(t, notConfigured, sameAlarm)
	fields(t, slices.DeleteFunc(slices.Clone(notConfigured), func(name string) bool { return name == "ARN" }), samePolicy)
	fields(t, notConfigured, sameTracking)
	fields(t, notConfigured, sameStep)
	fields(t, notConfigured, sameTarget)
	fields(t, notConfigured, sameQuery)
	fields(t, notConfigured, sameAction)
}

func fields[T any](t *testing.T, left []string, same func(a, b *T) bool) {
	t.Helper()
	of := reflect.TypeFor[T]()
	for i := range of.NumField() {
		var a, b T
		set(reflect.ValueOf(&b).Elem().Field(i))
		if name := of.Field(i).Name; same(&a, &b) != slices.Contains(left, name) {
			t.Errorf("%s.%s: compared is %t", of, name, !same(&a, &b))
		}
	}
}

// set makes a value another one than its zero value.
func set(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
			return
		}
		set(v.Field(0))
	}
}

func TestForget_dropsWhatNobodyAsksAbout(t *testing.T) {
	var cache Cache
	s := target(0, 5, documented)
	first := cache.Of(&s.endpoint, s.variant, s.context)
	cache.Forget()
	if cache.Of(&s.endpoint, s.variant, s.context) != first {
		t.Error("it was asked about before it was forgotten")
	}
	cache.Forget()
	cache.Forget()
	if len(cache.kept) != 0 {
		t.Errorf("%d are kept", len(cache.kept))
	}
}
