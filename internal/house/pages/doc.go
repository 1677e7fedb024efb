// Package pages holds what the written pages say against the code. It is apart from package house, whose rules must be
// told even where the code does not compile.
package pages
