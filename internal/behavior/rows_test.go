package behavior

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

type rowOf struct {
	name  string
	shape *shape
}

var (
	cpu     = fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
	deadCPU = fleet.Metric{Namespace: fleet.Namespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
	team    = fleet.Metric{Namespace: "Team", Name: "Jobs"}
)

func rows() []rowOf {
	burst := all(step("burst", change, between(0, 20, 2), from(20, 5)), alarm("d", bs, ">=", 10, 3, triggers("burst"), statistic("Maximum")))
	percentBurst := all(step("burst", percent, from(0, 100)), alarm("d", bs, ">=", 10, 3, triggers("burst"), statistic("Maximum")))
	zeroToOne := all(step("zero-to-one", exact, from(0, 1)), alarm("w", hb, ">=", 1, 2, triggers("zero-to-one")))
	dead := alarm("w", hb, ">=", 1, 2, triggers("team-wake-gone-and-made-anew-as-another-arn"))
	_ = dead
	deadWake := func(name string) func(*shape) {
		return alarm(name, hb, ">=", 1, 2, triggers("arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:9:resource/sagemaker/endpoint/e/variant/v:policyName/team-wake"))
	}
	return []rowOf{
		{"1", target(0, 20, tracks, zeroToOne, burst)},
		{"1 percent", target(0, 20, tracks, zeroToOne, percentBurst)},
		{"2", target(0, 20, tracks, burst)},
		{"3", target(0, 10, tracks, step("ladder", change, between(1, 5, 1), between(5, 10, 2), from(10, 4)), alarm("l", bs, ">", 0, 1, triggers("ladder"), statistic("Maximum")))},
		{"4", target(0, 5, tracks, step("wake", change, from(1, 1)), alarm("w", hb, ">=", 1, 2, triggers("wake")))},
		{"5", target(0, 8, step("out", exact, from(0, 8)), step("in", exact, to(0, 0)), alarm("o", bs, ">=", 1, 1, triggers("out"), treat("notBreaching")), alarm("i", bs, "<", 1, 5, triggers("in")))},
		{"6", target(0, 8, step("out", exact, from(0, 8)), step("in", exact, to(0, 0)), alarm("o", bs, ">", 0, 1, triggers("out"), treat("notBreaching")), alarm("i", bs, "<=", 0, 5, triggers("in")))},
		{"7", target(0, 5, wakes, step("in", change, to(0, -1)), alarm("i", team, "<=", 0, 5, triggers("in")))},
		{"8", target(0, 5, wakes, tracking("cpu", cpu, "Average", 50))},
		{"9", target(0, 5, wakes, tracking("track", bpi, "Average", 3, disableScaleIn), step("in", exact, to(0, 0)), alarm("i", bs, "<", .5, 2, triggers("in"), statistic("Maximum"), period(5*time.Minute)))},
		{"9 average", target(0, 5, wakes, tracking("track", bpi, "Average", 3, disableScaleIn), step("in", exact, to(0, 0)), alarm("i", bs, "<", .5, 2, triggers("in"), period(5*time.Minute)))},
		{"10", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 3, triggers("wake"), datapoints(1), mathOver("FILL(m1,0)", hb)))},
		{"10 flaps", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), mathOver("FILL(m1,0)", hb)))},
		{"11", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", .9, 1, triggers("wake"), mathOver("MAX([m1,m2])", bpi, hb)))},
		{"12", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), mathOver("ANOMALY(m1,2)", hb)))},
		{"13", target(0, 5, tracks, step("team-wake", change, from(0, 1)), deadWake("w"))},
		{"14", target(0, 5, tracks, step("team-wake", change, from(0, 1)), step("burst", change, from(0, 3)), deadWake("w"))},
		{"15", target(0, 5, tracks, step("team-wake", change, from(0, 1)))},
		{"16", target(0, 5, tracks, step("team-wake", change, from(0, 1)), alarm("a-page", hb, ">=", 1, 5, triggers(pager)), deadWake("z-wake"))},
		{"17", target(0, 5, tracks, alarm("a-page", hb, ">=", 1, 5, triggers(pager)))},
		{"18", target(0, 5, documented, step("in", change, to(0, -1)), alarm("i", hb, "<", 1, 5, triggers("in"), treat("breaching")))},
		{"19", target(0, 5, documented, step("in", exact, from(0, 0)), alarm("i", bs, "<", 1, 5, triggers("in")))},
		{"20", target(0, 5, documented, tracking("cpu", deadCPU, "Average", 50))},
		{"21", target(0, 5, wakes, tracking("total", bs, "Average", .9))},
		{"22", target(0, 5, wakes, tracking("track", bpi, "Maximum", 5))},
		{"23", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), period(30*time.Second)))},
		{"24 sum", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), statistic("Sum")))},
		{"24 p90", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), statistic("p90")))},
		{"24 min 300", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), statistic("Minimum"), period(5*time.Minute)))},
		{"24 max 300", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), statistic("Maximum"), period(5*time.Minute)))},
		{"25", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), unit("Seconds")))},
		{"26", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 400, triggers("wake")))},
		{"27", target(0, 0, documented)},
		{"lambda", target(0, 5, tracks, alarm("w", hb, ">=", 1, 2, triggers(lambda)))},
		{"variant", target(0, 5, tracks, wakePolicy, alarm("w", of(hb), ">=", 1, 2, triggers("wake")))},
		{"disabled", target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), func(a *fleet.Alarm) { a.ActionsEnabled = false }))},
		{"suspended", target(0, 5, documented, func(s *shape) { s.variant.Target.Suspended.ScaleOut = true })},
	}
}
