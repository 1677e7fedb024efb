package awstest

import "testing"

// Sampled tells whether the n-th of many like cases is tried: make test tries the first of every so many, make test-long
// tries all.
func Sampled(n, every int) bool { return !testing.Short() || n%every == 0 }
