package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// The limits that AWS has.
const (
	longestPolicyName = 256 // characters, of a scaling policy
	longestAlarmName  = 255 // characters, of an alarm
	longestEvaluation = 24 * time.Hour
	highestTarget     = 0x1p360 // of a target-tracking policy
	lowestTarget      = 0x1p-360
)

// keep as the minimum leaves that of an existing target alone, and gives it back to one that was lost.
const keep = "keep"

// The settings of a policy in the file, each with what it refuses.
type (
	minimum struct {
		optional[int]
		keep bool
	}
	maximum     struct{ optional[int] }
	targetValue struct{ optional[float64] }
	cooldown    struct{ optional[time.Duration] }
	adjustment  struct{ optional[int] }
	aggregation struct{ optional[string] }
	periods     struct{ optional[int] }
	missingData struct{ optional[string] }
	policyName  struct{ optional[string] }
	alarmName   struct{ optional[string] }
)

func (m *minimum) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode && node.Value == keep {
		*m = minimum{keep: true}
		return nil
	}
	return m.read(node, func(text string) (int, error) {
		return wholeNumber(text, 0, "a minimum of instances", "or "+keep+" to leave it as it is")
	})
}

func (m minimum) inFile() string {
	if m.keep {
		return keep
	}
	return m.text
}

func (m *maximum) UnmarshalYAML(node *yaml.Node) error {
	return m.read(node, func(text string) (int, error) {
		return wholeNumber(text, 1, "a maximum of instances", "because with 0 nothing would ever be processed")
	})
}

func (a *adjustment) UnmarshalYAML(node *yaml.Node) error {
	return a.read(node, func(text string) (int, error) {
		return wholeNumber(text, 1, "an adjustment", "because it has to wake an endpoint that has no instance")
	})
}

func (p *periods) UnmarshalYAML(node *yaml.Node) error {
	return p.read(node, func(text string) (int, error) {
		n, err := wholeNumber(text, 1, "a number of periods", "because an alarm looks at one at least")
		if most := int(longestEvaluation / policy.WakePeriod); err == nil && n > most {
			return 0, fmt.Errorf("%d periods of a minute are more than a day, which CloudWatch refuses: write %d at most", n, most)
		}
		return n, err
	})
}

// wholeNumber reads a number in which AWS counts. The reason ends the sentence that says what would be right.
func wholeNumber(text string, least int, what, reason string) (int, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || int(n) < least {
		return 0, fmt.Errorf("%q is not %s: write a whole number, %d or more, %s", text, what, least, reason)
	}
	return int(n), nil
}

func (t *targetValue) UnmarshalYAML(node *yaml.Node) error {
	return t.read(node, func(text string) (float64, error) {
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case errors.Is(err, strconv.ErrRange) && value > 0, err == nil && value > highestTarget && !math.IsInf(value, 0):
			return 0, fmt.Errorf("%s is above 2^360, the highest target value that AWS takes: write how many requests there may be for each instance, for example 5", text)
		case err != nil || !(value > 0) || math.IsInf(value, 0):
			return 0, fmt.Errorf("%q is not a target value: write how many requests there may be for each instance, a number above 0, for example 5", text)
		case value < lowestTarget:
			return 0, fmt.Errorf("%s is below 2^-360, the lowest target value that AWS takes: write how many requests there may be for each instance, for example 5", text)
		}
		return value, nil
	})
}

func (c *cooldown) UnmarshalYAML(node *yaml.Node) error {
	return c.read(node, func(text string) (time.Duration, error) {
		d, err := parseDuration(text)
		switch {
		case err != nil:
			return 0, err
		case d%time.Second != 0:
			return 0, fmt.Errorf("%s is no whole number of seconds, and AWS knows no fractions: write for example 90s or 5m", text)
		case d/time.Second > math.MaxInt32:
			return 0, fmt.Errorf("%s is longer than AWS can count: write for example 90s or 5m", text)
		}
		return d, nil
	})
}

func (a *aggregation) UnmarshalYAML(node *yaml.Node) error {
	return a.read(node, func(text string) (string, error) {
		return oneOf(text, "an aggregation", policy.WakeAggregation, "Minimum", "Maximum")
	})
}

func (m *missingData) UnmarshalYAML(node *yaml.Node) error {
	return m.read(node, func(text string) (string, error) {
		const instead = "write " + policy.WakeMissingData + " or notBreaching"
		switch text {
		case "breaching":
			return "", fmt.Errorf("breaching wakes the endpoint for ever, because an idle endpoint may have no data: %s", instead)
		case "ignore":
			return "", fmt.Errorf("ignore can hold the alarm in ALARM when the data ends, and it wakes the endpoint again and again: %s", instead)
		}
		return oneOf(text, "a way to treat missing data", policy.WakeMissingData, "notBreaching")
	})
}

// oneOf refuses what is not among the known words. AWS tells capitals and small letters apart.
func oneOf(text, what string, known ...string) (string, error) {
	if !slices.Contains(known, text) {
		return "", fmt.Errorf("%q is not %s%s; known: %s", text, what, suggestion(text, known), strings.Join(known, ", "))
	}
	return text, nil
}

func (p *policyName) UnmarshalYAML(node *yaml.Node) error {
	return p.read(node, func(text string) (string, error) {
		if length := utf8.RuneCountInString(text); length > longestPolicyName {
			return "", fmt.Errorf("a name of %d characters is too long: a scaling policy's has %d at most", length, longestPolicyName)
		}
		return text, badName(text, policy.TrackingName)
	})
}

func (a *alarmName) UnmarshalYAML(node *yaml.Node) error {
	return a.read(node, func(text string) (string, error) {
		if err := badName(text, policy.WakeAlarmName); err != nil {
			return "", err
		}
		return text, badPlaceholder(text)
	})
}

// badName is what is wrong with the name of a new object.
func badName(text, example string) error {
	if text == "" {
		return fmt.Errorf("a name is empty: write for example %s, or leave the key out", example)
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("a name may not hold the character %U, which cannot be printed: leave it out", r)
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// badPlaceholder is what is wrong with the braces of a name, where they hold what is filled in.
func badPlaceholder(template string) error {
	known := []string{"endpoint", "variant"}
	rest := placeholder.ReplaceAllStringFunc(template, func(braces string) string {
		if slices.Contains(known, strings.Trim(braces, "{}")) {
			return ""
		}
		return braces
	})
	if unknown := placeholder.FindStringSubmatch(rest); unknown != nil {
		return fmt.Errorf("unknown placeholder %s%s; known: {endpoint}, {variant}", unknown[0], suggestion(unknown[1], known))
	}
	if strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("%q has a brace alone: braces hold what is filled in, {endpoint} or {variant}", template)
	}
	return nil
}
