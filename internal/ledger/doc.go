// Package ledger counts CloudWatch's datapoints exactly once: it makes a true counter of the one-minute Sums of a
// metric. It is pure: it decides which minutes to read, takes in what CloudWatch answered, and knows the total since the
// first of the month. Nothing is kept on disk.
//
// CloudWatch does not say when a datapoint arrived, so two processes cannot be equal at every moment. As long as
// CloudWatch takes nothing back, these hold instead, and the tests prove them:
//
//   - A total never falls while a process runs.
//   - A process that starts shows at least what any process showed before it did. Each starts from the epoch, which all know,
//     and counts every minute that another can have counted: as the hour that another counted by the hour, and in no
//     smaller amount otherwise (see Whole).
//   - What a total grows by is what was published of the minutes that settled meanwhile, and of late data when it came.
package ledger
