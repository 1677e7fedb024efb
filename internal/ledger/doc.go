// Package ledger counts CloudWatch's datapoints exactly once: it makes a true counter of the one-minute Sums of a
// metric. It is pure: it says which minutes to read, is told what CloudWatch answered, and knows the total since an
// epoch that everyone agrees on, so that replicas and restarts show the same number and nothing is kept on disk.
package ledger
