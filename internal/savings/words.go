package savings

import (
	"fmt"
	"math"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// named is a value of a policy for people.
type named struct{ name, text string }

// valuesOf are the values of a policy. One that does not act is none.
func valuesOf(s sim.Scaling) []named {
	values := []named{
		{"minimum", fmt.Sprint(s.Min)},
		{"maximum", fmt.Sprint(s.Max)},
		{"target value", fmt.Sprintf("%g", s.TargetValue)},
		{"cooldowns", cooldowns(s)},
	}
	if s.NoTracking {
		values[2].text = "none"
	}
	return values
}

// cooldowns are those of scale-in, scale-out and wake.
func cooldowns(s sim.Scaling) string {
	three := [...]string{fleet.Short(s.In), fleet.Short(s.Out), fleet.Short(s.WakeCooldown)}
	if s.NoTracking {
		three[0], three[1] = "none", "none"
	}
	if s.NoScaleIn {
		three[0] = "none"
	}
	if s.NoWake {
		three[2] = "none"
	}
	return strings.Join(three[:], "/")
}

// percent is a share for people, never 100 % where something is missing.
func percent(share float64) string {
	tenths := math.Round(share * 1000)
	if tenths == 1000 && share < 1 {
		tenths = 999
	}
	return fmt.Sprintf("%g %%", tenths/10)
}

// sentence makes one of an error.
func sentence(err error) string { return fleet.Capital(err.Error()) + "." }

// money is an amount of dollars for people.
func money(dollars float64) string {
	sign := ""
	if dollars < 0 {
		sign, dollars = "-", -dollars
	}
	if dollars < 10 && dollars != 0 {
		return fmt.Sprintf("%s$%.2f", sign, dollars)
	}
	return fmt.Sprintf("%s$%.0f", sign, dollars)
}
