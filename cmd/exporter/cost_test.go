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

// costColumn is what one endpoint does, and how often it is asked.
type costColumn struct {
	title     string
	intervals observe.Intervals
	phase     fleet.Phase
}

// costColumns begin with those of one endpoint that are on the first page.
func costColumns() []costColumn {
	defaults := observeOptions(config.Default()).Intervals
	rarely, seldom := defaults, defaults
	rarely.Idle = 5 * time.Minute
	seldom.Queue, seldom.Idle, seldom.Metrics = 5*time.Minute, 5*time.Minute, 10*time.Minute
	return []costColumn{
		{"asleep", defaults, fleet.Asleep},
		{"asleep, `idle: 5m`", rarely, fleet.Asleep},
		{"idle with an instance", defaults, fleet.Waiting},
		{"at work", defaults, fleet.AtWork},
		{"asleep, `queue: 5m`", seldom, fleet.Asleep},
		{"at work, `queue: 5m`, `metrics: 10m`", seldom, fleet.AtWork},
	}
}

// costTable is what a month costs, by intervals and by what the endpoints do.
func costTable() string { return costRows("| all endpoints", costColumns(), 1, 10, 100, 1000) }

// shortCostTable is what a month of one endpoint costs with the defaults, by what it does.
func shortCostTable() string { return costRows("", costColumns()[:4], 1) }

func costRows(first string, columns []costColumn, endpoints ...int) string {
	var table strings.Builder
	table.WriteString(first)
	if first != "" {
		first = "|---"
		table.WriteString(" ")
	}
	for _, c := range columns {
		fmt.Fprintf(&table, "| %s ", c.title)
	}
	table.WriteString("|\n" + first + strings.Repeat("|---", len(columns)) + "|\n")
	for _, n := range endpoints {
		if first != "" {
			fmt.Fprintf(&table, "| %d ", n)
		}
		for _, c := range columns {
			fmt.Fprintf(&table, "| $%.2f ", c.intervals.MonthlyDollars(fleet.EndpointLoad(1, c.phase).Times(n)))
		}
		table.WriteString("|\n")
	}
	return table.String()
}
