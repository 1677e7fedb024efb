package cases

// The severities, as they are called.
const (
	critical = "critical"
	warning  = "warning"
)

const (
	makePolicy  = "create wake_policy HasBacklogWithoutCapacity-ScalingPolicy"
	makeAlarm   = "create wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic"
	otherwise   = "tracking_policy scaled_otherwise"
	noneMatches = "no_wake_policy|wake_alarm_unwired|wake_alarm_wrong_metric"
)

// clean is a shape with no finding above info and nothing to change.
var clean = Verdict{}

// failed is a verdict with one check.
func failed(check, severity string, change ...func(*Verdict)) Verdict {
	v := Verdict{Failed: map[string]string{check: severity}}
	for _, do := range change {
		do(&v)
	}
	return v
}

func steps(list ...string) func(*Verdict)    { return func(v *Verdict) { v.Steps = list } }
func withheld(list ...string) func(*Verdict) { return func(v *Verdict) { v.Withheld = list } }
func mayHold(list ...string) func(*Verdict)  { return func(v *Verdict) { v.MayHold = list } }
func never(list ...string) func(*Verdict)    { return func(v *Verdict) { v.Never = list } }
func of(variant string) func(*Verdict)       { return func(v *Verdict) { v.Variant = variant } }

func may(check string) func(*Verdict) {
	return func(v *Verdict) {
		if v.May == nil {
			v.May = map[string]string{}
		}
		v.May[check] = warning
	}
}

// verdicts are those of the cases, by the names of their files.
var verdicts = map[string]Verdict{
	"01a-burst-beside-wake":        clean,
	"01b-burst-by-percent":         clean,
	"02-burst-alone":               failed("wakes_late", critical, steps(makePolicy, makeAlarm)),
	"03-ladder":                    failed("scales_out_for_nothing", warning),
	"04-no-step-matches":           failed(noneMatches, critical, may("policy_never_acts"), steps("update wake_policy wake")),
	"05a-steps-alone":              {Withheld: []string{otherwise}},
	"05b-steps-alone-waking":       {Withheld: []string{otherwise}},
	"06-steps-alone-strict-bounds": {Withheld: []string{otherwise}},
	"07-scale-in-by-own-metric":    failed("no_tracking_policy", critical, never("never_reaches_zero"), withheld(otherwise)),
	"08-host-load":                 failed("never_reaches_zero", warning, withheld(otherwise)),
	"09a-own-scale-in":             {Never: []string{"scale_in_disabled", "removes_busy_instances"}},
	"09b-own-scale-in-average":     failed("removes_busy_instances", warning, never("scale_in_disabled")),
	"10a-fill-one-of-three":        clean,
	"10b-fill-two-of-two":          failed("alarm_flaps", warning),
	"11-max-of-two":                failed("scales_out_for_nothing", warning),
	"12-unknown-function":          {Withheld: []string{"* *"}, Never: []string{"no_wake_policy", "wake_alarm_unwired", "wake_alarm_wrong_metric"}},
	"13-dead-action":               failed("wake_alarm_unwired", critical, may("policy_never_acts"), steps("update wake_alarm w")),
	"14-dead-action-beside-burst":  failed("wake_alarm_unwired", critical, may("policy_never_acts"), steps("update wake_alarm w")),
	"15-policy-by-hand":            failed("no_wake_policy", critical, may("policy_never_acts"), steps(makePolicy, makeAlarm)),
	"16-pager-beside-dead-action":  failed("wake_alarm_unwired", critical, may("policy_never_acts"), steps("update wake_alarm z-wake")),
	"17a-pager-alone":              failed("no_wake_policy", critical, steps(makePolicy, makeAlarm)),
	"17b-pager-beside-policy":      failed("no_wake_policy|wake_alarm_unwired", critical, may("policy_never_acts"), steps(makeAlarm)),
	"18-scale-in-while-busy":       failed("removes_busy_instances", warning),
	"19-scale-in-matches-no-step":  failed("policy_never_acts", warning),
	"20-dead-tracking":             failed("tracking_wrong_metric", warning, may("never_reaches_zero"), may("policy_never_acts")),
	"21-tracking-the-total":        failed("scales_out_for_nothing", warning, withheld(otherwise)),
	"22-tracking-maximum":          clean,
	"23-thirty-seconds":            failed("alarm_flaps", warning),
	"24a-sum":                      clean,
	"24b-minimum":                  clean,
	"24c-p90":                      clean,
	"24d-five-minutes":             {May: map[string]string{"wakes_late": warning}},
	"25-wrong-unit":                failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm w")),
	"26-four-hundred-periods":      failed("wakes_late", critical),
	"27-maximum-zero":              failed("max_capacity_zero", warning),
	"28-one-of-two-variants-wakes": failed("no_wake_policy", warning, of("B"), steps("create wake_policy", "create wake_alarm")),
	"29a-asleep-by-schedule":       failed("no_wake_policy", warning, never("tracking_alarm_no_data"), steps(makePolicy, makeAlarm), mayHold("scheduled_actions")),
	"29b-asleep-by-schedule-long":  failed("no_wake_policy", critical, never("tracking_alarm_no_data"), steps(makePolicy, makeAlarm), mayHold("scheduled_actions")),
	"29c-just-started-by-schedule": failed("no_wake_policy", critical, never("tracking_alarm_no_data"), steps(makePolicy, makeAlarm), mayHold("scheduled_actions")),
	"30a-no-target":                failed("target_not_registered", warning, steps("create scalable_target", makePolicy, makeAlarm, "create tracking_policy", "update min_capacity")),
	"30b-no-target-at-zero":        failed("target_not_registered", critical, steps("create scalable_target", makePolicy, makeAlarm, "create tracking_policy")),

	// Shapes that people wrote to forums and into modules of Terraform.
	"31-anomaly-band-beside-wake": clean,
	"32-part-of-a-composite":      failed("wake_alarm_unwired", critical, may("policy_never_acts"), steps(makeAlarm)),
	"33-two-alarms-on-one-policy": clean,
	"34-tracking-by-math":         clean,
	"35-percent-with-a-least":     {Withheld: []string{"wake_alarm ambiguous"}},
	"36-percent-of-none":          failed("no_wake_policy", critical, steps(makePolicy, makeAlarm)),
	"37-scale-in-without-data":    clean,
	"38-breaching":                clean,
	"39-steps-that-end": failed("wakes_late", critical, steps(makePolicy, makeAlarm), func(v *Verdict) {
		v.Failed["scales_out_for_nothing"] = warning
	}),
	"40-low-samples-ignored": failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm w")),
	"41-oldest-request":      {Withheld: []string{"wake_alarm ambiguous"}},
	"42-steps-per-instance":  {Withheld: []string{otherwise}},
	"43-ok-action":           {Withheld: []string{otherwise}},
	"44-sample-count": failed("scales_out_for_nothing", warning, func(v *Verdict) {
		v.Failed["never_reaches_zero"] = warning
	}),
	"45-math-the-other-way":    clean,
	"46-predefined-alone":      failed("tracking_wrong_metric", critical, may("never_reaches_zero"), may("policy_never_acts"), steps("update tracking_policy AsyncBacklogTargetTracking")),
	"47-scale-in-suspended":    failed("scaling_suspended", warning),
	"48-berlin":                clean,
	"49-host-load-in-service":  clean,
	"50-idle-by-two-metrics":   clean,
	"51-inference-component":   clean,
	"52-hour-of-maximum":       failed("scales_out_for_nothing", warning), // it goes into ALARM at once, and stays there for an hour
	"53-wakes-to-many":         clean,
	"54-scale-in-on-no-demand": failed("removes_busy_instances", warning),

	// Shapes that were tried against the judgement, and that it took for healthy.
	"55-exact-one-whenever-queued":      failed("removes_busy_instances", warning),
	"56a-scale-in-while-busy-at-eight":  failed("removes_busy_instances", warning),
	"56b-scale-in-while-busy-at-four":   failed("removes_busy_instances", warning),
	"57a-to-zero-below-ten":             failed("removes_busy_instances", warning),
	"57b-to-zero-below-five":            failed("removes_busy_instances", warning),
	"57c-to-zero-below-one-each":        failed("removes_busy_instances", warning),
	"58a-wake-alarm-of-another":         failed("wake_alarm_wrong_metric", critical, steps(makePolicy, makeAlarm)),
	"58b-wake-alarm-copied-with-name":   failed("wake_alarm_wrong_metric", critical, steps("update wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic")),
	"58c-misspelt-namespace":            failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm w")),
	"58d-tracking-of-another":           failed("tracking_wrong_metric", critical, steps("update tracking_policy AsyncBacklogTargetTracking")),
	"59-maximum-zero-at-night":          failed("max_capacity_zero", warning, mayHold("scheduled_actions")),
	"60a-updating-for-long":             failed("endpoint_not_in_service", critical),
	"60b-updating-for-long-one-desired": failed("endpoint_not_in_service", critical),

	// Wake alarms on metrics that nobody publishes.
	"72a-misspelt-metric":               failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic")),
	"72b-metric-of-real-time-endpoints": failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm my-wake")),
	"72c-misspelt-metric-no-action":     failed("no_wake_policy|wake_alarm_unwired", critical, may("policy_never_acts"), steps("update wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic")),
	"72d-misspelt-backlog":              failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm team")),
	"72e-work-wakes":                    failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), withheld("wake_alarm name_taken", "wake_policy name_taken")),

	// Another variant works the queue off.
	"73a-another-always-runs":    failed("no_wake_policy", warning, of("AllTraffic"), steps(makePolicy, makeAlarm)),
	"73b-another-without-target": failed("no_wake_policy", warning, of("AllTraffic"), steps(makePolicy, makeAlarm)),

	// Alarms that ask for few of many periods stay in ALARM for long.
	"74a-wake-alarm-one-of-sixty": failed("scales_out_for_nothing", warning),
	"74b-idle-two-of-fifteen":     failed("removes_busy_instances", warning),
	"74c-idle-fifteen-of-fifteen": clean,

	// What counts the work that is done takes long requests for idleness.
	"75a-idle-by-work-done":       failed("removes_busy_instances", critical),
	"75b-idle-by-work-done-short": clean,

	// Mute rules that will silence the wake alarm.
	"71a-muted-at-night":            {Withheld: []string{"min_capacity would_not_wake"}},
	"71b-asleep-and-muted-at-night": failed("alarm_muted", warning),
	"71c-muted-on-the-first":        {Withheld: []string{"min_capacity would_not_wake"}},
	"71d-muted-once-and-over":       {Steps: []string{"update min_capacity"}},
	"71e-muted-nobody-knows-when":   {Withheld: []string{"min_capacity would_not_wake"}},
	// What an alarm asks for at the value that stands, and in which state.
	"61a-exact-below-the-maximum":  {Withheld: []string{otherwise}, Never: []string{"removes_busy_instances"}},
	"61b-exact-ladder":             failed("removes_busy_instances", warning, withheld(otherwise)),
	"61c-step-above-the-threshold": {Withheld: []string{otherwise}},
	"61d-scale-in-ladder":          {Steps: []string{makePolicy, makeAlarm, "update min_capacity"}},
	"62a-wakes-by-ok":              {},
	"62b-wakes-by-ok-and-sleeps":   {Withheld: []string{otherwise}},

	// Somebody deleted or changed the alarms that AWS made for a tracking policy.
	"69a-tracking-alarms-gone":            failed("no_tracking_policy", critical, never("never_reaches_zero", "policy_never_acts"), steps("update tracking_policy AsyncBacklogTargetTracking")),
	"69b-low-alarm-gone":                  failed("never_reaches_zero", warning, steps("update tracking_policy AsyncBacklogTargetTracking")),
	"69c-tracking-alarms-gone-and-steps":  failed("policy_never_acts", warning, withheld(otherwise)),
	"69d-actions-of-tracking-alarms-gone": failed("no_tracking_policy", critical, steps("update tracking_policy AsyncBacklogTargetTracking")),

	// A variant beside one that always runs.
	"28b-overflow-on-no-capacity":                     failed("wake_alarm_wrong_metric", warning, of("AllTraffic")),
	"28c-overflow-on-the-backlog":                     {Variant: "AllTraffic", Never: []string{"wake_alarm_wrong_metric", "wakes_late"}, Steps: []string{makePolicy, makeAlarm}},
	"28d-overflow-switched-off":                       failed("wake_alarm_unwired", warning, of("AllTraffic"), steps(makePolicy, makeAlarm)),
	"28e-overflow-muted":                              failed("alarm_muted", warning, of("AllTraffic"), steps(makePolicy, makeAlarm), never("wake_alarm_wrong_metric", "no_wake_policy")),
	"28f-overflow-at-a-dead-action":                   failed("wake_alarm_unwired", warning, of("AllTraffic"), steps(makePolicy, "update wake_alarm overflow", makeAlarm), may("policy_never_acts")),
	"28k-overflow-from-one-at-a-dead-action":          failed("wake_alarm_unwired", warning, of("AllTraffic"), steps("update wake_alarm overflow"), may("policy_never_acts")),
	"28g-overflow-beside-one-that-wakes":              {Variant: "AllTraffic", Never: []string{"wakes_late", "wake_alarm_wrong_metric"}, Steps: []string{makePolicy, makeAlarm}},
	"28h-overflow-switched-off-beside-one-that-wakes": failed("wake_alarm_unwired", warning, of("AllTraffic"), steps(makePolicy, makeAlarm)),
	"28i-overflow-on-a-misspelt-metric":               failed("wake_alarm_wrong_metric", warning, of("AllTraffic"), steps(makePolicy, makeAlarm)),
	"28j-none-allowed-beside-one-that-wakes":          failed("max_capacity_zero", warning, of("AllTraffic")),
	"30c-no-target-beside-one-that-wakes":             {Variant: "AllTraffic", Steps: []string{"create scalable_target", makePolicy, makeAlarm, "create tracking_policy"}},

	// Exactly at the threshold one of two steps matches.
	"76-wake-policy-of-two-sides": clean,

	// The wake alarm of the documented name watches metric math that comes to nothing, or that nobody understands.
	"77a-own-alarm-by-math":         failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic")),
	"77b-own-alarm-of-two-queries":  failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), steps("update wake_alarm HasBacklogWithoutCapacity-Alarm-asr-AllTraffic")),
	"77c-own-alarm-not-understood":  failed("no_wake_policy|wake_alarm_unwired", critical, withheld("wake_alarm name_taken")),
	"78-steps-on-a-misspelt-metric": failed("policy_never_acts", warning),

	// Of a long period the largest minute counts at once, the sum as soon as there is something in it, and the average late.
	"79a-six-hours-of-maximum": failed("scales_out_for_nothing", warning),
	"79b-six-hours-of-sum":     failed("scales_out_for_nothing", warning),
	"79c-six-hours-of-average": failed("wakes_late", critical),

	// Tracking on host load keeps the last instance, also beside tracking on the backlog.
	"80a-host-load-beside-tracking":   failed("never_reaches_zero", warning),
	"80b-host-load-and-idle-step":     {Never: []string{"never_reaches_zero"}},
	"80c-host-load-scale-in-disabled": clean,

	// The minimum is above 0, and those beyond it stay.
	"81a-low-alarm-gone-at-one":     failed("never_scales_in", warning, steps("update tracking_policy AsyncBacklogTargetTracking", "update min_capacity")),
	"81c-low-alarm-gone-three-idle": failed("never_scales_in", warning, steps("update tracking_policy AsyncBacklogTargetTracking", "update min_capacity")),
	"81b-idle-ones-stay":            failed("never_scales_in", warning, steps("update min_capacity"), withheld(otherwise)),

	"82a-idle-two-of-ten":                          failed("removes_busy_instances", warning),
	"82b-idle-five-of-five":                        clean,
	"82c-idle-three-of-ten":                        failed("removes_busy_instances", warning),
	"82d-idle-seven-of-ten":                        failed("removes_busy_instances", warning),
	"82e-idle-nine-of-ten":                         clean,
	"83-low-alarm-of-disabled-gone":                clean,
	"83b-high-alarm-of-disabled-gone":              failed("no_tracking_policy", critical, may("policy_never_acts"), steps("update tracking_policy AsyncBacklogTargetTracking")),
	"83c-tracking-alarms-gone-beside-an-idle-step": failed("no_tracking_policy", critical, never("policy_never_acts"), steps("update tracking_policy AsyncBacklogTargetTracking")),
	"84a-one-step-of-many-alarms":                  failed("alarm_flaps", warning, withheld(otherwise)),
	"84b-maximum-in-a-minute":                      clean,

	// Metrics that AWS publishes under other dimensions.
	"79a-work-of-the-whole-endpoint":        failed("wake_alarm_wrong_metric", critical, may("policy_never_acts"), withheld("wake_alarm name_taken", "wake_policy name_taken")),
	"79b-host-load-of-the-whole-endpoint":   failed("tracking_wrong_metric", critical, may("never_reaches_zero"), may("policy_never_acts"), withheld("tracking_policy name_taken")),
	"79c-steps-on-the-work-of-the-endpoint": failed("policy_never_acts", warning),
	"80-wakes-by-math-up-to-a-hundred":      failed("wakes_late", critical, steps(makePolicy, makeAlarm), may("scales_out_for_nothing")),
	"81-own-alarm-from-five":                failed("wakes_late", critical, withheld("wake_alarm name_taken", "wake_policy name_taken")),
	"82-idle-by-the-minimum":                failed("removes_busy_instances", warning),

	// What is said of a shape beside what is wrong with it.
	"63-busy-at-the-maximum":       {Steps: []string{"update min_capacity"}},
	"64a-schedule-not-understood":  failed("no_wake_policy", warning, steps(makePolicy, makeAlarm), mayHold("scheduled_actions")),
	"64b-maximum-not-understood":   failed("max_capacity_zero", warning, mayHold("scheduled_actions")),
	"64c-two-by-day-none-by-night": failed("max_capacity_zero", warning, never("never_reaches_zero"), mayHold("scheduled_actions")),
	"64d-none-now-and-no-wake":     failed("max_capacity_zero", warning, never("no_wake_policy"), steps(makePolicy, makeAlarm), mayHold("scheduled_actions")),
	"64e-none-until-ten":           failed("max_capacity_zero", warning, mayHold("scheduled_actions")),
	"64f-none-at-weekends":         failed("max_capacity_zero", warning, mayHold("scheduled_actions")),
	"65-tracking-nothing-filled": failed("tracking_wrong_metric", critical, withheld(otherwise), func(v *Verdict) {
		v.Failed["removes_busy_instances"] = warning
	}),
	"66a-high-alarm-muted": failed("alarm_muted", warning, never("no_tracking_policy")),
	"66b-low-alarm-muted":  failed("alarm_muted", warning, never("never_reaches_zero")),
	"67-rollback-failed":   failed("endpoint_not_in_service", warning),
	"68-scale-in-by-ok":    failed("removes_busy_instances", warning),
}
