package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/behavior"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/policy"
)

// BenchmarkDiff plans for 5,000 variants that need nothing, anew and with what was evaluated before.
func BenchmarkDiff(b *testing.B) {
	w := documented("v")
	one := w.Endpoints[0]
	w.Endpoints, w.Alarms = nil, nil
	for i := range 5000 {
		e, name := one, fmt.Sprintf("e%d", i)
		e.Name = name
		target, track, wake := policy.Target(name, "v"), policy.Tracking(name, "v"), policy.Wake(name, "v")
		track.ARN, wake.ARN = strings.ReplaceAll(arn("v", track.Name), "/e/", "/"+name+"/"), strings.ReplaceAll(arn("v", wake.Name), "/e/", "/"+name+"/")
		v := fleet.Variant{Name: "v", Current: pointer(0), Desired: pointer(0), Target: &target, Policies: []fleet.Policy{track, wake}}
		v.Alarms = []fleet.WiredAlarm{{Policy: wake.Name, Alarm: policy.WakeAlarm(name, "v", wake.ARN)}}
		e.Variants = []fleet.Variant{v}
		w.Endpoints = append(w.Endpoints, e)
	}
	subjects := policy.Survey(w.policies, &w.Snapshot)
	var cache behavior.Cache
	for name, of := range map[string]func(*fleet.Endpoint, *fleet.Variant) *behavior.Behavior{
		"anew": nil,
		"kept": func(e *fleet.Endpoint, v *fleet.Variant) *behavior.Behavior {
			return cache.Of(e, v, behavior.Context{})
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if p := Diff(subjects, &w.Snapshot, Rules{Behavior: of}, History{}); len(p.Steps) > 0 || len(p.Selected) != 5000 {
					b.Fatal(p.text())
				}
			}
		})
	}
}
