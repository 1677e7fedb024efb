package awstest

import "testing"

// Sampled tells whether the n-th of many like cases is tried: make test tries the first of every so many, make test-long
// tries all.
func Sampled(n, every int) bool { return !testing.Short() || n%every == 0 }

// Share is how many of so many the tried cases are to show: all of them, or their part in a sample.
func Share(of, every int) int {
	if testing.Short() {
		return of / every
	}
	return of
}
