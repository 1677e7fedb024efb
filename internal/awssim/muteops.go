package awssim

import (
	"slices"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The states of a mute rule.
const (
	muteScheduled = "SCHEDULED"
	muteActive    = "ACTIVE"
	muteExpired   = "EXPIRED"
)

func listAlarmMuteRules(c *call) (record, error) {
	size := 50
	if c.in.has("MaxRecords") {
		if size = c.in.whole("MaxRecords"); size < 1 || size > 100 {
			return nil, invalid("The value %d for parameter MaxRecords must be between 1 and 100.", size)
		}
	}
	statuses, alarm := c.in.texts("Statuses"), c.in.text("AlarmName")
	rules := keep(c.world.MuteRules(), func(rule fleet.MuteRule) bool {
		return (len(statuses) == 0 || slices.Contains(statuses, c.muteStatus(rule))) && (alarm == "" || slices.Contains(rule.Alarms, alarm))
	})
	cut, next, err := page(c, rules, func(rule fleet.MuteRule) string { return rule.Name }, size, badToken())
	if err != nil {
		return nil, err
	}
	return record{{"AlarmMuteRuleSummaries", list(cut, func(rule fleet.MuteRule) any { return c.muteSummary(rule) })}}.with("NextToken", next), nil
}

// muteStatus is the state of a rule now.
func (c *call) muteStatus(rule fleet.MuteRule) string {
	switch {
	case !rule.Ends.IsZero() && !c.world.Now().Before(rule.Ends):
		return muteExpired
	case rule.Active:
		return muteActive
	}
	return muteScheduled
}

func (c *call) muteSummary(rule fleet.MuteRule) record {
	kind := "RECURRING"
	if rule.Once() {
		kind = "ONE_TIME"
	}
	scope := c.world.Scope()
	return record{}.
		with("AlarmMuteRuleArn", "arn:aws:cloudwatch:"+scope.Region+":"+scope.AccountID+":alarm-mute-rule:"+rule.Name).
		with("ExpireDate", rule.Ends).
		with("Status", c.muteStatus(rule)).
		with("MuteType", kind).
		with("LastUpdatedTimestamp", rule.Updated)
}

func getAlarmMuteRule(c *call) (record, error) {
	name := c.in.text("AlarmMuteRuleName")
	rules := c.world.MuteRules()
	at := slices.IndexFunc(rules, func(rule fleet.MuteRule) bool { return rule.Name == name })
	if at < 0 {
		return nil, fail("ResourceNotFoundException", "The alarm mute rule "+name+" does not exist.")
	}
	rule := rules[at]
	schedule := record{{"Expression", rule.Expression}, {"Duration", rule.Duration}}.with("Timezone", rule.Timezone)
	return append(c.muteSummary(rule),
		field{"Name", rule.Name},
		field{"Rule", record{{"Schedule", schedule}}},
		field{"MuteTargets", record{{"AlarmNames", texts(rule.Alarms)}}},
	).with("StartDate", rule.Start), nil
}

func putAlarmMuteRule(c *call) (record, error) {
	for _, name := range []string{"Name", "Rule"} {
		if !c.in.has(name) {
			return nil, fail("MissingRequiredParameterException", "The parameter "+name+" is required.")
		}
	}
	schedule := c.in.sub("Rule").sub("Schedule")
	c.wrote()
	return nil, c.world.PutAlarmMuteRule(fleet.MuteRule{
		Name:       c.in.text("Name"),
		Alarms:     c.in.sub("MuteTargets").texts("AlarmNames"),
		Expression: schedule.text("Expression"),
		Duration:   schedule.text("Duration"),
		Timezone:   schedule.text("Timezone"),
		Start:      c.in.at("StartDate"),
		Ends:       c.in.at("ExpireDate"),
	})
}

func deleteAlarmMuteRule(c *call) (record, error) {
	c.wrote()
	c.world.DeleteAlarmMuteRule(c.in.text("AlarmMuteRuleName"))
	return nil, nil
}
