package sim

import (
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The demo tells its stories when it is first looked at, and hours later.
func TestDemo_tellsItsStories(t *testing.T) {
	w := Demo(began)
	for _, later := range []time.Duration{0, 90 * time.Minute, 3 * time.Hour} {
		w.Advance(began.Add(DemoHistory + later))
		s := &story{t, w}
		backlog := func(name string) int { return w.endpoints[name].station.backlog() }
		state := func(name string) string {
			return s.alarm("HasBacklogWithoutCapacity-Alarm-" + name + "-AllTraffic").State
		}
		current := func(name string) int { n, _ := s.instances(name); return n }
		desired := func(name string) int { _, n := s.instances(name); return n }
		inProgress := time.Duration(0)
		for _, activity := range s.activitiesOf("llm-capacity") {
			if activity.InProgress() {
				inProgress = w.Now().Sub(activity.Start)
			}
		}
		registered := map[string]fleet.Target{}
		for _, target := range w.ScalableTargets() {
			registered[target.ResourceID] = target
		}
		for story, holds := range map[string]bool{
			"transcribe-live is busy":                 current("transcribe-live") > 0 && w.endpoints["transcribe-live"].station.oldest(w.elapsed()) < 10*time.Minute,
			"ocr-nightly sleeps":                      current("ocr-nightly") == 0 && backlog("ocr-nightly") == 0,
			"summarize is stuck":                      current("summarize") == 0 && backlog("summarize") > 0 && state("summarize") == "INSUFFICIENT_DATA",
			"diffusion grows at its maximum":          current("diffusion") == 2 && backlog("diffusion") > 100,
			"embed stays at one":                      current("embed") == 1 && backlog("embed") > 50,
			"translate-paused is suspended":           registered["endpoint/translate-paused/variant/AllTraffic"].Suspended.ScaleOut && backlog("translate-paused") > 0 && current("translate-paused") == 0,
			"llm-capacity waits for instances":        desired("llm-capacity") > current("llm-capacity") && inProgress > 30*time.Minute,
			"tts-redeployed has lost its target":      registered["endpoint/tts-redeployed/variant/AllTraffic"].ResourceID == "" && current("tts-redeployed") == 1,
			"caption-pools runs on its second choice": w.endpoints["caption-pools"].variants[0].running[0] == "ml.g6.2xlarge",
			"align-new runs without any scaling":      registered["endpoint/align-new/variant/AllTraffic"].ResourceID == "" && current("align-new") == 1 && backlog("align-new") < 5,
			"upscale-quota fails":                     s.activitiesOf("upscale-quota")[0].FailureReason() == fleet.ReasonQuota,
		} {
			if !holds {
				t.Errorf("%s after the start: not true: %s", later, story)
			}
		}
	}
}

func TestDemo_wakesWhileItIsLookedAt(t *testing.T) {
	w := Demo(began)
	w.Advance(began.Add(DemoHistory))
	s := &story{t, w}
	s.wantInstances("four minutes after a burst", "whisper-batch", 0, 1)
	s.after(10 * time.Minute)
	if current, _ := s.instances("whisper-batch"); current == 0 {
		t.Error("it has not woken")
	}
	s.until("asleep again", 40*time.Minute, func() bool { current, _ := s.instances("whisper-batch"); return current == 0 })
}
