// Package savings says of each endpoint what it costs, how much of that had no work, and what other values of its policy would
// have cost instead. Each alternative is a replay of the endpoint's own history. It is pure: it is given histories, and its
// results are values, text and JSON.
package savings
