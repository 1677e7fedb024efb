package awsapi_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

func TestMuteRules_theWireLosesNothing(t *testing.T) {
	t.Parallel()
	e := onEmbedded(t)
	now := truth(e, (*sim.World).Now)
	rules := []fleet.MuteRule{
		{Name: "active", Alarms: []string{"page", "wake"}, Expression: "cron(0 0 * * *)", Duration: "P1D", Timezone: "Europe/Berlin"},
		{Name: "expired", Alarms: []string{"wake"}, Expression: "cron(0 0 * * *)", Duration: "PT1H", Ends: now.Add(-time.Hour)},
		{
			Name: "once", Alarms: []string{"wake"}, Expression: now.Add(time.Hour).Format("at(2006-01-02T15:04)"), Duration: "PT1H",
			Start: now.Add(time.Minute), Ends: now.Add(240 * time.Hour),
		},
	}
	for i := range 120 {
		rules = append(rules, fleet.MuteRule{Name: fmt.Sprintf("z-%03d", i), Alarms: []string{"other"}, Expression: "cron(0 0 * * *)", Duration: "PT1H"})
	}
	e.Do("us-east-1", func(w *sim.World) {
		for _, rule := range rules {
			if err := w.PutAlarmMuteRule(rule); err != nil {
				t.Fatal(err)
			}
		}
	})
	listed, err := e.MuteRules(t.Context())
	if err != nil || len(listed) != len(rules)-1 {
		t.Fatalf("%d rules: %v", len(listed), err)
	}
	want := truth(e, (*sim.World).MuteRules)
	for _, row := range listed {
		got, err := e.MuteRule(t.Context(), row.Name)
		at := slices.IndexFunc(want, func(rule fleet.MuteRule) bool { return rule.Name == row.Name })
		same(t, row.Name, []fleet.MuteRule{got}, err, []fleet.MuteRule{want[at]})
		if row.Active != got.Active || !row.Updated.Equal(got.Updated) || row.Active != (row.Name == "active") && row.Name[0] != 'z' {
			t.Errorf("the list has %+v of %+v", row, got)
		}
	}
	if _, err := e.MuteRule(t.Context(), "gone"); !errors.Is(err, fleet.ErrNotFound) {
		t.Errorf("a rule that is gone: %v", err)
	}
}
