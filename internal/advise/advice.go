package advise

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// Advice is everything that was found of one endpoint and is recommended for it.
type Advice struct {
	Scope     fleet.Scope
	History   History
	Wish      Wish
	Given     Given
	Requested int      // metrics that were requested of CloudWatch, as AWS bills them
	Running   int      // the most instances of a variant that run or are wanted now
	Present   []string // the values in force, in the order of Numbers; empty where there is none or it is not known
	Estimates Estimates
	Choices   []Choice
}

// Dollars are what the metrics cost.
func (a Advice) Dollars() float64 { return float64(a.Requested) * fleet.DollarsPerMetric }

// Present are the values in force of a variant with its behavior, in the order of Numbers.
func Present(variant *fleet.Variant, b *behavior.Behavior) []string {
	values := make([]string, len(numbers))
	if target := variant.Target; target != nil {
		values[1], values[2] = fmt.Sprint(target.MinCapacity), fmt.Sprint(target.MaxCapacity)
	}
	if known := b.Tracker(); known != nil {
		tracking := variant.Policy(known.Name).Tracking
		values[0] = fmt.Sprintf("%g", tracking.TargetValue)
		values[3], values[4] = fleet.Short(fleet.Cooldown(tracking.ScaleInCooldown)), fleet.Short(fleet.Cooldown(tracking.ScaleOutCooldown))
	}
	if wake := variant.Policy(b.WakePath().Policy); wake != nil && wake.Step != nil {
		values[5] = fleet.Short(fleet.Cooldown(wake.Step.Cooldown))
	}
	return values
}

// presentMaximum is the maximum in force; 0 where there is none.
func (a Advice) presentMaximum() int {
	if len(a.Present) < 3 {
		return 0
	}
	most, _ := strconv.Atoi(a.Present[2]) // empty where there is none
	return most
}

// Policies begins the section of the configuration file that an Entry stands in.
const Policies = "policies:\n"

// Entry is the choice as a policy of the configuration file.
func (c Choice) Entry(endpoint string) string {
	return Policies + strings.Join([]string{
		fmt.Sprintf("  - endpoints: %q", regexp.QuoteMeta(endpoint)),
		fmt.Sprintf("    minCapacity: %d", c.MinCapacity),
		fmt.Sprintf("    maxCapacity: %d", c.MaxCapacity),
		fmt.Sprintf("    tracking: {targetValue: %g, scaleInCooldown: %s, scaleOutCooldown: %s}", c.TargetValue, fleet.Short(c.ScaleInCooldown), fleet.Short(c.ScaleOutCooldown)),
		fmt.Sprintf("    wake: {cooldown: %s}", fleet.Short(c.WakeCooldown)),
	}, "\n") + "\n"
}

// Cost says before anything is asked what reading the history requests, and what it costs.
func Cost(endpoint string, variants []string, days int) string {
	n := Reads(endpoint, variants)
	return fmt.Sprintf("Reading %s of one-minute data: %d metrics of CloudWatch for $%.5f.", fleet.Plural(days, "day"), n, float64(n)*fleet.DollarsPerMetric)
}

// Reads is how many metrics reading the history of an endpoint requests, as AWS bills them.
func Reads(endpoint string, variants []string) int {
	return Metrics(Queries(endpoint, variants)) + units
}

// units is how often CloudWatch is asked for the unit of a metric.
const units = 3

// concerns are what the reader should know of the estimates.
func (a Advice) concerns() (all []string) {
	h, e := a.History, a.Estimates
	if e.Throughput.Samples > 0 && e.Concurrency.Value > 0 {
		if found := e.Throughput.Value * e.Service.Value; found < .8*e.Concurrency.Value {
			all = append(all, fmt.Sprintf("Busy instances work on %.2g requests at the same time, not on %g: something else holds them back, and the target values are too high by that much.", found, e.Concurrency.Value))
		}
	}
	if e.Throughput.Value > 0 && len(a.Choices) > 0 {
		alone := e.Arrivals.Waiting * e.Service.Value / e.Concurrency.Value
		if most := a.Choices[0].MaxCapacity * max(1, len(h.Variants)); alone > a.Wish.Latency.Seconds() {
			all = append(all, fmt.Sprintf("%.0f requests wait or are worked on now: %s instances take about %s for them.", e.Arrivals.Waiting, fmt.Sprint(most),
				fleet.Short(time.Duration(alone/float64(most)*float64(time.Second)).Round(time.Minute))))
		}
	}
	if len(a.Choices) > 0 && a.Running > a.Choices[0].MaxCapacity {
		all = append(all, fmt.Sprintf("%d instances run or are desired now: the plan withholds a maximum below that until fewer do.", a.Running))
	}
	if most := a.presentMaximum(); len(a.Choices) > 0 && most > 0 && a.Choices[0].MaxCapacity > most {
		all = append(all, fmt.Sprintf("The maximum of %d is above the present one of %d: make sure that the account's quota of instances for endpoints allows it, or bound it by --max-capacity.", a.Choices[0].MaxCapacity, most))
	}
	if e.Arrivals.Apart {
		all = append(all, "Failures come in minutes in which nothing was processed, so they are counted as arrivals of their own.")
	}
	if e.Observed < 24*time.Hour {
		all = append(all, fmt.Sprintf("The history is of %s: load of other times of the day and of the week is not in it.", fleet.Lapse(e.Observed)))
	}
	if len(h.Variants) > 1 {
		all = append(all, fmt.Sprintf("The endpoint has %d variants with one queue; their work is added up, and the values are for each of them.", len(h.Variants)))
	}
	return all
}
