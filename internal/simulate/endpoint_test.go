package simulate

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/advise"
	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
	"github.com/sagemaker-async/exporter/internal/sim"
)

var began = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// measured are the minutes of a queue with one end a minute: ended, and the mean backlog; below zero it is not known.
func measured(ended []int, backlog []float64) advise.History {
	h := advise.History{Endpoint: "e", From: began, To: began.Add(time.Duration(len(ended)) * time.Minute)}
	for i := range ended {
		m := advise.Minute{At: began.Add(time.Duration(i) * time.Minute), Processed: ended[i]}
		if backlog[i] >= 0 {
			m.Backlog = advise.Gauge{Value: backlog[i], Known: true}
		}
		h.Minutes = append(h.Minutes, m)
	}
	return h
}

func TestHistory_arrivalsAreWhatEndedAndWhatIsAdded(t *testing.T) {
	for name, tt := range map[string]struct {
		ended         []int
		backlog, want []float64
	}{
		"steady":                   {[]int{5, 5, 5}, []float64{2, 2, 2}, []float64{5, 5, 5}},
		"it grows":                 {[]int{0, 0, 0, 0}, []float64{0, 10, 20, 20}, []float64{5, 10, 5, 0}},
		"it is drained":            {[]int{5, 7, 3}, []float64{15, 5, 0}, nil},
		"a gap is no change":       {[]int{1, 1, 1}, []float64{4, -1, 4}, []float64{1, 1, 1}},
		"less ended than is gone":  {[]int{0, 0, 5, 3}, []float64{5, 0, 0, 0}, []float64{0, 0, 0, 3}}, // a datapoint that comes late
		"fractions are carried on": {[]int{0, 0, 0, 0}, []float64{0, .6, 1.2, 1.8}, []float64{0, 1, 1, 0}},
	} {
		trace, err := History(measured(tt.ended, tt.backlog), advise.Estimates{Service: advise.Estimate{Value: 10}})
		if name == "it is drained" {
			if err == nil || !strings.Contains(err.Error(), "has no requests") {
				t.Errorf("%s: %+v %v", name, trace.Minutes, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range tt.want {
			if trace.Minutes[i].Arrivals != want {
				t.Errorf("%s: minute %d has %v arrivals, want %v of %+v", name, i, trace.Minutes[i].Arrivals, want, trace.Minutes)
				break
			}
		}
	}
}

// A world whose truth is known is observed as AWS shows it, and its trace replayed: the waits are those of the world.
func TestHistory_replayedIsWhatHappened(t *testing.T) {
	const name = "e"
	w := sim.New(fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}, began, 5)
	concurrency := 2
	must(t, w.AddEndpoint(sim.EndpointSpec{
		Name: name, Instances: 1, Work: sim.Work{Service: 20 * time.Second}, Provision: 3 * time.Minute,
		Config: fleet.EndpointConfig{
			Name: "c", Variants: []fleet.VariantConfig{{Name: "v", InstanceType: "ml.g5.xlarge"}},
			Async: &fleet.AsyncConfig{MaxConcurrentInvocationsPerInstance: &concurrency},
		},
		Rate: func(at time.Duration) float64 { return .25 + .2*math.Sin(at.Hours()) },
	}))
	least, most := 1, 6
	_, err := w.RegisterScalableTarget(sim.TargetChange{ResourceID: fleet.ResourceID(name, "v"), Min: &least, Max: &most})
	must(t, err)
	_, err = w.PutScalingPolicy(policy.Tracking(name, "v"))
	must(t, err)
	w.Advance(began.Add(20 * time.Hour))

	h := advise.History{Endpoint: name, Variants: []string{"v"}, Concurrency: concurrency}
	h.From, h.To = advise.Span(w.Now(), began, 15)
	h.Activities = h.Own(w.ScalingActivities())
	var series []fleet.Series
	for _, q := range advise.Queries(name, h.Variants) {
		series = append(series, fleet.Series{Points: w.Datapoints(q.Metric, q.Statistic, q.Period, h.From, h.To), Complete: true})
	}
	h, err = h.Learn(series, func(m fleet.Metric, _ time.Time) (time.Duration, error) {
		unit, _ := fleet.UnitOfTime(w.Unit(m))
		return unit, nil
	})
	must(t, err)
	estimates, err := advise.Look(h, advise.Given{})
	must(t, err)
	trace, err := History(h, estimates)
	must(t, err)

	var total time.Duration
	ended := 0
	for _, m := range h.Minutes {
		total, ended = total+m.Total.Sum, ended+m.Total.Count
	}
	if n := trace.Arrivals(); math.Abs(n/float64(ended)-1) > .01 {
		t.Errorf("%v arrivals, and %d ended", n, ended)
	}
	scaling := sim.DocumentedScaling()
	scaling.Min, scaling.Max = least, most
	s := Study{Trace: trace, Concurrency: int(math.Round(estimates.Concurrency.Value)), Instances: 1, Objective: Objective{Latency: time.Hour, Share: .95}}
	var mean time.Duration
	const seeds = 5
	for seed := range uint64(seeds) {
		r, err := s.Run(Job{Scaling: scaling, Seed: seed}, trace.Requests(seed))
		must(t, err)
		mean += r.Mean / seeds
	}
	truth := total / time.Duration(ended)
	if off := mean.Seconds()/truth.Seconds() - 1; math.Abs(off) > .25 {
		t.Errorf("a mean wait of %s in the replay, %s in the world: %+.0f %%", mean, truth, off*100)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// objects are those that a test changes.
type objects struct {
	*fleet.Variant
	tracking, wake *fleet.Policy
	alarm          *fleet.Alarm
}

// present is what is said of a variant with the documented objects, changed.
func present(change func(objects)) (sim.Scaling, []string, error) {
	one := 1
	endpoint := &fleet.Endpoint{EndpointSummary: fleet.EndpointSummary{Name: "e"}, Variants: []fleet.Variant{{Name: "v", Current: &one}}}
	v := &endpoint.Variants[0]
	target, tracking, wake := policy.Target("e", "v"), policy.Tracking("e", "v"), policy.Wake("e", "v")
	const arn = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:resource/sagemaker/endpoint/e/variant/v:policyName/"
	tracking.ARN, wake.ARN = arn+tracking.Name, arn+wake.Name
	v.Target, v.Policies = &target, []fleet.Policy{tracking, wake}
	v.Alarms = []fleet.WiredAlarm{{Policy: wake.Name, Alarm: policy.WakeAlarm("e", "v", wake.ARN)}}
	change(objects{v, &v.Policies[0], &v.Policies[1], &v.Alarms[0].Alarm})
	return Present(endpoint, behavior.Of(endpoint, v, behavior.Context{}))
}

func TestPresent_isThePolicyInForce(t *testing.T) {
	documented := sim.DocumentedScaling()
	with := func(change func(*sim.Scaling)) sim.Scaling {
		s := documented
		change(&s)
		return s
	}
	noWake := with(func(s *sim.Scaling) { s.NoWake = true })
	for name, tt := range map[string]struct {
		change func(objects)
		want   sim.Scaling
		note   string
	}{
		"documented": {func(objects) {}, documented, ""},
		"tuned": {func(o objects) {
			minute := time.Minute
			o.Target.MaxCapacity, o.tracking.Tracking.TargetValue, o.tracking.Tracking.ScaleInCooldown = 9, 12, &minute
			o.tracking.Tracking.DisableScaleIn, o.wake.Step.Cooldown = true, nil
			o.alarm.EvaluationPeriods, o.alarm.DatapointsToAlarm, o.wake.Step.AdjustmentType = 3, 1, policy.ExactCapacity
		}, with(func(s *sim.Scaling) {
			s.Max, s.TargetValue, s.In, s.NoScaleIn = 9, 12, time.Minute, true
			s.WakePeriods, s.WakeOf, s.WakeExact = 1, 3, true
		}), ""},
		"no target": {func(o objects) { o.Target = nil }, with(func(s *sim.Scaling) {
			s.Min, s.Max, s.NoTracking, s.NoWake = 1, 1, true, true
		}), "no scalable target is registered: at present it stays at 1 instance(s)"},
		"dead alarm":      {func(o objects) { o.alarm.AlarmActions = []string{"arn:gone"} }, noWake, "nothing wakes it from zero at present"},
		"extra dimension": {func(o objects) { o.alarm.Metric.Dimensions = fleet.VariantDimensions("e", "v") }, noWake, "nothing wakes it from zero at present"},
		"a function that is not known": {func(o objects) {
			metric, yes := o.alarm.Metric, true
			o.alarm.Metric, o.alarm.Math = fleet.Metric{}, []fleet.MathQuery{
				{ID: "m", Metric: &metric, Statistic: "Average"}, {ID: "e", Expression: "RUNNING_SUM(m)", ReturnData: &yes},
			}
		}, noWake, "whether it wakes from zero is not judged"},
		"wrong metric": {func(o objects) {
			o.tracking.Tracking.Metric = &fleet.Metric{Namespace: fleet.Namespace, Name: "Invocations", Dimensions: fleet.VariantDimensions("e", "v")}
		}, with(func(s *sim.Scaling) { s.NoTracking = true }), "no policy follows the backlog per instance at present"},
		"host load": {func(o objects) {
			o.tracking.Tracking.Metric = &fleet.Metric{Namespace: fleet.HostNamespace, Name: "CPUUtilization", Dimensions: fleet.VariantDimensions("e", "v")}
		}, with(func(s *sim.Scaling) { s.NoTracking = true }), "no policy follows the backlog per instance at present"},
		"suspended": {func(o objects) { o.Target.Suspended = fleet.Suspension{ScaleIn: true, ScaleOut: true} }, with(func(s *sim.Scaling) {
			s.NoTracking, s.NoWake, s.NoScaleIn = true, true, true
		}), "scale-out is suspended at present: nothing is added or woken"},
		"ten periods": {func(o objects) {
			o.alarm.EvaluationPeriods, o.alarm.DatapointsToAlarm = 10, 10
		}, with(func(s *sim.Scaling) { s.WakePeriods = 10 }), ""},
		"woken by many": {func(o objects) {
			o.alarm.Metric, o.alarm.Threshold = fleet.Backlog.Query("e").Metric, 7
		}, documented, "at present it wakes only from 7 requests; the simulation wakes it from the first"},
		"scheduled": {func(o objects) { o.Scheduled = []fleet.ScheduledAction{{}} }, documented, "its 1 scheduled action(s) are not simulated"},
	} {
		got, notes, err := present(tt.change)
		if err != nil || got != tt.want || tt.note == "" && len(notes) > 0 || !strings.Contains(strings.Join(notes, "\n"), tt.note) {
			t.Errorf("%s: %v %q\n got %+v\nwant %+v", name, err, notes, got, tt.want)
		}
	}
	if _, _, err := Present(&fleet.Endpoint{Variants: make([]fleet.Variant, 2)}, nil); err == nil || !strings.Contains(err.Error(), "more than one variant") {
		t.Errorf("two variants: %v", err)
	}
	if _, _, err := present(func(o objects) { o.Current = nil }); err == nil {
		t.Error("nobody knows the instances, and there is no error")
	}
}
