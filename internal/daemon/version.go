package daemon

import (
	"runtime/debug"
	"strings"
)

// ModuleVersion is the version of the module that a binary of `go install PACKAGE@VERSION` was built from, where the linker was
// given none. It is empty for a build in a clone.
func ModuleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return moduleVersion(info.Main.Version)
}

func moduleVersion(text string) string {
	if text == "(devel)" {
		return ""
	}
	return strings.TrimPrefix(text, "v")
}
