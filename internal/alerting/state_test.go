package alerting

import (
	"testing"
	"time"
)

// The group that is most behind what it should have done says when the rules were evaluated, however long its interval is.
func TestState_theGroupThatIsMostBehindIsTold(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	const most = 30 * time.Second
	type group struct {
		last     time.Duration // before noon; negative: not evaluated yet
		interval time.Duration
	}
	for name, test := range map[string]struct {
		groups []group
		want   time.Duration
	}{
		"all are on time":            {[]group{{20 * time.Second, most}, {4 * time.Minute, 5 * time.Minute}, {10 * time.Second, most}}, 20 * time.Second},
		"one hangs":                  {[]group{{20 * time.Second, most}, {9 * time.Minute, most}}, 9 * time.Minute},
		"one of long interval hangs": {[]group{{20 * time.Second, most}, {10 * time.Minute, 5 * time.Minute}}, 5*time.Minute + 30*time.Second},
		"one has not begun":          {[]group{{-1, 5 * time.Minute}, {20 * time.Second, most}}, 20 * time.Second},
		"none has begun":             {[]group{{-1, most}, {-1, most}}, -1},
	} {
		var got time.Time
		for _, g := range test.groups {
			last := noon.Add(-g.last)
			if g.last < 0 {
				last = time.Time{}
			}
			got = older(got, due(last, g.interval, most))
		}
		want := noon.Add(-test.want)
		if test.want < 0 {
			want = time.Time{}
		}
		if !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
