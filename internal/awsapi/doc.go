// Package awsapi is the AWS wall: the only package that imports the SDK. It asks the questions of an observation, one
// Client for one account in one region, and answers in the plain values of package fleet. SDK types stop here, and so
// do the SDK's many ways to fail: every error is one line that says what is wrong and, where it can be known, what to
// do about it.
package awsapi
