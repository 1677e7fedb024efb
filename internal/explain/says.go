package explain

import (
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
)

// longestSaying is how many characters of AWS's words an explanation repeats: its messages have one or two sentences.
const longestSaying = 500

// says is what AWS itself says of what is wrong now: of the endpoint, else of the newest activity that came to nothing.
// Words about what has passed are left out: they would send somebody after the wrong thing.
func (l *looked) says(attention bool) string {
	if l.missing != "" || !attention {
		return ""
	}
	if slices.Contains(fleet.Lasting, l.endpoint.Status) && l.endpoint.FailureReason != "" {
		return saying(l.endpoint.FailureReason)
	}
	for _, v := range l.variants {
		if failed := v.failure(); failed != nil {
			return saying(said(failed))
		}
	}
	return ""
}

// failure is the activity that came to nothing lately and has words of AWS: the scale-out that is refused, else the newest;
// nil when there is none.
func (v *variant) failure() *fleet.Activity {
	if v.noActivities != "" {
		return nil
	}
	failed := v.refusal()
	if failed == nil && len(v.Activity.Recent) > 0 {
		failed = &v.Activity.Recent[0]
	}
	if failed == nil || failed.Status != "Failed" && len(failed.NotScaled) == 0 || v.at.Sub(failed.Start) >= refusalCounts || said(failed) == "" {
		return nil
	}
	return failed
}

// saying are words of AWS on one line, of bounded length.
func saying(words string) string {
	line := []rune(strings.TrimSpace(plan.Printable(words)))
	if len(line) > longestSaying {
		line = append(line[:longestSaying-1:longestSaying-1], '…')
	}
	return string(line)
}
