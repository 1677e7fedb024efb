package alerting

import (
	"fmt"
	"testing"
	"time"
)

func TestScopes_unseen(t *testing.T) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	whole := observed{tried: true, up: map[string]bool{"endpoints": true, "metrics": true, "alarms": true}}
	deaf := observed{tried: true, up: map[string]bool{"endpoints": true, "metrics": true, "alarms": false}}
	first := observed{up: map[string]bool{"endpoints": true}} // metrics and alarms were not asked yet
	east, west, nameless := scope{"1", "east"}, scope{"1", "west"}, scope{"", "west"}
	of := func(labels ...string) subject {
		s := subject{}
		for i, value := range labels {
			s[subjectLabels[i]] = value
		}
		return s
	}
	both := map[scope]observed{east: whole, west: whole}
	for name, test := range map[string]struct {
		pages   []map[scope]observed // a minute after each other
		subject subject
		sources []string
		want    string
	}{
		"everything answers":                               {[]map[scope]observed{both}, of("1", "east", "e"), []string{"metrics"}, "[]"},
		"the source is down":                               {[]map[scope]observed{both, {east: deaf, west: whole}}, of("1", "east"), []string{"alarms"}, "[{{1 east} true}]"},
		"another source is down":                           {[]map[scope]observed{both, {east: deaf, west: whole}}, of("1", "east"), []string{"metrics"}, "[]"},
		"another region is down":                           {[]map[scope]observed{both, {east: deaf, west: whole}}, of("1", "west"), []string{"alarms"}, "[]"},
		"it was down a page ago":                           {[]map[scope]observed{{east: deaf}, {east: whole}}, of("1", "east"), []string{"alarms"}, "[{{1 east} true}]"},
		"it was down two pages ago":                        {[]map[scope]observed{{east: deaf}, {east: whole}, {east: whole}}, of("1", "east"), []string{"alarms"}, "[]"},
		"not asked yet":                                    {[]map[scope]observed{{east: first}}, of("1", "east"), []string{"metrics"}, "[{{1 east} true}]"},
		"asked, while others are not yet":                  {[]map[scope]observed{{east: first}}, of("1", "east"), []string{"endpoints"}, "[]"},
		"a source that nothing asks for":                   {[]map[scope]observed{both}, of("1", "east"), []string{"tags"}, "[]"},
		"not on the page":                                  {[]map[scope]observed{both, {west: whole}}, of("1", "east"), nil, "[{{1 east} false}]"},
		"on no page":                                       {[]map[scope]observed{{west: whole}}, of("1", "east"), nil, "[{{1 east} false}]"},
		"the account was not reached":                      {[]map[scope]observed{both, {east: whole, nameless: {tried: true}}}, of("1", "west"), nil, "[{{1 west} true}]"},
		"an alert of all regions, of which one is":         {[]map[scope]observed{both, {east: deaf, west: whole}}, of(), []string{"alarms"}, "[{{1 east} true}]"},
		"an alert of all regions, of which one is missing": {[]map[scope]observed{both, {east: whole}}, of(), nil, "[{{1 west} false}]"},
		"of the account":                                   {[]map[scope]observed{both, {east: whole}}, of("1"), nil, "[{{1 west} false}]"},
		"of another":                                       {[]map[scope]observed{both, {east: whole}}, of("2", "west"), nil, "[{{2 west} false}]"},
	} {
		var s scopes
		for i, page := range test.pages {
			s = s.next(page, noon.Add(time.Duration(i)*time.Minute))
		}
		if got := fmt.Sprint(s.unseen(test.subject, test.sources)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	s := scopes{}.next(both, noon)
	for _, minutes := range []time.Duration{1, 15, 16} {
		s = s.next(map[scope]observed{east: whole}, noon.Add(minutes*time.Minute))
	}
	if got := s.unseen(of(), nil); len(got) != 0 {
		t.Errorf("a region that is no longer observed is still missing: %v", got)
	}
}

func TestKept_next(t *testing.T) {
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	type step struct {
		minute int
		now    visibility
		holds  bool
	}
	for name, test := range map[string]struct {
		reach time.Duration
		steps []step
	}{
		"it has ended":                         {0, []step{{1, visible, false}}},
		"it has ended, whatever it looks at":   {time.Hour, []step{{1, visible, false}}},
		"hidden, and seen again":               {0, []step{{1, hidden, true}, {100, hidden, true}, {101, visible, true}, {102, visible, true}, {103, visible, false}}},
		"as long as it looks back":             {10 * time.Minute, []step{{1, hidden, true}, {2, visible, true}, {13, visible, true}, {14, visible, false}}},
		"for an hour of looking back":          {5 * time.Hour, []step{{1, hidden, true}, {2, visible, true}, {63, visible, true}, {64, visible, false}}},
		"for a day":                            {0, []step{{1, hidden, true}, {1440, hidden, true}, {1441, hidden, false}}},
		"a day in all":                         {0, []step{{1, hidden, true}, {700, visible, true}, {701, hidden, true}, {1441, hidden, false}}},
		"without a scope a quarter of an hour": {0, []step{{1, nowhere, true}, {15, nowhere, true}, {16, nowhere, false}}},
		"deleted":                              {0, []step{{1, gone, false}}},
		"deleted while it was hidden":          {time.Hour, []step{{1, hidden, true}, {2, gone, false}}},
	} {
		k := kept{found: noon}
		for _, step := range test.steps {
			var holds bool
			if k, holds = k.next(step.now, test.reach, time.Minute, noon.Add(time.Duration(step.minute)*time.Minute)); holds != step.holds {
				t.Errorf("%s: after %d minutes: %t", name, step.minute, holds)
			}
		}
	}
}
