package sim

import (
	"math"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// DemoHistory is how much of the demo's story lies before the moment at which it is shown.
const DemoHistory = 3 * time.Hour

// Demo is a world whose endpoints tell what users of asynchronous endpoints meet. Its story begins at start; it is meant
// to be looked at DemoHistory later, and goes on from there.
func Demo(start time.Time) *World {
	return tell(New(demoScope, start, 1))
}

var demoScope = fleet.Scope{AccountID: "111122223333", Region: "us-east-1"}

// DemoOfDays is the demo with an endpoint that has more than 15 days of history before the story begins. Its work begins each
// morning.
func DemoOfDays(start time.Time) *World {
	const days = 15*24*time.Hour + time.Hour
	w := New(demoScope, start.Add(-days), 1)
	w.keeps = int(days/time.Hour) + 24
	mornings(w)
	w.Advance(start)
	w.told = w.elapsed()
	return tell(w)
}

func tell(w *World) *World {
	for _, begin := range []func(*World){
		busy, asleep, waking, stuck, atMax, wrongMetric, suspended, noCapacity, lostTarget, pools, quota, twoVariants, otherKinds, unscaled,
	} {
		begin(w)
	}
	return w
}

func (w *World) add(spec EndpointSpec, s scaling) {
	must(w.AddEndpoint(spec))
	for _, v := range spec.Config.Variants {
		must(w.document(spec.Name, v.Name, s))
	}
}

func constant(perSecond float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return perSecond }
}

// from is a rate that begins at a moment of the story.
func from(begin time.Duration, perSecond float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		if at < begin {
			return 0
		}
		return perSecond
	}
}

func tags(team, env string) map[string]string { return map[string]string{"team": team, "env": env} }

// mornings works from a quarter past eight to noon UTC, a few minutes later on some days, and sleeps for the rest of the day.
func mornings(w *World) {
	epoch := w.epoch
	w.add(EndpointSpec{
		Name: "invoices-morning", Config: async("invoices-morning", "ml.g5.xlarge", 1), Tags: tags("documents", "prod"),
		Work: Work{Service: 40 * time.Second},
		Rate: func(at time.Duration) float64 {
			now := epoch.Add(at)
			begin := 8*60 + 15 + now.Day()%3*5
			if minute := now.Hour()*60 + now.Minute(); minute < begin || minute >= 12*60 {
				return 0
			}
			return 1.0 / 12
		},
	}, scaling{max: 4})
}

// busy is healthy: it follows a wave of traffic between two and a few instances.
func busy(w *World) {
	w.add(EndpointSpec{
		Name: "transcribe-live", Config: async("transcribe-live", "ml.g5.2xlarge", 4), Instances: 2, Tags: tags("speech", "prod"),
		Work: Work{
			Service: 25 * time.Second, Download: time.Second, Upload: 500 * time.Millisecond,
			ErrorRate: .004, ClientRate: .002, DownloadFailureRate: .003, UploadFailureRate: .002, NotificationFailureRate: .01,
		},
		Rate: func(at time.Duration) float64 { return .35 + .15*math.Sin(2*math.Pi*at.Minutes()/80) },
	}, scaling{max: 8})
}

// asleep had work in its first minutes and has slept since.
func asleep(w *World) {
	w.add(EndpointSpec{
		Name: "ocr-nightly", Config: async("ocr-nightly", "ml.g4dn.xlarge", 8), Tags: tags("documents", "prod"),
		Work: Work{Service: 20 * time.Second},
	}, scaling{max: 3})
	w.At(w.now.Add(10*time.Minute), func(w *World) { must(w.Invoke("ocr-nightly", 20)) })
	least, most := 0, 10
	must(w.PutScheduledAction(fleet.ScheduledAction{
		ResourceID: fleet.ResourceID("ocr-nightly", allTraffic), Name: "month-end", Schedule: "cron(0 2 1 * ? *)",
		Timezone: "Europe/Berlin", MinCapacity: &least, MaxCapacity: &most,
	}))
}

// waking gets a burst of requests every 45 minutes; the newest one came four minutes before the demo is looked at.
func waking(w *World) {
	w.add(EndpointSpec{
		Name: "whisper-batch", Config: async("whisper-batch", "ml.g5.xlarge", 2), Tags: tags("speech", "prod"),
		Work: Work{Service: 50 * time.Second, Download: 2 * time.Second}, Provision: 4 * time.Minute,
	}, scaling{})
	const each, last = 45 * time.Minute, DemoHistory - 4*time.Minute
	var burst func(*World)
	burst = func(w *World) {
		must(w.Invoke("whisper-batch", 8))
		w.At(w.now.Add(each), burst)
	}
	w.At(w.now.Add(last%each), burst)
}

// stuck has an alarm that never gets data, because of one dimension too many: nothing wakes it.
func stuck(w *World) {
	w.add(EndpointSpec{
		Name: "summarize", Config: async("summarize", "ml.g5.xlarge", 1), Tags: tags("search", "prod"),
		Work: Work{Service: 40 * time.Second}, Rate: from(40*time.Minute, 1.0/600),
	}, scaling{wake: func(a *fleet.Alarm) {
		a.Metric.Dimensions = append(a.Metric.Dimensions, fleet.Dimension{Name: "VariantName", Value: allTraffic})
	}})
}

// atMax gets more work than its two instances can do.
func atMax(w *World) {
	w.add(EndpointSpec{
		Name: "diffusion", Config: async("diffusion", "ml.g5.2xlarge", 1), Instances: 2, Tags: tags("media", "prod"),
		Work: Work{Service: 30 * time.Second, ErrorRate: .01, UploadFailureRate: .02}, Rate: from(20*time.Minute, .085),
	}, scaling{max: 2})
}

// wrongMetric tracks invocations, which asynchronous endpoints never publish: it stays at one instance, whatever waits.
func wrongMetric(w *World) {
	config := async("embed", "ml.g4dn.xlarge", 0)
	config.Async.S3FailurePath = "" // answers of failed requests are lost
	w.add(EndpointSpec{
		Name: "embed", Config: config, Instances: 1, Tags: tags("search", "staging"),
		Work: Work{Service: 15 * time.Second}, Rate: constant(.28),
	}, scaling{min: 1, noWake: true, tracking: func(p *fleet.Policy) {
		p.Name = "invocations-target-tracking"
		p.Tracking.TargetValue = 70
		p.Tracking.Metric = &fleet.Metric{
			Namespace: fleet.Namespace, Name: "Invocations", Dimensions: fleet.VariantDimensions("embed", allTraffic),
		}
		p.Tracking.Statistic = "Sum"
	}})
}

// suspended sleeps with a backlog because somebody suspended its scaling and forgot. In the end its requests expire, and
// of many nobody is even told.
func suspended(w *World) {
	w.add(EndpointSpec{
		Name: "translate-paused", Config: async("translate-paused", "ml.g4dn.xlarge", 4), Tags: tags("documents", "prod"),
		Work: Work{Service: 30 * time.Second, NotificationFailureRate: .25}, Rate: from(time.Hour, 1.0/300),
	}, scaling{})
	_, err := w.RegisterScalableTarget(TargetChange{
		ResourceID: fleet.ResourceID("translate-paused", allTraffic),
		Suspended:  &fleet.Suspension{ScaleIn: true, ScaleOut: true, Scheduled: true},
	})
	must(err)
}

// noCapacity wants instances of a type that AWS has run out of.
func noCapacity(w *World) {
	w.add(EndpointSpec{
		Name: "llm-capacity", Config: async("llm-capacity", "ml.p4d.24xlarge", 2), Tags: tags("llm", "prod"),
		Work: Work{Service: 90 * time.Second},
	}, scaling{max: 1})
	w.SetShortage("ml.p4d.24xlarge", true)
	w.At(w.now.Add(DemoHistory-70*time.Minute), func(w *World) { must(w.Invoke("llm-capacity", 6)) })
}

// lostTarget was updated by a script that deregistered the scalable target and did not register it again. Its wake alarm
// still points at the policy that went with the target.
func lostTarget(w *World) {
	w.add(EndpointSpec{
		Name: "tts-redeployed", Config: async("tts-redeployed", "ml.g5.xlarge", 4), Tags: tags("speech", "prod"),
		Work: Work{Service: 20 * time.Second}, Rate: constant(.24),
	}, scaling{})
	w.At(w.now.Add(DemoHistory/2), func(w *World) {
		must(w.DeregisterScalableTarget(fleet.ResourceID("tts-redeployed", allTraffic)))
		config := async("tts-redeployed", "ml.g6.xlarge", 4)
		config.Name = "tts-redeployed-config-2"
		must(w.UpdateEndpoint("tts-redeployed", config))
	})
}

// pools runs on its second choice, because the first is short.
func pools(w *World) {
	config := async("caption-pools", "", 2)
	config.Variants[0].Pools = []fleet.PoolConfig{
		{InstanceType: "ml.g6e.xlarge", Priority: 1}, {InstanceType: "ml.g6.2xlarge", Priority: 2}, {InstanceType: "ml.g5.2xlarge", Priority: 3},
	}
	w.SetShortage("ml.g6e.xlarge", true)
	w.add(EndpointSpec{
		Name: "caption-pools", Config: config, Instances: 2, Tags: tags("media", "prod"),
		Work: Work{Service: 30 * time.Second}, Rate: constant(.13),
	}, scaling{min: 1, max: 6})
}

// quota wants a second instance again and again, and the account may have one.
func quota(w *World) {
	w.SetQuota("ml.g5.24xlarge", 1)
	w.add(EndpointSpec{
		Name: "upscale-quota", Config: async("upscale-quota", "ml.g5.24xlarge", 1), Instances: 1, Tags: tags("media", "staging"),
		Work: Work{Service: 40 * time.Second, TTL: 2 * time.Hour}, Rate: constant(.03),
	}, scaling{max: 4})
}

// twoVariants share one queue.
func twoVariants(w *World) {
	config := async("moderate", "ml.g4dn.xlarge", 4)
	config.Variants = []fleet.VariantConfig{
		{Name: "blue", InstanceType: "ml.g4dn.xlarge", ModelName: "moderate-1"},
		{Name: "green", InstanceType: "ml.g5.xlarge", ModelName: "moderate-2"},
	}
	w.add(EndpointSpec{
		Name: "moderate", Config: config, Instances: 1, Work: Work{Service: 10 * time.Second}, Rate: constant(.5),
	}, scaling{max: 3})
}

// otherKinds stand in the same account and are left alone.
func otherKinds(w *World) {
	for _, config := range []fleet.EndpointConfig{
		{Name: "search-realtime", Variants: []fleet.VariantConfig{{Name: allTraffic, InstanceType: "ml.c6i.xlarge", ModelName: "search"}}},
		{Name: "rank-serverless", Variants: []fleet.VariantConfig{{Name: allTraffic, Serverless: true, ModelName: "rank"}}},
		{Name: "chat-components", Variants: []fleet.VariantConfig{{Name: allTraffic, InstanceType: "ml.g5.12xlarge"}}},
	} {
		name := config.Name
		config.Name += "-config-1"
		must(w.AddEndpoint(EndpointSpec{Name: name, Config: config, Instances: 1, Tags: tags("search", "prod")}))
	}
}

// unscaled is new: it runs on one instance, its work comes in ten minutes of fifty, and nobody has given it any scaling
// yet. It pays for an instance that mostly idles.
func unscaled(w *World) {
	must(w.AddEndpoint(EndpointSpec{
		Name: "align-new", Config: async("align-new", "ml.g5.xlarge", 4), Instances: 1, Tags: tags("speech", "staging"),
		Work: Work{Service: 20 * time.Second}, Provision: 4 * time.Minute,
		Rate: func(at time.Duration) float64 {
			if at%(50*time.Minute) < 10*time.Minute {
				return 1.0 / 30
			}
			return 0
		},
	}))
}
