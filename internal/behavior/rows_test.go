package behavior

import (
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

var (
	cpu     = fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
	deadCPU = fleet.Metric{Namespace: fleet.Namespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
	team    = fleet.Metric{Namespace: "Team", Name: "Jobs"}
)

// row is a shape of scaling in a real account, with what it does.
type row struct {
	name     string // the number in the table of cases
	shape    *shape
	wakes    Wakes // Verdict, From, By and After are compared
	fault    *Fault
	out      Level
	in       ScalesIn // Verdict, To and Possible are compared
	busy     []Situation
	nothing  []Situation
	flaps    string // the alarm
	unjudged bool
}

// woken is a variant that wakes from one request after so many minutes.
func wokenAfter(minutes int, alarm, policy string) Wakes {
	return Wakes{Verdict: Yes, From: 1, By: Path{alarm, policy}, After: time.Duration(minutes) * time.Minute}
}

func rows() []row {
	burst := all(step("burst", change, between(0, 20, 2), from(20, 5)), alarm("d", bs, ">=", 10, 3, triggers("burst"), statistic("Maximum")))
	percentBurst := all(step("burst", percent, from(0, 100)), alarm("d", bs, ">=", 10, 3, triggers("burst"), statistic("Maximum")))
	zeroToOne := all(step("zero-to-one", exact, from(0, 1)), alarm("w", hb, ">=", 1, 2, triggers("zero-to-one")))
	deadWake := func(name string) func(*shape) {
		return alarm(name, hb, ">=", 1, 2, triggers("arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:9:resource/sagemaker/endpoint/e/variant/v:policyName/team-wake"))
	}
	toZero := ScalesIn{Verdict: Yes}
	return []row{
		{
			name: "1", shape: target(0, 20, tracks, zeroToOne, burst),
			wakes: wokenAfter(2, "w", "zero-to-one"), out: Moderate, in: toZero, busy: []Situation{JustStarted},
		},
		{
			name: "1 percent", shape: target(0, 20, tracks, zeroToOne, percentBurst),
			wakes: wokenAfter(2, "w", "zero-to-one"), out: Moderate, in: toZero, busy: []Situation{JustStarted},
		},
		{
			name: "2", shape: target(0, 20, tracks, burst),
			wakes: Wakes{Verdict: Yes, From: 10, By: Path{"d", "burst"}, After: 3 * time.Minute}, out: Moderate, in: toZero,
		},
		{
			name: "3", shape: target(0, 10, tracks, step("ladder", change, between(1, 5, 1), between(5, 10, 2), from(10, 4)), alarm("l", bs, ">", 0, 1, triggers("ladder"), statistic("Maximum"))),
			wakes: wokenAfter(1, "l", "ladder"), out: Moderate, in: toZero, nothing: []Situation{OneRequest},
		},
		{
			name: "4", shape: target(0, 5, tracks, step("wake", change, from(1, 1)), alarm("w", hb, ">=", 1, 2, triggers("wake"))),
			fault: &Fault{Kind: NoStep, Path: Path{"w", "wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "5", shape: target(0, 8, step("out", exact, from(0, 8)), step("in", exact, to(0, 0)), alarm("o", bs, ">=", 1, 1, triggers("out"), treat("notBreaching")), alarm("i", bs, "<", 1, 5, triggers("in"))),
			wakes: wokenAfter(1, "o", "out"), out: Moderate, in: toZero,
		},
		{
			name: "6", shape: target(0, 8, step("out", exact, from(0, 8)), step("in", exact, to(0, 0)), alarm("o", bs, ">", 0, 1, triggers("out"), treat("notBreaching")), alarm("i", bs, "<=", 0, 5, triggers("in"))),
			wakes: wokenAfter(1, "o", "out"), out: Moderate, in: toZero,
		},
		{
			name: "7", shape: target(0, 5, wakes, step("in", change, to(0, -1)), alarm("i", team, "<=", 0, 5, triggers("in"))),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Never, in: ScalesIn{Verdict: NotJudged, To: 5}, unjudged: true,
		},
		{
			name: "8", shape: target(0, 5, wakes, tracking("cpu", cpu, "Average", 50)),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: LevelOpen, in: ScalesIn{Verdict: NotJudged, To: 5, Possible: 1}, unjudged: true,
		},
		{
			name: "9", shape: target(0, 5, wakes, tracking("track", bpi, "Average", 3, disableScaleIn), step("in", exact, to(0, 0)), alarm("i", bs, "<", .5, 2, triggers("in"), statistic("Maximum"), period(5*time.Minute))),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "9 average", shape: target(0, 5, wakes, tracking("track", bpi, "Average", 3, disableScaleIn), step("in", exact, to(0, 0)), alarm("i", bs, "<", .5, 2, triggers("in"), period(5*time.Minute))),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero, busy: []Situation{BusyAtTimes},
		},
		{
			name: "10", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 3, triggers("wake"), datapoints(1), mathOver("FILL(m1,0)", hb))),
			wakes: wokenAfter(1, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "10 flaps", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), mathOver("FILL(m1,0)", hb))),
			wakes: wokenAfter(2, "w", "wake"), out: Moderate, in: toZero, flaps: "w",
		},
		{
			name: "11", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", .9, 1, triggers("wake"), mathOver("MAX([m1,m2])", bpi, hb))),
			wakes: wokenAfter(1, "w", "wake"), out: Moderate, in: toZero, nothing: []Situation{OneRequest},
		},
		{
			name: "12", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), mathOver("ANOMALY(m1,2)", hb))),
			wakes: Wakes{Verdict: NotJudged}, out: Moderate, in: toZero, unjudged: true,
		},
		{
			name: "13", shape: target(0, 5, tracks, step("team-wake", change, from(0, 1)), deadWake("w")),
			fault: &Fault{Kind: DeadAction, Path: Path{"w", "team-wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "14", shape: target(0, 5, tracks, step("team-wake", change, from(0, 1)), step("burst", change, from(0, 3)), deadWake("w")),
			fault: &Fault{Kind: DeadAction, Path: Path{"w", "team-wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "15", shape: target(0, 5, tracks, step("team-wake", change, from(0, 1))),
			fault: &Fault{Kind: Nothing}, out: Moderate, in: toZero,
		},
		{
			name: "16", shape: target(0, 5, tracks, step("team-wake", change, from(0, 1)), alarm("a-page", hb, ">=", 1, 5, triggers(pager)), deadWake("z-wake")),
			fault: &Fault{Kind: DeadAction, Path: Path{"z-wake", "team-wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "17", shape: target(0, 5, tracks, alarm("a-page", hb, ">=", 1, 5, triggers(pager))),
			fault: &Fault{Kind: Nothing}, out: Moderate, in: toZero,
		},
		{
			name: "18", shape: target(0, 5, documented, step("in", change, to(0, -1)), alarm("i", hb, "<", 1, 5, triggers("in"), treat("breaching"))),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero, busy: []Situation{Busy},
		},
		{
			name: "19", shape: target(0, 5, documented, step("in", exact, from(0, 0)), alarm("i", bs, "<", 1, 5, triggers("in"))),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "20", shape: target(0, 5, documented, tracking("cpu", deadCPU, "Average", 50)),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: ScalesIn{To: 5, Possible: 5},
		},
		{
			name: "21", shape: target(0, 5, wakes, tracking("total", bs, "Average", .9)),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero, nothing: []Situation{OneRequest},
		},
		{
			name: "22", shape: target(0, 5, wakes, tracking("track", bpi, "Maximum", 5)),
			wakes: wokenAfter(2, "wake-alarm", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "23", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), period(30*time.Second))),
			wakes: wokenAfter(2, "w", "wake"), out: Moderate, in: toZero, flaps: "w",
		},
		{
			name: "24 sum", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), statistic("Sum"))),
			wakes: wokenAfter(2, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "24 p90", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), statistic("p90"))),
			wakes: wokenAfter(2, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "24 min 300", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), statistic("Minimum"), period(5*time.Minute))),
			wakes: wokenAfter(5, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "24 max 300", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 1, triggers("wake"), statistic("Maximum"), period(5*time.Minute))),
			wakes: wokenAfter(5, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "25", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), unit("Seconds"))),
			fault: &Fault{Kind: NeverAlarms, Path: Path{"w", "wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "26", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 400, triggers("wake"))),
			wakes: wokenAfter(400, "w", "wake"), out: Moderate, in: toZero,
		},
		{
			name: "27", shape: target(0, 0, documented),
			fault: &Fault{Kind: NoCapacity, Path: Path{"wake-alarm", "wake"}}, out: NotNeeded, in: toZero,
		},
		{
			name: "lambda", shape: target(0, 5, tracks, alarm("w", hb, ">=", 1, 2, triggers(lambda))),
			wakes: Wakes{Verdict: NotJudged}, out: Moderate, in: toZero, unjudged: true,
		},
		{
			name: "variant", shape: target(0, 5, tracks, wakePolicy, alarm("w", of(hb), ">=", 1, 2, triggers("wake"))),
			fault: &Fault{Kind: NeverAlarms, Path: Path{"w", "wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "disabled", shape: target(0, 5, tracks, wakePolicy, alarm("w", hb, ">=", 1, 2, triggers("wake"), func(a *fleet.Alarm) { a.ActionsEnabled = false })),
			fault: &Fault{Kind: Disabled, Path: Path{"w", "wake"}}, out: Moderate, in: toZero,
		},
		{
			name: "suspended", shape: target(0, 5, documented, func(s *shape) { s.variant.Target.Suspended.ScaleOut = true }),
			fault: &Fault{Kind: Suspended, Path: Path{"wake-alarm", "wake"}}, out: Never, in: toZero,
		},
	}
}
