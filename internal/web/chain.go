package web

import (
	"html/template"

	"github.com/sagemaker-async/exporter/internal/check"
	"github.com/sagemaker-async/exporter/internal/explain"
)

// chainView explains an endpoint, link by link from a waiting request to a working instance.
type chainView struct {
	Attention bool
	Sentence  string // what follows from all links
	Preview   string // the command that prints what Command would do
	Command   string // what mends it; empty when that takes more than a command
	Links     []linkView
}

// linkView is one link of the chain.
type linkView struct {
	Of       string // the variant, where there are several
	Title    string
	Verdict  explain.Verdict
	Class    string // of its badge
	Sentence string
	Checks   []template.HTML // links to those that fail and break it, or may
	Steps    []string
	Withheld []withheldView
	Planned  bool
	Alert    string // whose runbook says what to do; empty when there is none
	Page     string
	Facts    []namedFact
}

// classes are those of the badges of verdicts.
var classes = map[explain.Verdict]string{
	explain.OK: "up", explain.Waits: "info", explain.Broken: "critical", explain.Unknown: "warning", explain.Unused: "unused",
}

// chain is what the page shows of an explanation.
func chain(e explain.Explanation) chainView {
	shown := chainView{Attention: e.Conclusion.Attention, Sentence: e.Conclusion.Sentence, Preview: e.Conclusion.Preview, Command: e.Conclusion.Command}
	for i := range e.Links {
		link := &e.Links[i]
		v := linkView{
			Title: link.Title(), Verdict: link.Verdict, Class: classes[link.Verdict], Sentence: link.Sentence, Planned: link.Planned,
			Page: link.Page(),
		}
		if v.Page != "" {
			v.Alert = link.Alert
		}
		if len(e.Variants) > 1 {
			v.Of = link.Variant
		}
		for _, f := range link.Findings {
			if f.Severity != check.Info {
				v.Checks = append(v.Checks, links[f.Check.Name])
			}
		}
		for _, step := range link.Steps {
			v.Steps = append(v.Steps, string(step.Action)+" "+step.Title())
		}
		for _, held := range link.Withheld {
			v.Withheld = append(v.Withheld, withheldView{Title: held.Title(), Reason: held.Reason, Detail: held.Detail})
		}
		for _, f := range link.Facts {
			v.Facts = append(v.Facts, namedFact{f.Title(), word(f.Words(e.At), "AWS does not say")})
		}
		shown.Links = append(shown.Links, v)
	}
	return shown
}
