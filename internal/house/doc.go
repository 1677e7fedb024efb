// Package house holds the rules of the code base as tests: who may import whom, and what pure code must not do.
package house
