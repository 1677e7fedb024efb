package alerting

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// seriesOf is a regular expression of the names of the series that expressions read and no rule records. It is not known
// if one of them reads series by anything but their names.
func seriesOf(expressions []parser.Expr, recorded map[string]bool) (names string, known bool) {
	var alternatives []string
	known = true
	for _, expression := range expressions {
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			if selector, ok := node.(*parser.VectorSelector); ok {
				name := named(selector)
				known = known && name != ""
				if !recorded[selector.Name] {
					alternatives = append(alternatives, name)
				}
			}
			return nil
		})
	}
	slices.Sort(alternatives)
	return strings.Join(slices.Compact(alternatives), "|"), known
}

// named is a regular expression of the names that a selector asks for; empty, if it can be any.
func named(selector *parser.VectorSelector) string {
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name != model.MetricNameLabel {
			continue
		}
		switch matcher.Type {
		case labels.MatchEqual:
			return regexp.QuoteMeta(matcher.Value)
		case labels.MatchRegexp:
			return "(?:" + matcher.Value + ")"
		case labels.MatchNotEqual, labels.MatchNotRegexp: // it leaves open what it may be
		}
	}
	return ""
}

// reading are recording rules, by the series that they make.
type reading map[string][]recording

// recording is an expression that is recorded.
type recording struct {
	expression parser.Expr
	every      time.Duration // the interval of its group; 0: that of most
}

// reach is how far back an expression looks, with what it reads that was recorded by looking back.
func (r reading) reach(expression parser.Expr) time.Duration {
	recorded := map[string]time.Duration{}
	var of func(parser.Expr) time.Duration
	of = func(expression parser.Expr) time.Duration {
		own, _, _ := reachOf(expression)
		most := time.Duration(0)
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			selector, ok := node.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			if _, known := recorded[selector.Name]; !known {
				recorded[selector.Name] = 0 // it may read itself
				for _, one := range r[selector.Name] {
					recorded[selector.Name] = max(recorded[selector.Name], one.every+of(one.expression))
				}
			}
			most = max(most, recorded[selector.Name])
			return nil
		})
		return own + most
	}
	return of(expression)
}

// of are the selectors of series of the exporter that an expression reads, those that what it reads was recorded from among
// them.
func (r reading) of(expression parser.Expr) (found []*parser.VectorSelector) {
	followed, listed := map[string]bool{}, map[string]bool{}
	var follow func(parser.Expr)
	follow = func(expression parser.Expr) {
		parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
			selector, ok := node.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			recorded := r[selector.Name]
			if text := selector.String(); len(recorded) == 0 && !listed[text] {
				listed[text] = true
				found = append(found, selector)
			}
			if !followed[selector.Name] {
				followed[selector.Name] = true
				for _, one := range recorded {
					follow(one.expression)
				}
			}
			return nil
		})
	}
	follow(expression)
	return found
}
