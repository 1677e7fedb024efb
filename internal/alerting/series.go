package alerting

import (
	"regexp"
	"slices"
	"strings"

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

// reading are the expressions of recording rules, by the series that they make.
type reading map[string][]parser.Expr

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
					follow(one)
				}
			}
			return nil
		})
	}
	follow(expression)
	return found
}
