// Package autoscaling is AWS's arithmetic, once: when a CloudWatch alarm goes into ALARM, which policies a state triggers,
// and for how many instances Application Auto Scaling then asks. It is pure: it knows no clock and no AWS.
//
// The simulator runs it over time with exact values. Behaviour asks it about steady situations, in which values may be known
// as an interval, missing or unknown; what rests on those is a set of states or an interval of capacities, and never a guess.
// Where AWS's documentation leaves something open, the comment at the rule says how it is read.
package autoscaling
