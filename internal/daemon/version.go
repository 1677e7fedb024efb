package daemon

import (
	"cmp"
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// CompleteVersion fills in what the linker was not told of the version: by go install the version of the module, by go build in a
// clone that of the commit and its time. go run tells neither.
func CompleteVersion() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	version.Version = cmp.Or(version.Version, moduleVersion(info.Main.Version), "devel")
	version.Branch, version.BuildUser = cmp.Or(version.Branch, "unknown"), cmp.Or(version.BuildUser, "unknown")
	version.BuildDate = cmp.Or(version.BuildDate, commitTime(info.Settings), "unknown")
}

// commitTime is when the commit was made that is built, in words; empty where that is not known.
func commitTime(settings []debug.BuildSetting) string {
	for _, setting := range settings {
		if setting.Key == "vcs.time" {
			return "unknown, commit of " + setting.Value
		}
	}
	return ""
}

func moduleVersion(text string) string {
	if text == "(devel)" {
		return ""
	}
	return strings.TrimPrefix(text, "v")
}
