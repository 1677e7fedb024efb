package daemon

import (
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// usualMemory is what a process assumes that nothing limits: the limit of the chart.
const usualMemory = 384 << 20

// Memory tells Go's runtime what the container may use, unless GOMEMLIMIT has, and is how many bytes the process should keep
// within: nine tenths of the container's limit, because it counts more than the runtime does.
func Memory() int64 {
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 { // GOMEMLIMIT
		return limit
	}
	limit := containerMemory(os.DirFS("/sys/fs/cgroup"))
	if limit == 0 {
		return usualMemory / 10 * 9
	}
	debug.SetMemoryLimit(limit / 10 * 9)
	return limit / 10 * 9
}

// containerMemory is the memory limit of the control group in bytes, of version 2 or 1; 0 is none.
func containerMemory(groups fs.FS) int64 {
	for _, name := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
		text, err := fs.ReadFile(groups, name)
		if err != nil {
			continue
		}
		// Without a limit, version 2 says max, and version 1 a number beyond all machines.
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 && limit < 1<<50 {
			return limit
		}
	}
	return 0
}
