// Package e2e runs the built binary as its users do: against the embedded AWS, scraped by a real Prometheus. Its tests
// stand behind the build tag e2e, because they need programs that are no part of Go: make e2e says which.
package e2e
