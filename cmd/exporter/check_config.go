package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// expectedBill says what CloudWatch's metrics of so many endpoints cost in a month, between all asleep and all at work.
func expectedBill(options observe.Options, endpoints int) string {
	bill := func(phase fleet.Phase) (dollars, factor float64) {
		load := fleet.EndpointLoad(1, phase).Times(endpoints)
		intervals, factor := options.Intervals.Stretched(load, options.Budget, options.MaxStaleness)
		return intervals.MonthlyDollars(load), factor
	}
	least, _ := bill(fleet.Asleep)
	most, factor := bill(fleet.AtWork)
	text := fmt.Sprintf("CloudWatch for %d endpoint(s): $%.2f a month if all sleep, $%.2f if all work", endpoints, least, most)
	switch {
	case options.Budget > 0 && most > options.Budget:
		text += fmt.Sprintf(", which is above the budget of $%.2f although polling is stretched by up to %.1f", options.Budget, factor)
	case factor > 1:
		text += fmt.Sprintf(", with polling stretched by up to %.1f to keep the budget of $%.2f", factor, options.Budget)
	}
	return text
}

// checkConfig reads a config file strictly and says in short what it asks for.
func checkConfig(o options, out io.Writer) error {
	cfg, err := config.Default(), error(nil)
	if o.checkFile != "" {
		cfg, err = config.Load(o.checkFile)
	}
	if err != nil {
		return err
	}
	if o.printDefaults {
		text, err := cfg.Effective()
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, text)
		return err
	}
	for _, warning := range cfg.Warnings() {
		if _, err := fmt.Fprintf(out, "%s: warning: %s\n", o.checkFile, warning); err != nil {
			return err
		}
	}
	polling, idle := cfg.Polling, ""
	if polling.OfIdle() != polling.Queue {
		idle = fmt.Sprintf(", %s while idle at zero", polling.OfIdle())
	}
	_, err = fmt.Fprintf(out, "%s: good: %d scope(s); queue every %s%s, metrics every %s, instances every %s, scaling every %s, shown for %s at most\n%s\n%s",
		o.checkFile, len(cfg.Scopes), polling.Queue, idle, polling.Metrics, polling.Instances, polling.Scaling, polling.MaxStaleness,
		expectedBill(observeOptions(cfg), o.checkEndpoints), policiesOf(cfg))
	return err
}

// policiesOf says how many policies a file has and, on a line each, what they enforce.
func policiesOf(cfg config.Config) string {
	policies := cfg.Policies()
	var text strings.Builder
	switch len(policies) {
	case 0:
		return "no policies: the file selects no endpoint to plan for\n"
	case 1:
		text.WriteString("1 policy\n")
	default:
		fmt.Fprintf(&text, "%d policies; the first that matches counts\n", len(policies))
	}
	for i, entry := range cfg.Entries { // without flags, all policies are those of the file
		fmt.Fprintf(&text, "%s: %s\n", policies.Name(i), entry.Enforces())
	}
	return text.String()
}
