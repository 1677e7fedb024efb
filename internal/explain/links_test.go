package explain

import (
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/report"
)

// given is a scene with something changed.
func given(s *scene, changes ...func(*scene)) *scene {
	for _, change := range changes {
		change(s)
	}
	return s
}

func TestLinks_areJudgedByWhatIsKnown(t *testing.T) {
	noData := func(metric fleet.QueueMetric) func(*scene) {
		return func(s *scene) { s.e.Queue[metric] = fleet.Reading{} }
	}
	old := func(metric fleet.QueueMetric) func(*scene) {
		return func(s *scene) { s.e.Queue[metric] = fleet.Reading{At: ago(30), Value: 1, Expires: ago(20)} }
	}
	fails := func(source fleet.SourceName) func(*scene) {
		return func(s *scene) { s.source(source).Expires, s.source(source).Err = noon, "denied" }
	}
	inAlarm := func(role fleet.Role, minutes int) func(*scene) { return func(s *scene) { s.inAlarm(role, minutes) } }
	did := func(status string, instances, began, lasted int, message string) func(*scene) {
		return func(s *scene) { s.did(status, instances, began, lasted, message) }
	}
	woke := func(began, lasted int) func(*scene) {
		return func(s *scene) { s.didBy(policy.WakeName, "Successful", 1, began, lasted, "") }
	}
	want := func(n int) func(*scene) { return func(s *scene) { s.want(n) } }
	waited := func(minutes int) func(*scene) { return func(s *scene) { s.oldest(minutes) } }
	bounds := func(least, most int) func(*scene) {
		return func(s *scene) { s.v.Target.MinCapacity, s.v.Target.MaxCapacity = least, most }
	}
	const quota = "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 1 Instances"
	notScaled := func(s *scene) {
		s.did("Failed", 2, 3, 0, "")
		s.v.Activity.Recent[0].NotScaled = []fleet.NotScaledReason{{Code: "AutoScalingAnticipatedFlapping"}}
	}
	for _, test := range []struct {
		scene   *scene
		link    Name
		verdict Verdict
		words   string // of the sentence
	}{
		{asleep(3), Queue, OK, "3 requests wait, the oldest since 11:56 UTC (4 min)."},
		{asleep(1), Queue, OK, "1 request waits, the oldest"},
		{running(1, 1), Queue, OK, "1 request waits or is in service, the oldest 2 min old at 11:58 UTC."},
		{asleep(0), Queue, Unused, "No request waits"},
		{given(asleep(0), noData(fleet.Backlog)), Queue, Unused, "so nothing does"},
		{given(running(1, 0), noData(fleet.Backlog)), Queue, Unknown, "what waits is not known"},
		{given(asleep(0), old(fleet.Backlog)), Queue, Unknown, "what waits is not known"},
		{given(asleep(3), fails(fleet.SourceQueue)), Queue, Unknown, "metrics: denied"},
		{given(asleep(3), waited(38)), Queue, Broken, "a wake takes a quarter of an hour at most"},
		{given(asleep(3), waited(40)), Queue, Broken, "longer than the objective of 30 min"},
		{given(running(1, 3), waited(41)), Queue, OK, "3 requests wait or are"},
		{given(running(1, 3), waited(42)), Queue, Broken, "longer than the objective of 30 min"},
		{given(asleep(3), waited(190)), Queue, Broken, "more than half of the 6 h 0 min after which it is lost"},

		{asleep(3), Metric, OK, "HasBacklogWithoutCapacity, which the wake alarm watches, is published: 1 at 11:58 UTC."},
		{running(2, 3), Metric, OK, "ApproximateBacklogSizePerInstance, which target tracking follows while instances run, is published: 1.5"},
		{asleep(0), Metric, Unused, "it may be missing while nothing waits"},
		{given(asleep(3), noData(fleet.WithoutCapacity)), Metric, Waits, "one to three minutes late"},
		{given(asleep(3), noData(fleet.WithoutCapacity), waited(6)), Metric, Broken, "the wake alarm cannot see them"},
		{given(running(1, 3), noData(fleet.BacklogPerInstance)), Metric, Unknown, "although instances run"},
		{given(running(1, 3), noData(fleet.BacklogPerInstance), did("Successful", 1, 8, 5, "")), Metric, Waits, "yet"},
		{given(running(1, 3), func(s *scene) { s.v.Current = nil }), Metric, Unknown, "DescribeEndpoint does not say how many"},

		{asleep(0), Alarm, Unused, "triggers its policy; it goes into ALARM once requests are queued."},
		{asleep(3), Alarm, Waits, "is not in ALARM yet, as of 12:00 UTC; it should be by 12:02 UTC."},
		{given(asleep(3), waited(3)), Alarm, Waits, "it should be by 12:03 UTC."},
		{given(asleep(3), waited(10), func(s *scene) {
			wakes := s.alarm(fleet.RoleWake)
			wakes.Period, wakes.EvaluationPeriods, wakes.DatapointsToAlarm = 5*time.Minute, 1, 1
		}), Alarm, Waits, "is not in ALARM yet, as of 12:00 UTC; it should be by 12:03 UTC."},
		{given(asleep(3), waited(10)), Alarm, Broken, "should have gone into ALARM by 11:56 UTC and is in state OK"},
		{given(asleep(3), waited(10), func(s *scene) { s.source(fleet.SourceAlarms).LastSuccess = ago(5) }), Alarm, Waits, "as of 11:55 UTC"},
		{given(asleep(3), inAlarm(fleet.RoleWake, 2)), Alarm, OK, "has been in ALARM since 11:58 UTC"},
		{given(asleep(3), want(1)), Alarm, OK, "has done its part"},
		{given(asleep(0), func(s *scene) { s.alarm(fleet.RoleWake).ActionsEnabled = false }), Alarm, Broken, `The actions of the wake alarm "HasBacklogWithoutCapacity-Alarm-e-v" of variant "v" are disabled.`},
		{given(running(1, 3), func(s *scene) { s.alarm(fleet.RoleWake).ActionsEnabled = false }), Alarm, Broken, "are disabled. Requests that arrive at 0 instances wait until they expire."},
		{given(asleep(0), want(1), did("InProgress", 1, 3, 0, "")), Alarm, Unused, "An instance is desired already"},
		{given(asleep(3), want(1), waited(31)), Queue, Broken, "a quarter of an hour"},
		{given(asleep(0), fails(fleet.SourceAlarms)), Alarm, Unknown, "alarms: denied"},
		{running(1, 3), Alarm, Unused, "The high alarm is in state OK, and no more instances are needed."},
		{running(1, 9), Alarm, Waits, "The high alarm is in state OK, as of 12:00 UTC; if the queue stays as it is, it goes into ALARM by 12:06 UTC."},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 1)), Alarm, OK, "in ALARM since 11:59 UTC: more is queued for each instance than 5"},
		{running(1, 0), Alarm, Waits, "it goes into ALARM after 15 min below 4.5, so by 12:18 UTC at the latest"},
		{given(running(1, 0), inAlarm(fleet.RoleLow, 1)), Alarm, OK, "less is queued for each instance than 4.5"},
		{given(running(1, 0), bounds(1, 5)), Alarm, Unused, "no more instances than the minimum"},
		{given(running(1, 9), func(s *scene) { s.v.Alarms = s.v.Alarms[1:] }), Alarm, Broken, "None of AWS's own alarms"},
		{given(running(1, 0), func(s *scene) {
			s.alarm(fleet.RoleLow).State, s.alarm(fleet.RoleLow).StateSince = "INSUFFICIENT_DATA", ago(40)
		}), Alarm, Broken, "has had no data for 40m with 1 instance running"},

		{asleep(0), Policy, Unused, "starts 1 instance when its alarm goes into ALARM"},
		{asleep(3), Policy, OK, "starts 1 instance when its alarm goes into ALARM"},
		{given(asleep(3), did("Successful", 1, 9, 6, "")), Policy, Waits, "cools down until 12:02 UTC"},
		{given(asleep(3), func(s *scene) { s.v.Policies = s.v.Policies[:1]; s.v.Alarms = s.v.Alarms[:2] }), Policy, Broken, `Nothing wakes variant "v" from 0 instances`},
		{given(asleep(3), fails(fleet.SourceScaling)), Policy, Unknown, "scaling: denied"},
		{running(1, 3), Policy, Unused, "keeps 5 queued for each instance."},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 1), did("Successful", 1, 9, 6, "")), Policy, OK, "keeps 5"}, // 2 is a larger scale-out than that to 1
		{given(running(2, 0), inAlarm(fleet.RoleLow, 1), did("Successful", 2, 4, 1, ""), did("Successful", 3, 90, 5, "")), Policy, Waits, "cools down until 12:02 UTC"},
		// A scale-out ends the cooldown of the scale-in before it.
		{given(running(2, 0), inAlarm(fleet.RoleLow, 1), did("Successful", 2, 3, 1, ""), did("Successful", 1, 4, 1, ""), did("Successful", 2, 90, 5, "")), Policy, OK, "keeps 5"},
		{given(running(2, 0), func(s *scene) { s.v.Target.Suspended.ScaleIn = true }), Policy, Broken, "suspended scale-in"},
		{given(running(2, 9), func(s *scene) { s.v.Target.Suspended.ScaleIn = true }), Policy, Unused, "keeps 5"},
		{given(running(2, 0), func(s *scene) { s.v.Policies[0].Tracking.DisableScaleIn = true }), Policy, Broken, "has scale-in disabled"},
		{given(running(2, 9), func(s *scene) { s.v.Policies[0].Tracking.DisableScaleIn = true }), Policy, Unused, "only ever adds"},
		{given(running(2, 9), func(s *scene) { s.v.Policies = s.v.Policies[1:] }), Policy, Broken, "A queue adds no instance"},

		{asleep(3), Target, OK, "From 0 to 5 instances; 0 are desired now."},
		{given(running(1, 0), bounds(1, 5)), Target, Unused, "The minimum keeps 1 instance running."},
		{given(running(5, 90), inAlarm(fleet.RoleHigh, 5)), Target, Waits, "A burst is what the maximum is for"},
		{given(running(5, 90), inAlarm(fleet.RoleHigh, 25)), Target, Broken, "All of the 5 instances allowed run, and the high alarm has been in ALARM for 25 min"},
		{given(asleep(3), bounds(0, 0)), Target, Broken, "The maximum is 0"},
		{given(running(1, 3), func(s *scene) { s.v.Target, s.v.Policies, s.v.Alarms = nil, nil, nil }), Target, Unused, "the number of instances (1) is fixed"},
		{given(asleep(3), func(s *scene) { s.v.Target, s.v.Policies, s.v.Alarms = nil, nil, nil }), Target, Broken, "nothing starts an instance"},

		{asleep(0), Activity, Unused, "Nothing is asked of it."},
		{asleep(3), Activity, Waits, "It acts once the alarm is in ALARM."},
		// What was done two minutes ago has not failed to be done, and a scale-out is no cooldown of a scale-in.
		{given(running(2, 0), inAlarm(fleet.RoleLow, 60), did("Successful", 2, 3, 1, "")), Activity, Waits, "acts on it each minute"},
		{given(running(2, 0), inAlarm(fleet.RoleLow, 60), did("Successful", 2, 4, 1, ""), did("Successful", 3, 90, 5, "")), Activity, Waits, "cools down until 12:02 UTC"},
		{given(running(2, 0), inAlarm(fleet.RoleLow, 60), did("Successful", 2, 90, 5, "")), Activity, Broken, "in ALARM for 1 h 0 min, and Application Auto Scaling does nothing"},
		{given(asleep(3), inAlarm(fleet.RoleWake, 2)), Activity, Waits, "acts on it each minute"},
		{given(asleep(3), inAlarm(fleet.RoleWake, 10)), Activity, Broken, "in ALARM for 10 min, and Application Auto Scaling does nothing"},
		{given(asleep(3), inAlarm(fleet.RoleWake, 10), func(s *scene) { s.source(fleet.SourceActivities).LastSuccess = ago(4) }), Activity, Waits, "acts on it each minute"},
		{given(asleep(3), inAlarm(fleet.RoleWake, 5), want(1), did("InProgress", 1, 3, 0, "")), Activity, OK, "Setting the number of instances to 1, since 11:57 UTC."},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 5), did("Failed", 2, 4, 0, quota)), Activity, Broken, "AWS refused the scale-out of 11:56 UTC, and none has worked since: a quota"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 5), did("Failed", 2, 61, 0, quota)), Activity, Waits, "acts on it each minute"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 5), did("Successful", 1, 4, 1, ""), did("Failed", 1, 9, 0, quota)), Activity, Waits, "acts on it each minute"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 90), did("Successful", 1, 12, 10, "")), Activity, Waits, "acts on it each minute"},
		// The cooldown of the wake policy is not that of tracking: a cold start hides no Application Auto Scaling that does nothing.
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 90), woke(18, 9)), Activity, Waits, "acts on it each minute"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 90), woke(18, 8)), Activity, Broken, "for 1 h 30 min, and Application Auto Scaling has done nothing since 11:50 UTC"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 90), did("Successful", 1, 20, 6, "")), Activity, Waits, "acts on it each minute"}, // its own cooldown counts
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 90), did("Successful", 1, 40, 10, "")), Activity, Broken, "for 1 h 30 min, and Application Auto Scaling has done nothing since 11:35 UTC"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 20), func(s *scene) { s.e.Status = fleet.Updating }), Activity, Waits, "The endpoint is Updating"},
		{given(running(1, 0), inAlarm(fleet.RoleLow, 90), did("Successful", 1, 30, 2, "")), Activity, Waits, "acts on it each minute"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 5), did("Failed", 2, 4, 0, "internal error")), Activity, Broken, "The scale-out of 11:56 UTC failed"},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 5), notScaled), Activity, Waits, "Last: not scaled: AutoScalingAnticipatedFlapping, 11:57 UTC."},
		{given(running(1, 9), inAlarm(fleet.RoleHigh, 15)), Activity, Broken, "does nothing"},
		{given(running(1, 0), inAlarm(fleet.RoleLow, 29)), Activity, Waits, "acts on it each minute"},
		{given(running(1, 0), inAlarm(fleet.RoleLow, 30)), Activity, Broken, "does nothing"},
		{given(asleep(3), fails(fleet.SourceActivities)), Activity, Unknown, "activities: denied"},
		{given(asleep(0), fails(fleet.SourceActivities)), Activity, Unused, "Nothing is asked"},

		{asleep(0), Instances, Unused, "No instance runs, and none is desired."},
		{asleep(3), Instances, Waits, "Starting one takes 30 s to 11 min."},
		{given(asleep(3), want(1), did("InProgress", 1, 3, 0, "")), Instances, Waits, "1 instance has been starting since 11:57 UTC (3 min); 30 s to 11 min is usual"},
		{given(asleep(3), want(1), did("InProgress", 1, 12, 0, "")), Instances, Waits, "for 12 min, which is longer than usual"},
		{given(asleep(3), want(1), did("InProgress", 1, 20, 0, "")), Instances, Broken, "AWS has not provided 1 desired instance for 20 min; 30 s to 11 min is usual"},
		{given(asleep(3), want(1)), Instances, Waits, "since when is not known"},
		{given(asleep(3), want(1), did("InProgress", 1, 3, 0, ""), did("Successful", 1, 100, 4, ""), did("Successful", 0, 200, 1, ""), did("Successful", 1, 300, 5, ""),
			did("Successful", 0, 400, 1, ""), did("Successful", 1, 500, 6, ""), did("Successful", 0, 600, 1, "")), Instances, Waits, "4 min to 6 min is usual (its last 3 scale-outs)"},
		{given(running(2, 3), want(1)), Instances, OK, "1 of 2 instances stops."},
		{running(2, 9), Instances, OK, "2 instances run."},
		{given(running(2, 9), func(s *scene) { s.e.Status, s.e.FailureReason = "Failed", "no image" }), Instances, Broken, "The endpoint is Failed"},
		{given(running(2, 9), func(s *scene) {
			s.v.Pools = []fleet.Pool{{InstanceType: "ml.a", Priority: 1}, {InstanceType: "ml.b", Priority: 2, Current: 2}}
		}), Instances, OK, "Of them ml.b, which is not the first choice."},

		{asleep(0), Work, Unused, "There is nothing to work on."},
		{asleep(3), Work, Waits, "until the first instance runs."},
		{given(asleep(3), want(1), did("InProgress", 1, 3, 0, ""), func(s *scene) {
			s.v.Work.Took = fleet.Total{Since: ago(60), Sum: 2100e6, Samples: 30, Expires: later}
			s.v.Work.Waited = fleet.Total{Since: ago(60), Sum: 300e6, Samples: 30, Expires: later}
		}), Work, Waits, "a request takes 1 min on average, so the first should be done between 12:01 and 12:09 UTC."},
		{running(2, 9), Work, OK, "6 requests a minute are processed. The queue drains in 1 min if nothing more comes."},
		{given(running(2, 9), func(s *scene) { s.v.Work.Pace.Value = 0 }), Work, Waits, "nothing was completed"},
		{given(running(2, 9), func(s *scene) { s.v.Work = nil }), Work, Waits, "Nothing settled"},
		{given(running(2, 9), fails(fleet.SourceMetrics)), Work, Unknown, "metrics: denied"},
	} {
		got := test.scene.link(t, test.link)
		if got.Verdict != test.verdict || !strings.Contains(got.Sentence, test.words) {
			t.Errorf("%s: %s, %q; want %s, %q", test.link, got.Verdict, got.Sentence, test.verdict, test.words)
		}
		if got.Verdict == Broken && test.scene.explain().Healthy() {
			t.Errorf("%s is broken (%s), and all is healthy", test.link, got.Sentence)
		}
	}
}

func TestConclusion_saysWhatHappensAndWhen(t *testing.T) {
	for _, test := range []struct {
		scene *scene
		state State
		words string
		until time.Time // of what is to be expected
	}{
		{asleep(0), Asleep, "e sleeps: nothing waits, no instance runs; an instance should run 3 min to 18 min after the next request comes.", time.Time{}},
		{asleep(3), Waking, "e wakes: 3 requests wait, the oldest since 11:56 UTC (4 min), no instance runs; the first instance should run between 12:00 and 12:14 UTC.", noon.Add(14 * time.Minute)},
		{given(asleep(3), func(s *scene) { s.want(1); s.did("InProgress", 1, 3, 0, "") }), Waking, "the first instance should run by 12:08 UTC.", noon.Add(8 * time.Minute)},
		{given(asleep(3), func(s *scene) { s.want(1); s.did("InProgress", 1, 15, 0, "") }), Waking, "the instance is later than usual, and if it has not come after 20 min AWS may have none.", time.Time{}},
		{running(1, 3), Working, "e works: 3 requests wait or are in service, the oldest 2 min old at 11:58 UTC, 1 instance runs, and nothing has to change.", time.Time{}},
		{given(running(2, 3), func(s *scene) { s.v.Target.MinCapacity = 2 }), Working, "2 instances run, and nothing has to change.", time.Time{}},
		{running(2, 3), ScalingIn, "unless that changes", noon.Add(18 * time.Minute)},
		{running(1, 9), ScalingOut, "unless that changes, the alarm for it should go into ALARM by 12:06 UTC.", noon.Add(6 * time.Minute)},
		{given(running(1, 9), func(s *scene) { s.inAlarm(fleet.RoleHigh, 1) }), ScalingOut, "Application Auto Scaling should act by 12:00 UTC.", noon},
		{given(running(1, 9), func(s *scene) { s.inAlarm(fleet.RoleHigh, 1); s.did("Successful", 1, 9, 6, "") }), ScalingOut, "Application Auto Scaling should act by 12:00 UTC.", noon},
		{given(asleep(3), func(s *scene) { s.inAlarm(fleet.RoleWake, 1); s.did("Successful", 1, 9, 6, "") }), Waking, "no instance runs; the cooldown lasts until 12:02 UTC; the first instance should run between 12:02 and 12:14 UTC.", noon.Add(14 * time.Minute)},
		{given(running(5, 90), func(s *scene) { s.inAlarm(fleet.RoleHigh, 1) }), AtMaximum, "has all the instances that it may", time.Time{}},
		{running(1, 0), ScalingIn, "e scales in: nothing waits, 1 instance runs; unless that changes, the alarm for it should go into ALARM by 12:18 UTC.", noon.Add(18 * time.Minute)},
		{given(running(2, 0), func(s *scene) { s.want(0) }), ScalingIn, "they stop within minutes.", time.Time{}},
		{given(running(1, 0), func(s *scene) { s.v.Target.MinCapacity = 1 }), Idle, "e rests at its minimum: nothing waits, 1 instance runs.", time.Time{}},
		{given(running(1, 3), func(s *scene) { s.v.Target, s.v.Policies, s.v.Alarms = nil, nil, nil }), Fixed, "Nothing scales e: ", time.Time{}},
	} {
		got := test.scene.explain()
		if c := got.Conclusion; !got.Healthy() || c.State != test.state || !strings.Contains(c.Sentence, test.words) || !c.Latest.Equal(test.until) {
			t.Errorf("got %s, healthy %t, until %s: %q; want %s, until %s: %q", c.State, got.Healthy(), c.Latest, c.Sentence, test.state, test.until, test.words)
		}
	}
}

// Only the check that breaks the link is named, not another one that fails there.
func TestConclusion_namesTheCheckThatBreaksTheLink(t *testing.T) {
	for _, test := range []struct {
		scene *scene
		check string
		words string
	}{
		{given(asleep(3), func(s *scene) { s.oldest(10); s.alarm(fleet.RoleWake).Name = "HasBacklogWithoutCapacity-Alarm" }), "", "e does not wake: "},
		{given(asleep(0), func(s *scene) { s.alarm(fleet.RoleWake).ActionsEnabled = false }), "wake_alarm_unwired", "e sleeps and would not wake: "},
		{given(asleep(3), func(s *scene) { s.v.Policies = s.v.Policies[1:] }), "no_tracking_policy", "e needs a fix: 3 requests wait"},
		{given(running(2, 0), func(s *scene) { s.v.Target.Suspended.ScaleIn = true }), "scaling_suspended", "e does not scale: nothing waits"},
		{given(running(1, 3), func(s *scene) { s.alarm(fleet.RoleWake).ActionsEnabled = false }), "wake_alarm_unwired", "e needs a fix: "},
	} {
		if c := test.scene.explain().Conclusion; !c.Attention || c.Check != test.check || !strings.HasPrefix(c.Sentence, test.words) {
			t.Errorf("got %q, %q; want %q, %q", c.Check, c.Sentence, test.check, test.words)
		}
	}
}

// Muted checks are not judged anew, but what pages by the state itself is.
func TestOf_suspensionIsBrokenAlsoWhereTheCheckIsMuted(t *testing.T) {
	s := asleep(3)
	s.v.Target.Suspended.ScaleOut = true
	s.rules.Muted = func(_, _ string) bool { return true }
	if got := s.explain(); got.Healthy() || !strings.HasSuffix(got.Conclusion.Page, "SageMakerAsyncSuspendedWithBacklog.md") {
		t.Errorf("got %+v", got.Conclusion)
	}
}

// An endpoint that is tagged to be left alone is not offered to be selected.
func TestOf_offersNoStepsForWhatIsOptedOut(t *testing.T) {
	for tag, offered := range map[string]bool{"off": false, "on": true} {
		s := asleep(3)
		s.alarm(fleet.RoleWake).Unit = "Seconds"
		s.e.Tags = map[string]string{"sagemaker-async-exporter/reconcile": tag}
		if c := s.explain().Conclusion; (c.Command != "") != offered || c.Page == "" {
			t.Errorf("%s: %+v", tag, c)
		}
	}
}

// A minimum that keeps what idles is what the policy says, or it is not.
func TestOf_minimumAgainstThePolicyNeedsAttention(t *testing.T) {
	s := running(1, 0)
	s.v.Target.MinCapacity = 1
	s.rules = report.Rules{Policies: byName("e")}
	if c := s.explain().Conclusion; !c.Attention || c.Check != "cannot_scale_to_zero" || !strings.Contains(c.Sentence, "Preview the fix by sagemaker-async-exporter plan e, then apply it by sagemaker-async-exporter apply e (update min capacity)") {
		t.Errorf("got %+v", c)
	}
}
