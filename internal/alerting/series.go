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
