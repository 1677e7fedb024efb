// Package snapshot is the file form of what was observed: JSON that is written by one process and judged by another, or
// by a test. It is pure.
//
// The file holds what AWS said, each thing once. What is joined from that, which alarms trigger the policies of a variant
// for example, is joined again on reading, by the same code. docs/snapshot.md is made from the types.
package snapshot
