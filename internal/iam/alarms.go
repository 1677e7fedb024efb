package iam

import (
	"strings"

	"github.com/sagemaker-async/exporter/internal/policy"
)

// anyAlarm begins the ARN of an alarm in any account and region, behind the partition.
const anyAlarm = "cloudwatch:*:*:alarm:"

// alarms are the ARNs of the wake alarms that may be written.
func (o Options) alarms(arn func(rest string) string) []string {
	templates := []string{policy.WakeAlarmName}
	if len(o.Policies) > 0 {
		templates = nil
	}
	for _, entry := range o.Policies {
		templates = append(templates, entry.Wanted.Alarm.NameTemplate)
	}
	var list []string
	for _, template := range templates {
		list = append(list, arn(anyAlarm+namesOf(template)))
	}
	for _, name := range o.AlarmNames {
		list = append(list, arn(anyAlarm+name))
	}
	return sorted(list)
}

// namesOf is the pattern of the names that a template gives: what stands before the first placeholder and behind the
// last one, with anything in between. A template without a placeholder is one name.
func namesOf(template string) string {
	first, last := len(template), 0
	for _, placeholder := range []string{"{endpoint}", "{variant}"} {
		if at := strings.Index(template, placeholder); at >= 0 {
			first = min(first, at)
			last = max(last, strings.LastIndex(template, placeholder)+len(placeholder))
		}
	}
	if last == 0 {
		return literal(template)
	}
	return literal(template[:first]) + "*" + literal(template[last:])
}

// literal is a text in which IAM sees nothing but itself, as far as its policies can hold it: a character that is not in
// Latin-1 may stand in the name of an alarm, but not in a policy.
func literal(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		switch {
		case r > '\u00ff':
			escaped.WriteByte('?')
		case strings.ContainsRune("*?$", r):
			escaped.WriteString("${" + string(r) + "}")
		default:
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}
