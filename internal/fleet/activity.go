package fleet

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Activity is a scaling activity (DescribeScalingActivities).
type Activity struct {
	ID            string
	ResourceID    string
	Cause         string
	Description   string
	Details       string
	Status        string // Pending, InProgress, Successful, Overridden, Unfulfilled or Failed
	StatusMessage string
	Start         time.Time
	End           time.Time         // zero while it lasts
	NotScaled     []NotScaledReason // not empty: nothing was scaled, and Failed is no failure
}

// NotScaledReason says why Application Auto Scaling left the capacity as it was.
type NotScaledReason struct {
	Code              string // one of NotScaledCodes, or something newer
	Current, Min, Max *int   // the capacities it looked at
}

// TerminalStatuses are the statuses that an activity keeps for ever.
var TerminalStatuses = []string{"Successful", "Overridden", "Unfulfilled", "Failed"}

// NotScaledCodes are the reasons that AWS documents; others are counted as OtherReason.
var NotScaledCodes = []string{
	"AutoScalingAnticipatedFlapping", "TargetServicePutResourceAsUnscalable", "AlreadyAtMaxCapacity",
	"AlreadyAtMinCapacity", "AlreadyAtDesiredCapacity",
}

// The reasons why a scaling activity fails, as far as AWS's own words tell them apart.
const (
	ReasonQuota      = "quota"       // an account-level service limit
	ReasonNoCapacity = "no_capacity" // AWS has no instances of the type
	OtherReason      = "other"
)

// FailureReasons lists the reasons why a scaling activity fails.
var FailureReasons = []string{ReasonQuota, ReasonNoCapacity, OtherReason}

// Terminal tells whether the activity has reached a status that it keeps.
func (a Activity) Terminal() bool { return a.Status != "Pending" && a.Status != "InProgress" }

// InProgress tells whether the activity still changes capacity.
func (a Activity) InProgress() bool { return !a.Terminal() }

var (
	quotaWords    = regexp.MustCompile(`(?i)service limit|service quota|limit exceeded|LimitExceeded|quota`)
	capacityWords = regexp.MustCompile(`(?i)InsufficientInstanceCapacity|insufficient capacity|capacity error|` +
		`(?:unable to (?:provision|obtain|launch)|not enough|do(?:es)? not have (?:enough|sufficient)|insufficient|no).{0,40}capacity`)
)

// FailureReason classifies a failed activity by AWS's own words; it is empty for one that did not fail.
func (a Activity) FailureReason() string {
	if a.Status != "Failed" || len(a.NotScaled) > 0 {
		return ""
	}
	words := a.StatusMessage + " " + a.Details
	switch {
	case quotaWords.MatchString(words):
		return ReasonQuota
	case capacityWords.MatchString(words):
		return ReasonNoCapacity
	}
	return OtherReason
}

var capacityChange = regexp.MustCompile(`(?i)setting desired instance count to (\d+)`)

// Desired is the instance count that the activity set, as its description says.
func (a Activity) Desired() (n int, ok bool) {
	found := capacityChange.FindStringSubmatch(a.Description)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	if err != nil { // more than an int holds is no count
		return 0, false
	}
	return n, true
}

var policyCause = regexp.MustCompile(`^monitor alarm .+ in state (?:ALARM|OK|INSUFFICIENT_DATA) triggered policy (.+)$`)

// Policy is the name of the scaling policy that caused the activity; ok is false where none did, as for a scheduled action.
func (a Activity) Policy() (name string, ok bool) {
	found := policyCause.FindStringSubmatch(a.Cause)
	if found == nil {
		return "", false
	}
	return found[1], true
}

// ScaledOut tells whether the activity added instances. AWS does not say so: the count that the activity set is
// compared with the count that the one before it set; without that, an activity was a scale-out unless the low alarm of
// a tracking policy caused it or it set zero.
func (a Activity) ScaledOut(before *Activity) bool {
	if len(a.NotScaled) > 0 {
		return false
	}
	now, ok := a.Desired()
	if ok && before != nil {
		if earlier, known := before.Desired(); known {
			return now > earlier
		}
	}
	return !strings.Contains(a.Cause, TrackingLow) && (!ok || now > 0)
}

// Earlier is the newest of the older activities, newest first, that set a capacity; nil when none did.
func Earlier(older []Activity) *Activity {
	for i := range older {
		if older[i].Status != "Successful" {
			continue
		}
		if _, ok := older[i].Desired(); ok {
			return &older[i]
		}
	}
	return nil
}

// ActivityState is what the activities of one variant say: the newest ones, and how many there were since the
// process started.
type ActivityState struct {
	Recent    []Activity     // newest first, bounded
	Ended     map[string]int // by terminal status; not-scaled activities are left out
	Failures  map[string]int // by FailureReasons
	NotScaled map[string]int // by NotScaledCodes and OtherReason; one that has just occurred for the first time is 0 until the next read
	ScaleOuts Histogram      // seconds from start to end of successful scale-outs
}
