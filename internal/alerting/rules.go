package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"

	"github.com/sagemaker-async/exporter/internal/file"
)

// bundledName stands for the rules that come with the program, where a file's name would.
const bundledName = "bundled rules"

// ruleSet is what the files of rules say.
type ruleSet struct {
	names               []string // of the files, in their order
	files               map[string]*rulefmt.RuleGroups
	expressions         []parser.Expr
	recorded            map[string]bool // the series that they make
	records             reading
	alerting, recording int
	tuning              Tuning
	seen                map[string]bool // the alerts of the files, those that are left out too
	groups              []string        // the keys of the groups, as Prometheus calls them
	slow                []string        // those of groups with an interval of their own, which may be long
}

// readRules reads and checks the files that the patterns name; without a pattern, the bundled rules.
func readRules(patterns []string, bundled []byte, tuning Tuning, promql parser.Parser, logger *slog.Logger) (ruleSet, error) {
	set := ruleSet{files: map[string]*rulefmt.RuleGroups{}, recorded: map[string]bool{}, records: reading{}, tuning: tuning, seen: map[string]bool{}}
	if len(patterns) == 0 {
		if err := set.add(bundledName, bundled, promql, logger); err != nil {
			return ruleSet{}, err
		}
		return set, tuning.unknown(set.seen)
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		switch {
		case err != nil:
			return ruleSet{}, fmt.Errorf("--alerting.rules: %q is not a pattern of files: %w", pattern, err)
		case len(names) == 0:
			return ruleSet{}, fmt.Errorf("--alerting.rules: %s: there is no such file", pattern)
		}
		for _, name := range names {
			if set.files[name] != nil {
				continue // two patterns may match it
			}
			text, err := file.Read(name, longestFile)
			if err != nil {
				return ruleSet{}, fmt.Errorf("--alerting.rules: %w", err)
			}
			if err := set.add(name, text, promql, logger); err != nil {
				return ruleSet{}, err
			}
		}
	}
	return set, tuning.unknown(set.seen)
}

// add takes in one file.
func (s *ruleSet) add(name string, text []byte, promql parser.Parser, logger *slog.Logger) error {
	if err := withinBounds(name, text); err != nil {
		return err
	}
	groups, failures := rulefmt.Parse(text, false, model.UTF8Validation, promql, logger)
	if len(failures) > 0 {
		found := make([]error, len(failures))
		for i, failure := range failures {
			found[i] = located(name, failure)
		}
		return first(name, found)
	}
	s.tuning.apply(groups, s.seen)
	before := s.alerting
	for _, group := range groups.Groups {
		if err := inTime(group); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if key := rules.GroupKey(name, group.Name); group.Interval == 0 {
			s.groups = append(s.groups, key)
		} else {
			s.slow = append(s.slow, key)
		}
		for _, rule := range group.Rules {
			expression, err := promql.ParseExpr(rule.Expr)
			if err != nil { // Parse has read it too
				return fmt.Errorf("%s: %w", name, err)
			}
			if deep(expression) {
				return fmt.Errorf("%s: %s%s: its expression is nested deeper than %d levels", name, rule.Alert, rule.Record, deepest)
			}
			s.expressions = append(s.expressions, expression)
			if rule.Record != "" {
				s.recorded[rule.Record] = true
				s.records[rule.Record] = append(s.records[rule.Record], recording{expression, time.Duration(group.Interval)})
				s.recording++
			} else {
				s.alerting++
			}
		}
	}
	if s.alerting == before {
		return fmt.Errorf("%s: there is no alert in it, so nothing in it would ever fire: write recording rules beside the alerts that read them, or leave the file out", name)
	}
	s.names, s.files[name] = append(s.names, name), groups
	return nil
}

const (
	// mostAlerts is how many alerts one rule may find: as many as wait for an Alertmanager.
	mostAlerts = queueCapacity
	// mostInTemplate is how many series a query in a template may find. Its text is made for each alert, and each has its own.
	mostInTemplate = 100
)

// few is an error if an alerting rule finds more alerts than anybody reads, or a query of its template finds more than a text
// for people has room for. Nothing of the rule fires then, and nothing ends.
func few(ctx context.Context, text string, found int) error {
	detail := rules.FromOriginContext(ctx)
	switch {
	case detail.Kind != rules.KindAlerting:
		return nil
	case detail.Query == text && found > mostAlerts:
		return fmt.Errorf("it finds %d alerts: write an expression that finds %d at most, for example with max by (account_id, region)", found, mostAlerts)
	case detail.Query != text && found > mostInTemplate:
		return fmt.Errorf("a query of a template finds %d series: write one that finds %d at most, for example with topk", found, mostInTemplate)
	}
	return nil
}

const (
	// ShortestInterval is how often rules may be evaluated.
	ShortestInterval = 100 * time.Millisecond
	// longestInterval is far beyond what a rule is evaluated for.
	longestInterval = 24 * time.Hour
)

// inTime is nil if a group is evaluated in a while, and not without a pause.
func inTime(group rulefmt.RuleGroup) error {
	if every := time.Duration(group.Interval); every != 0 && (every < ShortestInterval || every > longestInterval) {
		return fmt.Errorf("group %q: its interval of %s is not between %s and %s: write for example 5m",
			group.Name, group.Interval, model.Duration(ShortestInterval), model.Duration(longestInterval))
	}
	if back := group.QueryOffset; back != nil && time.Duration(*back) > longestInterval {
		return fmt.Errorf("group %q: its query_offset of %s is more than %s", group.Name, *back, model.Duration(longestInterval))
	}
	return nil
}

// deepest is how deeply an expression may be nested: one that is printed takes the square of its depth.
const deepest = 200

// deep tells whether an expression is nested too deeply.
func deep(expression parser.Expr) bool {
	err := parser.Walk(depth(0), expression, nil)
	return err != nil
}

// depth visits an expression and counts its levels.
type depth int

func (d depth) Visit(parser.Node, []parser.Node) (parser.Visitor, error) {
	if d > deepest {
		return nil, errors.New("too deep")
	}
	return d + 1, nil
}

// reads lets only those series of the exporter through that the rules read: a page has ten times as many.
func (s *ruleSet) reads() []*relabel.Config {
	names, known := seriesOf(s.expressions, s.recorded)
	if !known {
		return []*relabel.Config{own()}
	}
	return append(keep(names+"|"+alwaysKept), own())
}

// loader gives Prometheus' manager the rules as they were read and checked.
type loader struct {
	parser parser.Parser
	groups map[string]*rulefmt.RuleGroups
}

// Load is of a file that was read.
func (l *loader) Load(name string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	if groups := l.groups[name]; groups != nil {
		return groups, nil
	}
	return nil, []error{fmt.Errorf("%s was not read", name)}
}

// Parse reads an expression.
func (l *loader) Parse(query string) (parser.Expr, error) { return l.parser.ParseExpr(query) }

// readiness is whether every group of rules has been evaluated over a scrape that succeeded.
type readiness struct {
	mu   sync.Mutex
	open []string // the groups that have not
	done bool     // for good: what is wrong later is told by the alerts
}

// expect says which groups there are. One with an interval of its own is waited for only where there is no other.
func (r *readiness) expect(s ruleSet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.Clone(s.groups)
	if len(r.open) == 0 {
		r.open = slices.Clone(s.slow)
	}
}

// evaluated notes that a group was evaluated after a scrape that succeeded.
func (r *readiness) evaluated(group string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.DeleteFunc(r.open, func(name string) bool { return name == group })
	r.done = r.done || len(r.open) == 0
}

// waits says how many groups are waited for.
func (r *readiness) waits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return 0
	}
	return len(r.open)
}
