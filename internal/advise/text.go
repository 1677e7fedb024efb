package advise

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/plan"
	"github.com/sagemaker-async/exporter/internal/terminal"
)

// Text writes the advice for people. It returns the error of the writer.
func (a Advice) Text(out io.Writer) error {
	var page strings.Builder
	style := terminal.Of(out)
	line := func(indent int, format string, args ...any) {
		page.WriteString(strings.Repeat(" ", indent) + plan.Printable(fmt.Sprintf(format, args...)) + "\n")
	}
	h, e := a.History, a.Estimates
	line(0, "%s  %s  a request may take %s%s", h.Endpoint, strings.TrimSpace(a.Scope.AccountID+" "+a.Scope.Region), fleet.Short(a.Wish.Latency), a.Wish.whose())
	line(0, "history of %s, %s to %s", fleet.Lapse(e.Observed), h.To.Add(-e.Observed).Format("2006-01-02 15:04"), h.To.Format("2006-01-02 15:04 UTC"))
	for _, fact := range a.facts() {
		line(2, "%-13s  %s", fact.name, fact.value)
		line(17, "%s", fact.how)
	}
	for _, concern := range a.concerns() {
		line(2, "note: %s", concern)
	}
	var before Choice
	for _, c := range a.Choices {
		page.WriteString("\n")
		page.WriteString(style.Paint(terminal.Strong, c.Name) + "\n")
		line(2, "%s", c.Trade)
		line(2, "%s", c.costs())
		values := c.Values()
		for i, name := range Numbers() {
			now := ""
			if i < len(a.Present) && a.Present[i] != "" {
				now = "  (now " + a.Present[i] + ")"
			}
			line(2, "%s: %s%s", name, values[i], now)
			if c.Reasons[i] != before.Reasons[i] {
				line(6, "%s", c.Reasons[i])
			}
		}
		before = c
		page.WriteString("\n" + c.Entry(h.Endpoint))
	}
	_, err := io.WriteString(out, page.String())
	return err
}

// whose says of an objective that nobody has set where it comes from.
func (w Wish) whose() string {
	if w.Defaulted {
		return " (the default objective; set objectives: or --latency)"
	}
	return ""
}

// costs says what a month of a choice costs.
func (c *Choice) costs() string {
	if c.Dollars[1] == 0 {
		return "dollars: not known, because the instance type has no price: add it to prices"
	}
	return fmt.Sprintf("dollars: $%.0f to $%.0f a month: at least the work itself%s, at most %s all the time", c.Dollars[0], c.Dollars[1],
		map[bool]string{true: " or the minimum", false: ""}[c.MinCapacity > 0], fleet.Plural(c.MaxCapacity, "instance"))
}

// fact is one estimate for people.
type fact struct{ name, value, how string }

func (a Advice) facts() []fact {
	e := a.Estimates
	facts := []fact{
		{"service time", spread(seconds(e.Service.Value), e.Service, seconds, "requests"), e.Service.How},
		{"concurrency", spread(fleet.Plural(int(e.Concurrency.Value), "request")+" at the same time on an instance", e.Concurrency, two, "minutes"), e.Concurrency.How},
		{"throughput", spread(figure(e.Throughput.Value)+" requests a second by an instance that is busy", e.Throughput, two, "minutes"), e.Throughput.How},
	}
	arrivals := "none"
	if e.Arrivals.Rate.Samples > 0 {
		arrivals = spread(figure(e.Arrivals.Rate.Value)+" requests a second", e.Arrivals.Rate, two, "hours")
		for _, length := range []time.Duration{time.Hour, tenMinutes} {
			if peak := e.Arrivals.Peak(length); peak.Length > 0 {
				arrivals += fmt.Sprintf("; %s in the busiest %s", figure(peak.PerSecond()), fleet.Short(length))
			}
		}
	}
	facts = append(facts, fact{"arrivals", arrivals, e.Arrivals.Rate.How},
		fact{"provisioning", e.Provisioning.words(), e.Provisioning.How}, fact{"wakes", e.Wakes.words(), e.Wakes.How})
	return facts
}

func two(v float64) string { return fmt.Sprintf("%.2g", v) }

// spread tells of a value how sure it is.
func spread(words string, e Estimate, of func(float64) string, between string) string {
	var more []string
	if e.Error > 0 {
		more = append(more, "± "+of(e.Error))
	}
	if e.Spread > 0 {
		more = append(more, fmt.Sprintf("%s differ by %s", between, of(e.Spread)))
	}
	if len(more) == 0 {
		return words
	}
	return words + " (" + strings.Join(more, "; ") + ")"
}

func (d Durations) words() string {
	switch n := len(d.Seen); n {
	case 0:
		return "none seen"
	case 1:
		return fleet.Short(d.Seen[0].Round(time.Second)) + ", one seen"
	default:
		return fmt.Sprintf("%s to %s, %s on average, %d seen", fleet.Short(d.Seen[0].Round(time.Second)), fleet.Short(d.Seen[n-1].Round(time.Second)),
			fleet.Short(d.Mean().Round(time.Second)), n)
	}
}
