// Package observe asks AWS about one scope, source by source, and freezes the answers into a fleet.Snapshot.
//
// A failure is data: it becomes an entry of its source, never a silent gap, and what the source said before is kept,
// dated, until it expires. The package asks through small interfaces and never sees the AWS SDK.
package observe
