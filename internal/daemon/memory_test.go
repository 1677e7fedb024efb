package daemon

import (
	"testing"
	"testing/fstest"
)

func TestContainerMemory_isTheLimitOfTheControlGroup(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       int64
	}{
		{"memory.max", "402653184\n", 384 << 20},
		{"memory.max", "max\n", 0},
		{"memory/memory.limit_in_bytes", "268435456\n", 256 << 20},
		{"memory/memory.limit_in_bytes", "9223372036854771712\n", 0},
		{"other", "1", 0},
		{"memory.max", "", 0},
		{"memory.max", "-5", 0},
	} {
		if got := containerMemory(fstest.MapFS{test.name: {Data: []byte(test.text)}}); got != test.want {
			t.Errorf("%s %q: %d, want %d", test.name, test.text, got, test.want)
		}
	}
}
