package web

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// chainView explains an endpoint, link by link from a waiting request to a working instance.
type chainView struct {
	Attention bool
	Badge     string // how it is, in a word or two
	Class     string // of the badge
	Sentence  string // what follows from all links, without what to do about it
	Remedy    string // what to do, where it takes more than a command, and what happens by itself
	Preview   string // the command that prints what Command would do
	Command   string // what fixes it; empty when that takes more than a command
	Page      string // the page that says what to do; empty when nothing has to be done
	AWSSays   string
	Rows      []chainRow
	Links     []linkView
}

// Decided is the row with the link that decides; nil when none of them does.
func (c *chainView) Decided() *chainRow {
	for i := range c.Rows {
		if c.Rows[i].Here != nil {
			return &c.Rows[i]
		}
	}
	return nil
}

// chainRow are boxes that stand side by side: all eight, or where variants have links of their own those of one of them.
type chainRow struct {
	Of    string // the variant, where there are several; empty for the endpoint's
	Links []linkView
	At    int       // the place of the link that decides, from 1; 0 when it is none of these
	Here  *linkView // that link
}

// linkView is one link of the chain.
type linkView struct {
	Number   int    // from 1, over all
	Of       string // the variant, where there are several
	Title    string
	Verdict  explain.Verdict
	Class    string // of its badge
	Here     bool   // it decides
	Href     string // of its evidence
	Glance   string // the figure that matters; empty where there is none
	Sentence string
	Checks   []template.HTML // links to those that fail and break it, or may
	Steps    []string
	Withheld []withheldView
	Planned  bool
	Alert    string // whose runbook says what to do; empty when there is none
	Page     string
	Facts    []namedFact
}

// variantLinks are the links that each variant has; the others are the endpoint's.
var variantLinks = explain.Names()[2:]

// classes are those of the badges of verdicts.
var classes = map[explain.Verdict]string{
	explain.OK: "up", explain.Waits: "info", explain.Broken: "critical", explain.Unknown: "warning", explain.Unused: "unused",
}

// chain is what the page shows of an explanation; base is where the page of the endpoint is, empty on that page.
func chain(e explain.Explanation, base string) chainView {
	c := &e.Conclusion
	shown := chainView{
		Attention: c.Attention, Badge: "needs attention", Class: string(check.Critical), Sentence: c.Cause, Remedy: remedy(c), Preview: c.Preview, Command: c.Command, Page: c.Page,
		AWSSays: e.AWSSays,
	}
	switch {
	case !c.Attention && e.Warned():
		shown.Badge, shown.Class = "works, with warnings", string(check.Warning)
	case !c.Attention:
		shown.Badge, shown.Class = "healthy", "up"
	case c.State != explain.Failing:
		shown.Class = string(check.Warning)
	}
	several := len(e.Variants) > 1
	for i := range e.Links {
		link := &e.Links[i]
		v := linkOf(link, e.At)
		v.Number = i + 1
		v.Href = base + "#link-" + strconv.Itoa(v.Number)
		if several {
			v.Of = link.Variant
		}
		shown.Links = append(shown.Links, v)
		if last := len(shown.Rows) - 1; last < 0 || shown.Rows[last].Of != v.Of {
			shown.Rows = append(shown.Rows, chainRow{Of: v.Of})
		}
		row := &shown.Rows[len(shown.Rows)-1]
		row.Links = append(row.Links, v)
		if c.Link == link.Name && (c.Variant == link.Variant || link.Variant == "") {
			v.Here = true
			row.Links[len(row.Links)-1].Here = true
			row.At, row.Here = len(row.Links), &v
			if v.Of != "" {
				row.At += len(explain.Names()) - len(variantLinks)
			}
		}
	}
	return shown
}

// remedy is what the conclusion says is to be done, without what the page shows in another way: commands and the page.
func remedy(c *explain.Conclusion) string {
	does := strings.TrimSpace(strings.TrimPrefix(c.Sentence, c.Cause))
	if c.Preview != "" {
		does, _, _ = strings.Cut(does, "Preview the fix by ")
	}
	return strings.TrimSpace(strings.TrimSuffix(does, "See "+c.Page+"."))
}

func linkOf(link *explain.Link, at time.Time) linkView {
	v := linkView{
		Title: link.Title(), Verdict: link.Verdict, Class: classes[link.Verdict], Glance: glance(link), Sentence: link.Sentence, Planned: link.Planned,
		Page: link.Page(),
	}
	if v.Page != "" {
		v.Alert = link.Alert
	}
	for _, f := range link.Findings {
		if f.Severity != check.Info {
			v.Checks = append(v.Checks, links[f.Check.Name])
		}
	}
	for _, step := range link.Steps {
		v.Steps = append(v.Steps, string(step.Action)+" "+step.Title())
	}
	if link.Others > 0 {
		v.Steps = append(v.Steps, "and "+fleet.Plural(link.Others, "other step")+" of the plan")
	}
	for _, held := range link.Withheld {
		v.Withheld = append(v.Withheld, withheldView{Title: held.Title(), Reason: held.Reason, Detail: held.Detail})
	}
	for _, f := range link.Facts {
		v.Facts = append(v.Facts, namedFact{f.Title(), word(f.Words(at), "AWS does not say")})
	}
	return v
}

// glance is the figure of a link that matters, as short as its box is narrow; empty where none is known.
func glance(link *explain.Link) string {
	texts, ints, numbers := map[string]string{}, map[string]int{}, map[string]float64{}
	for _, fact := range link.Facts {
		switch value := fact.Value.(type) {
		case string:
			texts[fact.Name] = value
		case int:
			ints[fact.Name] = value
		case float64:
			numbers[fact.Name] = value
		}
	}
	number := func(name, unit string) string {
		if value, ok := numbers[name]; ok {
			return strings.TrimSpace(fleet.Number(value) + " " + unit)
		}
		return ""
	}
	of := func(first, last, between string) string {
		a, known := ints[first]
		b, too := ints[last]
		if !known || !too {
			return ""
		}
		return strconv.Itoa(a) + between + strconv.Itoa(b)
	}
	switch link.Name {
	case explain.Queue:
		return number("backlog", "requests")
	case explain.Metric:
		return number("value", "")
	case explain.Alarm:
		return strings.TrimSpace(texts["role"] + " " + strings.ReplaceAll(texts["state"], "_", " "))
	case explain.Policy:
		if target := number("target_value", ""); target != "" {
			return "target " + target
		}
		if n, ok := ints["starts"]; ok {
			return "starts " + strconv.Itoa(n)
		}
		return ""
	case explain.Target:
		return of("min_capacity", "max_capacity", " to ")
	case explain.Activity:
		if texts["not_scaled"] != "" { // AWS calls that failed
			return "not scaled"
		}
		return texts["status"]
	case explain.Instances:
		return of("current", "desired", " of ")
	case explain.Work:
		if perSecond, ok := numbers["processed_per_second"]; ok {
			return fleet.Number(60*perSecond) + " a minute"
		}
	}
	return ""
}
