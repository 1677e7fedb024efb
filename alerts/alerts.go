// Package alerts carries the Prometheus rules, so that programs and tests read the same file as users.
package alerts

import _ "embed" // the rules

// Rules is the rules file, in Prometheus' YAML.
//
//go:embed sagemaker-async.yaml
var Rules []byte
