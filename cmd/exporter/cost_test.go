package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/config"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/observe"
)

// The pages that say what CloudWatch costs, and between which lines.
const (
	costBegins = "<!-- Prices: written by make generate. -->\n"
	costEnds   = "<!-- End of prices. -->\n"
)

// TestCostTables holds the prices on the pages against what the intervals cost.
func TestCostTables(t *testing.T) {
	for page, table := range map[string]string{"../../docs/cost.md": costTable(), "../../README.md": shortCostTable()} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, begun := strings.Cut(string(text), costBegins)
		_, after, ended := strings.Cut(rest, costEnds)
		if !begun || !ended {
			t.Fatalf("%s has no place for the prices", page)
		}
		want := before + costBegins + table + costEnds + after
		if *update {
			if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if want != string(text) {
			t.Errorf("the prices of %s are not what the intervals cost: run make generate", page)
		}
	}
}

// costTable is what a month costs, by intervals and by what the endpoints do.
func costTable() string {
	defaults := observeOptions(config.Default()).Intervals
	seldom := defaults
	seldom.Queue, seldom.Work = 5*time.Minute, 10*time.Minute
	var table strings.Builder
	table.WriteString("| endpoints | `queue: 1m`, `activity: 5m`: all asleep | all idle with an instance | all at work | `queue: 5m`, `activity: 10m`: all asleep | all at work |\n" +
		"|---|---|---|---|---|---|\n")
	for _, endpoints := range []int{1, 10, 100, 1000} {
		fmt.Fprintf(&table, "| %d ", endpoints)
		for _, intervals := range []observe.Intervals{defaults, seldom} {
			for _, phase := range []fleet.Phase{fleet.Asleep, fleet.Waiting, fleet.AtWork} {
				if phase == fleet.Waiting && intervals != defaults {
					continue
				}
				fmt.Fprintf(&table, "| $%.2f ", intervals.MonthlyDollars(fleet.EndpointLoad(1, phase).Times(endpoints)))
			}
		}
		table.WriteString("|\n")
	}
	return table.String()
}

// shortCostTable is what a month of one endpoint costs with the defaults, by what it does.
func shortCostTable() string {
	defaults := observeOptions(config.Default()).Intervals
	dollars := func(phase fleet.Phase) float64 { return defaults.MonthlyDollars(fleet.EndpointLoad(1, phase)) }
	return fmt.Sprintf("| asleep | idle with an instance | at work |\n|---|---|---|\n| $%.2f | $%.2f | $%.2f |\n",
		dollars(fleet.Asleep), dollars(fleet.Waiting), dollars(fleet.AtWork))
}
