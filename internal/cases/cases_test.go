package cases

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/snapshot"
)

var update = flag.Bool("update", false, "write the snapshot files")

// shapes are the cases as they are put together, by the names of their files.
func shapes() map[string]*shape {
	zeroToOne := all(step("zero-to-one", exactly, from(0, 1)), alarm("w", hb, ">=", 1, 2, []string{"zero-to-one"}))
	burstAlarm := alarm("d", bs, ">=", 10, 3, []string{"burst"}, statisticOf("Maximum"))
	burst := all(step("burst", byChange, between(0, 20, 2), from(20, 5)), burstAlarm)
	inOut := all(step("in", exactly, to(0, 0)), step("out", exactly, from(0, 8)))
	wakeBy := func(changes ...func(*fleet.Alarm)) part {
		return all(tracks, step("wake", byChange, from(0, 1)), alarm("w", hb, ">=", 1, 2, []string{"wake"}, changes...))
	}
	dead := func(name, policyName string) part {
		return alarm(name, hb, ">=", 1, 2, []string{
			"arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:00000000-dead-4000-8000-000000000000:resource/sagemaker/endpoint/asr/variant/AllTraffic:policyName/" + policyName,
		})
	}
	deadOverflow := []string{
		"arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:00000000-dead-4000-8000-000000000000:resource/sagemaker/endpoint/asr/variant/AllTraffic:policyName/overflow",
	}
	page := alarm("a-page", hb, ">=", 1, 5, []string{pager})
	cpu := func(namespace string) fleet.Metric {
		return fleet.Metric{Namespace: namespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions(Endpoint, main)}
	}
	scaleIn := (&shape{variant: main}).arn("in")
	untargeted := func(s *shape) { s.Targets = nil }
	once := func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 1, 1 }
	return map[string]*shape{
		"01a-burst-beside-wake": asleep(0, 20, tracks, zeroToOne, burst),
		"01b-burst-by-percent":  asleep(0, 20, tracks, zeroToOne, step("burst", byPercent, from(0, 100)), burstAlarm),
		"02-burst-alone":        asleep(0, 20, tracks, burst),
		"03-ladder": asleep(0, 10, tracks, step("ladder", byChange, between(1, 5, 1), between(5, 10, 2), from(10, 4)),
			alarm("l", bs, ">", 0, 1, []string{"ladder"}, statisticOf("Maximum"))),
		"04-no-step-matches": asleep(0, 5, tracks, step("wake", byChange, from(1, 1)), alarm("w", hb, ">=", 1, 2, []string{"wake"})),
		"05a-steps-alone": asleep(0, 8, inOut, alarm("i", bs, "<", 1, 5, []string{"in"}),
			alarm("o", bs, ">=", 1, 1, []string{"out"}, missing("notBreaching"))),
		"05b-steps-alone-waking": asleep(0, 8, inOut, alarm("i", bs, "<", 1, 5, []string{"in"}, func(a *fleet.Alarm) { a.State = "OK" }),
			alarm("o", bs, ">=", 1, 1, []string{"out"}, missing("notBreaching"), ringing(3*time.Minute)), starting(8, 3)),
		"06-steps-alone-strict-bounds": asleep(0, 8, inOut, alarm("i", bs, "<=", 0, 5, []string{"in"}),
			alarm("o", bs, ">", 0, 1, []string{"out"}, missing("notBreaching"))),
		"07-scale-in-by-own-metric": asleep(0, 5, wakes, step("in", byChange, to(0, -1)),
			alarm("i", fleet.Metric{Namespace: "Team/Speech", Name: "OpenJobs"}, "<=", 0, 5, []string{"in"})),
		"08-host-load": asleep(0, 5, wakes, tracking("cpu", cpu(fleet.HostNamespace), "Average", 50, true)),
		"09a-own-scale-in": asleep(0, 5, wakes, tracking(policy.TrackingName, bpi, "Average", 3, false), step("in", exactly, to(0, 0)),
			alarm("i", bs, "<", .5, 2, []string{"in"}, statisticOf("Maximum"), period(5*time.Minute))),
		"09b-own-scale-in-average": asleep(0, 5, wakes, tracking(policy.TrackingName, bpi, "Average", 3, false), step("in", exactly, to(0, 0)),
			alarm("i", bs, "<", .5, 2, []string{"in"}, period(5*time.Minute))),
		"10a-fill-one-of-three": asleep(0, 5, wakeBy(math("FILL(m1,0)", hb), func(a *fleet.Alarm) { a.EvaluationPeriods = 3 }, datapoints(1))),
		"10b-fill-two-of-two":   asleep(0, 5, wakeBy(math("FILL(m1,0)", hb))),
		"11-max-of-two": asleep(0, 5, wakeBy(math("MAX([m1,m2])", bpi, hb), func(a *fleet.Alarm) {
			a.Threshold, a.EvaluationPeriods, a.DatapointsToAlarm = .9, 1, 1
		})),
		"12-unknown-function": asleep(0, 5, wakeBy(math("DIFF(m1)", hb))),
		"13-dead-action":      asleep(0, 5, tracks, step("team-wake", byChange, from(0, 1)), dead("w", "team-wake")),
		"14-dead-action-beside-burst": asleep(0, 5, tracks, step("burst", byChange, from(0, 3)), step("team-wake", byChange, from(0, 1)),
			dead("w", "team-wake")),
		"15-policy-by-hand":           asleep(0, 5, tracks, step("team-wake", byChange, from(0, 1))),
		"16-pager-beside-dead-action": asleep(0, 5, tracks, wakePolicy, page, dead("z-wake", policy.WakeName)),
		"17a-pager-alone":             asleep(0, 5, tracks, page),
		"17b-pager-beside-policy":     asleep(0, 5, tracks, wakePolicy, page),
		"18-scale-in-while-busy": asleep(0, 5, documented, step("in", byChange, to(0, -1)),
			alarm("i", hb, "<", 1, 5, []string{"in"}, missing("breaching"))),
		"19-scale-in-matches-no-step": asleep(0, 5, documented, step("in", exactly, from(0, 0)), alarm("i", bs, "<", 1, 5, []string{"in"})),
		"20-dead-tracking":            asleep(0, 5, documented, tracking("cpu", cpu(fleet.Namespace), "Average", 50, true)),
		"21-tracking-the-total":       asleep(0, 5, wakes, tracking("total", bs, "Average", .9, true)),
		"22-tracking-maximum":         asleep(0, 5, wakes, tracking(policy.TrackingName, bpi, "Maximum", 5, true)),
		"23-thirty-seconds":           asleep(0, 5, wakeBy(period(30*time.Second))),
		"24a-sum":                     asleep(0, 5, wakeBy(statisticOf("Sum"))),
		"24b-minimum":                 asleep(0, 5, wakeBy(statisticOf("Minimum"))),
		"24c-p90":                     asleep(0, 5, wakeBy(statisticOf("p90"))),
		"24d-five-minutes":            asleep(0, 5, wakeBy(statisticOf("Minimum"), period(5*time.Minute))),
		"25-wrong-unit":               asleep(0, 5, wakeBy(unit("Seconds"))),
		"26-four-hundred-periods":     asleep(0, 5, wakeBy(datapoints(400), func(a *fleet.Alarm) { a.EvaluationPeriods = 400 })),
		"27-maximum-zero":             asleep(0, 0, documented),
		"28-one-of-two-variants-wakes": asleep(0, 5, documented, func(s *shape) {
			s.add("B", 0, 5)
			s.instances(0, 0)
		}, tracks),
		"29a-asleep-by-schedule": asleep(1, 5, tracks, running(1, 0),
			scheduled("morning", "cron(0 5 * * ? *)", 1), scheduled("night", "cron(0 0 * * ? *)", 0)),
		"29b-asleep-by-schedule-long": asleep(1, 5, tracks, running(1, 0),
			scheduled("morning", "cron(0 7 * * ? *)", 1), scheduled("night", "cron(0 20 * * ? *)", 0)),
		"29c-just-started-by-schedule": asleep(1, 5, tracks, started(8*time.Minute),
			scheduled("morning", "cron(50 8 * * ? *)", 1), scheduled("night", "cron(0 20 * * ? *)", 0)),
		"31-anomaly-band-beside-wake": asleep(0, 5, documented, step("burst", byChange, from(0, 2)),
			alarm("anomaly", bs, ">", 0, 3, []string{"burst"}, math("ANOMALY_DETECTION_BAND(m1, 2)", bs), func(a *fleet.Alarm) { a.Comparison = "GreaterThanUpperThreshold" })),
		"32-part-of-a-composite":      asleep(0, 5, tracks, wakePolicy, alarm("part-of-a-composite", hb, ">=", 1, 2, nil)),
		"33-two-alarms-on-one-policy": asleep(0, 5, wakeBy(), alarm("slow", hb, ">=", 1, 5, []string{"wake"}, datapoints(3))),
		"34-tracking-by-math":         asleep(0, 5, wakes, trackingBy("math", "FILL(m1,0)+IF(FILL(m2,0)>0,5,0)", 5, bpi, hb)),
		"35-percent-with-a-least":     asleep(0, 5, tracks, step("wake", byPercent, from(0, 100)), least("wake", 1), alarm("w", hb, ">=", 1, 2, []string{"wake"})),
		"36-percent-of-none":          asleep(0, 5, tracks, step("wake", byPercent, from(0, 100)), alarm("w", hb, ">=", 1, 2, []string{"wake"})),
		"37-scale-in-without-data": asleep(0, 5, wakes, tracking(policy.TrackingName, bpi, "Average", 5, false), step("in", exactly, to(0, 0)),
			alarm("i", work("InvocationsProcessed"), "<", 0, 15, nil, statisticOf("Sum"), func(a *fleet.Alarm) {
				a.InsufficientDataActions, a.State = []string{scaleIn}, "INSUFFICIENT_DATA"
			})),
		"38-breaching":           asleep(0, 5, wakeBy(missing("breaching"))),
		"39-steps-that-end":      asleep(0, 5, tracks, step("wake", byChange, between(0, 20, 1)), alarm("w", bs, ">=", 1, 1, []string{"wake"}, statisticOf("Maximum"))),
		"40-low-samples-ignored": asleep(0, 5, wakeBy(statisticOf("p99"), func(a *fleet.Alarm) { a.Extras = &fleet.AlarmExtras{LowSamples: "ignore"} })),
		"41-oldest-request":      asleep(0, 5, tracks, step("wake", byChange, from(0, 1)), alarm("w", metric("ApproximateAgeOfOldestRequest"), ">=", 60, 1, []string{"wake"}, statisticOf("Maximum"))),
		"42-steps-per-instance": asleep(0, 5, step("first", exactly, from(0, 1)), step("more", byChange, from(0, 1)), step("fewer", byChange, to(0, -1)),
			alarm("first", hb, ">=", 1, 1, []string{"first"}), alarm("more", bpi, ">=", 5, 3, []string{"more"}), alarm("fewer", bpi, "<=", 0, 15, []string{"fewer"}, missing("notBreaching"))),
		"43-ok-action": asleep(0, 3, step("out", exactly, from(0, 3)), step("in", exactly, to(0, 0)), alarm("q", bs, ">=", 1, 1, []string{"out"}, missing("notBreaching"), func(a *fleet.Alarm) {
			a.OKActions = []string{scaleIn}
		})),
		"44-sample-count":       asleep(0, 5, wakeBy(statisticOf("SampleCount"))),
		"45-math-the-other-way": asleep(0, 5, tracks, step("wake", byChange, to(0, 1)), alarm("w", hb, "<", 1, 2, []string{"wake"}, math("1-FILL(m1,0)", hb), datapoints(1))),
		"46-predefined-alone":   asleep(0, 5, wakes, predefined("SageMakerVariantInvocationsPerInstance", 70)),
		"47-scale-in-suspended": asleep(0, 5, documented, func(s *shape) { s.Targets[0].Suspended.ScaleIn = true }),
		"48-berlin": asleep(0, 5, documented, scheduled("morning", "cron(0 7 ? * MON-FRI *)", 1), scheduled("evening", "cron(0 19 ? * MON-FRI *)", 0), func(s *shape) {
			for i := range s.Scheduled {
				s.Scheduled[i].Timezone = "Europe/Berlin"
			}
		}),
		"49-host-load-in-service": asleep(0, 5, documented, step("gpu", byChange, from(0, 1)), alarm("gpu", fleet.Metric{Namespace: fleet.HostNamespace, Name: "GPUUtilization", Dimensions: fleet.VariantDimensions(Endpoint, main)}, ">=", 80, 3, []string{"gpu"})),
		"50-idle-by-two-metrics": asleep(0, 5, wakes, tracking(policy.TrackingName, bpi, "Average", 5, false), step("in", exactly, to(0, 0)),
			alarm("i", bs, "<=", 0, 10, []string{"in"}, math("IF(m1==0 AND FILL(m2,0)==0,0,1)", bs, work("InvocationsProcessed")))),
		"51-inference-component": asleep(0, 5, documented, func(s *shape) {
			s.Alarms = append(s.Alarms, fleet.Alarm{Name: "component", Metric: bs, Statistic: "Average", Period: time.Minute, EvaluationPeriods: 1, Threshold: 1, Comparison: "GreaterThanOrEqualToThreshold", ActionsEnabled: true, State: "OK", AlarmActions: []string{"arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:6d8972f3-efc8-437c-92d1-6270f29a66e7:resource/sagemaker/inference-component/llm:policyName/out"}})
		}),
		"52-hour-of-maximum":           asleep(0, 5, wakeBy(period(time.Hour), statisticOf("Maximum"), once)),
		"53-wakes-to-many":             asleep(0, 50, tracks, step("wake", exactly, from(0, 50)), alarm("w", hb, ">=", 1, 1, []string{"wake"})),
		"54-scale-in-on-no-demand":     asleep(0, 5, wakeBy(), step("in", exactly, to(0, 0)), alarm("idle", hb, "<=", 0, 60, []string{"in"}, missing("notBreaching"))),
		"55-exact-one-whenever-queued": asleep(0, 8, tracks, step("one", exactly, from(0, 1)), alarm("w", bs, ">=", 1, 1, []string{"one"}), running(8, 40)),
		"56a-scale-in-while-busy-at-eight": asleep(0, 5, documented, concurrency(8), step("in", byChange, to(0, -1)),
			alarm("i", hb, "<", 1, 5, []string{"in"}, missing("breaching"))),
		"56b-scale-in-while-busy-at-four": asleep(0, 8, wakes, tracking(policy.TrackingName, bpi, "Average", 3, true), concurrency(4),
			step("in", byChange, to(0, -1)), alarm("i", hb, "<", 1, 5, []string{"in"}, missing("breaching")), running(7, 19)),
		"57a-to-zero-below-ten":              asleep(0, 5, documented, concurrency(0), idle(bs, 10)),
		"57b-to-zero-below-five":             asleep(0, 5, documented, concurrency(8), idle(bs, 5)),
		"57c-to-zero-below-one-each":         asleep(0, 5, documented, concurrency(8), idle(bpi, 1)),
		"58a-wake-alarm-of-another":          asleep(0, 5, wakeBy(func(a *fleet.Alarm) { a.Metric = another(hb) })),
		"58b-wake-alarm-copied-with-name":    asleep(0, 5, documented, copied),
		"58c-misspelt-namespace":             asleep(0, 5, wakeBy(func(a *fleet.Alarm) { a.Metric.Namespace = "AWS/Sagemaker" })),
		"58d-tracking-of-another":            asleep(0, 5, wakes, tracking(policy.TrackingName, another(bpi), "Average", 5, true)),
		"59-maximum-zero-at-night":           asleep(0, 5, documented, limited("evening", "cron(0 22 * * ? *)", 0), limited("morning", "cron(0 3 * * ? *)", 5)),
		"60a-updating-for-long":              asleep(0, 5, documented, starting(0, 3), updating(13*time.Hour)),
		"60b-updating-for-long-one-desired":  asleep(0, 5, documented, starting(1, 3), updating(13*time.Hour)),
		"71a-muted-at-night":                 asleep(1, 5, documented, running(1, 0), muted("night", "cron(0 22 * * *)", "PT8H")),
		"71b-asleep-and-muted-at-night":      asleep(0, 5, documented, muted("night", "cron(0 22 * * *)", "PT8H")),
		"71c-muted-on-the-first":             asleep(1, 5, documented, running(1, 0), muted("month-end", "cron(0 3 1 * *)", "PT1H")),
		"71d-muted-once-and-over":            asleep(1, 5, documented, running(1, 0), muted("release", "at(2026-03-01T22:00)", "PT2H")),
		"71e-muted-nobody-knows-when":        asleep(1, 5, documented, running(1, 0), muted("weekly", "cron(0 3 ? * SUN#1)", "PT1H")),
		"61a-exact-below-the-maximum":        asleep(0, 8, step("in", exactly, to(0, 0)), step("out", exactly, from(0, 4)), empty, queued("out"), running(4, 7), since("o", 3*time.Hour), since("i", 3*time.Hour)),
		"61b-exact-ladder":                   asleep(0, 8, step("in", exactly, to(0, 0)), step("out", exactly, between(0, 20, 2), from(20, 6)), empty, queued("out"), running(2, 7), since("o", 3*time.Hour)),
		"61c-step-above-the-threshold":       asleep(0, 8, wakes, step("in", exactly, to(0, 0)), step("out", byChange, from(9, 1)), empty, queued("out"), running(2, 7), since("o", 3*time.Hour)),
		"61d-scale-in-ladder":                asleep(1, 8, tracks, step("fewer", byChange, between(-15, 0, 0), to(-15, -1)), alarm("f", bs, "<", 20, 5, []string{"fewer"}), running(3, 14), since("f", 3*time.Hour)),
		"62a-wakes-by-ok":                    asleep(0, 5, tracks, step("wake", byChange, to(0, 1), from(0, 1)), alarm("h", hb, "<", 1, 2, nil, ok("wake")), running(0, 3), oldest(9*time.Minute), since("h", time.Minute)),
		"62b-wakes-by-ok-and-sleeps":         asleep(0, 4, step("in", exactly, to(0, 0)), step("out", exactly, from(0, 4)), alarm("i", bs, "<", 1, 5, []string{"in"}, ok("out")), running(0, 3), oldest(9*time.Minute), since("i", time.Minute)),
		"72a-misspelt-metric":                asleep(0, 5, documented, watching(metric("HasBacklogWithoutCapacities"))),
		"72b-metric-of-real-time-endpoints":  asleep(0, 5, tracks, wakePolicy, alarm("my-wake", work("Invocations"), ">=", 1, 2, []string{policy.WakeName})),
		"72c-misspelt-metric-no-action":      asleep(0, 5, tracks, wakePolicy, alarm("HasBacklogWithoutCapacity-Alarm-asr-AllTraffic", metric("hasBacklogWithoutCapacity"), ">=", 1, 2, nil)),
		"72d-misspelt-backlog":               asleep(0, 5, tracks, step("team-wake", byChange, from(0, 1)), alarm("team", metric("ApproximateBacklogsize"), ">=", 1, 1, []string{"team-wake"})),
		"72e-work-wakes":                     asleep(0, 5, documented, watching(work("InvocationsProcessed"))),
		"73a-another-always-runs":            asleep(0, 5, tracks, beside(1, tracks)),
		"73b-another-without-target":         asleep(0, 5, tracks, beside(0), func(s *shape) { s.Targets = s.Targets[:1] }),
		"74a-wake-alarm-one-of-sixty":        asleep(0, 20, wakeBy(func(a *fleet.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 60, 1 })),
		"74b-idle-two-of-fifteen":            asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 15, []string{"in"}, datapoints(2))),
		"74c-idle-fifteen-of-fifteen":        asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 15, []string{"in"})),
		"69a-tracking-alarms-gone":           asleep(0, 5, documented, running(2, 40), lost("")),
		"69b-low-alarm-gone":                 asleep(0, 5, documented, running(2, 40), lost("AlarmLow")),
		"69c-tracking-alarms-gone-and-steps": asleep(0, 8, wakes, tracks, step("in", exactly, to(0, 0)), step("out", exactly, from(0, 8)), empty, queued("out"), lost("")),
		"69d-actions-of-tracking-alarms-gone": asleep(0, 5, documented, running(2, 40), func(s *shape) {
			for i := range s.Alarms {
				if strings.HasPrefix(s.Alarms[i].Name, fleet.TrackingAlarmPrefix) {
					s.Alarms[i].AlarmActions = nil
				}
			}
		}),
		"28b-overflow-on-no-capacity":                     asleep(0, 5, documented, func(s *shape) { s.instances(0, 0) }, beside(1, tracks)),
		"28c-overflow-on-the-backlog":                     asleep(0, 5, overflow(), beside(1, tracks)),
		"28d-overflow-switched-off":                       asleep(0, 5, overflow(func(a *fleet.Alarm) { a.ActionsEnabled = false }), beside(1, tracks)),
		"28e-overflow-muted":                              asleep(0, 5, overflow(), silenced("overflow"), beside(1, tracks)),
		"28f-overflow-at-a-dead-action":                   asleep(0, 5, overflow(func(a *fleet.Alarm) { a.AlarmActions = deadOverflow }), beside(1, tracks)),
		"28k-overflow-from-one-at-a-dead-action":          asleep(0, 5, overflow(func(a *fleet.Alarm) { a.AlarmActions, a.Threshold = deadOverflow, 1 }), beside(1, tracks)),
		"28g-overflow-beside-one-that-wakes":              asleep(0, 5, overflow(), beside(0, documented), func(s *shape) { s.instances(0, 0) }),
		"28h-overflow-switched-off-beside-one-that-wakes": asleep(0, 5, overflow(func(a *fleet.Alarm) { a.ActionsEnabled = false }), beside(0, documented), func(s *shape) { s.instances(0, 0) }),
		"28i-overflow-on-a-misspelt-metric":               asleep(0, 5, overflow(func(a *fleet.Alarm) { a.Metric = metric("ApproximateBacklogsize") }), beside(1, tracks)),
		"28j-none-allowed-beside-one-that-wakes":          asleep(0, 0, documented, beside(0, documented), func(s *shape) { s.instances(0, 0) }),
		"30c-no-target-beside-one-that-wakes":             asleep(0, 5, beside(0, documented), func(s *shape) { s.instances(0, 0); s.Targets = s.Targets[1:] }),
		"64e-none-until-ten":                              asleep(0, 0, documented, fixed("evening", "cron(0 8 * * ? *)", 0), limited("morning", "cron(0 10 * * ? *)", 5), running(0, 3)),
		"64f-none-at-weekends":                            asleep(0, 0, documented, fixed("evening", "cron(0 20 ? * MON-FRI *)", 0), limited("morning", "cron(0 10 ? * MON-FRI *)", 5), running(0, 3)),
		"79a-work-of-the-whole-endpoint":                  asleep(0, 5, documented, watching(metric("InvocationsProcessed"))),
		"79b-host-load-of-the-whole-endpoint":             asleep(0, 5, wakes, tracking(policy.TrackingName, fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: hb.Dimensions}, "Average", 50, true)),
		"79c-steps-on-the-work-of-the-endpoint":           asleep(0, 5, documented, step("out", byChange, from(0, 1)), alarm("o", metric("TotalProcessingTime"), ">=", 20, 1, []string{"out"})),
		"80-wakes-by-math-up-to-a-hundred":                asleep(0, 5, tracks, step("wake", byChange, from(0, 1)), alarm("w", bs, ">=", 1, 2, []string{"wake"}, math("IF(m1>100,0,m1)", bs))),
		"81-own-alarm-from-five":                          asleep(0, 5, tracks, wakePolicy, alarm("HasBacklogWithoutCapacity-Alarm-asr-AllTraffic", bs, ">=", 5, 2, []string{policy.WakeName})),
		"82-idle-by-the-minimum":                          asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 1, []string{"in"}, statisticOf("Minimum"), period(5*time.Minute))),
		"64d-none-now-and-no-wake":                        asleep(0, 0, tracks, fixed("morning", "cron(0 8 * * ? *)", 0), fixed("noon", "cron(0 12 * * ? *)", 2)),
		"76-wake-policy-of-two-sides":                     asleep(0, 5, tracks, step("wake", byChange, to(0, -1), from(0, 1)), alarm("w", hb, ">=", 1, 2, []string{"wake"})),
		"77a-own-alarm-by-math":                           asleep(0, 5, tracks, wakePolicy, alarm("HasBacklogWithoutCapacity-Alarm-asr-AllTraffic", hb, ">=", 1, 2, []string{policy.WakeName}, math("m1*0", hb))),
		"77b-own-alarm-of-two-queries":                    asleep(0, 5, tracks, wakePolicy, alarm("HasBacklogWithoutCapacity-Alarm-asr-AllTraffic", hb, ">=", 1, 2, []string{policy.WakeName}, math("m1*m2", hb, work("HasBacklogWithoutCapacity")))),
		"77c-own-alarm-not-understood":                    asleep(0, 5, tracks, wakePolicy, alarm("HasBacklogWithoutCapacity-Alarm-asr-AllTraffic", hb, ">=", 1, 2, nil, math("DIFF(m1)", hb))),
		"78-steps-on-a-misspelt-metric":                   asleep(0, 5, documented, step("out", byChange, from(0, 1)), alarm("o", metric("ApproximateBacklogsize"), ">=", 20, 1, []string{"out"})),
		"63-busy-at-the-maximum":                          asleep(1, 3, documented, running(3, 60), inAlarm("AlarmHigh", 3*time.Hour)),
		"64a-schedule-not-understood":                     asleep(0, 5, tracks, scheduled("evening", "cron(0 22 * * ? *)", 0), scheduled("morning", "cron(0 6 ? * 2#1 *)", 1)),
		"64b-maximum-not-understood":                      asleep(0, 0, documented, limited("evening", "cron(0 22 * * ? *)", 0), limited("morning", "cron(0 6 ? * 2#1 *)", 5), running(0, 3)),
		"64c-two-by-day-none-by-night":                    asleep(2, 2, documented, fixed("evening", "cron(0 22 * * ? *)", 0), fixed("morning", "cron(0 3 * * ? *)", 2), running(2, 0)),
		"65-tracking-nothing-filled":                      asleep(0, 5, wakes, trackingBy(policy.TrackingName, "FILL(m1,0)", 5, work("InvocationsPerInstance"))),
		"66a-high-alarm-muted":                            asleep(0, 5, documented, silenced("AlarmHigh")),
		"66b-low-alarm-muted":                             asleep(0, 5, documented, silenced("AlarmLow")),
		"67-rollback-failed":                              asleep(0, 5, documented, running(1, 2), status(fleet.RollbackFailed)),
		"68-scale-in-by-ok":                               asleep(0, 5, tracks, step("in", exactly, to(0, 0)), step("wake", byChange, from(0, 1)), alarm("w", hb, ">=", 1, 2, []string{"wake"}, ok("in"))),
		"75a-idle-by-work-done":                           asleep(0, 5, documented, step("in", exactly, to(0, 0)), done("FILL(m1,0)", 20*time.Minute)),
		"75b-idle-by-work-done-short":                     asleep(0, 5, documented, step("in", exactly, to(0, 0)), done("FILL(m1,0)", 20*time.Second)),
		"30a-no-target":                                   asleep(0, 0, untargeted, running(1, 120), oldest(2*time.Hour)),
		"30b-no-target-at-zero":                           asleep(0, 0, untargeted, running(0, 120), oldest(2*time.Hour)),

		"79a-six-hours-of-maximum":                     asleep(0, 5, wakeBy(period(6*time.Hour), statisticOf("Maximum"), once)),
		"79b-six-hours-of-sum":                         asleep(0, 5, wakeBy(period(6*time.Hour), statisticOf("Sum"), once)),
		"79c-six-hours-of-average":                     asleep(0, 5, wakeBy(period(6*time.Hour), once)),
		"80a-host-load-beside-tracking":                asleep(0, 5, documented, tracking("cpu", cpu(fleet.HostNamespace), "Average", 50, true)),
		"80b-host-load-and-idle-step":                  asleep(0, 5, documented, tracking("cpu", cpu(fleet.HostNamespace), "Average", 50, true), idle(bs, 1)),
		"80c-host-load-scale-in-disabled":              asleep(0, 5, documented, tracking("cpu", cpu(fleet.HostNamespace), "Average", 50, false)),
		"81a-low-alarm-gone-at-one":                    asleep(1, 5, documented, running(1, 0), lost("AlarmLow")),
		"81c-low-alarm-gone-three-idle":                asleep(1, 5, documented, running(3, 0), lost("AlarmLow")),
		"81b-idle-ones-stay":                           asleep(1, 5, wakes, step("more", byChange, from(0, 1)), alarm("more", bpi, ">=", 5, 3, []string{"more"}), running(3, 0)),
		"82a-idle-two-of-ten":                          asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 10, []string{"in"}, datapoints(2))),
		"82b-idle-five-of-five":                        asleep(0, 5, documented, idle(bs, 1)),
		"82c-idle-three-of-ten":                        asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 10, []string{"in"}, datapoints(3))),
		"82d-idle-seven-of-ten":                        asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 10, []string{"in"}, datapoints(7))),
		"82e-idle-nine-of-ten":                         asleep(0, 5, documented, step("in", exactly, to(0, 0)), alarm("idle", bs, "<", 1, 10, []string{"in"}, datapoints(9))),
		"83-low-alarm-of-disabled-gone":                asleep(0, 5, wakes, tracks, idle(bs, 1), lost("AlarmLow"), outAlone),
		"83b-high-alarm-of-disabled-gone":              asleep(0, 5, wakes, tracks, idle(bs, 1), lost("AlarmHigh"), outAlone),
		"83c-tracking-alarms-gone-beside-an-idle-step": asleep(0, 5, wakes, tracks, idle(bs, 1), lost("")),
		"84a-one-step-of-many-alarms": asleep(0, 2, step("up", byChange, from(0, 1)), step("in", exactly, to(0, 0)),
			alarm("backlog", hb, ">=", 1, 1, []string{"up"}, period(30*time.Second)),
			alarm("spike", bs, ">", 10, 2, []string{"up"}, period(30*time.Second)),
			alarm("high-cpu", cpu(fleet.HostNamespace), ">", 70, 1, []string{"up"}),
			alarm("low-cpu", cpu(fleet.HostNamespace), "<", 5, 5, []string{"in"}, period(5*time.Minute), datapoints(3)),
			alarm("latency", work("ModelLatency"), ">", 750, 3, nil, datapoints(2))),
		"84b-maximum-in-a-minute": asleep(0, 3, tracking("OcrBacklogTracking", bpi, "Average", 1, true), step("OcrScaleFromZero", byChange, from(0, 1)),
			alarm("up", hb, ">=", 1, 1, []string{"OcrScaleFromZero"}, statisticOf("Maximum")), minutely),
	}
}

// outAlone lets tracking policies scale out alone.
func outAlone(s *shape) {
	for i := range s.Policies {
		if t := s.Policies[i].Tracking; t != nil {
			t.DisableScaleIn = true
		}
	}
}

// minutely lets step policies take the maximum of a minute, and cool down for one.
func minutely(s *shape) {
	for i := range s.Policies {
		if p := s.Policies[i].Step; p != nil {
			*p.Cooldown, p.Aggregation = time.Minute, "Maximum"
		}
	}
}

// oldest sets the age of the oldest request.
func oldest(age time.Duration) part {
	return func(s *shape) { s.Endpoints[0].Queue[fleet.OldestAge].Value = age.Seconds() }
}

func TestFiles_areTheShapes(t *testing.T) {
	made := shapes()
	for name, s := range made {
		s.Rejoin()
		var file bytes.Buffer
		if err := (snapshot.File{Scopes: []fleet.Snapshot{s.Snapshot}}).Write(&file); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name+".json", file.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(name + ".json"); err != nil || !bytes.Equal(got, file.Bytes()) {
			t.Errorf("%s.json is not the shape: read the difference, then run this test with -update (%v)", name, err)
		}
	}
	if *update {
		return
	}
	if want, got := slices.Sorted(maps.Keys(made)), slices.Sorted(maps.Keys(verdicts)); !slices.Equal(got, want) {
		t.Errorf("verdicts of %v, shapes of %v", got, want)
	}
	rows := map[string]bool{}
	for _, c := range All() {
		rows[c.Name[:2]] = true
		if e, v := c.Of(); e.Name != Endpoint || v.Target == nil && c.Name[:2] != "30" {
			t.Errorf("%s is of %s", c.Name, e.Name)
		}
	}
	for i := range 30 {
		if row := fmt.Sprintf("%02d", i+1); !rows[row] {
			t.Errorf("row %s of the table is missing", row)
		}
	}
}
