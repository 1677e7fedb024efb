package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// MinInterval is the shortest interval at which AWS may be asked.
const MinInterval = 10 * time.Second

// Interval is how often something is asked, for example 90s, 5m or 1h30m.
type Interval time.Duration

// ParseInterval reads an interval and refuses one below MinInterval.
func ParseInterval(text string) (Interval, error) {
	d, err := parseDuration(text)
	if err != nil {
		return 0, err
	}
	if d < MinInterval {
		return 0, fmt.Errorf("%s is below the minimum of %s", text, MinInterval)
	}
	return Interval(d), nil
}

// parseDuration reads a duration, which is never negative.
func parseDuration(text string) (time.Duration, error) {
	const right = "write for example 90s, 5m or 1h30m"
	d, err := model.ParseDuration(text)
	if err == nil {
		return time.Duration(d), nil
	}
	if positive, negative := strings.CutPrefix(text, "-"); negative {
		if _, err := model.ParseDuration(positive); err == nil {
			return 0, fmt.Errorf("%s is below 0: %s", text, right)
		}
	}
	return 0, fmt.Errorf("%q is not a duration: %s", text, right)
}

// Duration is the interval as the standard library knows it.
func (i Interval) Duration() time.Duration { return time.Duration(i) }

// String is the interval as it is written in the file.
func (i Interval) String() string { return model.Duration(i).String() }

// UnmarshalYAML reads the interval of a file.
func (i *Interval) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) (err error) {
		*i, err = ParseInterval(text)
		return err
	})
}

// Delay is how long something waits; 0 does not wait.
type Delay time.Duration

// Duration is the delay as the standard library knows it.
func (d Delay) Duration() time.Duration { return time.Duration(d) }

// UnmarshalYAML reads the delay of a file.
func (d *Delay) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		parsed, err := parseDuration(text)
		*d = Delay(parsed)
		return err
	})
}

// Dollars is an amount of money that is not negative.
type Dollars float64

// UnmarshalYAML reads the amount of a file.
func (d *Dollars) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) error {
		amount, err := strconv.ParseFloat(text, 64)
		if err != nil || !(amount >= 0 && amount < math.MaxInt32) {
			return fmt.Errorf("%q is not an amount of dollars: write for example 25, or 0 for no budget", text)
		}
		*d = Dollars(amount)
		return nil
	})
}

// RoleARN is the ARN of an IAM role.
type RoleARN string

var roleForm = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/\S+$`)

// ParseRoleARN refuses what is not the ARN of an IAM role.
func ParseRoleARN(text string) (RoleARN, error) {
	if !roleForm.MatchString(text) {
		return "", fmt.Errorf("%q is not the ARN of a role: write for example arn:aws:iam::111122223333:role/async-exporter", text)
	}
	return RoleARN(text), nil
}

// AccountID is the account of the role; empty where there is no role.
func (r RoleARN) AccountID() string {
	if found := roleForm.FindStringSubmatch(string(r)); found != nil {
		return found[1]
	}
	return ""
}

// UnmarshalYAML reads the role of a file.
func (r *RoleARN) UnmarshalYAML(node *yaml.Node) error {
	return scalar(node, func(text string) (err error) {
		*r, err = ParseRoleARN(text)
		return err
	})
}

// scalar reads one value and dates its error by the line, in the form in which the YAML library collects errors.
func scalar(node *yaml.Node, parse func(string) error) error {
	err := fmt.Errorf("want one value, not %s", kindOf(node))
	if node.Kind == yaml.ScalarNode {
		err = parse(node.Value)
	}
	if err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %s", node.Line, err)}}
	}
	return nil
}

func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return "something else"
}

var notLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// TagLabel is the label that a tag becomes: tag_ and the key, with an underscore for whatever a label may not hold.
func TagLabel(key string) string { return "tag_" + notLabel.ReplaceAllString(key, "_") }
