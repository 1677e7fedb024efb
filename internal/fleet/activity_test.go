package fleet

import "testing"

func TestFailureReason_readsTheWordsOfAWS(t *testing.T) {
	notScaled := []NotScaledReason{{Code: "AlreadyAtMaxCapacity"}}
	for _, test := range []struct {
		name     string
		activity Activity
		want     string
	}{
		{"quota", Activity{Status: "Failed", StatusMessage: "Failed to set desired instance count to 5. Reason: The account-level " +
			"service limit 'ml.g5.xlarge for endpoint usage' is 4 Instances, with current utilization of 4 Instances and a " +
			"request delta of 1 Instances."}, ReasonQuota},
		{"quota in the details", Activity{Status: "Failed", Details: "ResourceLimitExceeded: quota"}, ReasonQuota},
		{"capacity by code", Activity{Status: "Failed", StatusMessage: "InsufficientInstanceCapacity"}, ReasonNoCapacity},
		{"capacity in words", Activity{Status: "Failed", StatusMessage: "Unable to provision requested ML compute capacity due " +
			"to InsufficientInstanceCapacity error."}, ReasonNoCapacity},
		{"not enough capacity", Activity{Status: "Failed", StatusMessage: "We currently do not have sufficient capacity"}, ReasonNoCapacity},
		{"anything else", Activity{Status: "Failed", StatusMessage: "The role is not authorized"}, OtherReason},
		{"not scaled is no failure", Activity{Status: "Failed", NotScaled: notScaled}, ""},
		{"success", Activity{Status: "Successful", StatusMessage: "quota"}, ""},
	} {
		if got := test.activity.FailureReason(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestScaledOut_comparesWithTheCountBefore(t *testing.T) {
	set := func(n string) Activity { return Activity{Description: "Setting desired instance count to " + n + "."} }
	two, unreadable := set("2"), Activity{Description: "Something"}
	low := set("1")
	low.Cause = "monitor alarm TargetTracking-endpoint/a/variant/v-AlarmLow-0 in state ALARM triggered policy p"
	blocked := set("5")
	blocked.NotScaled = []NotScaledReason{{Code: "AlreadyAtMaxCapacity"}}
	for _, test := range []struct {
		name     string
		activity Activity
		before   *Activity
		want     bool
	}{
		{"more", set("12"), &two, true},
		{"fewer", set("1"), &two, false},
		{"the same", set("2"), &two, false},
		{"nothing before", set("1"), nil, true},
		{"to zero, nothing before", set("0"), nil, false},
		{"low alarm, nothing before", low, nil, false},
		{"unreadable count before", set("3"), &unreadable, true},
		{"not scaled", blocked, &two, false},
	} {
		if got := test.activity.ScaledOut(test.before); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
