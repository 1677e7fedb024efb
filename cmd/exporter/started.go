package main

import (
	"path/filepath"
	"slices"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/report"
)

// started is how a command that a person runs has to be started to see what this process sees.
func (o options) started(cfg config.Config) (s report.Started) {
	if o.configFile != "" {
		s.Flags = append(s.Flags, "--config.file="+absolute(o.configFile))
	}
	if o.snapshot.file != "" {
		s.Flags, s.Offline = append(s.Flags, "--snapshot="+absolute(o.snapshot.file)), true
		return s
	}
	if o.demo {
		s.Flags = append(s.Flags, "--demo")
		if o.demoAWS != "" {
			s.Flags = append(s.Flags, "--demo.aws="+o.demoAWS)
		}
		return s
	}
	flags := len(o.overrides.Regions) > 0 || o.overrides.RoleARN != ""
	if len(cfg.Scopes) == 1 && !flags && cfg.Scopes[0].Region != "" {
		return s // the file names the one place
	}
	if !flags && slices.ContainsFunc(cfg.Scopes, func(scope config.Scope) bool { return scope.ExternalID != "" }) {
		return s // the file alone knows the secret
	}
	for _, scope := range cfg.Scopes {
		s.Places = append(s.Places, report.Place{
			Region: scope.Region, RoleARN: string(scope.RoleARN), ExternalID: scope.ExternalID != "",
		})
	}
	return s
}

// absolute is a path that means the same file in every directory; as it is given, where this process does not know its own.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}
