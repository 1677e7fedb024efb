// Package daemon is what the commands that answer over HTTP have in common: the addresses they listen on, the bounds on what
// a client can hold, what browsers may do with a page, the log, and the table of their flags.
package daemon

// The paths at which each command says how it is.
const (
	HealthyPath = "/-/healthy"
	ReadyPath   = "/-/ready"
)
