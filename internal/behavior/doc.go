// Package behavior evaluates what the scaling of a variant does: whether it wakes, scales out and scales in, and by which
// alarm and policy. It asks internal/autoscaling about a handful of situations and looks at no shapes and no names.
//
// It is pure. It reads configuration alone: targets, policies, alarms and scheduled actions, never states or counts. So the
// answer changes only when somebody changes one of these, and a Cache keeps it until then.
//
// Unknown is an answer: what rests on a metric or a function that is not understood is NotJudged, with the reason.
package behavior
